# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import background
from ..tools.arguments import is_text, takes


class WhatsAppTransfer(models.Model):
    """A conversation that is handed over to an agent or a queue, and what became of it.

    At most one of a conversation is pending. It is settled once, under the lock of the
    conversation: whoever takes, refuses, takes back or closes comes before the others
    or finds it settled. Append only for people: methods write it.
    """

    _name = "whatsapp_omni.transfer"
    _description = "WhatsApp Transfer"
    _order = "id desc"
    _log_access = False

    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="conversation_id.company_id", store=True, index=True
    )
    customer_id = fields.Many2one(related="conversation_id.customer_id")
    date = fields.Datetime(
        "Transferred on", required=True, readonly=True, default=fields.Datetime.now
    )
    sender_id = fields.Many2one(
        "res.users",
        "Transferred by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    from_user_id = fields.Many2one(
        "res.users",
        "From Agent",
        readonly=True,
        ondelete="restrict",
        help="Who attended the conversation, and gets it back if nobody else wants it.",
    )
    from_queue_id = fields.Many2one(
        "whatsapp_omni.queue", readonly=True, ondelete="restrict"
    )
    to_user_id = fields.Many2one(
        "res.users", "To Agent", readonly=True, index="btree_not_null"
    )
    to_queue_id = fields.Many2one(
        "whatsapp_omni.queue", readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [("immediate", "Immediate"), ("exclusive", "Exclusive")],
        required=True,
        readonly=True,
        help="Immediate: what the agent does not accept is for the whole queue."
        " Exclusive: it waits for this agent or queue, and comes back if refused.",
    )
    note = fields.Text(
        readonly=True, help="For colleagues; the customer never sees it."
    )
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("expired", "Not accepted"),
            ("withdrawn", "Taken back"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    settled_at = fields.Datetime("Settled on", readonly=True)
    settled_by_id = fields.Many2one(
        "res.users", "Settled by", readonly=True, ondelete="restrict"
    )
    reason = fields.Char(readonly=True, help="Why it was not accepted.")

    _one_pending = models.UniqueIndex(
        "(conversation_id) WHERE state = 'pending'",
        "This conversation is being transferred already.",
    )
    _one_target = models.Constraint(
        "CHECK (num_nonnulls(to_user_id, to_queue_id) = 1)",
        "A transfer goes to an agent or to a queue.",
    )

    @api.depends("to_user_id", "to_queue_id")
    def _compute_display_name(self):
        for transfer in self:
            transfer.display_name = transfer._target().name or ""

    # === ACTIONS === #

    def action_withdraw(self):
        """Take a pending transfer back. For who made it, and for supervisors.

        :raises UserError: when it was settled meanwhile
        """
        self.ensure_one()
        self.check_access("read")
        supervisor = self.env.user.has_group("whatsapp_omni.group_supervisor")
        if self.sudo().sender_id != self.env.user and not supervisor:
            raise AccessError(
                self.env._("Only the colleague who transferred it may take it back.")
            )
        self._take_turn()
        # sudo: whatsapp_omni.transfer - settled by methods only
        transfer = self.sudo()
        transfer.conversation_id._give_back(transfer, "withdrawn")

    @takes(reason=is_text)
    def action_refuse(self, reason=""):
        """Send an exclusive transfer back. For who it waits for.

        :raises UserError: when it was settled meanwhile
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.transfer - agents do not read every queue
        transfer = self.sudo()
        if self.env.user not in transfer._receivers():
            raise AccessError(self.env._("It was not transferred to you."))
        if transfer.kind != "exclusive":
            raise UserError(
                self.env._("Only an exclusive transfer can be sent back to the sender.")
            )
        self._take_turn()
        conversation = transfer.conversation_id
        # Before it is cut: half a number is not recognised.
        reason = conversation._mask((reason or "").strip())[:200]
        conversation._give_back(transfer, "refused", reason)

    def _take_turn(self):
        """Wait for whoever changes the conversation; refuse when it is too late."""
        # sudo: whatsapp_omni.conversation - whose transfer it is was checked
        self.sudo().conversation_id._take_turn()
        self.invalidate_recordset()
        if self.sudo().state != "pending":
            raise UserError(self._explain_settled())

    def _explain_settled(self):
        # sudo: whatsapp_omni.transfer - who made it or got it may know its end
        transfer = self.sudo()
        who = transfer.settled_by_id.name or self.env._("Nobody")
        if transfer.state == "accepted":
            return self.env._("%(agent)s has taken it already.", agent=who)
        if transfer.state == "withdrawn":
            return self.env._("The transfer was taken back already.")
        return self.env._("The transfer was not accepted; it has come back already.")

    # === BUSINESS METHODS === #

    def _target(self):
        """Return the agent or the queue that is to get it."""
        return self.to_user_id or self.to_queue_id

    def _receivers(self):
        """Return the users who may take it."""
        return self.to_user_id or self.to_queue_id.agent_ids

    def _is_possible(self):
        """Tell whether somebody is left who could take it."""
        return bool(
            self.to_user_id._whatsapp_omni_agents(self.company_id)
            if self.to_user_id
            else self.to_queue_id.active and self.to_queue_id.agent_ids
        )

    def _settle(self, state, reason=None):
        """Note what became of it, on a conversation that is locked."""
        by_person = state != "expired" and self.env.uid != SUPERUSER_ID
        self.write(
            {
                "state": state,
                "settled_at": fields.Datetime.now(),
                "settled_by_id": by_person and self.env.uid,
                "reason": reason,
            }
        )
        self.flush_recordset()  # the index allows the next one only then

    def _explain_return(self):
        """Return why it came back, as parts, for the transcript and the timeline."""
        name = self._target().name
        if self.state == "refused":
            name = self.settled_by_id.name or name
        return [[f"transfer_{self.state}", [name]], self.reason or ""]

    def _announce_arrival(self):
        """Tell an agent that a conversation waits for them."""
        self.to_user_id._bus_send(
            "whatsapp_omni.transferred",
            {
                "conversation_id": self.conversation_id.id,
                "name": self.conversation_id.customer_id.name,
                "by": self.sender_id.name,
                "note": self.note or "",
                "kind": self.kind,
            },
        )

    def _tell(self, users, returned_to=None):
        """Tell these users, but for who did it, what became of this transfer.

        :param returned_to: the agent who has the conversation again
        """
        conversation = self.conversation_id
        for user in users - self.env.user:
            user._bus_send(
                "whatsapp_omni.transfer_settled",
                {
                    "transfer_id": self.id,
                    "conversation_id": conversation.id,
                    "name": conversation.customer_id.name,
                    "state": self.state,
                    "target": self._target().name,
                    "by": self.settled_by_id.name,
                    "reason": self.reason or "",
                    "queue": conversation.queue_id.name,
                    "is_yours": user == returned_to,
                    "is_closed": conversation.state == "closed",
                },
            )

    @api.model
    def _cron_settle(self):
        """Give back what nobody accepted in time, or waits for who is not there.

        Screens, people and queues usually tell at once; this misses nothing.
        """
        with background.background_env(self.env.registry) as env:
            env[self._name]._settle_pending(env.cr.commit)

    @api.model
    def _settle_pending(self, commit):
        """Settle what is due; one that cannot be keeps no other from it."""
        for transfer in self.search([("state", "=", "pending")]):
            background.quietly(transfer._settle_due)
            commit()

    def _settle_due(self):
        """Give this one back if its time is over, or nobody is there to take it."""
        with self.env.cr.savepoint():
            self.conversation_id._lock()
            self.invalidate_recordset()
            self.conversation_id._settle_overdue()
            self._give_back_impossible()

    def _give_back_impossible(self):
        """Give back those of these transfers that nobody could take any more."""
        for transfer in self:
            transfer.conversation_id._lock()
            transfer.invalidate_recordset()
            if transfer.state == "pending" and not transfer._is_possible():
                name = transfer._target().name
                transfer.conversation_id._give_back(
                    transfer, "expired", self.env._("%s is not there any more", name)
                )

    @api.model
    def _pending_for(self, field_name, records):
        # sudo: whatsapp_omni.transfer - nobody's departure may lose a conversation
        return self.sudo().search(
            Domain("state", "=", "pending") & Domain(field_name, "in", records.ids)
        )
