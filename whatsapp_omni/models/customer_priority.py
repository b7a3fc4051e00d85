# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from odoo.addons.mail.tools.discuss import Store

from .queue_distribution import PRIORITIES


class WhatsAppCustomer(models.Model):
    _inherit = "whatsapp_omni.customer"

    priority = fields.Selection(
        PRIORITIES,
        required=True,
        default="0",
        help="Customers with a higher priority come first in the inbox, and are given "
        "to agents first.",
    )

    def _freely_written(self):
        return super()._freely_written() | {"priority"}

    def write(self, vals):
        """Put the conversations of more important customers higher in the inboxes."""
        result = super().write(vals)
        if "priority" in vals:
            # sudo: whatsapp_omni.conversation - whoever has them in the inbox is told
            Conversation = self.env["whatsapp_omni.conversation"].sudo()
            Conversation.search(
                [("customer_id", "in", self.ids), ("state", "!=", "closed")]
            )._push()
        return result


class WhatsAppConversation(models.Model):
    _inherit = "whatsapp_omni.conversation"

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + [
            Store.Attr("customer_priority", lambda c: c.customer_id.priority)
        ]
