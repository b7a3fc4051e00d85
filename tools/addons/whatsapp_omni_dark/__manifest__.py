# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "WhatsApp Omni: dark theme for pictures and tests",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "summary": "Serves the dark bundle to browsers that ask for it; never ship",
    "author": "WhatsApp Omni contributors",
    "license": "LGPL-3",
    "depends": ["whatsapp_omni"],
    # The hooks that a dark theme for Community or Enterprise uses: Odoo's own variables
    # are defaults, and the first who sets one has decided.
    "assets": {
        "web.assets_web_dark": [
            (
                "before",
                "web/static/src/scss/primary_variables.scss",
                "whatsapp_omni_dark/static/src/colors.scss",
            ),
            (
                "after",
                "web/static/lib/bootstrap/scss/_functions.scss",
                "whatsapp_omni_dark/static/src/functions.scss",
            ),
        ],
    },
}
