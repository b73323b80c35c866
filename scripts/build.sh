#!/bin/sh
# Build the source and the wheel into the folder $1, with the build backend that requirements.txt names; where a tag v… started this, only
# the version that it names.
set -eu
folder=$1
cd "$(dirname "$0")/.."
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT

sh scripts/bootstrap.sh "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements.txt
version=$("$venv/bin/python" -m hatchling version)
if [ "${GITHUB_REF_TYPE:-}" = tag ] && [ "$GITHUB_REF_NAME" != "v$version" ]; then
  echo "the tag is $GITHUB_REF_NAME, but pyproject.toml says version $version" >&2
  exit 2
fi
"$venv/bin/python" -m hatchling build --directory "$folder"
