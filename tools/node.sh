#!/bin/bash
# Install eslint and prettier, as package-lock.json says, into node_modules.
set -euo pipefail
. "$(dirname "$0")/common.sh"

inputs=$(fingerprint "$ROOT/package-lock.json" "$0")
if [ -x "$ROOT/node_modules/.bin/eslint" ] && stamped node "$inputs"; then exit; fi
require_disk 200
cd "$ROOT"
npm ci --no-audit --no-fund ||
    fail "npm could not install eslint and prettier: $DEV/log/node.sh.log says why. It needs the network; run again when there is one."
stamp node "$inputs"
