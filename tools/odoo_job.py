"""Install or update modules and build the web bundles, in one Odoo process.

The argument is a JSON object: database, install, update, demo, languages (besides
English), bundles ("all" that Odoo would build before its browser tests, those of the
"web" client, or "none"). Odoo's command line needs two starts for the same.
"""

import json
import os
import sys

# Odoo's package instead of this directory, and so before the imports of it.
sys.path[0] = os.environ["WA_OMNI_ODOO"]

import odoo.api  # noqa: E402
import odoo.modules.registry  # noqa: E402
import odoo.service.db  # noqa: E402
import odoo.service.server  # noqa: E402
from odoo.tools import config  # noqa: E402

WEB_CLIENT_BUNDLES = (
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_frontend_minimal",
    "web.assets_web",
)


def create_database(name):
    """Create the database unless it exists; return the modules that it needs first."""
    try:
        odoo.service.db._create_empty_database(name)
    except odoo.service.db.DatabaseExists:
        return []
    return ["base"]


def main(job):
    """Do the job."""
    name = job["database"]
    options = ["--config", os.environ["WA_OMNI_CONF"], "--database", name, "--no-http"]
    if job["demo"]:
        options.append("--with-demo")
    if job["languages"]:
        # The first is the one of everybody and everything.
        options.append(f"--load-language={','.join(['en_US', *job['languages']])}")
    config.parse_config(options, setup_logging=True)
    install = create_database(name) + job["install"]
    odoo.service.server.load_server_wide_modules()
    registry = odoo.modules.registry.Registry.new(
        name,
        update_module=bool(install or job["update"]),
        install_modules=install,
        upgrade_modules=job["update"],
    )
    missing = set(install) - registry._init_modules
    if missing:
        sys.exit(f"not installed: {', '.join(sorted(missing))}; the log above says why")
    with registry.cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        build_bundles(env["ir.qweb"], job["bundles"])


def build_bundles(renderer, which):
    """Build web bundles, which otherwise the first page that wants them waits for."""
    if which == "all":
        renderer._pregenerate_assets_bundles()
    elif which == "web":
        for name in WEB_CLIENT_BUNDLES:
            bundle = renderer._get_asset_bundle(name, css=True, js=True)
            bundle.css()
            bundle.js()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
