# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import journal

WINDOW_LENGTH = timedelta(hours=24)

#: The window is closed this much early: a version 2 callback does not tell when the
#: customer wrote, only when GupShup passed it on.
WINDOW_MARGIN = timedelta(minutes=5)


class WhatsAppConversation(models.Model):
    """The window: how long free text may be sent to a customer.

    It is the maximum over all that the customer wrote, so that no order, repetition or
    delay of callbacks changes it. What we send, and what receipts tell of prices and
    conversations at Meta, has no part in it. Only the provider's word that it refused
    free text closes it earlier.
    """

    _inherit = "whatsapp_omni.conversation"

    window_end = fields.Datetime(
        "Window until",
        readonly=True,
        help="Until then anything may be written; afterwards approved templates only.",
    )
    window_open = fields.Boolean(
        compute="_compute_window_open", search="_search_window_open"
    )
    window_expired = fields.Boolean(
        readonly=True,
        help="The window has closed, and those who are concerned were told.",
    )

    # What is due to expire, and lists ordered by the time that is left.
    _window_end_idx = models.Index("(window_end, id) WHERE state != 'closed'")

    # === COMPUTE METHODS === #

    @api.depends("window_end")
    def _compute_window_open(self):
        now = fields.Datetime.now()
        for conversation in self:
            end = conversation.window_end
            conversation.window_open = bool(end and end > now)

    def _search_window_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("window_end", ">", fields.Datetime.now())

    # === BUSINESS METHODS === #

    def _count_for_window(self, received):
        """Open or extend the window by what the customer sent.

        :param received: list of :class:`gupshup.values.Message`; those that do not open
            a window are passed over
        """
        moments = [
            journal.naive_utc(value.time) for value in received if value.opens_window
        ]
        if moments:
            self._extend_window(max(moments))

    def _extend_window(self, moment):
        """Count 24 hours from a customer's message, unless a later one was counted."""
        now = fields.Datetime.now()
        # A clock that is fast somewhere must not promise more than there is.
        end = min(moment, now) + WINDOW_LENGTH - WINDOW_MARGIN
        if self.window_end and end <= self.window_end:
            return
        self.window_end = end
        if self.window_expired and end > now:
            self.window_expired = False

    def _close_window(self, refused):
        """Believe the provider: it refused free text, so the window is closed.

        Unless the customer has written since.

        :param refused: the message of ours that did not pass
        """
        self._lock()
        now = fields.Datetime.now()
        if not self.window_end or self.window_end <= now:
            return
        newest = refused.search(
            Domain("conversation_id", "=", self.id)
            & Domain("direction", "=", "inbound"),
            order="sent_at desc, id desc",
            limit=1,
        )
        asked_at = refused.requested_at
        if newest.sent_at and asked_at and newest.sent_at >= asked_at:
            return
        self.window_end = now
        self._expire(self.env._("WhatsApp refused a message"))
