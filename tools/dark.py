"""A dark theme for pictures and tests: Odoo Community serves none by itself.

The addon in ``tools/addons`` answers a browser's cookie with the dark bundle, as the
dark themes do that people install.
"""

from tools import odoo_env

#: Odoo started with these has the addon.
ODOO_OPTIONS = (
    f"--addons-path={odoo_env.ROOT},{odoo_env.ROOT / 'tools' / 'addons'}",
    "--init=whatsapp_omni_dark",
)


def choose(context, url, theme="dark"):
    """Have all pages of a browser's context be in this theme, dark or light."""
    context.add_cookies([{"name": "color_scheme", "value": theme, "url": url}])
