#!/bin/bash
# Build the template database for tests if the addon has changed since.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"

before=$(cat "$DEV/template" 2>/dev/null || true)
name=$("$VENV_PYTHON" -m tools.database template) ||
    database_failed "The addon does not install on a fresh database." template.sh.log
printf '%s\n' "$name" > "$DEV/template.new"
mv "$DEV/template.new" "$DEV/template"
"$ROOT/tools/configure.sh"
if [ "$name" != "$before" ]; then note "rebuilt, the addon has changed"; fi
