# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppConversation(models.Model):
    """Conversations put aside until a time or until the customer writes."""

    _inherit = "whatsapp_omni.conversation"

    parked_at = fields.Datetime(
        "Parked", readonly=True, help="Since when it takes no place of its agent."
    )
    parked_until = fields.Datetime(
        readonly=True, help="Then it comes back. Empty: when the customer writes."
    )
