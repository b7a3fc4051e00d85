# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError

from ..tools.arguments import is_text, takes
from .message_content import Content

#: What agents build: by kind, the function that reads what the dialog sends.
_READERS = {
    "quick_reply": lambda payload: _read_question(payload, ("title",)),
    "list": lambda payload: {
        **_read_question(payload, ("title", "description")),
        "opener": _text(payload.get("opener")),
    },
    "location": lambda payload: {
        "latitude": float(payload["latitude"]),
        "longitude": float(payload["longitude"]),
        "name": _text(payload.get("name")),
        "address": _text(payload.get("address")),
    },
    "contact": lambda payload: {
        "name": _text(payload.get("name")),
        "company": _text(payload.get("company")),
        "phones": _texts(payload.get("phones")),
        "emails": _texts(payload.get("emails")),
    },
}


class WhatsAppConversation(models.Model):
    """Messages that an agent builds for one customer."""

    _inherit = "whatsapp_omni.conversation"

    @takes(kind=is_text, text=is_text)
    def action_send_built(self, kind, payload, text=""):
        """Send a question, a place or a contact card, checked like any answer.

        :param kind: ``quick_reply`` (buttons), ``list``, ``location`` or ``contact``
        :param dict payload: as :class:`Content` takes it; options have no values, what
            comes back is the title; a card has the ``partner_id`` of whose it is
        :param text: the question
        :raises UserError: why it is not sent; nothing was
        """
        self.ensure_one()
        self.check_access("read")
        conversation = self.env["whatsapp_omni.message"]._check_sendable(
            self.channel_id
        )
        conversation._send_by_hand(self._read_built(kind, payload, text))

    def _read_built(self, kind, payload, text):
        """Return as content what a dialog sends.

        :raises UserError: when it is nothing of the kind
        """
        try:
            built = _READERS[kind](payload)
            if kind == "contact":
                partner_id = int(payload.get("partner_id") or 0)
                built["phones"] = self._real_phones(partner_id, built["phones"])
            return Content(kind, _text(text), payload=built)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                self.env._("This message is not complete. Reload the page.")
            ) from error

    def _real_phones(self, partner_id, phones):
        """Return the numbers for the customer, where the agent was shown a mask."""
        partner = self.env["res.partner"].browse(partner_id or [])
        real = {partner.whatsapp_omni_phone: partner.phone}
        return [real.get(number, number) for number in phones]

    def _send_by_hand(self, content):
        """Queue what the user sends; whether they may is for the caller to ask."""
        # sudo: whatsapp_omni.message - the outbox is filled by code only
        Message = self.env["whatsapp_omni.message"].sudo()
        conversation = self.sudo()
        # The customer reads who writes; colleagues see it on the bubble.
        signed = Message._sign(conversation, content.text)
        Message._check_content(content._replace(text=signed))
        message = Message._queue_contents(conversation, [content], author=self.env.user)
        message.text = signed
        # sudo: discuss.channel.member - what one has sent is not unread
        member = self.sudo().channel_id.self_member_id
        member._set_last_seen_message(message.mail_message_id)


def _read_question(payload, names):
    return {
        "header": _text(payload.get("header")),
        "footer": _text(payload.get("footer")),
        "options": [
            {name: _text(option.get(name)) for name in names}
            for option in payload["options"]
        ],
    }


def _text(value):
    return str(value or "").strip()


def _texts(values):
    return [text for value in values or () if (text := _text(value))]
