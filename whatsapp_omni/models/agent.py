# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [
    ("available", "Available"),
    ("paused", "Paused"),
    ("rona", "Did not answer"),
    ("offline", "Offline"),
]


class WhatsAppAgent(models.Model):
    """An agent at work: the state they are in, what they know, how much they take.

    One row per user, which distribution locks before it gives them something.
    """

    _name = "whatsapp_omni.agent"
    _description = "WhatsApp Agent"
    _order = "user_id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Agent", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="user_id.company_id")
    state = fields.Selection(STATES, required=True, readonly=True, default="offline")
    reason_id = fields.Many2one(
        "whatsapp_omni.pause.reason", "Reason", readonly=True, ondelete="restrict"
    )
    since = fields.Datetime(
        "In State since", required=True, readonly=True, default=fields.Datetime.now
    )
    last_assigned_at = fields.Datetime("Last Given", readonly=True)
    idle_since = fields.Datetime(
        "Idle since",
        readonly=True,
        help="When a conversation last began or ended, or the agent became available.",
    )
    last_seen_at = fields.Datetime(
        "Last Seen", readonly=True, help="When a browser of theirs was last open."
    )
    wrap_up_until = fields.Datetime(
        readonly=True, help="Nothing is offered before: a conversation is written up."
    )
    wrap_up_conversation_id = fields.Many2one(
        "whatsapp_omni.conversation", readonly=True, ondelete="set null"
    )
    capacity = fields.Integer(
        "Own Capacity",
        help="Conversations at a time, over all queues. Zero: what the queues say.",
    )
    skill_ids = fields.One2many("whatsapp_omni.agent.skill", "agent_id", "Skills")
    queue_ids = fields.Many2many(
        "whatsapp_omni.queue", compute="_compute_queue_ids", string="Queues"
    )
    load = fields.Float(compute="_compute_load", help="What their conversations count.")
    load_limit = fields.Integer(
        "Capacity", compute="_compute_load", help="Zero: no limit."
    )

    _user_unique = models.UniqueIndex("(user_id)", "A user is one agent.")
    _not_offline_idx = models.Index("(last_seen_at) WHERE state != 'offline'")

    # === CALLED BY THE DESK === #

    @api.model
    def get_mine(self):
        """Return the state of the user as an agent.

        :return: ``{"user_id", "state", "since", "reason_id", "reason", "load",
            "capacity" (0 for no limit), "wrap_up_until", "wrap_up_conversation_id",
            "takes_offers" (whether a queue of theirs gives out conversations),
            "reasons": [{"id", "name"}]}``, moments as Odoo writes them (UTC)
        :rtype: dict
        """

    @api.model
    def heartbeat(self):
        """Note that a browser of the user is open, and deal with what is due.

        For the desk, once a minute and when a countdown ends.

        :return: see :meth:`get_mine`
        """

    @api.model
    def set_state(self, state, reason_id=False):
        """Change the user's own state, or as a method of records that of others.

        :param state: available, paused or offline
        :param reason_id: why paused
        :return: see :meth:`get_mine`
        """

    def set_state_of(self, state, reason_id=False):
        """Change the state of these agents. For supervisors.

        :param state: available, paused or offline
        """

    @api.model
    def get_open_work(self):
        """Return the open conversations of the user, to be handed over.

        :return: ``{"conversations": [{"id", "name", "queue_id", "queue", "last_text",
            "last_message_at", "waiting_since", "window_open", "is_parked"}],
            "users": [{"id", "name", "state", "load", "capacity", "queue_ids"}]}``
        :rtype: dict
        """

    @api.model
    def hand_over(self, choices):
        """Part with open conversations of the user.

        :param list choices: ``[{"conversation_id", "choice": "keep"|"queue"|"user",
            "user_id"}]``
        :return: ``[{"conversation_id", "error"}]``, what could not be done and why
        :rtype: list[dict]
        """
