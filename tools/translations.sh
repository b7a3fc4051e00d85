#!/bin/bash
# Check that the translations are current and complete; each finding is a line.
set -euo pipefail
. "$(dirname "$0")/common.sh"

"$VENV_PYTHON" "$ROOT/tools/translations.py" check >&3 2>&3
