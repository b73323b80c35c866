#!/bin/sh
# Install what drives a browser into the virtual environment $1, and see that there is a browser to be driven.
set -eu
venv=$1
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev,browser]'
if "$venv/bin/python" tests/emulator/browser.py; then exit 0; fi
# A machine of CI is nobody's own, so that its packages may be added to.
if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
  exec "$venv/bin/python" tests/emulator/browser.py
fi
exit 1
