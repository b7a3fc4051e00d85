# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.models import NO_ACCESS

from ..tools import masking
from .discuss_channel import is_whatsapp
from .mail_message import in_whatsapp_channel


class MailMessage(models.Model):
    """Sensitive data in transcripts: hidden where it is stored, not where it is shown.

    The body of a message holds the masks, hence whatever is made of it: bubbles,
    quotations, notifications, searches, exports. What was written is beside it, in a
    field that nobody reads but our own code: to send it, and to reveal it.
    """

    _inherit = "mail.message"

    whatsapp_omni_plain = fields.Html(
        "As It Was Written", groups=NO_ACCESS, prefetch=False, copy=False
    )
    whatsapp_omni_hidden = fields.Char(
        "Hidden Data", readonly=True, copy=False, help="Kinds of what the text hides."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail`: what is sensitive never gets into a transcript."""
        return super().create([self._whatsapp_omni_mask(vals) for vals in vals_list])

    def write(self, vals):
        """Override of `mail`: nor by a change: authors edit their notes, files come."""
        is_concerned = vals.keys() & {"body", "attachment_ids"}
        ours = self.filtered(in_whatsapp_channel) if is_concerned else self.browse()
        result = super(MailMessage, self - ours).write(vals)
        for message in ours:
            super(MailMessage, message).write(message._whatsapp_omni_remask(vals))
        ours._whatsapp_omni_hide_files()
        return result

    def _whatsapp_omni_remask(self, vals):
        """Return the values that change this message, with its body masked."""
        if "body" not in vals:
            return vals
        place = {"model": self.model, "res_id": self.res_id}
        masked = self._whatsapp_omni_mask({**place, "body": vals["body"]})
        return {
            **vals,
            "body": masked["body"],
            "whatsapp_omni_plain": masked.get("whatsapp_omni_plain"),
            "whatsapp_omni_hidden": masked.get("whatsapp_omni_hidden"),
        }

    def _whatsapp_omni_hide_files(self):
        """Mask the names of the files that people have put into these messages."""
        # sudo: mail.message - whose conversation it is; files are part of the message
        for message in self.sudo().filtered("attachment_ids"):
            conversation = message._whatsapp_omni_conversation()
            message.attachment_ids._whatsapp_omni_hide_names(conversation)
            message._whatsapp_omni_note_hidden_names()

    def _whatsapp_omni_note_hidden_names(self):
        """Note what the names of files hide beside what the text hides."""
        names = self.attachment_ids._whatsapp_omni_hidden_names().values()
        policy = self._whatsapp_omni_conversation()._masking()
        if kinds := policy.mask("\n".join(names)).found:
            hidden = [*(self.whatsapp_omni_hidden or "").split(","), *kinds]
            self.whatsapp_omni_hidden = ",".join(dict.fromkeys(filter(None, hidden)))

    def _whatsapp_omni_conversation(self):
        """Return the conversation in which this was said, with sudo."""
        # sudo: mail.message - agents may not read the field that leads to WhatsApp's
        message = self.sudo()
        return (
            message.whatsapp_omni_message_ids[:1].conversation_id
            or message.channel_id.whatsapp_omni_conversation_id
        )

    @api.model
    def _whatsapp_omni_mask(self, vals):
        """Return the values of a message with its body masked, if it is one of ours.

        Most messages have nothing that looks so, and cost no query.
        """
        body = vals.get("body")
        if vals.get("model") != "discuss.channel" or not body:
            return vals
        if not masking.may_hide(body):
            return vals
        # sudo: discuss.channel - only whose conversation it is
        channel = self.env["discuss.channel"].sudo().browse(vals.get("res_id") or [])
        if not is_whatsapp(channel):
            return vals
        masked = channel.whatsapp_omni_conversation_id._masking().mask_html(body)
        if not masked.found:
            return vals
        return {
            **vals,
            # Neither more trusted nor less than it was: Odoo sanitises it as before.
            "body": type(body)(masked.text),
            "whatsapp_omni_plain": body,
            "whatsapp_omni_hidden": ",".join(masked.found),
        }

    def _whatsapp_omni_store_fields(self):
        return super()._whatsapp_omni_store_fields() + ["whatsapp_omni_hidden"]

    def action_whatsapp_omni_reveal(self):
        """Return what one message hides, and note who has seen it.

        :return: ``{"body": HTML, "files": [{"id", "name"}]}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: mail.message - plain text is for those who pass the check of _log
        message = self.sudo()
        if not message.whatsapp_omni_hidden:
            raise UserError(self.env._("This message hides nothing."))
        self.env["whatsapp_omni.reveal"]._log(
            message._whatsapp_omni_conversation(),
            message.whatsapp_omni_hidden,
            message_id=self.id,
        )
        files = message.attachment_ids._whatsapp_omni_hidden_names()
        return {
            "body": message.whatsapp_omni_plain or message.body,
            "files": [{"id": file_id, "name": name} for file_id, name in files.items()],
        }


class WhatsAppReveal(models.Model):
    """Who has seen what is hidden. Append only."""

    _name = "whatsapp_omni.reveal"
    _description = "WhatsApp Revealed Data"
    _order = "id desc"
    _log_access = False

    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    customer_id = fields.Many2one(
        "whatsapp_omni.customer", readonly=True, ondelete="set null"
    )
    message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    text = fields.Char(readonly=True, help="The message, with what it hides hidden.")
    kinds = fields.Char("Hidden Data", readonly=True)
    kind_names = fields.Char("What Was Seen", compute="_compute_kind_names")

    @api.depends("customer_id", "user_id")
    def _compute_display_name(self):
        for reveal in self:
            reveal.display_name = f"{reveal.user_id.name}: {reveal.customer_id.name}"

    @api.depends("kinds")
    @api.depends_context("lang")
    def _compute_kind_names(self):
        names = {
            "card": self.env._("Card number"),
            "iban": self.env._("Bank account"),
            "identity": self.env._("Identity number"),
            "email": self.env._("E-mail address"),
            "phone": self.env._("Phone number"),
        }
        for reveal in self:
            kinds = (reveal.kinds or "").split(",")
            reveal.kind_names = ", ".join(names.get(kind, kind) for kind in kinds)

    @api.model
    def _log(self, conversation, kinds, message_id=False, text=""):
        """Note that the user sees what is hidden.

        :param conversation: with sudo
        :raises AccessError: when the user may not
        """
        if not self.env.user.has_group("whatsapp_omni.group_sensitive"):
            raise AccessError(
                self.env._(
                    "Only users who may see sensitive data reveal it. Ask your "
                    "administrator for it."
                )
            )
        # sudo: mail.message - with its masks
        message = self.env["mail.message"].sudo().browse(message_id or [])
        # sudo: whatsapp_omni.reveal - written by code only
        self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": conversation.company_id.id,
                "conversation_id": conversation.id,
                "customer_id": conversation.customer_id.id,
                "message_id": message.id,
                "text": text or message.preview,
                "kinds": kinds,
            }
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Nobody writes these rows, and nobody takes one away: not by code either."""
        raise AccessError(self.env._("What was revealed is noted for good."))
