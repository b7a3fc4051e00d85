#!/bin/bash
# A PostgreSQL cluster of the project's own, reachable through a socket only.
# usage: postgres.sh start|release|destroy; release stops it unless somebody uses it
# Its directory is .dev/pg; if PostgreSQL cannot use that one (path too long for a socket,
# or closed to the user postgres, which runs the cluster when we are root), one below
# the system's temporary directory. .dev/pghost says where it is: the value for PGHOST.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# A socket's path has at most 107 bytes, "/.s.PGSQL.5432" included.
MAX_DIRECTORY_LENGTH=92

if is_root; then as_owner=(runuser -u postgres --); else as_owner=(); fi

suits() {
    [ "${#1}" -le "$MAX_DIRECTORY_LENGTH" ] || return 1
    ! is_root || runuser -u postgres -- test -x "$(dirname "$1")"
}

choose_directory() {
    local name
    if suits "$DEV/pg"; then echo "$DEV/pg"; return; fi
    name=whatsapp_omni-$(id -u)-$(printf '%s' "$ROOT" | sha256sum | cut -c1-10)
    if suits "${TMPDIR:-/tmp}/$name"; then echo "${TMPDIR:-/tmp}/$name"; else echo "/tmp/$name"; fi
}

# The programs of the version that made the data, else of the newest one installed.
find_programs() {
    local version=$1 dir
    for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        [ -x "$dir/initdb" ] || continue
        if [ -z "$version" ] || "$dir/postgres" --version | grep " $version\b" >/dev/null; then
            echo "$dir"; return
        fi
    done
    if [ -n "$version" ]; then
        fail "The databases in $cluster were made by PostgreSQL $version, which is not installed any more. Start afresh: ./dev clean" 2
    fi
    fail "PostgreSQL's server is not installed. On Debian: apt-get install postgresql" 2
}

server() { "${as_owner[@]}" "$bin/pg_ctl" -D "$cluster/data" "$@"; }

create() {
    require_disk 1000  # the databases included
    rm -rf "$cluster"
    mkdir -p -m 755 "$cluster"
    if is_root; then chown postgres: "$cluster"; fi
    "${as_owner[@]}" "$bin/initdb" -D "$cluster/data.new" -U postgres -A trust \
        -E UTF8 --locale=C.UTF-8 --no-sync
    # Throw-away data: safety against power failure is given up for speed. Whoever can
    # open the socket is trusted, so only the owner (and root) may.
    "${as_owner[@]}" tee -a "$cluster/data.new/postgresql.conf" >/dev/null <<'CONF'
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 300
shared_buffers = 256MB
max_wal_size = 2GB
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
    "${as_owner[@]}" mv "$cluster/data.new" "$cluster/data"
}

start() {
    # The server outlives this script: it must hold neither the lock nor our output.
    server -l "$cluster/server.log" -o "-k '$cluster'" -w -t 60 start \
        </dev/null >"$DEV/log/pg_ctl.log" 2>&1 3>&- 9>&- ||
        fail "PostgreSQL does not start: $cluster/server.log says why. To start afresh: ./dev clean"
}

in_use() {
    local others="select count(*) - 1 from pg_stat_activity where backend_type = 'client backend'"
    [ "$(ask "$others")" != 0 ]
}

ask() { psql -h "$cluster" -U postgres -d postgres -qAtc "$1"; }

mkdir -p "$DEV/log"
cd /  # where the user postgres may be, too
cluster=$(cat "$PGHOST_FILE" 2>/dev/null || choose_directory)
# A clone that was moved keeps its note of the old place.
suits "$cluster" && [ -e "$cluster/data" ] || cluster=$(choose_directory)
bin=$(find_programs "$(cat "$cluster/data/PG_VERSION" 2>/dev/null || true)")

case $1 in
    start)
        [ -s "$cluster/data/PG_VERSION" ] || create
        server status || start
        if [ -z "$(ask "select 1 from pg_roles where rolname = '$(id -un)'")" ]; then
            ask "create role \"$(id -un)\" superuser login"
        fi
        echo "$cluster" > "$PGHOST_FILE"
        ;;
    release)
        if server status && ! in_use; then server -m fast -w stop; fi
        ;;
    destroy)
        if server status; then server -m immediate -w stop; fi
        rm -rf "$cluster" "$PGHOST_FILE"
        ;;
esac
