# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..tools import background
from ..tools.arguments import is_id, is_number, is_text, takes


class WhatsAppAgent(models.Model):
    """Going home: what becomes of the open conversations of an agent."""

    _inherit = "whatsapp_omni.agent"

    @api.model
    def get_open_work(self):
        """Return the open conversations of the user, to be handed over.

        :return: ``{"conversations": [{"id", "name", "company_id", "queue_id", "queue",
            "last_text", "last_message_at", "waiting_since", "window_open",
            "is_parked"}], "targets": [{"company_id", "users": [{"id", "name", "state",
            "load", "capacity", "queue_ids"}], "queues": [{"id", "name", "available",
            "waiting"}]}]}``, the same targets as of a transfer
        :rtype: dict
        """
        self._check_is_agent()
        # sudo: whatsapp_omni.conversation - the user's own, with their customers
        work = (
            self.env["whatsapp_omni.conversation"]
            .sudo()
            .search(
                Domain("user_id", "=", self.env.uid) & Domain("state", "=", "attended")
            )
        )
        to_string = fields.Datetime.to_string
        return {
            "conversations": [
                {
                    "id": conversation.id,
                    "name": conversation.customer_id.name,
                    "company_id": conversation.company_id.id,
                    "queue_id": conversation.queue_id.id,
                    "queue": conversation.queue_id.name,
                    "last_text": conversation.last_shown,
                    "last_message_at": to_string(conversation.last_message_at),
                    "waiting_since": to_string(conversation.waiting_since),
                    "window_open": conversation.window_open,
                    "is_parked": bool(conversation.parked_at),
                }
                for conversation in work
            ],
            "targets": [self._describe_targets(c) for c in work.company_id],
        }

    @api.model
    def _describe_targets(self, company):
        """Return who else of a company may have the conversations of the user."""
        # sudo: whatsapp_omni.conversation - how many wait in the queues of others
        Conversation = self.env["whatsapp_omni.conversation"].sudo()
        queues, users = Conversation._find_targets(company)
        colleagues = users - self.env.user
        work = colleagues._whatsapp_omni_work()
        # sudo: whatsapp_omni.agent - colleagues know each other's capacity
        agents = self.sudo().search([("user_id", "in", colleagues.ids)])
        agent_of = agents.grouped("user_id")
        described = []
        for user in colleagues.sorted("name"):
            agent = agent_of.get(user, self.browse())
            theirs = queues.filtered(lambda queue, user=user: user in queue.agent_ids)
            described.append(
                {
                    "id": user.id,
                    "name": user.name,
                    "capacity": agent.capacity or self._capacity_of(theirs),
                    "queue_ids": theirs.ids,
                    **work[user],
                }
            )
        return {
            "company_id": company.id,
            "users": described,
            "queues": Conversation._target_queues(queues, work),
        }

    @api.model
    @takes(
        choices=[
            {
                "conversation_id": is_number,
                "choice": is_text,
                "user_id": is_id,
                "queue_id": is_id,
            }
        ]
    )
    def hand_over(self, choices):
        """Part with open conversations of the user.

        :param list choices: ``[{"conversation_id", "choice": "keep"|"queue"|"user",
            "user_id", "queue_id" (its own one by default)}]``
        :return: ``[{"conversation_id", "error"}]``, what could not be done and why
        :rtype: list[dict]
        """
        self._check_is_agent()
        Conversation = self.env["whatsapp_omni.conversation"]
        background.read_committed_request(self.env)
        errors = []
        # In the order of ids, so that two who do this at once wait for each other once.
        for choice in sorted(choices, key=lambda choice: choice["conversation_id"]):
            if choice.get("choice") == "keep":
                continue
            conversation = Conversation.browse(choice["conversation_id"])
            try:
                with self.env.cr.savepoint():
                    conversation._part_with(choice)
            except (AccessError, UserError) as error:
                errors.append(
                    {"conversation_id": conversation.id, "error": error.args[0]}
                )
        return errors


class WhatsAppConversation(models.Model):
    _inherit = "whatsapp_omni.conversation"

    def _part_with(self, choice):
        """Do what its agent chose; see ``whatsapp_omni.agent.hand_over``."""
        self.check_access("read")
        self._lock()
        if self.user_id != self.env.user or self.state != "attended":
            raise UserError(self.env._("You do not attend this conversation any more."))
        if choice.get("choice") == "queue" and choice.get("queue_id"):
            self.sudo()._hand_to_queue(choice["queue_id"])
        elif choice.get("choice") == "queue":
            self.sudo()._return_to_queue()
        elif choice.get("choice") == "user":
            user = self.env["res.users"].browse(choice.get("user_id") or []).exists()
            self.sudo()._hand_to(user)
        else:
            raise UserError(self.env._("Keep it, return it, or choose a colleague."))

    def _return_to_queue(self, reason=None):
        """Let this locked conversation wait for the agents of its queue again.

        :param reason: a part of what timeline and transcript tell
        """
        queue = self.queue_id or self.line_id.queue_id
        parts = [queue.name, *([reason] if reason else [])]
        self._put_into(
            queue,
            parts,
            what="returned",
            said=lambda c: " · ".join(
                [
                    c.env._("Back to the queue"),
                    c.env["whatsapp_omni.phrase"]._say(parts),
                ]
            ),
            user_id=False,
            **self._end_silence(),
            **self._no_parking(),
        )

    def _hand_to_queue(self, queue_id):
        """Let this locked conversation wait for the agents of another queue.

        :raises UserError: what queue cannot have it
        """
        queue = self._find_target_queue(queue_id)
        self._put_into(
            queue,
            queue.name,
            what="handed_over",
            said=lambda c: c.env._("Handed over to %s", queue.name),
            user_id=False,
            **self._end_silence(),
            **self._no_parking(),
        )

    def _hand_to(self, user):
        """Give this locked conversation to a colleague, who is not asked.

        :raises UserError: who may not have it
        """
        # sudo: res.users - only groups and companies are looked at
        colleague = user.sudo()
        if (
            not colleague.active
            or not colleague.has_group("whatsapp_omni.group_agent")
            or self.company_id not in colleague.company_ids
        ):
            raise UserError(self.env._("Choose a colleague who is an agent."))
        self._hand_over({"user_id": user.id, "attended_at": fields.Datetime.now()})
        self._log_change("handed_over", "attended", "attended", colleague.name)
        self._announce(lambda c: c.env._("Handed over to %s", colleague.name))
        _ = colleague.with_context(lang=colleague.lang).env._
        title = _("%s handed this conversation over to you", self.env.user.name)
        self._notify_colleague(colleague, title)

    def _drop_from(self, former):
        """Take this conversation off the inbox of somebody who is not told of it."""
        if former and former not in self._people() | self.queue_id.sudo()._people():
            Store(bus_channel=former).delete(self).bus_send()
