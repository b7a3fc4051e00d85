#!/bin/bash
# Debian packages that are missing for a purpose: debian.sh python|browser|demo|test
# As root they are installed; otherwise the one line for an administrator is printed.
set -euo pipefail
. "$(dirname "$0")/common.sh"

missing=()
# need PACKAGE... -- COMMAND...: the packages are missing when the command fails.
need() {
    local packages=()
    while [ "$1" != -- ]; do packages+=("$1"); shift; done
    shift
    "$@" >/dev/null 2>&1 || missing+=("${packages[@]}")
}

has() { command -v "$1"; }
has_library() { ldconfig -p | grep "$1"; }
has_postgresql() { ls /usr/lib/postgresql/*/bin/initdb || [ -x "$(pg_config --bindir)/initdb" ]; }
has_python() { [ -x "$VENV_PYTHON" ] || "${PYTHON:-python3}" -c 'import ensurepip, venv'; }

need python3 python3-venv -- has_python
need libmagic1 -- has_library libmagic.so.1
case $1 in demo | test) need postgresql -- has_postgresql ;; esac
need ca-certificates -- test -e /etc/ssl/certs/ca-certificates.crt
if [ "$1" = browser ] || [ "$1" = test ]; then
    need chromium -- has chromium
    need fonts-noto-color-emoji -- test -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf
    # Without one of the fonts that Odoo asks for, digits come from the emoji font.
    need fonts-roboto-unhinted -- test -d /usr/share/fonts/truetype/roboto
fi
if [ "$1" = test ]; then
    need nodejs -- has node
    need npm -- has npm
fi

[ ${#missing[@]} -gt 0 ] || exit 0
command -v apt-get >/dev/null ||
    fail "This machine lacks what Debian packages as: ${missing[*]}. Install the like of them and run again." 2
install="apt-get install --no-install-recommends --yes ${missing[*]}"
is_root || fail "An administrator has to run this once: apt-get update && $install" 2
require_disk 1000 /usr  # apt blames the network for a full disk as well
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "apt-get update failed; trying with the lists at hand"
$install ||
    fail "apt-get could not install ${missing[*]}: $DEV/log/debian.sh.log says why. It needs the network; run again when there is one."
note "${missing[*]}"
