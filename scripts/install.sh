#!/bin/sh
# Install notionsync, from the checkout this script is part of, into the virtual environment $1: every other package in the version and
# with one of the hashes that requirements.txt names, and nothing that is not in it. A second step of the same job finds it done.
set -eu
venv=$1
here=$(cd "$(dirname "$0")/.." && pwd)
wanted=$(printf '%s\n' "$here"; cat "$here/requirements.txt" "$here/pyproject.toml")

if [ -f "$venv/.installed" ] && [ "$(cat "$venv/.installed")" = "$wanted" ]; then
  exit 0
fi
sh "$here/scripts/bootstrap.sh" "$venv"
install() { "$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-compile "$@"; }
# Wheels alone: whatever builds a source would be fetched without a hash, too.
install --only-binary :all: --require-hashes --requirement "$here/requirements.txt"
# What builds notionsync itself is in requirements.txt: an isolated build would fetch one that no hash was compared with.
install --no-deps --no-build-isolation --no-index "$here"
printf '%s\n' "$wanted" >"$venv/.installed"
