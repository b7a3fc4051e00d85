# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import partial

from odoo import api, fields, models

from ..tools import journal
from .line_opt_words import text_of


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
            word = line._find_opt_word(value.content)
            if not word:
                continue
            changed = conversation.customer_id._note_choice(
                word.stops,
                "word",
                journal.naive_utc(value.time),
                text_of(value.content),
            )
            if changed and conversation.window_open:
                self._queue_if_possible(
                    conversation,
                    partial(line._opt_confirmation, conversation, word),
                )

    def _note_opt_out(self):
        """Believe the provider: this failed because the customer stopped marketing."""
        self.customer_id._note_choice(
            True,
            "error",
            self.requested_at or fields.Datetime.now(),
            text=f"{self.error_code}: {self.error_reason or ''}".rstrip(": "),
        )
