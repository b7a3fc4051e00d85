# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.orm.models import NO_ACCESS

from ..gupshup import limits, markup, status
from .message import CAPTION_KINDS

#: WhatsApp's marks, which a name must not hold.
_MARKS = re.compile(r"[*_~`]")


class WhatsAppMessage(models.Model):
    """The outbox: what may be sent now, and what waits to be sent.

    A message is *queued* in the transaction that posts it, so that it is sent if and
    only if it was posted. How it leaves is told in ``message_sending.py``.
    """

    _inherit = "whatsapp_omni.message"

    # What the customer gets; people read the bubble, in which sensitive data is hidden.
    text = fields.Text(
        readonly=True,
        groups=NO_ACCESS,
        help="The text or caption, with WhatsApp's marks.",
    )
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")
    quoted_id = fields.Many2one(
        "whatsapp_omni.message",
        readonly=True,
        ondelete="set null",
        help="The message that this one quotes or reacts to.",
    )
    tries = fields.Integer(readonly=True)
    next_try_at = fields.Datetime("Next try", readonly=True)
    requested_at = fields.Datetime("Last try", readonly=True)

    _requested_at_idx = models.Index("(line_id, requested_at)")
    _quoted_idx = models.Index("(quoted_id) WHERE quoted_id IS NOT NULL")
    _attachment_idx = models.Index("(attachment_id) WHERE attachment_id IS NOT NULL")

    # === WHAT MAY BE SENT === #

    @api.model
    def _check_sendable(self, channel, free_form=True):
        """Refuse what may not go to this channel's customer now.

        :param free_form: whether it is anything but an approved template
        :return: the open conversation of the current user on the channel
        :raises UserError: with the reason
        """
        # sudo: whatsapp_omni.conversation - read whatever queue it is in
        conversation = channel.sudo().whatsapp_omni_conversation_id
        if conversation.state == "closed":
            raise UserError(
                self.env._(
                    "This conversation is closed. It cannot be answered any more."
                )
            )
        if self.env.user not in conversation._participants():
            raise UserError(self.env._("Take the conversation before you answer."))
        if not conversation.customer_id._is_reachable():
            raise UserError(self._explain_unreachable())
        if free_form and not conversation.window_open:
            raise UserError(
                self.env._(
                    "The 24-hour window is closed: until the customer writes again,"
                    " WhatsApp delivers approved templates only."
                )
            )
        return conversation

    @api.model
    def _explain_unreachable(self):
        return self.env._(
            "WhatsApp no longer tells how to reach this customer. When they write"
            " again, a new conversation begins."
        )

    @api.model
    def _check_answer(self, channel, post_values):
        """Check an answer before it is posted; return its body as it will be shown.

        :param post_values: the arguments of ``message_post``
        :rtype: Markup
        """
        conversation = self._check_sendable(channel)
        self._check_quoted(post_values.get("parent_id"))
        files = post_values.get("attachment_ids") or post_values.get("attachments")
        body = post_values.get("body") or ""
        text = markup.html_to_marks(body) if isinstance(body, Markup) else body
        if not text.strip() and not files:
            raise UserError(self.env._("There is nothing to send."))
        length = len(self._sign(conversation, text))
        if length > limits.TEXT_LENGTH:
            raise UserError(
                self.env._(
                    "The text is %(length)s characters long, WhatsApp takes %(limit)s.",
                    length=length,
                    limit=limits.TEXT_LENGTH,
                )
            )
        return Markup(markup.marks_to_html(text))

    @api.model
    def _check_quoted(self, mail_id):
        """Refuse to tell the customer what was noted for colleagues.

        :raises UserError:
        """
        # sudo: mail.message - only its kind is looked at
        quoted = self.env["mail.message"].sudo().browse(mail_id or []).exists()
        if quoted and quoted._whatsapp_omni_is_note():
            raise UserError(
                self.env._("A private note cannot be quoted to the customer.")
            )

    @api.constrains("mail_message_id")
    def _check_no_note(self):
        """A note never leaves, whatever code asks for it."""
        for message in self.filtered(lambda m: m.direction == "outbound"):
            mail = message.mail_message_id
            if mail and mail._whatsapp_omni_is_note():
                raise ValidationError(
                    self.env._("A private note is never sent to the customer.")
                )

    @api.model
    def _sign(self, conversation, text):
        """Return a text as it leaves: where several write, it says who does."""
        queue = conversation.queue_id
        if not (conversation.has_guests and queue.sign_in_conference and text.strip()):
            return text
        return f"*{_MARKS.sub('', self.env.user.name).strip()}:*\n{text}"

    # === FILLING THE OUTBOX === #

    @api.model
    def _queue_answer(self, channel, mail):
        """Queue what the agent has just posted: a text, files, or both."""
        conversation = channel.sudo().whatsapp_omni_conversation_id
        # sudo: mail.message - agents may not read the field that leads to WhatsApp's
        quoted = mail.sudo().parent_id.whatsapp_omni_message_ids
        # sudo: mail.message - the customer gets what was written, without its masks
        body = mail.sudo().whatsapp_omni_plain or mail.body
        text = self._sign(conversation, markup.html_to_marks(body))
        parts = self._split_answer(text, mail.attachment_ids)
        self.create(
            [
                {
                    **self._outbound_values(conversation),
                    **part,
                    "mail_message_id": mail.id,
                    # WhatsApp shows the quotation above the first part.
                    "quoted_id": quoted[:1].id if index == 0 else False,
                }
                for index, part in enumerate(parts)
            ]
        )
        self._wake_outbox()

    def _outbound_values(self, conversation):
        return {
            "channel_id": conversation.channel_id.id,
            "conversation_id": conversation.id,
            "line_id": conversation.line_id.id,
            "customer_id": conversation.customer_id.id,
            "company_id": conversation.company_id.id,
            "direction": "outbound",
            "state": "queued",
            "rank": status.RANKS["queued"],
        }

    def _split_answer(self, text, attachments):
        """Return the WhatsApp messages that carry one answer, as values.

        A text becomes the caption of the first file that can have one.
        """
        parts = [
            {"kind": self._attachment_kind(attachment), "attachment_id": attachment.id}
            for attachment in attachments
        ]
        if not text.strip():
            return parts
        for part in parts:
            if part["kind"] in CAPTION_KINDS and len(text) <= limits.CAPTION_LENGTH:
                part["text"] = text
                return parts
        return [{"kind": "text", "text": text}, *parts]

    def _attachment_kind(self, attachment):
        """Return as what an attachment goes out.

        :raises UserError: when WhatsApp does not take it at all
        """
        try:
            kind = limits.media_kind(
                attachment.mimetype or "",
                attachment.name or "",
                attachment.file_size,
                (attachment.raw or b"")[:64],
            )
        except limits.LimitError as error:
            raise UserError(
                self.env._(
                    "%(file)s: %(reason)s",
                    file=attachment.name,
                    reason=self._explain_limit(error),
                )
            ) from error
        return "document" if kind == "file" else kind

    @api.model
    def _explain_limit(self, error):
        """Return a limit of WhatsApp in the user's language."""
        params = dict(error.params)
        if "what" in params:
            params["what"] = self._translate(params["what"])
        return self._translate(limits.LIMIT_MESSAGES[error.limit_code], **params)

    @api.model
    def _queue_reaction(self, mail, emoji):
        """Queue a reaction of ours to ``mail``; an empty ``emoji`` takes it back."""
        target = mail.whatsapp_omni_message_ids.filtered(
            lambda m: m.kind != "reaction"
        )[:1]
        if not target:
            raise UserError(
                self.env._("This line is not on WhatsApp: nobody would see it.")
            )
        conversation = self._check_sendable(target.channel_id)
        if not target._is_known_at_whatsapp():
            if not emoji:
                return  # the reaction never got there either
            raise UserError(
                self.env._(
                    "This message has not reached WhatsApp: nobody would see it."
                )
            )
        self.create(
            {
                **self._outbound_values(conversation),
                "kind": "reaction",
                "text": emoji,
                "quoted_id": target.id,
            }
        )
        self._wake_outbox()

    def _is_known_at_whatsapp(self):
        """Tell whether this message has an id, or will have one in a moment."""
        return bool(self.gs_id or self.wa_id or self.state in ("queued", "sending"))

    @api.model
    def _wake_outbox(self):
        """Have the outbox sent: right after this request's answer, else by the job."""
        if request:
            request.whatsapp_omni_outbox = True  # see ir_http.py
        else:
            self.env.ref("whatsapp_omni.ir_cron_send_outbox")._trigger()

    # === SENDING AGAIN === #

    def action_retry(self):
        """Send these messages again. For the agent who attends them."""
        self.check_access("read")
        # sudo: whatsapp_omni.message - the outbox is written by code only
        self.sudo()._retry()

    def _retry(self):
        """Queue a copy of what failed; the first keeps the receipts of its try."""
        retried = self.filtered("can_retry").sorted("id")
        for message in retried:
            conversation = self._check_sendable(
                message.channel_id, free_form=message.kind != "template"
            )
            self.create(
                {
                    **self._outbound_values(conversation),
                    "kind": message.kind,
                    "text": message.text,
                    "attachment_id": message.attachment_id.id,
                    "payload": message.payload,
                    "automatic": message.automatic,
                    "mail_message_id": message.mail_message_id.id,
                    "quoted_id": message.quoted_id.id,
                }
            )
            message.write({"superseded": True, "dirty": True})
        if retried:
            self._push_statuses(retried)
            # The job counts anew what failed.
            self._trigger_ticks()
            self._wake_outbox()
