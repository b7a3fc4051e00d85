# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .queue_closing import LONGEST_WRAP_UP


class WhatsAppConversation(models.Model):
    """Time after closing to write up what was said, before the next one rings."""

    _inherit = "whatsapp_omni.conversation"

    def _close(self, reason="agent", *args, **kwargs):
        """Override: give the agent who closes their own conversation that time."""
        owner = self.user_id
        result = super()._close(reason, *args, **kwargs)
        if reason == "agent" and owner == self.env.user:
            self._begin_wrap_up()
        return result

    def get_closing(self):
        """Add the seconds of wrap-up that follow, 0 for none."""
        return {**super().get_closing(), "wrap_up_seconds": self._wrap_up_seconds()}

    def _wrap_up_seconds(self):
        # sudo: whatsapp_omni.queue - an agent of another queue may have had it
        queue = self.sudo().queue_id
        has_time = queue and queue.wrap_up != "none"
        return queue.wrap_up_seconds if has_time else 0

    def _begin_wrap_up(self):
        seconds = self._wrap_up_seconds()
        if not seconds:
            return
        # sudo: whatsapp_omni.agent - agents change their state by methods only
        agent = self.env["whatsapp_omni.agent"].sudo()._of(self.env.user)
        agent._set_wrap_up(fields.Datetime.now() + timedelta(seconds=seconds), self)

    def _is_wrapped_up_by(self, user):
        """Tell whether this is the conversation that ``user`` is writing up now."""
        if self.closed_at < fields.Datetime.now() - LONGEST_WRAP_UP:
            return False
        # sudo: whatsapp_omni.agent - asked for one's own
        agent = (
            self.env["whatsapp_omni.agent"].sudo().search([("user_id", "=", user.id)])
        )
        return agent._is_in_wrap_up() and agent.wrap_up_conversation_id == self


class WhatsAppAgent(models.Model):
    _inherit = "whatsapp_omni.agent"

    @api.model
    def _of(self, user):
        """Return the row of ``user``, a new one for who had none yet."""
        return self.search([("user_id", "=", user.id)]) or self.create(
            {"user_id": user.id}
        )

    def _is_in_wrap_up(self):
        return bool(self.wrap_up_until and self.wrap_up_until > fields.Datetime.now())

    @api.model
    def end_wrap_up(self):
        """Be ready for the next conversation before the time is over.

        :return: see :meth:`get_mine`
        :raises UserError: where the queue wants the time to be taken
        """
        # sudo: whatsapp_omni.agent - agents change their state by methods only
        agent = self.sudo()._of(self.env.user)
        queue = agent.wrap_up_conversation_id.queue_id
        if agent._is_in_wrap_up() and queue.wrap_up == "mandatory":
            raise UserError(
                self.env._(
                    "The queue “%(queue)s” wants you to take this time. The next "
                    "conversation comes when it is over.",
                    queue=queue.name,
                )
            )
        agent._set_wrap_up(False, agent.wrap_up_conversation_id.browse())
        return self.get_mine()

    def _set_wrap_up(self, until, conversation):
        self.write({"wrap_up_until": until, "wrap_up_conversation_id": conversation.id})
