#!/bin/bash
# Format Python and JavaScript, and repair what the linters can repair by themselves.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"

"$VENV_PYTHON" -m ruff check --fix-only --quiet
"$VENV_PYTHON" -m ruff format
node_modules/.bin/eslint --fix . || echo "eslint leaves the above to ./dev lint"
node_modules/.bin/prettier --write "${PRETTIER_FILES[@]}"
