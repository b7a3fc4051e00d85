# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from .conversation_expiry import SWEEP

#: How much later it is looked again when something is under way in this moment.
POSTPONED = timedelta(minutes=1)

_SILENT = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE state = 'attended' AND inactivity_due_at <= %(now)s
       AND id != ALL(%(without)s)
     ORDER BY inactivity_due_at, id LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
"""

_NEXT_SILENT = """
    SELECT min(inactivity_due_at) FROM whatsapp_omni_conversation
     WHERE state = 'attended' AND inactivity_due_at > %s
"""


class WhatsAppConversation(models.Model):
    """What happens when a customer does not answer, where the queue wants it.

    The clock starts when an answer of ours leaves, and stops when the customer writes.
    """

    _inherit = "whatsapp_omni.conversation"

    inactivity_due_at = fields.Datetime(
        "Inactive on",
        readonly=True,
        help="When the customer is warned, or the conversation closed, for not being "
        "answered.",
    )
    inactivity_warned = fields.Boolean("Warned of Closing", readonly=True)

    _inactivity_due_idx = models.Index(
        "(inactivity_due_at, id) WHERE inactivity_due_at IS NOT NULL"
    )

    # === THE CLOCK === #

    def _begin_silence(self, message, unanswered):
        """Return as values that the customer's answer to ``message`` is waited for.

        :param unanswered: what the customer wrote in the meantime
        """
        # A template that restarts a conversation may well be answered tomorrow.
        if unanswered or message.kind == "template":
            return self._end_silence()
        minutes = self.sudo().queue_id._inactivity()
        wait = minutes.warn or minutes.close
        if not wait:
            return self._end_silence()
        due = fields.Datetime.now() + timedelta(minutes=wait)
        self._wake_for_silence(due)
        return {"inactivity_due_at": due, "inactivity_warned": False}

    def _end_silence(self):
        """Return as values that nothing is waited for."""
        return {"inactivity_due_at": False, "inactivity_warned": False}

    @api.model
    def _wake_for_silence(self, due):
        if due < fields.Datetime.now() + SWEEP:
            self.env.ref("whatsapp_omni.ir_cron_inactivity")._trigger(
                at=due + timedelta(seconds=1)
            )

    # === WHEN IT IS DUE === #

    @api.model
    def _cron_inactivity(self):
        """Warn customers who do not answer; close what stays unanswered."""
        self._work_through(
            "whatsapp_omni.ir_cron_inactivity",
            lambda Conversation, troubled: Conversation._inactivity_round(troubled),
            _NEXT_SILENT,
        )

    @api.model
    def _inactivity_round(self, troubled=None):
        """Deal with some customers who do not answer; return how many."""
        return self._work_round(_SILENT, lambda c: c._end_of_patience(), troubled)

    def _end_of_patience(self):
        """Warn the customer, or close this conversation. It is locked."""
        minutes = self.sudo().queue_id._inactivity()
        if self._is_anything_under_way():
            self.inactivity_due_at = fields.Datetime.now() + POSTPONED
        elif self.failed_count:  # they cannot answer what they did not get
            self.write(self._end_silence())
        elif minutes.warn and not self.inactivity_warned:
            self._warn_of_closing(minutes)
        elif minutes.close:
            self._close_inactive()
        else:
            self.write(self._end_silence())

    def _is_anything_under_way(self):
        """Tell whether the customer has written, or we have, in this very moment."""
        customer = self.sudo().customer_id
        keys = [f"phone:{customer.wa_id}", f"user:{customer.business_user_id}"]
        Event, Message = (
            self.env["whatsapp_omni.event"],
            self.env["whatsapp_omni.message"],
        )
        return bool(
            Event.search_count(
                Domain("state", "=", "pending")
                & Domain("kind", "=", "message")
                & Domain("line_id", "=", self.line_id.id)
                & Domain("customer_key", "in", keys),
                limit=1,
            )
            or Message.search_count(
                Domain("channel_id", "=", self.channel_id.id)
                & Domain("state", "in", ("queued", "sending"))
                & Domain("kind", "!=", "reaction"),
                limit=1,
            )
        )

    def _warn_of_closing(self, minutes):
        """Tell the customer, while that is possible, and give them some more time."""
        template = self.sudo().queue_id.inactivity_template_id
        if self.window_open and template:
            self.env["whatsapp_omni.message"]._queue_if_possible(
                self, partial(template._content, self)
            )
        due = fields.Datetime.now() + timedelta(minutes=minutes.close)
        self.write(
            {
                "inactivity_warned": True,
                "inactivity_due_at": minutes.close and due,
            }
        )
        if minutes.close:
            self._wake_for_silence(due)

    def _close_inactive(self):
        owner, name = self.user_id, self.sudo().customer_id.name
        self._close(reason="inactivity")
        translated = self.with_context(lang=owner.lang).env
        owner._bus_send(
            "simple_notification",
            {
                "type": "info",
                "title": translated._("Conversation closed"),
                "message": translated._("%s has not answered for a long time.", name),
            },
        )

    def _close(self, reason="agent", disposition=None, note=""):
        """Override: nothing is waited for any more."""
        self.sudo().write(self._end_silence())
        return super()._close(reason, disposition, note)
