# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppRouteToQueue(models.TransientModel):
    """Ask into which queue conversations go that nobody has."""

    _name = "whatsapp_omni.route.to.queue"
    _description = "Transfer WhatsApp Conversations to a Queue"

    conversation_ids = fields.Many2many(
        "whatsapp_omni.conversation",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self._default_company(),
    )
    queue_id = fields.Many2one(
        "whatsapp_omni.queue",
        required=True,
        domain="[('company_id', '=', company_id)]",
    )
    reason = fields.Char(help="Colleagues read it in the conversation.")

    def _default_company(self):
        Conversation = self.env["whatsapp_omni.conversation"]
        chosen = Conversation.browse(self.env.context.get("active_ids") or [])
        return chosen[:1].company_id or self.env.company

    def action_confirm(self):
        """Put the conversations into the queue, oldest first."""
        for conversation in self.conversation_ids.sorted("id"):
            conversation.action_route_to_queue(self.queue_id.id, self.reason or "")
        return {"type": "ir.actions.act_window_close"}
