# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WhatsAppConversationChange(models.Model):
    """One step in the life of a conversation: who, when, from, to, why. Append only."""

    _name = "whatsapp_omni.conversation.change"
    _description = "WhatsApp Conversation Change"
    _order = "id"
    _log_access = False

    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="conversation_id.company_id")
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")
    what = fields.Selection(
        [
            ("opened", "Opened"),
            ("waiting", "Waits for opening"),
            ("routed", "Put into a queue"),
            ("captured", "Taken"),
            ("transferred", "Transferred"),
            ("transfer_back", "Transfer came back"),
            ("offered", "Offered"),
            ("given", "Given"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("missed", "Not answered"),
            ("withdrawn", "Offer withdrawn"),
            ("released", "Kept for nobody any more"),
            ("returned", "Back to the queue"),
            ("handed_over", "Handed over"),
            ("closed", "Closed"),
            ("window", "Window closed"),
            ("started", "Started by us"),
            ("template", "Template sent"),
            ("parked", "Reply parked"),
            ("unparked", "Parked reply sent"),
            ("scheduled", "Reply scheduled"),
            ("unscheduled", "Scheduled reply sent"),
            ("held", "Scheduled reply held back"),
            ("discarded", "Waiting reply discarded"),
            ("aside", "Parked"),
            ("resumed", "Back from parking"),
            ("identified", "Contact linked"),
            ("unidentified", "Contact unlinked"),
            ("corrected", "Result corrected"),
            ("follow_up", "Follow-up planned"),
            ("blocked", "Customer blocked"),
            ("invited", "Colleague asked to join"),
            ("uninvited", "Colleague did not join"),
            ("joined", "Colleague joined"),
            ("left", "Colleague left"),
            ("barged_in", "Supervisor joined"),
            ("taken_over", "Taken over by a supervisor"),
        ],
        required=True,
        readonly=True,
    )
    from_state = fields.Selection("_get_states", readonly=True)
    to_state = fields.Selection("_get_states", readonly=True)
    reason = fields.Char(
        "Reason as Noted", readonly=True, help="In the language of who did it."
    )
    reason_parts = fields.Json(
        readonly=True, help="The same as ``whatsapp_omni.phrase`` says it to others."
    )
    explanation = fields.Char("Reason", compute="_compute_explanation")
    assignment_id = fields.Many2one(
        "whatsapp_omni.assignment",
        readonly=True,
        ondelete="set null",
        help="With whom the agent was compared to whom it was offered or given.",
    )

    @api.model
    def _get_states(self):
        states = self.env["whatsapp_omni.conversation"]._fields["state"]
        return states._description_selection(self.env)

    @api.depends("reason", "reason_parts")
    @api.depends_context("lang")
    def _compute_explanation(self):
        Phrase = self.env["whatsapp_omni.phrase"]
        for change in self:
            change.explanation = Phrase._say(change.reason_parts) or change.reason
