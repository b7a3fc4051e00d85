#!/bin/bash
# Build the template database for tests if the addon has changed since.
set -euo pipefail
. "$(dirname "$0")/common.sh"

before=$(cat "$DEV/template" 2>/dev/null || true)
name=$("$VENV_PYTHON" "$ROOT/tools/database.py" template) ||
    fail "The addon does not install on a fresh database. The end of $DEV/log/template.sh.log:
$(grep -E 'ERROR|CRITICAL|Error|^  File' "$DEV/log/template.sh.log" | tail -n 15)"
printf '%s\n' "$name" > "$DEV/template.new"
mv "$DEV/template.new" "$DEV/template"
"$ROOT/tools/configure.sh"
if [ "$name" != "$before" ]; then note "rebuilt, the addon has changed"; fi
