#!/bin/bash
# Check style and quality; each finding is a line, any finding fails.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"
PATH=$DEV/venv/bin:$PATH

failed=()
check() {
    local name=$1
    shift
    echo "== $name"
    "$@" || failed+=("$name")
}

check "ruff" ruff check
check "ruff format" ruff format --check
check "pylint-odoo" pylint --rcfile=.pylintrc whatsapp_omni
check "eslint" node_modules/.bin/eslint .
check "prettier" node_modules/.bin/prettier --check --log-level=warn "${PRETTIER_FILES[@]}"
check "data files" python tools/check_data.py
check "translations" python tools/translations.py check

if [ ${#failed[@]} -gt 0 ]; then
    grep -v '^== ' "$DEV/log/lint.sh.log" | tail -n 60 >&3 || true
    fail "Lint: ${failed[*]} found something. ./dev fmt repairs what can be repaired by itself."
fi
