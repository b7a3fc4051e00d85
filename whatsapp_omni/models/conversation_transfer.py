# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..tools.arguments import is_id, is_text, takes

#: Longest note to a colleague.
NOTE_LENGTH = 1000


class WhatsAppConversation(models.Model):
    """Handing a conversation over, and how it comes back when nobody takes it.

    Immediate to an agent: it rings there, and what is not accepted is for the queue.
    Exclusive to an agent: it waits for them alone. To a queue it waits in its *New*;
    an exclusive one can be sent back. Whatever else befalls the target or the
    conversation meanwhile settles the transfer, so that nothing waits for nobody.
    """

    _inherit = "whatsapp_omni.conversation"

    transfer_id = fields.Many2one(
        "whatsapp_omni.transfer",
        "Latest Transfer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The latest, if it is pending or was accepted.",
    )
    transfer_ids = fields.One2many(
        "whatsapp_omni.transfer", "conversation_id", "Transfers"
    )
    transferred_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who waits for a colleague to take it, and may take it back until then.",
    )

    # === WHO SEES IT === #

    @api.model
    def _domain_visible(self):
        """Override: who transferred it follows what becomes of it."""
        return super()._domain_visible() | Domain(
            "transferred_by_id", "=", self.env.uid
        )

    @api.model
    def _domain_readable(self):
        """Override: see above."""
        return super()._domain_readable() | Domain(
            "transferred_by_id", "=", self.env.uid
        )

    @api.model
    def _inbox_domain(self):
        """Override: see above."""
        transferred = Domain("transferred_by_id", "=", self.env.uid)
        return super()._inbox_domain() | (Domain("state", "!=", "closed") & transferred)

    def _people(self):
        """Override: see above."""
        return super()._people() | self.transferred_by_id

    def _to_store_defaults(self, target):
        """Override: from whom it comes, and whom it waits for."""
        return super()._to_store_defaults(target) + [
            Store.Attr("transfer", lambda c: c._transfer_data()),
        ]

    def _transfer_data(self):
        """Return what a card tells of the latest transfer, False without one."""
        transfer = self.transfer_id
        if not transfer:
            return False
        return {
            "id": transfer.id,
            "state": transfer.state,
            "kind": transfer.kind,
            "note": transfer.note or "",
            "sender": transfer.sender_id.name,
            "sender_id": transfer.sender_id.id,
            "target": transfer._target().name,
            "to_user_id": transfer.to_user_id.id,
        }

    # === HANDING OVER === #

    @takes(user_id=is_id, queue_id=is_id, kind=is_text, note=is_text)
    def action_transfer(self, user_id=False, queue_id=False, kind="immediate", note=""):
        """Hand this conversation over to an agent or to a queue.

        For the agent who attends it, and for supervisors: they transfer whatever is
        open, and what a menu has ended, which begins anew.

        :param kind: ``immediate`` or ``exclusive``
        :param note: for colleagues
        :return: the id of the transfer
        :raises UserError: why it cannot be transferred; nothing has changed
        """
        self.ensure_one()
        self.check_access("read")
        self._check_kind(kind)
        note = self.sudo()._mask(self._check_note(note))
        self._take_turn()
        # sudo: whatsapp_omni.conversation - people change conversations by methods only
        conversation = self.sudo()
        target = conversation._find_target(user_id, queue_id)
        if again := conversation._find_just_transferred(target, kind):
            return again.id
        conversation._check_may_transfer()
        conversation._check_free(target, kind)
        if conversation.state == "closed":
            conversation = conversation._begin_again()
        return conversation._transfer(target, kind, note).id

    @api.model
    def _check_kind(self, kind):
        if kind not in ("immediate", "exclusive"):
            raise UserError(
                self.env._("A transfer is either immediate or exclusive: choose one.")
            )

    @api.model
    def _check_note(self, note):
        note = (note or "").strip()
        if len(note) > NOTE_LENGTH:
            raise UserError(
                self.env._(
                    "The note is %(length)s characters long; %(limit)s are possible.",
                    length=len(note),
                    limit=NOTE_LENGTH,
                )
            )
        return note

    def _find_just_transferred(self, target, kind):
        """Return the very same transfer by the same user that waits: a second click."""
        return self.transfer_id.filtered(
            lambda transfer: transfer.state == "pending"
            and transfer.sender_id == self.env.user
            and transfer._target() == target
            and transfer.kind == kind
        )

    def _check_may_transfer(self):
        """Refuse who may not transfer this conversation now."""
        self._check_in_service()
        attended = self.state == "attended"
        if attended and self.user_id == self.env.user:
            return
        if self.env.user.has_group("whatsapp_omni.group_supervisor"):
            self._check_worth_transferring()
        elif self.transfer_id.state == "pending":
            raise UserError(
                self.env._(
                    "%(agent)s has transferred it to %(target)s already.",
                    agent=self.transfer_id.sender_id.name,
                    target=self.transfer_id._target().name,
                )
            )
        elif self.state == "closed":
            raise UserError(self.env._("This conversation is closed already."))
        else:
            raise AccessError(
                self.env._("Only the agent who attends it may transfer it.")
            )

    def _check_worth_transferring(self):
        """Refuse what nobody could answer, and what has a successor already."""
        if self.state == "closed" and self.close_reason not in ("menu", "window"):
            raise UserError(self.env._("This conversation is closed already."))
        if not self.window_open and not self._outlives_window():
            raise UserError(
                self.env._(
                    "The 24-hour window is closed: nobody could answer. Start a new "
                    "conversation with an approved template instead."
                )
            )

    def _check_free(self, target, kind):
        """Refuse to ring at an agent who has it already, or is not there."""
        if target == self.user_id:
            raise UserError(self.env._("%s attends it already.", target.name))
        rings = target._name == "res.users" and kind == "immediate"
        if rings and target._whatsapp_omni_work()[target]["state"] != "available":
            raise UserError(
                self.env._(
                    "%s is not available now. Choose an exclusive transfer, which "
                    "waits for them, or somebody else.",
                    target.name,
                )
            )

    def _find_target(self, user_id, queue_id):
        """Return the agent or queue that is to get it; refuse who cannot."""
        if bool(user_id) == bool(queue_id):
            raise UserError(self.env._("Choose an agent or a queue."))
        if queue_id:
            return self._find_target_queue(queue_id)
        user = self.env["res.users"].browse(user_id).exists()
        if user == self.env.user or not user._whatsapp_omni_agents(self.company_id):
            raise UserError(self.env._("Choose a colleague who is an agent here."))
        return user

    def _find_target_queue(self, queue_id):
        queue = self.env["whatsapp_omni.queue"].browse(queue_id).exists()
        if not queue.active or queue.company_id != self.company_id:
            raise UserError(self.env._("Choose a queue that is in use."))
        if not queue.agent_ids:
            raise UserError(
                self.env._(
                    "The queue “%s” has no agents: nobody would take it.", queue.name
                )
            )
        return queue

    def _transfer(self, target, kind, note):
        """Hand it over. The conversation is locked and its target checked."""
        self.ensure_one()
        former = self.transfer_id.filtered(lambda t: t.state == "pending")
        if former:
            former._settle("withdrawn", self.env._("Transferred to %s", target.name))
        to_user = target if target._name == "res.users" else self.env["res.users"]
        transfer = self.env["whatsapp_omni.transfer"].create(
            {
                "conversation_id": self.id,
                "sender_id": self.env.uid,
                "from_user_id": (self.user_id or former.from_user_id).id,
                "from_queue_id": self.queue_id.id,
                "to_user_id": to_user.id,
                "to_queue_id": not to_user and target.id,
                "kind": kind,
                "note": note,
            }
        )
        if former:
            former._tell(former.sender_id)
        text = " · ".join(filter(None, [target.name, note]))
        if to_user:
            self._transfer_to_agent(transfer, text)
        else:
            self._put_into(
                target,
                text,
                what="transferred",
                said=lambda c: c.env._("Transferred to %s", text),
                **self._entrust(transfer),
            )
        return transfer

    def _entrust(self, transfer):
        """Return what a pending transfer changes in its conversation."""
        return {
            "user_id": False,
            "offered_to_id": False,
            "offered_until": False,
            "reserved_for_id": False,
            # A conference is its agent's, and ends with them.
            "guest_ids": [fields.Command.clear()],
            "transfer_id": transfer.id,
            "transferred_by_id": transfer.sender_id.id,
            **self._end_silence(),
            **self._no_parking(),
        }

    def _transfer_to_agent(self, transfer, text):
        former = self.state
        values = {
            **self._entrust(transfer),
            **self._no_menu(),
            "queue_id": (self.queue_id or self.line_id.queue_id).id,
        }
        values["state"] = "new"
        if transfer.kind == "exclusive":
            values["reserved_for_id"] = transfer.to_user_id.id
        self._hand_over(values)
        self._log_change("transferred", former, "new", text)
        self._announce(lambda c: c.env._("Transferred to %s", text))
        if transfer.kind == "immediate":
            parts = [["transferred_by", [transfer.sender_id.name]]]
            reason = self.env["whatsapp_omni.phrase"]._say(parts)
            self._offer(transfer.to_user_id, {"reason": reason, "reason_parts": parts})
            # Its agent may have no page open that would tell the end.
            self.env.ref("whatsapp_omni.ir_cron_settle_transfers")._trigger(
                at=self.offered_until
            )
        transfer._announce_arrival()
