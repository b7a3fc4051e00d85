# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .agent import STATES


class WhatsAppAgentStateChange(models.Model):
    """One change of an agent's state, and how long it lasted. Append only."""

    _name = "whatsapp_omni.agent.state.change"
    _description = "WhatsApp Agent State Change"
    _order = "since desc, id desc"
    _rec_name = "state"
    _log_access = False

    user_id = fields.Many2one(
        "res.users", "Agent", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, ondelete="cascade"
    )
    from_state = fields.Selection(STATES, "Before", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    reason_id = fields.Many2one(
        "whatsapp_omni.pause.reason", readonly=True, ondelete="restrict"
    )
    since = fields.Datetime(required=True, readonly=True)
    until = fields.Datetime(readonly=True, help="Empty while it lasts.")
    duration = fields.Float(
        "Hours",
        compute="_compute_duration",
        store=True,
        aggregator="sum",
        help="How long it lasted, once it is over.",
    )
    changed_by_id = fields.Many2one(
        "res.users",
        "Changed by",
        readonly=True,
        ondelete="restrict",
        help="Empty when nobody changed it: a missed offer, a closed browser.",
    )

    _user_since_idx = models.Index("(user_id, since DESC)")
    _current_unique = models.UniqueIndex(
        "(user_id) WHERE until IS NULL", "An agent is in one state at a time."
    )

    @api.depends("since", "until")
    def _compute_duration(self):
        for change in self:
            lasted = change.until and change.until - change.since
            change.duration = lasted.total_seconds() / 3600 if lasted else 0

    @api.model
    def _note(self, agent, former, by):
        """Note the present state of an agent, which ends the one before."""
        current = self.search(
            [("user_id", "=", agent.user_id.id), ("until", "=", False)]
        )
        current.until = agent.since
        current.flush_recordset()  # the database allows one that lasts
        self.create(
            {
                "user_id": agent.user_id.id,
                "company_id": agent.user_id.company_id.id,
                "from_state": former,
                "state": agent.state,
                "reason_id": agent.reason_id.id,
                "since": agent.since,
                "changed_by_id": by.id if by else False,
            }
        )
