# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools import plaintext2html

from ..gupshup import markup, values
from .conversation import PREVIEW_LENGTH


class WhatsAppMessage(models.Model):
    """What a customer's message looks like in Odoo: as a bubble and as one line."""

    _inherit = "whatsapp_omni.message"

    kind_name = fields.Char("Kind", compute="_compute_kind_name")

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_name(self):
        for message in self:
            message.kind_name = message._kind_label(message.kind)

    def _format_body(self, value):
        """Return the HTML of a customer's message."""
        content = value.content
        match content:
            case values.Text():
                return Markup(markup.marks_to_html(content.body))
            case values.Media():
                return Markup(markup.marks_to_html(content.caption))
            case values.Location():
                return self._format_location(content)
            case values.ContactCards():
                return Markup("<br/>").join(map(self._format_card, content.cards))
            case values.Answer():
                return self._format_answer(content)
            case values.FlowAnswer():
                return plaintext2html(self._format_flow_answer(content))
            case values.Order():
                return plaintext2html(self._format_order(content))
        return Markup("<em>%s</em>") % self._format_preview(value)

    def _format_location(self, place):
        here = f"{place.latitude}/{place.longitude}"
        link = (
            f"https://www.openstreetmap.org/?mlat={place.latitude}"
            f"&mlon={place.longitude}#map=17/{here}"
        )
        label = place.name or f"{place.latitude:.5f}, {place.longitude:.5f}"
        body = Markup(
            '📍 <a href="%s" target="_blank" rel="noreferrer noopener">%s</a>'
        ) % (
            link,
            label,
        )
        return body + Markup("<br/>") + escape(place.address) if place.address else body

    def _format_card(self, card):
        details = [phone.phone for phone in card.phones] + list(card.emails)
        lines = [Markup("👤 <b>%s</b>") % (card.name or self.env._("Contact"))]
        lines += [escape(detail) for detail in [card.company, *details] if detail]
        return Markup("<br/>").join(lines)

    def _format_answer(self, answer):
        body = Markup("<b>%s</b>") % answer.title
        if answer.description:
            body += Markup("<br/>") + escape(answer.description)
        return body

    def _format_flow_answer(self, answer):
        fields_of_form = [f"{name}: {value}" for name, value in answer.response.items()]
        return "\n".join([answer.name or self.env._("Form"), *fields_of_form])

    def _format_order(self, order):
        lines = [
            " ".join(
                [
                    f"{item.quantity or 1:g} ×",
                    item.product_id,
                    str(item.price or ""),
                    item.currency,
                ]
            ).strip()
            for item in order.items
        ]
        return "\n".join([self.env._("Order"), *lines, order.text]).strip()

    def _format_preview(self, value):
        """Return one line of plain text that stands for a message."""
        if text := self._words_of(value):
            return self._one_line(text)
        if isinstance(value.content, values.Unsupported):
            return self.env._(
                "The customer sent something that WhatsApp does not pass on (%s).",
                value.content.type_name or value.content.reason_code or "?",
            )
        return self._kind_label(value.kind)

    @api.model
    def _words_of(self, value):
        """Return what a customer's message says, empty where it is no words."""
        match value.content:
            case values.Text(body=text) | values.Media(caption=text):
                return text
            case values.Location(name=text) | values.Answer(title=text):
                return text
            case values.ContactCards(cards=cards):
                return ", ".join(card.name for card in cards)
        return ""

    def _one_line(self, text):
        """Return the beginning of a text without WhatsApp's marks, on one line.

        What is longer than ``PREVIEW_LENGTH`` ends with an ellipsis.
        """
        if any(mark in text for mark in "*_~`"):
            html = markup.marks_to_html(text).replace("<br", " <br")
            text = Markup(html).striptags()
        line = " ".join(text.split())
        if len(line) > PREVIEW_LENGTH:
            line = line[: PREVIEW_LENGTH - 1].rstrip() + "…"
        return line

    def _kind_label(self, kind):
        return {
            "text": self.env._("Text"),
            "image": self.env._("Photo"),
            "video": self.env._("Video"),
            "audio": self.env._("Voice message"),
            "sticker": self.env._("Sticker"),
            "document": self.env._("Document"),
            "contact": self.env._("Contact"),
            "location": self.env._("Location"),
            "quick_reply": self.env._("Buttons"),
            "list": self.env._("List"),
            "template": self.env._("Approved template"),
            "answer": self.env._("Answer"),
            "order": self.env._("Order"),
            "flow_answer": self.env._("Form"),
            "reaction": self.env._("Reaction"),
            "unsupported": self.env._("Unsupported"),
        }.get(kind, kind)
