# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "WhatsApp Omni - CRM",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Write to leads on WhatsApp",
    "author": "WhatsApp Omni contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["whatsapp_omni", "crm"],
    "data": ["views/crm_lead_views.xml"],
}
