#!/bin/bash
# Check style and quality; each finding is a line, any finding fails. Needs no database.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
PATH=$DEV/venv/bin:$PATH

failed=()
# check NAME COMMAND...: what the command prints is shown only if it fails.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then echo "$name: ok"; return; fi
    failed+=("$name")
    printf '== %s\n%s\n' "$name" "$output" | head -n 60 >&3
}

check "ruff" ruff check
check "ruff format" ruff format --check
check "pylint-odoo" pylint --rcfile=.pylintrc whatsapp_omni whatsapp_omni_crm
check "eslint" node_modules/.bin/eslint .
check "prettier" node_modules/.bin/prettier --check --log-level=warn "${PRETTIER_FILES[@]}"
check "data files" python tools/check_data.py

if [ ${#failed[@]} -gt 0 ]; then
    fail "Lint failed: $(IFS=,; echo "${failed[*]}"). ./dev fmt repairs what repairs itself."
fi
