# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppConversation(models.Model):
    """How a transfer ends: taken, refused, not accepted in time, taken back, closed.

    Whatever happens first settles it, on the locked conversation.
    """

    _inherit = "whatsapp_omni.conversation"

    # === TAKEN === #

    def action_accept(self):
        """Override: what rings because of a transfer has arrived."""
        result = super().action_accept()
        # sudo: whatsapp_omni.conversation - people change conversations by methods only
        self.sudo()._arrive()
        return result

    def action_capture(self):
        """Override: a transfer that waited for this agent has arrived."""
        result = super().action_capture()
        # sudo: whatsapp_omni.conversation - people change conversations by methods only
        self.sudo()._arrive()
        return result

    def _arrive(self):
        """Settle the pending transfer of a conversation that its user has taken."""
        transfer = self.transfer_id
        if transfer.state != "pending" or self.user_id != self.env.user:
            return
        transfer._settle("accepted")
        self._hand_over({"transferred_by_id": False, "reserved_for_id": False})
        transfer._tell(transfer.sender_id | transfer.from_user_id)

    # === RINGING === #

    def _rings_by_transfer(self):
        """Tell whether it rings because of a transfer, not by distribution."""
        return self.state == "offered" and self.transfer_id.state == "pending"

    def _may_ring_at(self, user):
        """Override: a transfer rings at any agent, whatever their queues."""
        if self._rings_by_transfer():
            return self.transfer_id._is_possible()
        return super()._may_ring_at(user)

    def _stop_ringing(self, outcome):
        """Override: a transfer that nobody takes is given back."""
        if not self._rings_by_transfer():
            return super()._stop_ringing(outcome)
        self._end_offer(outcome)
        state = "refused" if outcome == "declined" else "expired"
        return self._give_back(self.transfer_id, state)

    def action_offer_ended(self):
        """Override: what was not accepted in time is for the queue."""
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - people change conversations by methods only
        conversation = self.sudo()
        if not conversation._rings_by_transfer():
            return super().action_offer_ended()
        self._take_turn()
        return conversation._settle_overdue()

    def _settle_overdue(self):
        """Give back what rang for too long. It is locked; return the seconds left.

        As when a round ends it: whoever comes first, the agent has missed it.
        """
        if not self._rings_by_transfer():
            return 0
        left = (self.offered_until - fields.Datetime.now()).total_seconds()
        if left <= 0:
            agent = self.offered_to_id
            self._stop_ringing("missed")
            self.env["whatsapp_omni.agent"]._of(agent)._miss_offer()
        return max(0, left)

    # === GIVEN BACK === #

    def _give_back(self, transfer, state, reason=None):
        """Settle a transfer that nobody took: the conversation is somebody's again.

        What was exclusive or is taken back returns to who attended it. What an agent
        did not accept is for the queue. Both, as long as they are there.

        :param state: ``refused``, ``expired`` or ``withdrawn``
        """
        self.ensure_one()
        former = self.state
        transfer._settle(state, reason)
        values = {**self._entrust(transfer), "transfer_id": False}
        values["transferred_by_id"] = False
        parts = transfer._explain_return()
        agent = transfer.from_user_id
        returns = transfer.kind == "exclusive" or state == "withdrawn"
        if returns and agent._whatsapp_omni_agents(self.company_id):
            queue = transfer.from_queue_id or self.queue_id
            values.update(state="attended", user_id=agent.id, queue_id=queue.id)
            self._hand_over(values)
            self._log_change("transfer_back", former, "attended", parts)
            self._announce(lambda c: c.env["whatsapp_omni.phrase"]._say(parts))
        else:
            agent = agent.browse()
            self._put_into(
                self._queue_to_return_to(transfer),
                parts,
                what="transfer_back",
                **values,
            )
        people = transfer.sender_id | transfer.from_user_id
        transfer._tell(people, returned_to=agent)

    def _queue_to_return_to(self, transfer):
        """Return the queue where somebody will take what came back."""
        candidates = transfer.from_queue_id | self.queue_id
        usable = candidates.filtered(lambda queue: queue.active and queue.agent_ids)
        return usable[:1] or self.line_id.queue_id

    def _close(self, *args, **kwargs):
        """Override: nothing waits for anybody any more."""
        # sudo: whatsapp_omni.conversation - people change conversations by methods only
        conversation = self.sudo()
        transfer = conversation.transfer_id
        is_pending = transfer.state == "pending"
        if is_pending:
            transfer._settle("withdrawn", self.env._("The conversation was closed."))
        result = super()._close(*args, **kwargs)
        if is_pending:
            transfer._tell(transfer.sender_id | transfer.to_user_id)
            conversation.write(
                {
                    "reserved_for_id": False,
                    "offered_to_id": False,
                    "offered_until": False,
                    "transferred_by_id": False,
                }
            )
        return result

    def _outlives_window(self):
        """Override: what an agent had is kept, whoever it waits for now."""
        return (
            super()._outlives_window()
            or bool(self.attended_at)
            or self.transfer_id.state == "pending"
        )
