#!/bin/sh
# Make the virtual environment named by $1, or say which package is missing.
set -eu
venv=$1
python=${PYTHON:-python3}

command -v "$python" >/dev/null 2>&1 || {
  echo "notionsync needs Python 3.11 or newer: install the package python3" >&2
  exit 1
}
"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "notionsync needs Python 3.11 or newer; $python is $("$python" --version). Name another with: make PYTHON=python3.12" >&2
  exit 1
}
command -v git >/dev/null 2>&1 || {
  echo "notionsync needs git: install the package git" >&2
  exit 1
}
"$python" -I -c 'import venv, ensurepip' 2>/dev/null || {
  echo "Python's venv module is missing: install the package python3-venv" >&2
  exit 1
}
rm -rf "$venv"
"$python" -I -m venv "$venv"
