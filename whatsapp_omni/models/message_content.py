# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..gupshup import limits, markup, outgoing, values
from .message import CAPTION_KINDS, FILE_KINDS

_logger = logging.getLogger(__name__)

#: What the protocol calls a file above a question.
_HEADER_FILE_KINDS = {"image": "image", "video": "video", "document": "file"}

#: Stands for a public address while the limits are checked.
_ANY_URL = "https://example.com/file"


class Content(NamedTuple):
    """What one WhatsApp message of ours says, before it is anybody's.

    :param str kind: ``text``, a kind of file, ``location``, ``contact``,
        ``quick_reply`` (buttons), ``list``, or ``template``
    :param str text: text, caption or question, with WhatsApp's marks
    :param int attachment_id: the file, for a question the one above it
    :param dict payload: plain JSON, what the kind needs beside:

        - location: ``{"latitude", "longitude", "name", "address"}``
        - contact: ``{"name", "company", "phones": [str], "emails": [str]}``
        - quick_reply: ``{"header", "footer", "options": [{"title", "value"}]}``
        - list: ``{"header", "footer", "opener", "options": [{"title", "value",
          "description"}]}``
        - template: ``{"id", "params": [str], "postbacks": [str], "location": {…},
          "media": {"kind", "url"}}`` as the provider takes them, and ``"header"``,
          ``"footer"``, ``"options"`` as it will look; ``text`` is the filled-in body,
          the file goes above it, or the sample that ``"media"`` names, of which
          ``"sample_id"`` is our copy

        ``"ref"`` of a question comes back with its answer.
    :param int message_template_id: the message template that says it, if one does
    """

    kind: str
    text: str = ""
    attachment_id: int | bool = False
    payload: dict[str, Any] | None = None
    message_template_id: int | bool = False


class WhatsAppMessage(models.Model):
    """What our messages may say beyond an agent's texts and files, and their look.

    Whoever has something to say to a customer (routing, templates, menus) builds
    :class:`Content` and queues it here.
    """

    _inherit = "whatsapp_omni.message"

    payload = fields.Json(
        readonly=True,
        groups=NO_ACCESS,
        help="Buttons, place, card … as plain data.",
    )
    automatic = fields.Boolean(readonly=True, help="No person wrote it.")
    message_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        readonly=True,
        ondelete="set null",
        help="The message template that it was made from.",
    )

    # How often a template was used lately, however much was sent.
    _message_template_idx = models.Index(
        "(message_template_id, create_date) WHERE message_template_id IS NOT NULL"
    )

    @api.model
    def _queue_contents(self, conversation, contents, author=None, quoted=None):
        """Put messages into the transcript and the outbox; return those of the outbox.

        Whether free text may be sent now is for the caller to ask, and asked again when
        it leaves.

        :param contents: list of :class:`Content`, in their order
        :param author: the user who sends them; without one they are automatic
        :param quoted: the ``mail.message`` that the first of them answers
        :raises UserError: when WhatsApp would refuse one of them
        """
        quoted = quoted or self.env["mail.message"]
        for content in contents:
            self._check_content(content)
        automatic = not author
        sender = conversation.company_id if automatic else author
        mails = self._create_mails(
            [
                {
                    "author_id": sender.partner_id.id,
                    "body": self._format_content(content),
                    "attachment_ids": self._shown_files(content),
                    "message_type": "auto_comment" if automatic else "comment",
                    "parent_id": quoted.id if index == 0 else False,
                    "res_id": conversation.channel_id.id,
                }
                for index, content in enumerate(contents)
            ]
        )
        messages = self.create(
            [
                {
                    **self._outbound_values(conversation),
                    **content._asdict(),
                    "automatic": automatic,
                    "mail_message_id": mail.id,
                    "quoted_id": mail.parent_id.whatsapp_omni_message_ids[:1].id,
                }
                for content, mail in zip(contents, mails, strict=True)
            ]
        )
        for content, mail in zip(contents, mails, strict=True):
            if self._shown_files(content):
                mail._whatsapp_omni_note_hidden_names()
            conversation.channel_id._whatsapp_omni_show(mail)
        self._wake_outbox()
        return messages

    @api.model
    def _queue_if_possible(self, conversation, make_content):
        """Queue an automatic message that must not hold up what it goes with.

        :param make_content: returns the :class:`Content`
        """
        try:
            with self.env.cr.savepoint():
                self._queue_contents(conversation, [make_content()])
        except Exception:
            _logger.exception("An automatic message in %s is not sent", conversation)

    # === WHAT WHATSAPP TAKES === #

    @api.model
    def _check_content(self, content):
        """Refuse what is beyond WhatsApp's limits, with the reason.

        :raises UserError:
        """
        if content.kind in FILE_KINDS and not content.attachment_id:
            raise UserError(self.env._("The file is missing."))
        attachment = self.env["ir.attachment"].browse(content.attachment_id or [])
        if attachment and self._attachment_kind(attachment) not in (
            content.kind,
            *(
                _HEADER_FILE_KINDS
                if content.kind in ("quick_reply", "template")
                else ()
            ),
        ):
            raise UserError(self.env._("%s is no file of this kind.", attachment.name))
        try:
            self._content_request(content, _ANY_URL, attachment.name)
        except limits.LimitError as error:
            raise UserError(self._explain_limit(error)) from error

    @api.model
    def _content_request(self, content, url="", filename="", reply_to=""):
        """Return GupShup's JSON for a content.

        :param url: where the provider fetches the file
        :return: the arguments after the destination of ``Client.send``, for a template
            of ``Client.send_template``
        :rtype: tuple
        :raises LimitError: when WhatsApp would refuse it
        """
        if content.kind == "template":
            return self._template_request(content, url, filename)
        return (self._free_request(content, url, filename, reply_to),)

    @api.model
    def _template_request(self, content, url, filename):
        payload = content.payload
        header = None
        if content.attachment_id:
            attachment = self.env["ir.attachment"].browse(content.attachment_id)
            header = outgoing.template_media(
                self._attachment_kind(attachment), url, filename=filename
            )
        elif payload.get("media"):
            header = outgoing.template_media(**payload["media"])
        elif payload.get("location"):
            header = outgoing.template_location(**payload["location"])
        return (
            outgoing.template(payload["id"], payload.get("params") or ()),
            header,
            outgoing.template_postbacks(payload.get("postbacks") or ()),
        )

    @api.model
    def _free_request(self, content, url, filename, reply_to):
        payload = content.payload or {}
        match content.kind:
            case "text":
                return outgoing.text(content.text, reply_to=reply_to)
            case "location":
                return outgoing.location(**payload, reply_to=reply_to)
            case "contact":
                return outgoing.contact(self._card(payload), reply_to=reply_to)
            case "quick_reply" | "list":
                return self._question_request(content, url, filename, reply_to)
        source = {"url": url, "reply_to": reply_to}
        if content.kind in CAPTION_KINDS:
            source["caption"] = content.text or ""
        if content.kind == "document":
            return outgoing.file(filename=filename, **source)
        return getattr(outgoing, content.kind)(**source)

    @api.model
    def _question_request(self, content, url, filename, reply_to):
        payload = content.payload
        common = {
            "footer": payload.get("footer") or "",
            "message_ref": payload.get("ref") or "",
            "reply_to": reply_to,
        }
        if content.kind == "quick_reply":
            buttons = [
                outgoing.ButtonOption(option["title"], option.get("value") or "")
                for option in payload["options"]
            ]
            return outgoing.quick_reply(
                content.text,
                buttons,
                header=payload.get("header") or "",
                media=content.attachment_id
                and self._header_file(content, url, filename),
                **common,
            )
        rows = [
            outgoing.ListRow(
                option["title"],
                option.get("value") or "",
                option.get("description") or "",
            )
            for option in payload["options"]
        ]
        return outgoing.list_message(
            content.text,
            payload["opener"],
            [outgoing.ListSection("", rows)],
            title=payload.get("header") or "",
            **common,
        )

    @api.model
    def _header_file(self, content, url, filename):
        attachment = self.env["ir.attachment"].browse(content.attachment_id)
        kind = _HEADER_FILE_KINDS[self._attachment_kind(attachment)]
        named = {"filename": filename} if kind == "file" else {}
        return {"type": kind, "url": url, **named}

    @api.model
    def _card(self, payload):
        return values.ContactCard(
            name=payload["name"],
            company=payload.get("company") or "",
            phones=tuple(
                values.CardPhone(phone=phone) for phone in payload.get("phones") or ()
            ),
            emails=tuple(payload.get("emails") or ()),
        )

    # === WHAT IT LOOKS LIKE === #

    @api.model
    def _format_content(self, content):
        """Return the HTML of the bubble of a content."""
        payload = content.payload or {}
        match content.kind:
            case "location":
                return self._format_location(values.Location(**payload))
            case "contact":
                return self._format_card(self._card(payload))
            case "quick_reply" | "list" | "template":
                return self._format_question(content.text, payload)
        return Markup(markup.marks_to_html(content.text or ""))

    @api.model
    def _shown_files(self, content):
        """Return the commands that put a content's file into its bubble."""
        shown = content.attachment_id or (content.payload or {}).get("sample_id")
        return [fields.Command.link(shown)] if shown else []

    def _format_question(self, text, payload):
        """Return header, question, footer and the titles of what can be tapped."""
        parts = [Markup(markup.marks_to_html(text))]
        if header := payload.get("header"):
            parts.insert(0, Markup("<b>%s</b><br/>") % header)
        if footer := payload.get("footer"):
            parts.append(Markup("<br/><small>%s</small>") % footer)
        titles = [escape(option["title"]) for option in payload.get("options") or ()]
        if titles:
            # the blanks are for quotes, which show the text without its tags
            rows = Markup(" ").join(Markup("<li>%s</li>") % title for title in titles)
            parts.append(Markup(" <ul>%s</ul>") % rows)
        return Markup().join(parts)
