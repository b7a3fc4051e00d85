# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.fields import Domain

from ..tools.arguments import is_number, takes

#: Records on a page.
PAGE = 10


class WhatsAppConversation(models.Model):
    """How the contact's other conversations ended."""

    _inherit = "whatsapp_omni.conversation"

    @takes(offset=is_number, limit=is_number)
    def get_records(self, offset=0, limit=PAGE):
        """Return how the contact's other conversations ended, the latest first.

        On every line, of every number of the contact, as far as the user may see them.

        :return: ``{"total", "records"}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        domain = self._domain_records()
        found = self.search(
            domain, offset=offset, limit=min(limit, 80), order="closed_at desc, id desc"
        )
        return {
            "total": self.search_count(domain),
            "records": [
                # sudo: whatsapp_omni.conversation - who reads it may know its parts
                {
                    **conversation.sudo()._describe_record(results),
                    "may_correct": conversation._may_correct(),
                }
                for conversation, results in found._results_by_conversation()
            ],
        }

    def _domain_records(self):
        return self._domain_others() & Domain("state", "=", "closed")

    def _domain_others(self):
        """Return what finds the person's other conversations: a contact's on each of
        their numbers, and those of one number where nobody knows whose it is.
        """
        customer = self.sudo().customer_id
        person = (
            Domain("partner_id", "=", customer.partner_id.id)
            if customer.partner_id
            else Domain("customer_id", "=", customer.id)
        )
        return person & Domain("id", "!=", self.id)

    def _results_by_conversation(self):
        """Return pairs of a conversation and the versions of its result."""
        # sudo: whatsapp_omni.disposition.result - of conversations that were found
        Result = self.env["whatsapp_omni.disposition.result"].sudo()
        results = Result.search([("conversation_id", "in", self.ids)])
        versions = results.grouped("conversation_id")
        return [
            (
                conversation,
                versions.get(conversation, Result).with_prefetch(results.ids),
            )
            for conversation in self
        ]

    def _describe_record(self, results):
        versions = results._describe()
        return {
            "id": self.id,
            "date": fields.Datetime.to_string(self.closed_at),
            "agent": self.user_id.name or self.closed_by_id.name,
            "number": self.customer_id.number_display,
            "queue": self.queue_id.name,
            "line": self.line_id.name,
            "result": self.disposition_id.display_name or self._result_label(),
            "is_chosen": bool(self.disposition_id),
            "note": self.disposition_note,
            "values": versions[0]["values"] if versions else [],
            "earlier": versions[1:],
        }
