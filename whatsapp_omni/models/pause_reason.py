# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppPauseReason(models.Model):
    """Why an agent takes no conversations for a while."""

    _name = "whatsapp_omni.pause.reason"
    _description = "WhatsApp Pause Reason"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave empty to offer the reason in every company.",
    )
