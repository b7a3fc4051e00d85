#!/bin/bash
# Write what the steps found out: .dev/odoo.conf for Odoo, .dev/env for everything else.
set -euo pipefail
. "$(dirname "$0")/common.sh"

odoo=$(cat "$DEV/odoo_path")
socket=$(cat "$PGHOST_FILE")
addons=$ROOT
if [ -d "$odoo/addons" ]; then addons=$odoo/addons,$ROOT; fi

mkdir -p "$DEV/data"
cat > "$DEV/odoo.conf.new" <<CONF
[options]
addons_path = $addons
data_dir = $DEV/data
db_host = $socket
http_interface = 127.0.0.1
admin_passwd = admin
max_cron_threads = 1
CONF
mv "$DEV/odoo.conf.new" "$DEV/odoo.conf"

cat > "$DEV/env.new" <<ENV
PGHOST=$socket
PYTHONPATH=$odoo
WA_OMNI_ODOO=$odoo
WA_OMNI_CONF=$DEV/odoo.conf
WA_OMNI_FILESTORE=$DEV/data
ENV
if [ -s "$DEV/template" ]; then
    echo "WA_OMNI_TEMPLATE_DB=$(cat "$DEV/template")" >> "$DEV/env.new"
fi
mv "$DEV/env.new" "$DEV/env"
