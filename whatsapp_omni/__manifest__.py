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
    "data": [
        "security/whatsapp_omni_groups.xml",
        "security/ir.model.access.csv",
        "security/whatsapp_omni_security.xml",
        "data/ir_cron.xml",
        "views/conversation_views.xml",
        "views/opt_change_views.xml",
        "views/customer_views.xml",
        "views/message_views.xml",
        "views/approved_template_views.xml",
        "views/event_views.xml",
        "views/provider_views.xml",
        "views/line_views.xml",
        "views/queue_views.xml",
        "views/disposition_views.xml",
        "views/message_template_views.xml",
        "views/res_partner_views.xml",
        "views/outgoing_views.xml",
        "views/menus.xml",
    ],
    "demo": ["demo/whatsapp_omni_demo.xml"],
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
