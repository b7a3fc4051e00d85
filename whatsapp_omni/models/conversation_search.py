# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext
from odoo.tools.sql import escape_psql

from ..tools.arguments import is_text, takes

#: Characters that a term must have: shorter ones are in every message.
LEAST = 3

FOUND = 20

#: Characters around what was found that are shown with it.
CONTEXT = 40


class WhatsAppConversation(models.Model):
    """Searching what the cards of the desk do not tell: messages, hidden numbers."""

    _inherit = "whatsapp_omni.conversation"

    @api.model
    @takes(term=is_text)
    def find_by_number(self, term):
        """Return the ids of the inbox's conversations with a customer's whole number.

        Where numbers are hidden the page has none to compare a term with; a part of a
        number finds nothing, see :meth:`_search_number_display` of the customer.
        """
        if not any(char.isdigit() for char in term or ""):
            return []
        number = Domain("customer_id.number_display", "ilike", term.strip())
        return self.search(self._inbox_domain() & number).ids

    @api.model
    @takes(term=is_text)
    def search_own_messages(self, term):
        """Return the newest messages with ``term`` in the user's own conversations.

        :return: ``[{"message_id", "conversation_id", "name", "date", "snippet"}]``
        :raises UserError: when the term is too short
        """
        term = (term or "").strip()
        if len(term) < LEAST:
            raise UserError(self.env._("Write at least %s characters.", LEAST))
        own = self._domain_participant()
        # However many they are: only the database sees them all.
        channels = self._search(own).subselect("channel_id")
        # The rights of mail.message apply: what may not be read is not found.
        mails = self.env["mail.message"].search(
            Domain("model", "=", "discuss.channel")
            & Domain("res_id", "in", channels)
            & Domain("message_type", "!=", "notification")
            & Domain("body", "ilike", escape_psql(term)),
            order="id desc",
            limit=FOUND,
        )
        theirs = self.search(own & Domain("channel_id", "in", mails.mapped("res_id")))
        by_channel = theirs.grouped(lambda conversation: conversation.channel_id.id)
        found = (
            (mail, self._of_message(by_channel[mail.res_id], mail)) for mail in mails
        )
        return [
            {
                "message_id": mail.id,
                "conversation_id": conversation.id,
                # sudo: whatsapp_omni.customer - who reads the thread knows them
                "name": conversation.sudo().customer_id.name,
                "date": fields.Datetime.to_string(mail.date),
                "snippet": self._snippet(mail, term),
            }
            for mail, conversation in found
        ]

    @api.model
    def _of_message(self, conversations, mail):
        """Return which of a channel's conversations a message belongs to."""
        # sudo: mail.message - agents may not read the field that leads to WhatsApp's
        told = mail.sudo().whatsapp_omni_message_ids.conversation_id
        if of_told := [c for c in conversations if c.id in told.ids]:
            return of_told[0]
        begun = [c for c in conversations if c.opened_at <= mail.date]
        return max(begun or conversations, key=lambda c: c.opened_at)

    @api.model
    def _snippet(self, mail, term):
        text = " ".join(html2plaintext(mail.body).split())
        at = max(text.lower().find(term.lower()), 0)
        start, end = max(at - CONTEXT, 0), at + len(term) + CONTEXT
        return (
            ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
        )
