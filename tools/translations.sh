#!/bin/bash
# Check that the translations are current and complete; each finding is a line.
set -euo pipefail
. "$(dirname "$0")/common.sh"

cd "$ROOT"
"$VENV_PYTHON" -m tools.translations check >&3 2>&3
