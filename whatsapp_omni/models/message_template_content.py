# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import partial

from odoo import api, models

from ..tools import placeholders
from .message import FILE_KINDS
from .message_content import Content
from .message_template import QUESTION_KINDS


class WhatsAppMessageTemplate(models.Model):
    """How a template becomes a message."""

    _inherit = "whatsapp_omni.message.template"

    def _content(self, conversation, user=None, lang=None):
        """Return what this template says in a conversation, filled in, ready to queue.

        It is within WhatsApp's limits: what values make too long is cut.

        :param user: who sends it; the conversation's agent by default
        :param lang: code of its language; the customer's by default
        :rtype: Content
        """
        self.ensure_one()
        template = self._for_conversation(conversation, lang)
        attachment = template._copy_file(conversation)
        content = template._build_content(
            template._filler(conversation, user), attachment.id
        )
        return content._replace(message_template_id=self.id)

    def _for_conversation(self, conversation, lang=None):
        """Return these templates in the customer's language, for code only."""
        lang = lang or self.env["whatsapp_omni.placeholder"]._lang(conversation)
        # sudo: whatsapp_omni.message.template - sent by routing, and by agents who were
        # checked before; also options and files
        return self.sudo().with_context(lang=lang)

    def _filler(self, conversation, user=None, is_preview=False):
        """Return the function that fills a text and keeps it within its limit."""
        value_of = self.env["whatsapp_omni.placeholder"]._reader(
            conversation, user, is_preview
        )
        return partial(self._fill, value_of)

    @api.model
    def _fill(self, value_of, text, limit):
        return placeholders.clip(placeholders.fill(text, value_of), limit)

    def _copy_file(self, conversation):
        """Return a copy of the file for a transcript, which outlives the template."""
        attachment = self.attachment_id
        if not attachment or not self._get_file_kind():
            return attachment.browse()
        channel = conversation.channel_id
        return attachment.copy({"res_model": channel._name, "res_id": channel.id})

    def _get_file_kind(self):
        """Return the kind of file that this template needs, False when none."""
        if self.kind in FILE_KINDS:
            return self.kind
        if self.kind == "quick_reply" and self.header_kind != "text":
            return self.header_kind
        return False

    def _build_content(self, fill, attachment_id):
        """Return the content of this template in the present language.

        :param fill: takes a text and its limit, returns the text to send
        """
        allowed = self._get_limits()
        match self.kind:
            case "location":
                return Content("location", payload=self._build_place())
            case "contact":
                return Content("contact", payload=self._build_card())
            case "audio" | "sticker":
                return Content(self.kind, "", attachment_id)
        text = fill(self.body, allowed["body"])
        payload = None
        if self.kind in QUESTION_KINDS:
            payload = self._build_question(fill, allowed)
        return Content(self.kind, text, attachment_id, payload)

    def _build_place(self):
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "name": self.place_name or "",
            "address": self.place_address or "",
        }

    def _build_card(self):
        return {
            "name": self.card_name or "",
            "company": self.card_company or "",
            "phones": [self.card_phone] if self.card_phone else [],
            "emails": [self.card_email] if self.card_email else [],
        }

    def _build_question(self, fill, allowed):
        has_text_header = self.kind == "list" or self.header_kind == "text"
        question = {
            "header": fill(self.header, allowed["header"]) if has_text_header else "",
            "footer": fill(self.footer, allowed["footer"]),
            "options": [
                option._build_option(fill, allowed) for option in self.option_ids
            ],
        }
        if self.kind == "list":
            question["opener"] = fill(self.opener, allowed["opener"])
        return question
