# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "WhatsApp Omni: floors of the benchmark",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "summary": "Routes that the benchmark compares with; open to anybody, never ship",
    "author": "WhatsApp Omni contributors",
    "license": "LGPL-3",
    "depends": ["whatsapp_omni"],
    "installable": False,
}
