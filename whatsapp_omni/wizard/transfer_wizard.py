# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WhatsAppTransferWizard(models.TransientModel):
    """Ask supervisors to whom conversations go. Agents transfer from their desk."""

    _name = "whatsapp_omni.transfer.wizard"
    _description = "Transfer WhatsApp Conversations"

    conversation_ids = fields.Many2many(
        "whatsapp_omni.conversation",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self._default_company(),
    )
    target = fields.Selection(
        [("queue", "A queue"), ("agent", "An agent")],
        string="Transfer to",
        required=True,
        default="queue",
    )
    queue_id = fields.Many2one(
        "whatsapp_omni.queue",
        domain="[('company_id', '=', company_id), ('agent_ids', '!=', False)]",
    )
    user_id = fields.Many2one(
        "res.users",
        "Agent",
        domain=lambda self: (
            self.env["whatsapp_omni.queue"]._domain_users("whatsapp_omni.group_agent")
        ),
    )
    kind = fields.Selection(
        "_get_kinds",
        required=True,
        default="immediate",
    )
    note = fields.Text(help="Colleagues read it in the conversation.")

    @api.model
    def _get_kinds(self):
        kind = self.env["whatsapp_omni.transfer"]._fields["kind"]
        return kind._description_selection(self.env)

    def _default_company(self):
        Conversation = self.env["whatsapp_omni.conversation"]
        chosen = Conversation.browse(self.env.context.get("active_ids") or [])
        return chosen[:1].company_id or self.env.company

    def action_confirm(self):
        """Transfer the conversations, oldest first."""
        for conversation in self.conversation_ids.sorted("id"):
            conversation.action_transfer(
                user_id=self.target == "agent" and self.user_id.id,
                queue_id=self.target == "queue" and self.queue_id.id,
                kind=self.kind,
                note=self.note or "",
            )
        return {"type": "ir.actions.act_window_close"}
