#!/bin/bash
# Create the demo database, or update the addon in it if that has changed.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
PATH=$DEV/venv/bin:$PATH

python -m tools.database demo ||
    database_failed "The addon does not install or update." demo.sh.log
