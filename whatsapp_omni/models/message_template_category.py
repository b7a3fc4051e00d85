# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppMessageTemplateCategory(models.Model):
    """Groups message templates where agents look for them."""

    _name = "whatsapp_omni.message.template.category"
    _description = "WhatsApp Message Template Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave it empty to offer the category in every company.",
    )
