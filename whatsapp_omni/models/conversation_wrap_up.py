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
        agent = self.env["whatsapp_omni.agent"]._of(self.env.user)
        agent._set_wrap_up(fields.Datetime.now() + timedelta(seconds=seconds), self)

    def _is_being_wrapped_up(self):
        """Tell whether this is the conversation that the user is writing up now."""
        if self.closed_at < fields.Datetime.now() - LONGEST_WRAP_UP:
            return False
        agent = self.env["whatsapp_omni.agent"]._of(self.env.user)
        return agent._is_in_wrap_up() and agent.wrap_up_conversation_id == self


class WhatsAppAgent(models.Model):
    _inherit = "whatsapp_omni.agent"

    def _is_in_wrap_up(self):
        return bool(self.wrap_up_until and self.wrap_up_until > fields.Datetime.now())

    def _wrap_up_seconds_left(self):
        """Return what is left by the server's clock, which a page's may not follow."""
        if not self._is_in_wrap_up():
            return 0
        return (self.wrap_up_until - fields.Datetime.now()).total_seconds()

    def _may_end_wrap_up(self):
        """Tell whether the agent may be offered something before the time is over."""
        queue = self.wrap_up_conversation_id.queue_id
        return not self._is_in_wrap_up() or queue.wrap_up != "mandatory"

    def _describe(self, user):
        """Override: add ``can_end_wrap_up`` and ``wrap_up_seconds``, what is left."""
        return {
            **super()._describe(user),
            "wrap_up_seconds": self._wrap_up_seconds_left(),
            # sudo: whatsapp_omni.queue - an agent of another queue may have had it
            "can_end_wrap_up": self.sudo()._may_end_wrap_up(),
        }

    @api.model
    def end_wrap_up(self):
        """Be ready for the next conversation before the time is over.

        :return: see :meth:`get_mine`
        :raises UserError: where the queue wants the time to be taken
        """
        self._check_is_agent()
        agent = self._of(self.env.user)
        if not agent._may_end_wrap_up():
            raise UserError(
                self.env._(
                    "The queue “%(queue)s” wants you to take this time. The next "
                    "conversation comes when it is over.",
                    queue=agent.wrap_up_conversation_id.queue_id.name,
                )
            )
        agent._set_wrap_up(False)
        self.env["whatsapp_omni.conversation"]._ask_distribution()
        return self.get_mine()

    def _set_wrap_up(self, until, conversation=None):
        self.write(
            {
                "wrap_up_until": until,
                "wrap_up_conversation_id": conversation and conversation.id,
            }
        )
        if until:
            self.env["whatsapp_omni.conversation"]._wake_distribution(until)
        self._tell()
