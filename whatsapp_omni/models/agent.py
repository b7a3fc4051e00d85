# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import background
from ..tools.arguments import is_id, is_text, takes

STATES = [
    ("available", "Available"),
    ("paused", "Paused"),
    ("rona", "Did not answer"),
    ("offline", "Offline"),
]


#: States that people choose; an agent who misses an offer comes to the other one.
CHOSEN = ("available", "paused", "offline")

#: Minutes without an open browser after which an agent is offline, unless the settings
#: tell another number (``whatsapp_omni.offline_minutes``). Pages tell once a minute
#: that they are open: who is late once is there.
OFFLINE_MINUTES = 5
LEAST_OFFLINE_MINUTES = 2
MOST_OFFLINE_MINUTES = 24 * 60

#: How often it is written down that a browser is open: pages tell it once a minute.
SEEN_PAUSE = timedelta(seconds=30)

# What the open conversations of users count. Two indexes answer it, whose size follows
# what is open.
_LOADS = """
    SELECT held.user_id, sum(COALESCE(queue.weight, 1))
      FROM (
           SELECT user_id, queue_id FROM whatsapp_omni_conversation
            WHERE user_id = ANY(%(users)s) AND state != 'closed'
              AND state = 'attended' AND parked_at IS NULL
            UNION ALL
           SELECT offered_to_id, queue_id FROM whatsapp_omni_conversation
            WHERE offered_to_id = ANY(%(users)s) AND state = 'offered'
           ) held
      LEFT JOIN whatsapp_omni_queue queue ON queue.id = held.queue_id
     GROUP BY held.user_id
"""


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
        "whatsapp_omni.pause.reason", readonly=True, ondelete="restrict"
    )
    since = fields.Datetime(
        "In State since", required=True, readonly=True, default=fields.Datetime.now
    )
    turn = fields.Integer(
        readonly=True,
        help="Grows each time they are given something: a clock that never ties.",
    )
    last_assigned_at = fields.Datetime("Last Given", readonly=True)
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
    _capacity_not_negative = models.Constraint(
        "CHECK (capacity >= 0)", "A capacity cannot be negative."
    )
    _not_offline_idx = models.Index("(last_seen_at) WHERE state != 'offline'")

    # === COMPUTE METHODS === #

    @api.depends("user_id")
    def _compute_queue_ids(self):
        for agent in self:
            agent.queue_ids = self._queues_of(agent.user_id)

    @api.depends("user_id", "capacity")
    def _compute_load(self):
        loads = self._loads(self.user_id.ids)
        for agent in self:
            agent.load = loads.get(agent.user_id.id, 0)
            agent.load_limit = agent.capacity or self._capacity_of(
                self._queues_of(agent.user_id)
            )

    @api.model
    def _queues_of(self, user):
        """Return the queues whose agent this user is."""
        # sudo: whatsapp_omni.queue - who sees an agent may know what they work for
        Queue = self.env["whatsapp_omni.queue"].sudo()
        return Queue.search([("agent_ids", "in", user.ids)])

    @api.model
    def _capacity_of(self, queues):
        """Return the largest capacity of these queues, 0 for no limit."""
        capacities = queues.mapped("capacity")
        return max(capacities) if all(capacities) and capacities else 0

    @api.model
    def _loads(self, user_ids):
        """Return what the conversations of these users count, by the id of the user."""
        self.env["whatsapp_omni.conversation"].flush_model()
        self.env["whatsapp_omni.queue"].flush_model(["weight"])
        self.env.cr.execute(_LOADS, {"users": list(user_ids)})
        return dict(self.env.cr.fetchall())

    def _load(self):
        """Return what the open conversations of this agent count."""
        self.ensure_one()
        return self._loads(self.user_id.ids).get(self.user_id.id, 0)

    # === ROWS === #

    def write(self, vals):
        """Override: people set what an agent takes; states change by methods only."""
        if not self.env.su and vals.keys() - {"capacity", "skill_ids"}:
            raise AccessError(
                self.env._("Change the state of an agent by its button, not here.")
            )
        result = super().write(vals)
        if "capacity" in vals or "skill_ids" in vals:
            self.env["whatsapp_omni.conversation"]._ask_distribution()
        if "capacity" in vals:
            self._tell_loads_of(self.user_id)
        return result

    @api.model
    def _of(self, users):
        """Return the agents of these users, those that are missing created."""
        # sudo: whatsapp_omni.agent - rows are created by code only
        Agent = self.sudo()
        found = Agent.search([("user_id", "in", users.ids)])
        missing = users - found.user_id
        if not missing:
            return found
        self.env["res.users"].flush_model()
        # Two pages of the same user may be first at once.
        self.env.cr.execute(
            "INSERT INTO whatsapp_omni_agent"
            " (user_id, state, since, turn, create_uid, create_date)"
            " SELECT id, 'offline', %(now)s, 0, %(uid)s, %(now)s"
            "   FROM unnest(%(users)s) AS id ON CONFLICT (user_id) DO NOTHING",
            {
                "users": missing.ids,
                "now": fields.Datetime.now(),
                "uid": self.env.uid,
            },
        )
        return Agent.search([("user_id", "in", users.ids)])

    def _lock(self):
        """Keep others from changing these agents, and see them as they are.

        Who holds an agent waits for no conversation: conversations are locked first.
        """
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_agent WHERE id = ANY(%s)"
            " ORDER BY id FOR NO KEY UPDATE",
            (self.ids,),
        )
        self.invalidate_recordset()

    # === CALLED BY THE DESK === #

    @api.model
    def get_mine(self):
        """Return the state of the user as an agent.

        :return: ``{"user_id", "state", "since", "reason_id", "reason", "load",
            "capacity" (0 for no limit), "wrap_up_until", "wrap_up_seconds" (what is
            left of it), "wrap_up_conversation_id", "can_end_wrap_up", "takes_offers"
            (whether a queue of theirs gives out conversations), "reasons": [{"id",
            "name"}]}``, moments as Odoo writes them (UTC)
        :rtype: dict
        """
        # sudo: whatsapp_omni.agent - the user's own
        agent = self.sudo().search([("user_id", "=", self.env.uid)])
        return agent._describe(self.env.user)

    def _describe(self, user):
        """Return what the pages of ``user`` show; there may be no row yet."""
        queues = self._queues_of(user)
        reasons = self.env["whatsapp_omni.pause.reason"].search(
            Domain("company_id", "in", [False, user.company_id.id])
        )
        return {
            "user_id": user.id,
            "state": self.state or "offline",
            "since": fields.Datetime.to_string(self.since),
            "reason_id": self.reason_id.id,
            "reason": self.reason_id.name,
            "load": self._loads(user.ids).get(user.id, 0),
            "capacity": self.capacity or self._capacity_of(queues),
            "wrap_up_until": fields.Datetime.to_string(self.wrap_up_until),
            "wrap_up_conversation_id": self.wrap_up_conversation_id.id,
            "takes_offers": any(queue._is_push() for queue in queues),
            "reasons": [{"id": reason.id, "name": reason.name} for reason in reasons],
        }

    @api.model
    def heartbeat(self):
        """Note that a browser of the user is open, and deal with what is due.

        For the desk, once a minute and when a countdown ends.

        :return: see :meth:`get_mine`
        """
        self._check_is_agent()
        background.read_committed_request(self.env)
        agent = self._of(self.env.user)
        now = fields.Datetime.now()
        seen, agent_state = agent.last_seen_at, agent.state
        if not seen or seen < now - SEEN_PAUSE:
            agent.last_seen_at = now
        Conversation = self.env["whatsapp_omni.conversation"]
        came_back = not seen or seen < now - 3 * SEEN_PAUSE
        written_up = agent.wrap_up_until and agent.wrap_up_until <= now
        if written_up:
            agent.write({"wrap_up_until": False, "wrap_up_conversation_id": False})
        is_back = agent_state == "available" and (came_back or written_up)
        if is_back or Conversation._is_any_offer_over():
            Conversation._ask_distribution()
        return agent._describe(self.env.user)

    @api.model
    def look_again(self):
        """Have conversations given out. For the desk, when it was told to, see
        :meth:`whatsapp_omni.conversation._wake_for_relaxing`.
        """
        self._check_is_agent()
        self.env["whatsapp_omni.conversation"]._ask_distribution()

    @api.model
    @takes(state=is_text, reason_id=is_id)
    def set_state(self, state, reason_id=False):
        """Change the user's own state.

        :param state: available, paused or offline
        :param reason_id: why paused
        :return: see :meth:`get_mine`
        """
        self._check_is_agent()
        background.read_committed_request(self.env)
        self._leave_conferences(self.env.user, state)
        agent = self._of(self.env.user)
        agent.last_seen_at = fields.Datetime.now()
        agent._choose_state(state, reason_id, self.env.user)
        return agent._describe(self.env.user)

    @takes(state=is_text, reason_id=is_id)
    def set_state_of(self, state, reason_id=False):
        """Change the state of these agents. For supervisors.

        :param state: available, paused or offline
        """
        if not self.env.user.has_group("whatsapp_omni.group_supervisor"):
            raise AccessError(
                self.env._("Only supervisors change the state of other agents.")
            )
        self.check_access("read")
        background.read_committed_request(self.env)
        self._leave_conferences(self.user_id, state)
        # sudo: whatsapp_omni.agent - states are changed by methods only
        for agent in self.sudo():
            agent._choose_state(state, reason_id, self.env.user)

    @api.model
    def _check_is_agent(self):
        if not self.env.user.has_group("whatsapp_omni.group_agent"):
            raise AccessError(self.env._("You are no agent of WhatsApp."))

    @api.model
    def _leave_conferences(self, users, state):
        """Let who goes offline take part in colleagues' conversations no longer.

        Before any agent is locked: see :meth:`_lock`.
        """
        if state == "offline":
            # sudo: whatsapp_omni.conversation - changed by methods only
            Conversation = self.env["whatsapp_omni.conversation"].sudo()
            Conversation._lock_conferences_of(users)._part_with_offline(users)

    def _choose_state(self, state, reason_id, by):
        if state not in CHOSEN:
            raise UserError(self.env._("Nobody can choose this state."))
        reason = self.env["whatsapp_omni.pause.reason"]
        if state == "paused":
            reason = reason.browse(reason_id or []).exists()
            if reason.company_id and reason.company_id != self.user_id.company_id:
                raise UserError(self.env._("Choose a reason of the own company."))
        self._set_state(state, reason, by)

    # === STATES === #

    def _set_state(self, state, reason=None, by=None):
        """Change the state, note it for reports, tell the pages, and give out anew.

        :param by: the user who did it, None for the machine
        """
        self.ensure_one()
        self._lock()
        reason_id = reason.id if reason else False
        if self.state == state and self.reason_id.id == reason_id:
            return
        now = fields.Datetime.now()
        former = self.state
        self.write({"state": state, "reason_id": reason_id, "since": now})
        self.env["whatsapp_omni.agent.state.change"]._note(self, former, by)
        self._tell()
        self.env["whatsapp_omni.conversation"]._ask_distribution()

    def _tell(self):
        """Show the state on the pages of the user, and where agents are listed."""
        user = self.user_id
        described = self.with_context(lang=user.lang)._describe(user)
        user._bus_send("whatsapp_omni.agent_state", described)
        self._tell_lists(user.company_id)

    # === BROWSERS === #

    @api.model
    def _seen_after(self, now):
        """Return since when an agent must have been seen to be there."""
        # sudo: ir.config_parameter - a number that is no secret
        parameters = self.env["ir.config_parameter"].sudo()
        minutes = parameters.get_param("whatsapp_omni.offline_minutes")
        try:
            minutes = max(int(minutes or OFFLINE_MINUTES), LEAST_OFFLINE_MINUTES)
        except ValueError:
            minutes = OFFLINE_MINUTES
        return now - timedelta(minutes=minutes)

    @api.model
    def _end_absences(self):
        """Take agents whose browser was closed for long as offline."""
        unseen_since = self._seen_after(fields.Datetime.now())
        gone = self.search(
            Domain("state", "!=", "offline")
            & (
                Domain("last_seen_at", "<", unseen_since)
                | Domain("last_seen_at", "=", False)
            )
        )
        conferences = self.env["whatsapp_omni.conversation"]._lock_conferences_of(
            gone.user_id
        )
        gone._lock()
        gone = gone.filtered(
            lambda agent: not agent.last_seen_at or agent.last_seen_at < unseen_since
        )
        for agent in gone:
            agent._set_state("offline")
        conferences._part_with_offline(gone.user_id)
