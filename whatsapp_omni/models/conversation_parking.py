# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .conversation_expiry import SWEEP

_RETURNING = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE state = 'attended' AND parked_until <= %(now)s
       AND id != ALL(%(without)s)
     ORDER BY parked_until, id LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
"""

_NEXT_RETURN = """
    SELECT min(parked_until) FROM whatsapp_omni_conversation
     WHERE state = 'attended' AND parked_until > %s
"""


class WhatsAppConversation(models.Model):
    """Conversations that their agents have put aside.

    A parked one takes no place of its agent. It comes back by itself: at its time, or
    when the customer writes.
    """

    _inherit = "whatsapp_omni.conversation"

    parked_at = fields.Datetime(
        "Parked", readonly=True, help="Since when it takes no place of its agent."
    )
    parked_until = fields.Datetime(
        readonly=True, help="Then it comes back. Empty: when the customer writes."
    )

    _parked_until_idx = models.Index(
        "(parked_until, id) WHERE parked_until IS NOT NULL"
    )

    # === BY HAND === #

    def action_put_aside(self, until=False):
        """Park this conversation until a time, or until its customer writes.

        :param str until: date and time in UTC as the server notes it; empty: no time
        :raises UserError: when it is not attended by the user, or the time is over
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        if self.state != "attended" or self.user_id != self.env.user:
            raise UserError(self.env._("Only the agent who attends it may park it."))
        until = self._read_until(until)
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        conversation = self.sudo()
        conversation.write(
            {
                "parked_at": fields.Datetime.now(),
                "parked_until": until,
                **self._end_silence(),
            }
        )
        conversation._log_change("aside", "attended", "attended")
        if until and until < fields.Datetime.now() + SWEEP:
            self._wake_for_return(until)
        conversation._push()

    def _read_until(self, until):
        try:
            until = fields.Datetime.to_datetime(until or False)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("This is no date and time.")) from error
        if until and until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time that is still to come."))
        return until

    def action_resume(self):
        """Take this conversation up again before its time."""
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only the agent who attends it may do this."))
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        self.sudo()._come_back_from_parking()

    # === BY ITSELF === #

    def _come_back_from_parking(self, reason=None):
        """End the parking of this conversation, which is locked, if it is parked."""
        if not self.parked_at:
            return False
        self.write(self._no_parking())
        self._log_change("resumed", self.state, self.state, reason)
        self._push()
        return True

    @api.model
    def _no_parking(self):
        return {"parked_at": False, "parked_until": False}

    def _close(self, reason="agent", disposition=None, note=""):
        """Override: what is closed is not parked any more."""
        if self.parked_at:
            self.sudo().write(self._no_parking())
        return super()._close(reason, disposition, note)

    @api.model
    def _wake_for_return(self, until):
        self.env.ref("whatsapp_omni.ir_cron_resume_parked").sudo()._trigger(
            at=until + timedelta(seconds=1)
        )

    @api.model
    def _cron_resume_parked(self):
        """Bring back the parked conversations whose time has come."""
        self._work_through(
            "whatsapp_omni.ir_cron_resume_parked",
            lambda Conversation, troubled: Conversation._resume_round(troubled),
            _NEXT_RETURN,
        )

    @api.model
    def _resume_round(self, troubled=None):
        """Bring some back; return how many."""
        return self._work_round(_RETURNING, lambda c: c._return_in_time(), troubled)

    def _return_in_time(self):
        """Bring this conversation, which is locked, back to its agent, who is told."""
        if self._come_back_from_parking():
            self._tell_returned()

    def _tell_returned(self):
        owner = self.user_id
        env = self.with_context(lang=owner.lang).env
        owner._bus_send(
            "whatsapp_omni.resumed",
            {
                "conversation_id": self.id,
                "message": env._("%s is back from parking.", self.customer_id.name),
            },
        )
