#!/bin/bash
# Find Odoo 19: what ODOO_HOME names, else Debian's package unpacked into .dev/odoo.
# Prints nothing for the person but the version; writes .dev/odoo_path, the directory that
# holds the Python package `odoo`.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# The directory below $1 that holds the package odoo, in the three usual arrangements.
package_dir() {
    local dir
    for dir in "$1" "$1/usr/lib/python3/dist-packages" "$1"/lib/python3*/site-packages; do
        if [ -f "$dir/odoo/release.py" ]; then printf '%s\n' "$dir"; return; fi
    done
    return 1
}

series_of() { sed -n 's/^version_info = (\([0-9]*\), .*/\1/p' "$1/odoo/release.py"; }

use() {
    local series
    series=$(series_of "$1")
    [ "$series" = 19 ] || fail "Odoo in $1 is version ${series:-unknown}, this addon needs 19." 2
    [ -d "$1/addons/mail" ] || [ -d "$1/odoo/addons/mail" ] ||
        fail "Odoo in $1 comes without its addons (no addons/mail there)." 2
    printf '%s\n' "$1" > "$DEV/odoo_path.new"
    mv "$DEV/odoo_path.new" "$DEV/odoo_path"
}

# Packages are fetched with a private apt state, so that neither the system's package
# lists nor its sources change. The mirror is the one that apt is set up with.
fetch_from_debian() {
    local work=$DEV/odoo.apt new=$DEV/odoo.new release mirror suite package deb addons
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "Without Debian's apt there is nowhere to fetch Odoo 19 from. Name an existing one: ODOO_HOME=/path/to/odoo ./dev" 2
    require_disk 3000
    release=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
    rm -rf "$work" "$new"
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial,debs} "$new"
    local own=(-o "Dir::State=$work/state" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=$(id -un)")
    # apt names its mirrors only once it has package lists.
    # It succeeds even if it reached nobody: then there is no list.
    apt-get "${own[@]}" update -qq && ls "$work"/state/lists/*Release || fail_offline
    mirror=$(apt-get "${own[@]}" indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$release" '$1 == release && !found {print $2; found = 1}')
    [ -n "$mirror" ] ||
        fail "apt has no Debian mirror for '$release' to fetch Odoo 19 from. Name an existing Odoo: ODOO_HOME=/path/to/odoo ./dev" 2
    : > "$work/state/status"
    for suite in "$release" sid; do
        cat <<SOURCE
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Architectures: $(dpkg --print-architecture)
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

SOURCE
    done > "$work/list.sources"
    cat > "$work/apt.conf" <<CONF
Dir::Etc::SourceList "$work/list.sources";
Dir::Etc::SourceParts "-";
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
CONF
    export APT_CONFIG=$work/apt.conf
    apt-get update -qq || fail_offline
    local wanted=(odoo-19/sid fonts-montserrat/sid)
    # The other helpers come from the running release: only there they still hold the
    # files that Odoo's links point to.
    for package in libjs-jquery libjs-jquery-form libjs-underscore \
        fonts-font-awesome fonts-roboto-unhinted fonts-inconsolata fonts-ocr-b; do
        wanted+=("$package/$release")
    done
    (cd "$work/debs" && apt-get download -qq "${wanted[@]}") || fail_offline
    for deb in "$work"/debs/*.deb; do
        # dist-packages/addons is a stray second copy of every addon's Python files.
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$new" --no-same-owner \
            --exclude=./usr/lib/python3/dist-packages/addons
    done
    addons=$new/usr/lib/python3/dist-packages/odoo/addons
    # Debian leaves this file out, yet mail's manifest lists it: without it every page of
    # the web client logs an error and no browser test can pass.
    mkdir -p "$addons/mail/static/lib/selfie_segmentation"
    echo "// left out of Debian's package" \
        > "$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    touch "$new/.complete"
    rm -rf "$DEV/odoo"
    mv "$new" "$DEV/odoo"
    note "$(basename "$work"/debs/odoo-19_*.deb | cut -d_ -f2)"
    rm -rf "$work"
}

fail_offline() {
    fail "apt could not fetch Odoo 19 from Debian: $DEV/log/odoo.sh.log says why. It needs the network; run again when there is one, or name an existing Odoo: ODOO_HOME=/path/to/odoo ./dev"
}

if [ -n "${ODOO_HOME:-}" ]; then
    home=$(realpath -m "$ODOO_HOME")
    path=$(package_dir "$home") || fail "ODOO_HOME=$ODOO_HOME holds no Odoo: no odoo/release.py there." 2
    use "$path"
    note "$path"
    exit
fi
[ -e "$DEV/odoo/.complete" ] || fetch_from_debian
use "$(package_dir "$DEV/odoo")"
