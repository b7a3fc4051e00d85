# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "WhatsApp Omni - CRM",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Leads in WhatsApp conversations, and WhatsApp on leads",
    "author": "WhatsApp Omni contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["whatsapp_omni", "crm"],
    "data": [
        "data/utm_data.xml",
        "views/crm_lead_views.xml",
        "views/queue_views.xml",
    ],
    "assets": {"web.assets_backend": ["whatsapp_omni_crm/static/src/**/*"]},
}
