# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "WhatsApp Omni",
    "version": "19.0.1.0.0",
    "category": "Productivity/Discuss",
    "summary": "WhatsApp contact centre over GupShup: queues, agents, conversations",
    "author": "WhatsApp Omni contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": ["mail", "phone_validation"],
    "external_dependencies": {"python": ["phonenumbers", "requests"]},
    "data": [],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "whatsapp_omni/static/src/**/*",
            ("remove", "whatsapp_omni/static/src/**/*.dark.scss"),
        ],
        "web.assets_web_dark": [
            "whatsapp_omni/static/src/**/*.dark.scss",
        ],
        "web.assets_unit_tests": [
            "whatsapp_omni/static/tests/**/*",
            ("remove", "whatsapp_omni/static/tests/tours/**/*"),
        ],
        "web.assets_tests": [
            "whatsapp_omni/static/tests/tours/**/*",
        ],
    },
}
