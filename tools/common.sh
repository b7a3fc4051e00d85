# Shared by ./dev and the steps in tools/: where things are, and how a step talks.
# A step writes what its commands say to stdout and stderr (./dev keeps that as
# .dev/log/STEP.log) and one line for the person to file descriptor 3: the reason when
# it fails, a short note when it does not.

# Called by hand, a step talks to the terminal.
{ : >&3; } 2>/dev/null || exec 3>&2

# At Ctrl-C stop even if it comes between two commands, or hits one that survives it.
trap 'exit 130' INT

# An administrator's programs, which root's path may lack after a plain su.
PATH=$PATH:/usr/sbin:/sbin

# Without byte code each start of Odoo takes a second and a half longer.
unset PYTHONDONTWRITEBYTECODE

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
DEV=$ROOT/.dev
STAMPS=$DEV/stamps
VENV_PYTHON=$DEV/venv/bin/python
PGHOST_FILE=$DEV/pghost

if [ -t 1 ]; then
    BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
    BOLD='' RED='' PLAIN=''
fi

# Exit codes: 1 something failed, 2 this machine lacks something the message names.
fail() { printf '%s\n' "$1" >&3; exit "${2:-1}"; }
note() { printf '%s\n' "$1" >&3; }

is_root() { [ "$(id -u)" = 0 ]; }

# Hash of the contents of files and of further words: fingerprint FILE... -- WORD...
fingerprint() {
    local files=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do files+=("$1"); shift; done
    { cat -- "${files[@]}"; printf '%s\n' "$@"; } | sha256sum | cut -c1-16
}

# A step is up to date when its stamp holds the fingerprint of its inputs.
stamped() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
stamp() { mkdir -p "$STAMPS"; printf '%s\n' "$2" > "$STAMPS/$1.new"; mv "$STAMPS/$1.new" "$STAMPS/$1"; }

# require_disk MB [DIRECTORY]: a step that would not fit fails before it downloads anything.
require_disk() {
    local free place=${2:-$DEV}
    free=$(df -Pm "$place" | awk 'NR == 2 {print $4}')
    [ "$free" -ge "$1" ] ||
        fail "Only $free MB are free below $place, this step needs $1 MB. Free some space and run again." 2
}

# database_failed WHAT LOG: say so with the end of the log, or that the disk is full:
# then PostgreSQL only says that it has gone.
database_failed() {
    require_disk 200
    fail "$1 The end of $DEV/log/$2:
$(grep -E 'ERROR|CRITICAL|Error|^  File' "$DEV/log/$2" | tail -n 15)"
}

# What prettier formats. XML is left alone: the line breaks in views are meant.
PRETTIER_FILES=(
    --no-error-on-unmatched-pattern
    '*.mjs'
    'whatsapp_omni{,_crm}/static/{src,tests}/**/*.{js,scss,css}'
    'emulator/gupshup_emulator/**/*.{js,css,html}'
)
