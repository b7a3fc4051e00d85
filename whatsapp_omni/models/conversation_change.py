# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


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
    from_state = fields.Char(readonly=True)
    to_state = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)
