#!/bin/bash
# Make .dev/venv with everything in requirements/, or bring it up to date.
set -euo pipefail
. "$(dirname "$0")/common.sh"

usable() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.10 /usr/bin/python3}; do
        if usable "$candidate"; then command -v "$candidate"; return; fi
    done
    fail "No Python 3.10, 3.11 or 3.12 with its venv module. On Debian: apt-get install python3-venv. Elsewhere name one: PYTHON=/path/to/python3.11 ./dev" 2
}

lists=("$ROOT/requirements/odoo.txt" "$ROOT/requirements/dev.txt")
inputs=$(fingerprint "${lists[@]}" "$0")

if [ -x "$VENV_PYTHON" ] && stamped python "$inputs"; then exit; fi
require_disk 1000
if ! "$VENV_PYTHON" -m pip --version; then
    python=$(find_python)
    rm -rf "$DEV/venv"
    "$python" -m venv "$DEV/venv"
fi
"$VENV_PYTHON" -m pip install --disable-pip-version-check --progress-bar off \
    "${lists[@]/#/--requirement=}" ||
    fail "pip could not install the Python packages: $DEV/log/python.sh.log says why. It needs the network (or a proxy or mirror set up for pip); run again when there is one."
stamp python "$inputs"
