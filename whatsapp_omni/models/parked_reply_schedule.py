# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_datetime

from ..tools.arguments import is_id, is_text, takes

# An index answers it, however many replies were sent. A conversation that somebody
# else has locked is left to them; what they have dealt with meanwhile is due no more.
_DUE = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE id IN (SELECT conversation_id FROM whatsapp_omni_parked_reply
                   WHERE state = 'waiting' AND send_at <= %(now)s)
       AND state != 'closed' AND id != ALL(%(without)s)
     ORDER BY id LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
"""

_NEXT_DUE = """
    SELECT min(send_at) FROM whatsapp_omni_parked_reply
     WHERE state = 'waiting' AND send_at > %s
"""


class WhatsAppParkedReply(models.Model):
    """Replies that leave at a time.

    One whose window has closed by then is not sent: it stays, and waits for the
    customer like any parked reply.
    """

    _inherit = "whatsapp_omni.parked.reply"

    send_at = fields.Datetime(
        "Leaves at",
        readonly=True,
        help="Empty: when the customer writes.",
    )
    cancel_on_answer = fields.Boolean(
        "Discard if the customer writes first", readonly=True, default=True
    )

    # However many were sent, this holds what is to leave at a time.
    _send_at_idx = models.Index(
        "(send_at) WHERE state = 'waiting' AND send_at IS NOT NULL"
    )

    def action_send_now(self):
        """Send it before its time. For the agent who attends the conversation.

        :raises UserError: why it cannot be sent now; it goes on waiting
        """
        self.ensure_one()
        self._take_turn()
        self.env["whatsapp_omni.message"]._check_sendable(
            self.conversation_id.channel_id
        )
        # sudo: whatsapp_omni.parked.reply - agents change them by methods only
        reply = self.sudo()
        reply._queue()
        reply.conversation_id._count_parked()
        reply.conversation_id._push()

    def _check_timing(self, send_at, cancel_on_answer):
        """Return when this reply leaves, as values; nothing for one without a time."""
        if not self.send_at or not send_at:
            return {}
        return {
            "send_at": self.conversation_id._check_send_at(send_at),
            "cancel_on_answer": bool(cancel_on_answer),
        }

    def _is_answer(self):
        """Tell whether this answers all that the customer wrote before it left.

        What waited for the customer was written before they did. So was one that leaves
        whatever they write, unless its agent sent it by hand.
        """
        return bool(self.send_at) and (
            self.cancel_on_answer or self.settled_at < self.send_at
        )

    def _discarded_text(self, reason):
        """Override: one that had a time says so."""
        if not self.send_at:
            return super()._discarded_text(reason)
        if not reason:
            return self.env._(
                "Scheduled reply discarded: %(text)s", text=self._one_line()
            )
        return self.env._(
            "Scheduled reply discarded. %(reason)s %(text)s",
            reason=reason,
            text=self._one_line(),
        )

    def _hold(self, reason):
        """Keep this until the customer writes, since it cannot leave at its time."""
        self.send_at = False
        conversation = self.conversation_id
        conversation._log_change("held", conversation.state, conversation.state, reason)
        _ = conversation._in_company_language().env._
        text = _(
            "Scheduled reply not sent: %(reason)s It leaves when the customer writes.",
            reason=reason,
        )
        conversation._announce(lambda _c: text)
        conversation._tell_of_reply(text)


class WhatsAppConversation(models.Model):
    """Sending what is scheduled. Any number of workers may be at it."""

    _inherit = "whatsapp_omni.conversation"

    @takes(body=is_text, attachment_ids=[is_id], quoted_id=is_id)
    def action_schedule(
        self,
        body,
        send_at,
        attachment_ids=(),
        cancel_on_answer=True,
        quoted_id=False,
    ):
        """Have a reply sent later. For the agent who attends the conversation.

        :param str send_at: when, in UTC
        :param cancel_on_answer: whether it is discarded if the customer writes first
        :param int quoted_id: the ``mail.message`` that it answers
        :raises UserError: why it cannot be sent then; nothing is scheduled
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        self._park(
            body,
            attachment_ids,
            quoted_id,
            send_at=self._check_send_at(send_at),
            cancel_on_answer=bool(cancel_on_answer),
        )

    def get_send_later(self):
        """Return what the choice of a time has to know.

        :return: ``{"timezone"}``, the customer's, False where nobody is sure of it
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - who reads it may know its customer
        clock = self.sudo().customer_id._local_time()
        return {"timezone": clock["is_sure"] and clock["zones"][0]}

    def _check_send_at(self, send_at):
        """Return the time at which a reply is to leave; its window is open then.

        :raises UserError: when it is none, or nothing could be sent at it
        """
        try:
            moment = fields.Datetime.to_datetime(send_at)
        except (TypeError, ValueError):
            moment = None
        if not moment:
            raise UserError(self.env._("Choose when it is to be sent."))
        if moment <= fields.Datetime.now():
            raise UserError(
                self.env._("This time has passed. Choose a later one, or send it now.")
            )
        if not self.window_open:
            raise UserError(
                self.env._(
                    "The 24-hour window is closed. Park the reply: it leaves when the "
                    "customer writes."
                )
            )
        if moment >= self.window_end:
            raise UserError(
                self.env._(
                    "The 24-hour window ends at %(end)s. Choose an earlier time, or "
                    "send a template then.",
                    end=format_datetime(self.env, self.window_end),
                )
            )
        # a new one is looked for at its time, not at the next sweep
        # sudo: ir.cron - agents do not see them
        self.env.ref("whatsapp_omni.ir_cron_send_scheduled").sudo()._trigger(at=moment)
        return moment

    # === AT ITS TIME === #

    @api.model
    def _cron_send_scheduled(self):
        """Send the replies whose time has come, and come back for the next one."""
        self._work_through(
            "whatsapp_omni.ir_cron_send_scheduled",
            lambda Conversation, troubled: Conversation._schedule_round(troubled),
            _NEXT_DUE,
        )

    @api.model
    def _schedule_round(self, troubled=None):
        """Deal with some conversations that have something due; return how many."""
        self.env["whatsapp_omni.parked.reply"].flush_model()
        return self._work_round(_DUE, lambda c: c._send_scheduled(), troubled)

    def _send_scheduled(self):
        """Send what is due in this locked conversation, or keep it for the customer."""
        due = self._find_due()
        if not due:
            return
        if reason := self._explain_held():
            for reply in due:
                reply._hold(reason)
        else:
            due._deliver()
        self._count_parked()
        self._push()

    def _find_due(self):
        now = fields.Datetime.now()
        return self._find_parked().filtered(
            lambda reply: reply.send_at and reply.send_at <= now
        )

    def _explain_held(self):
        """Return why nothing can be sent now, False when it can."""
        if not self.customer_id._is_reachable():
            return self.env["whatsapp_omni.message"]._explain_unreachable()
        if not self.window_open:
            return self.env._("The 24-hour window is closed.")
        return False

    # === THE CUSTOMER WRITES FIRST === #

    def _heed_answer(self):
        """Override: discard what was to leave only if the customer did not write."""
        if self.parked_count:
            self._discard_outrun()
        return super()._heed_answer()

    def _discard_outrun(self):
        scheduled = self._find_parked().filtered("send_at")
        outrun = scheduled.filtered("cancel_on_answer")
        if outrun:
            outrun._settle("cancelled", self.env._("The customer wrote first."))
            self._count_parked()
            self._tell_of_reply(
                self.env._(
                    "What was scheduled was discarded: the customer wrote first."
                )
            )
            self._push()
        if self._find_due():
            # it was left to this message
            self.env.ref("whatsapp_omni.ir_cron_send_scheduled")._trigger()

    def _count_leaving(self):
        """Return how many replies leave because the customer has written."""
        if not self.parked_count:
            return 0
        return len(self._find_parked().filtered(lambda reply: not reply.send_at))

    def _tell_of_reply(self, text):
        """Tell the agent what became of a reply that was to leave at a time."""
        if self.user_id:
            self.user_id._bus_send(
                "whatsapp_omni.reply_news",
                {
                    "conversation_id": self.id,
                    "name": self.customer_id.name,
                    "text": text,
                },
            )
