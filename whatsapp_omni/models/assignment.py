# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .queue_distribution import STRATEGIES


class WhatsAppAssignment(models.Model):
    """Why a conversation was offered or given to an agent, and what became of it."""

    _name = "whatsapp_omni.assignment"
    _description = "WhatsApp Assignment"
    _order = "id desc"
    _rec_name = "reason"
    _log_access = False

    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, ondelete="cascade"
    )
    queue_id = fields.Many2one("whatsapp_omni.queue", readonly=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", "Agent", required=True, readonly=True, ondelete="restrict"
    )
    strategy = fields.Selection(STRATEGIES, readonly=True)
    reason = fields.Char(
        "Reason as Noted", readonly=True, help="In the language of the company."
    )
    reason_parts = fields.Json(
        readonly=True, help="The same as ``whatsapp_omni.phrase`` says it to others."
    )
    explanation = fields.Char(
        "Reason", compute="_compute_explanation", help="Why this agent, in words."
    )
    candidates = fields.Json(
        readonly=True,
        help="Who could have had it: [{user_id, name, load, capacity, idle_seconds, "
        "skills: {name: level}}], the chosen one first.",
    )
    skipped = fields.Json(
        readonly=True,
        help="Who could not: [{user_id, name, why, values}], as "
        "``whatsapp_omni.phrase`` says it.",
    )
    outcome = fields.Selection(
        [
            ("offered", "Ringing"),
            ("given", "Given without asking"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("missed", "Not answered"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="offered",
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    ended_at = fields.Datetime("Answered", readonly=True)

    _user_date_idx = models.Index("(user_id, date)")
    # An offer is one row, and rings at one agent.
    _one_ringing = models.UniqueIndex(
        "(conversation_id) WHERE outcome = 'offered'",
        "This conversation rings at an agent already.",
    )

    @api.depends("reason", "reason_parts")
    @api.depends_context("lang")
    def _compute_explanation(self):
        Phrase = self.env["whatsapp_omni.phrase"]
        for assignment in self:
            said = Phrase._say(assignment.reason_parts)
            assignment.explanation = said or assignment.reason
