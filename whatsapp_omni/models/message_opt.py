# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import api, fields, models

from ..gupshup import values
from ..tools import journal

_logger = logging.getLogger(__name__)


class WhatsAppMessage(models.Model):
    """What messages tell of their customer's consent to marketing."""

    _inherit = "whatsapp_omni.message"

    @api.model
    def _heed_opt_words(self, line, delivered):
        """Note in which messages customers stopped or allowed marketing; confirm it.

        Costs nothing where none of them is such a word.

        :param delivered: pairs of a value and its conversation
        """
        for value, conversation in delivered:
            text = self._word_of(value.content)
            word = line._find_opt_word(text)
            if not word:
                continue
            changed = conversation.customer_id._note_choice(
                word.stops, "word", journal.naive_utc(value.time), text
            )
            if changed and conversation.window_open:
                self._confirm_opt_word(line, conversation, word)

    @api.model
    def _confirm_opt_word(self, line, conversation, word):
        """Answer a word; a text that cannot be sent must not hold up the message."""
        try:
            with self.env.cr.savepoint():
                content = line._opt_confirmation(conversation, word)
                self._queue_contents(conversation, [content])
        except Exception:
            _logger.exception("Consent of %s is not confirmed", conversation)

    @staticmethod
    def _word_of(content):
        """Return what may be a word: a text, or the title of a button."""
        if isinstance(content, values.Text):
            return content.body
        return content.title if isinstance(content, values.Answer) else ""

    def _note_opt_out(self):
        """Believe the provider: this failed because the customer stopped marketing."""
        self.customer_id._note_choice(
            True,
            "error",
            self.requested_at or fields.Datetime.now(),
            text=f"{self.error_code}: {self.error_reason or ''}".rstrip(": "),
        )
