# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import UTC

from odoo import api, models

from ..gupshup import values
from ..tools import background, journal
from .event_applying import _APPLY_LOCK

#: Events that are dealt with in one go: people seldom change their mind.
CLAIMED = 200

_DUE = """
    SELECT id FROM whatsapp_omni_event
     WHERE state = 'pending' AND kind = 'preference'
       AND (next_try_at IS NULL OR next_try_at <= now() AT TIME ZONE 'UTC')
"""

_CLAIM = f"{_DUE} ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
_ANY_DUE = f"{_DUE} LIMIT 1"


class WhatsAppEvent(models.Model):
    """What customers chose about marketing in WhatsApp itself.

    In whatever order it comes, the latest choice counts: each is compared by its own
    time with what is known of the customer.
    """

    _inherit = "whatsapp_omni.event"

    @staticmethod
    def _apply_preferences_now(registry):
        with background.background_env(registry) as env:
            env["whatsapp_omni.event"]._apply_preferences()
            env.cr.commit()

    @api.model
    def _apply_preferences(self):
        """Apply what is pending, each event once; a broken one harms no other."""
        self.flush_model()
        self.env.cr.execute(_ANY_DUE)
        if not self.env.cr.rowcount:
            return
        # Who applies messages may be creating the same customers in this moment.
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (_APPLY_LOCK,))
        self.env.cr.execute(_CLAIM, (CLAIMED,))
        for event in self.browse(row[0] for row in self.env.cr.fetchall()):
            try:
                with self.env.cr.savepoint():
                    event._apply_preference()
            except Exception as error:
                event._retry_or_set_aside(error)

    def _apply_preference(self):
        value = self._parse()
        if not isinstance(value, values.PreferenceUpdate):
            self._finish("ignored", self.env._("It holds no choice any more."))
        elif not self.line_id._is_app(value.app):
            self._finish("failed", self.env._("It names another app than the line."))
        else:
            known = [choice for choice in value.preferences if _is_understood(choice)]
            for choice in known:
                self._heed_preference(choice, choice.time or value.event_time)
            self._finish(
                "applied" if known else "ignored",
                None if known else self.env._("No choice about marketing."),
            )

    def _heed_preference(self, choice, moment):
        """Note a choice, of a stranger as well: they must not be written to."""
        sender = values.Sender(phone=choice.phone, user_id=choice.user_id)
        Customer = self.env["whatsapp_omni.customer"]
        company = self.line_id.company_id
        customer = Customer._find_or_create(company, [sender])[sender]
        customer._note_choice(
            choice.value == "stop",
            "provider",
            journal.naive_utc(moment or self.received_at.replace(tzinfo=UTC)),
            text=choice.detail,
        )


def _is_understood(choice):
    """Tell whether a choice is about marketing, of somebody who is named."""
    return (
        choice.category in ("", "marketing_messages")
        and choice.value in ("stop", "resume")
        and (choice.phone or choice.user_id)
    )
