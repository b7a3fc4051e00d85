# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

#: What decides whose capacity a conversation takes, and how much of it.
_LOAD_FIELDS = {"state", "user_id", "queue_id", "parked_at"}


class WhatsAppConversation(models.Model):
    """Offers: a conversation rings at one agent, who accepts, declines or is not there.

    Every end of an offer is decided on the locked row, so that it has one.
    """

    _inherit = "whatsapp_omni.conversation"

    queued_at = fields.Datetime(
        "In Queue since", readonly=True, help="When it came to the queue it is in."
    )
    menu_option_id = fields.Many2one(
        "whatsapp_omni.menu.option",
        "Chosen Option",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What the customer chose last in a menu.",
    )
    assignment_ids = fields.One2many("whatsapp_omni.assignment", "conversation_id")

    _offered_until_idx = models.Index("(offered_until) WHERE state = 'offered'")

    # === OFFERING === #

    def _offer(self, user, why=None, seconds=None):
        """Let this locked conversation ring at a user.

        :param dict why: values of ``whatsapp_omni.assignment``: strategy, reason and
            its parts, candidates, skipped
        :param seconds: how long, the queue's time by default
        """
        self.ensure_one()
        former = self.state
        now = fields.Datetime.now()
        seconds = seconds or self.queue_id.offer_seconds or 30
        self.write(
            {
                "state": "offered",
                "offered_to_id": user.id,
                "offered_until": now + timedelta(seconds=seconds),
            }
        )
        assignment = self._note_assignment(user, "offered", why)
        parts = [user.name, *(why or {}).get("reason_parts", [])]
        self._log_change(
            "offered", former, "offered", parts, assignment_id=assignment.id
        )
        self._push()
        user._bus_send(
            "whatsapp_omni.offered", {"conversation_id": self.id, "seconds": seconds}
        )

    def _give(self, user, why=None):
        """Give this locked conversation to a user without asking."""
        former = self.state
        assignment = self._note_assignment(user, "given", why)
        self._attend(user)
        parts = [user.name, *(why or {}).get("reason_parts", [])]
        self._log_change(
            "given", former, "attended", parts, assignment_id=assignment.id
        )
        self._push()

    def _note_assignment(self, user, outcome, why):
        # sudo: whatsapp_omni.assignment - written by code only
        Assignment = self.env["whatsapp_omni.assignment"].sudo()
        return Assignment.create(
            {
                "conversation_id": self.id,
                "company_id": self.company_id.id,
                "queue_id": self.queue_id.id,
                "user_id": user.id,
                "outcome": outcome,
                **(why or {}),
            }
        )

    def _attend(self, user):
        """Make a user the one who attends this locked conversation."""
        self.write(
            {
                "state": "attended",
                "user_id": user.id,
                "attended_at": fields.Datetime.now(),
                "reserved_for_id": False,
            }
        )
        self.channel_id._whatsapp_omni_join(user)

    # === ANSWERING === #

    def action_accept(self):
        """Take the conversation that rings at the user.

        It counts as long as it rings nowhere else, be it a moment late.

        :raises UserError: when it rings elsewhere, or nowhere any more
        """
        self.ensure_one()
        # sudo: whatsapp_omni.conversation - it rings at the user, which is asked below
        conversation = self.sudo()
        conversation._take_turn()
        if conversation._is_taken_by_user():
            return  # a double click
        conversation._check_rings_here()
        conversation._end_offer("accepted")
        conversation._attend(self.env.user)
        conversation._log_change("accepted", "offered", "attended")
        conversation._push()

    def action_decline(self):
        """Let the conversation that rings at the user ring at somebody else."""
        self.ensure_one()
        # sudo: whatsapp_omni.conversation - it rings at the user, which is asked below
        conversation = self.sudo()
        conversation._take_turn()
        conversation._check_rings_here()
        conversation._stop_ringing("declined")

    def action_offer_ended(self):
        """Deal with an offer whose time is over. For the desk, when its countdown ends.

        :return: seconds that are left by the server's clock, 0 when it is being settled
        :rtype: float
        """
        self.ensure_one()
        if not self.exists() or not self.has_access("read"):
            return 0
        # sudo: whatsapp_omni.conversation - read by the user, see above
        until = self.sudo().offered_until
        left = (until - fields.Datetime.now()).total_seconds() if until else 0
        if left > 0:
            return left
        self._ask_distribution()
        return 0

    def _is_taken_by_user(self):
        return self.state == "attended" and self.user_id == self.env.user

    def _check_rings_here(self):
        # Who was an agent as it began to ring may be none by now.
        agent = self.env.user._whatsapp_omni_agents(self.company_id)
        if agent and self.state == "offered" and self.offered_to_id == agent:
            return
        if not self.sudo(False).has_access("read"):
            raise UserError(self._explain_offer_over())
        if self.state == "closed":
            raise UserError(self.env._("This conversation is closed already."))
        if self.state == "attended":
            raise UserError(
                self.env._("%(agent)s has taken it meanwhile.", agent=self.user_id.name)
            )
        raise UserError(self._explain_offer_over())

    def _explain_offer_over(self):
        return self.env._(
            "This offer is over: it was not accepted in time, or withdrawn."
        )

    # === THE END OF AN OFFER === #

    def _end_offer(self, outcome):
        """Note how the offer of this locked conversation ended, and tell its agent."""
        self.ensure_one()
        agent = self.offered_to_id
        # sudo: whatsapp_omni.assignment - written by code only
        assignment = (
            self.env["whatsapp_omni.assignment"]
            .sudo()
            .search(
                Domain("conversation_id", "=", self.id)
                & Domain("outcome", "=", "offered")
            )
        )
        if not assignment:  # ended already
            return
        assignment.write({"outcome": outcome, "ended_at": fields.Datetime.now()})
        assignment.flush_recordset()  # the index allows the next offer only then
        agent._bus_send(
            "whatsapp_omni.offer_ended", {"conversation_id": self.id, "why": outcome}
        )

    def _stop_ringing(self, outcome):
        """Let this locked conversation wait in its queue again.

        :param outcome: of ``whatsapp_omni.assignment``: declined, missed, withdrawn
        """
        agent = self.offered_to_id
        self._end_offer(outcome)
        self.write({"state": "new", "queued_at": self.queued_at})
        self._log_change(outcome, "offered", "new", agent.name)
        self._push()
        self._drop_from(agent)

    def write(self, vals):
        """Override: what leaves the state *offered* rings nowhere, and who has less to
        do may have more.
        """
        is_load_changed = bool(vals.keys() & _LOAD_FIELDS)
        concerned = self._loaded_users() if is_load_changed else None
        if "state" in vals and vals["state"] != "offered":
            vals = {**vals, "offered_to_id": False, "offered_until": False}
            for conversation in self.filtered(lambda c: c.state == "offered"):
                conversation._end_offer("withdrawn")
        if "queue_id" in vals or vals.get("state") == "new":
            vals = {"queued_at": fields.Datetime.now(), **vals}
        result = super().write(vals)
        if is_load_changed:
            concerned |= self._loaded_users()
            self.env["whatsapp_omni.agent"]._tell_loads_of(concerned)
            self._ask_distribution()
        return result

    def _loaded_users(self):
        """Return the users whose capacity these conversations may take."""
        return self.user_id | self.offered_to_id

    # === TAKING BY HAND === #

    def action_capture(self):
        """Override: what rings at the user is accepted; what is kept for another, not.

        An agent may take more than their capacity: nobody does it without seeing so.
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - whom it is kept for is no secret
        conversation = self.sudo()
        if conversation.offered_to_id == self.env.user:
            return self.action_accept()
        result = super().action_capture()
        # One statement takes it, which no ``write`` sees.
        self.env["whatsapp_omni.agent"]._tell_loads_of(self.env.user)
        return result

    def _refuse_capture(self):
        """Override: say that it rings at somebody, or waits for somebody."""
        agent = self.sudo().reserved_for_id
        if self.state == "new" and agent:
            raise UserError(
                self.env._(
                    "This conversation is kept for %(agent)s. Nobody else may take it.",
                    agent=agent.name,
                )
            )
        if self.state == "offered":
            raise UserError(
                self.env._(
                    "This conversation rings at %(agent)s at the moment.",
                    agent=self.sudo().offered_to_id.name,
                )
            )
        return super()._refuse_capture()

    # === STORE === #

    def _to_store_defaults(self, target):
        """Override: at whom it rings, until when, and for whom it is kept."""
        return super()._to_store_defaults(target) + [
            "offered_until",
            Store.Attr("offered_to_user_id", lambda c: c.offered_to_id.id),
            Store.Attr("reserved_for_user_id", lambda c: c.reserved_for_id.id),
        ]

    @api.model
    def _is_any_offer_over(self):
        """Tell whether some offer was not answered in time."""
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_conversation"
            " WHERE state = 'offered' AND offered_until <= %s LIMIT 1",
            (fields.Datetime.now(),),
        )
        return bool(self.env.cr.rowcount)
