#!/bin/bash
# Create the demo database, or update the addon in it if that has changed.
set -euo pipefail
. "$(dirname "$0")/common.sh"
PATH=$DEV/venv/bin:$PATH

python "$ROOT/tools/database.py" demo ||
    fail "The addon does not install or update. The end of $DEV/log/demo.sh.log:
$(grep -E 'ERROR|CRITICAL|Error|^  File' "$DEV/log/demo.sh.log" | tail -n 15)"
