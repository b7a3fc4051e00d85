# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain

#: States in which nobody attends a conversation: its queue decides who reads it.
UNTAKEN = ("new", "waiting", "offered")


class WhatsAppConversation(models.Model):
    """Whom a conversation concerns, and who sees it. Record rules ask here."""

    _inherit = "whatsapp_omni.conversation"

    offered_to_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The agent at whom it rings.",
    )
    offered_until = fields.Datetime(readonly=True, help="Then it rings elsewhere.")
    reserved_for_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The only agent who may take it.",
    )
    guest_ids = fields.Many2many(
        "res.users",
        "whatsapp_omni_conversation_guest_rel",
        "conversation_id",
        "user_id",
        string="Also Writing",
        readonly=True,
        context={"active_test": False},  # who is archived has to leave as well
        help="Colleagues who take part besides the agent.",
    )
    # Spares each message of a customer the look for guests, who are rare.
    has_guests = fields.Boolean(compute="_compute_has_guests", store=True)
    is_visible = fields.Boolean(
        compute="_compute_is_visible",
        search="_search_is_visible",
        help="Whether the user may know of it, supervisors left aside.",
    )
    is_readable = fields.Boolean(
        compute="_compute_is_visible",
        search="_search_is_readable",
        help="Whether the user may read its messages, supervisors left aside.",
    )

    @api.depends("guest_ids")
    def _compute_has_guests(self):
        for conversation in self:
            conversation.has_guests = bool(conversation.guest_ids)

    @api.depends_context("uid")
    def _compute_is_visible(self):
        visible = self.filtered_domain(self._domain_visible())
        readable = self.filtered_domain(self._domain_readable())
        for conversation in self:
            conversation.is_visible = conversation in visible
            conversation.is_readable = conversation in readable

    def _search_is_visible(self, operator, value):
        return self._domain_visible() if operator == "in" else NotImplemented

    def _search_is_readable(self, operator, value):
        return self._domain_readable() if operator == "in" else NotImplemented

    @api.model
    def _domain_participant(self):
        """Return the conversations that the user attends, alone or beside another."""
        return Domain("user_id", "=", self.env.uid) | Domain(
            "guest_ids", "in", self.env.uid
        )

    @api.model
    def _domain_asked(self):
        """Return the conversations that the user is asked to take."""
        return (
            Domain("queue_id.agent_ids", "in", self.env.uid)
            | Domain("offered_to_id", "=", self.env.uid)
            | Domain("reserved_for_id", "=", self.env.uid)
        )

    @api.model
    def _domain_visible(self):
        return self._domain_participant() | self._domain_asked()

    @api.model
    def _domain_readable(self):
        may_read = Domain("state", "not in", UNTAKEN) | Domain(
            "queue_id.allow_peek", "=", True
        )
        return self._domain_participant() | (self._domain_asked() & may_read)

    def _participants(self):
        """Return the users who write to the customer: its agent, then the guests."""
        return self.user_id | self.guest_ids if self.has_guests else self.user_id

    def _people(self):
        """Return the users whom it concerns whatever queue it is in."""
        return self._participants() | self.offered_to_id | self.reserved_for_id

    def _is_open_to(self, user):
        """Tell whether ``user`` may read the messages of this conversation."""
        # sudo: res.users - the companies of a colleague
        as_user = self.with_user(user).with_context(
            allowed_company_ids=user.sudo().company_ids.ids
        )
        return as_user.has_access("read") and (
            as_user.is_readable or user.has_group("whatsapp_omni.group_supervisor")
        )

    def _asked(self):
        """Return the users who are asked to take it, or have taken it."""
        return (
            self.queue_id.agent_ids
            | self.offered_to_id
            | self.reserved_for_id
            | self.user_id
        )

    def _hand_over(self, values):
        """Write whose this conversation is, and show it to whom it concerns now.

        Those who write to the customer are members of the channel, and nobody else.
        """
        self.ensure_one()
        former, told = self._participants(), self._inbox_listeners()
        self.write(values)
        present, listeners = self._participants(), self._inbox_listeners()
        for user in former - present:
            self.channel_id._whatsapp_omni_leave(user)
        for user in present - former:
            self.channel_id._whatsapp_omni_join(user)
        self._take_off_lost(told, listeners)
        self._push()

    def _take_off_lost(self, former, present):
        """Take this conversation off the inboxes of those who hear of it no more.

        Who is in a former queue and in the present one must not see it go and come.
        """

        def reached(listener):
            is_queue = listener._name == "whatsapp_omni.queue"
            return listener._people_ids() if is_queue else frozenset(listener.ids)

        here = frozenset().union(*map(reached, present))
        for listener in (channel for channel in former if channel not in present):
            people = reached(listener)
            gone = self.env["res.users"].browse(people - here)
            self._take_off([listener] if len(gone) == len(people) else gone)
