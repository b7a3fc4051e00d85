# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError, UserError

from .discuss_channel import is_whatsapp

#: What a note takes of the arguments of ``message_post``. Everything else could name
#: another author, or addresses to write to.
NOTE_PARAMS = (
    "attachment_ids",
    "body",
    "parent_id",
    "partner_ids",
    "whatsapp_omni_token",
)

#: Longest text of a note that is shown beside the conversation, in characters.
NOTICE_LENGTH = 200


class DiscussChannel(models.Model):
    """Private notes: in the thread, for colleagues, never for the customer.

    A note is a comment of the subtype *Note*. It makes no ``whatsapp_omni.message``,
    which also refuses to carry one, and it is never sent by e-mail.
    """

    _inherit = "discuss.channel"

    # === WHO MAY === #

    def _whatsapp_omni_may_note(self):
        """Tell whether the user may write notes: whoever may read it at the desk."""
        return self.env.uid == SUPERUSER_ID or self._whatsapp_omni_is_open_to(
            self.env.user
        )

    def _whatsapp_omni_is_open_to(self, user):
        # sudo: discuss.channel - the conversation decides, whoever asks
        conversation = self.sudo().whatsapp_omni_conversation_id
        return bool(conversation) and conversation._is_open_to(user)

    def _whatsapp_omni_colleagues(self, users):
        """Return those of these users who may be told what is noted here."""
        # sudo: discuss.channel - the customer's contact is only compared
        customer = self.sudo().whatsapp_omni_customer_id.partner_id
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.partner_id != customer
                and self._whatsapp_omni_is_open_to(user)
            )
        )

    def _get_allowed_message_partner_ids(self, partner_ids):
        """Override of `mail`: colleagues who may read the conversation, nobody else."""
        if not is_whatsapp(self):
            return super()._get_allowed_message_partner_ids(partner_ids)
        # sudo: res.partner - whose users they are, to see who may be mentioned
        users = self.env["res.partner"].browse(partner_ids).sudo().user_ids
        return self._whatsapp_omni_colleagues(users.sudo(False)).partner_id.ids

    # === POSTING === #

    def _whatsapp_omni_subtype_id(self, values):
        """Return the subtype that ``message_post`` will take."""
        if xmlid := values.get("subtype_xmlid"):
            return self.env["ir.model.data"]._xmlid_to_res_id(xmlid)
        return values.get("subtype_id") or self.env.ref("mail.mt_note").id

    def _whatsapp_omni_is_note(self, message_type, values):
        return (
            message_type == "comment"
            and self._whatsapp_omni_subtype_id(values)
            == self.env.ref("mail.mt_note").id
        )

    def _whatsapp_omni_note_values(self, values):
        """Return the arguments with which a note is posted.

        :raises AccessError: when the user may not
        """
        if not self._whatsapp_omni_may_note():
            raise AccessError(
                self.env._("Notes are for those who may read the conversation.")
            )
        values = {name: values[name] for name in NOTE_PARAMS if values.get(name)}
        if not values.get("body") and not values.get("attachment_ids"):
            raise UserError(self.env._("The note is empty."))
        attachments = self.env["ir.attachment"].browse(values.get("attachment_ids"))
        attachments.check_access("read")
        return {**values, "subtype_xmlid": "mail.mt_note"}

    def _whatsapp_omni_is_whisper(self):
        """Tell whether a supervisor speaks to those who attend the conversation."""
        # sudo: discuss.channel - only who attends it is looked at
        conversation = self.sudo().whatsapp_omni_conversation_id
        return (
            conversation.state == "attended"
            and self.env.user not in conversation._participants()
            and self.env.user.has_group("whatsapp_omni.group_supervisor")
        )

    def _message_post_after_hook(self, message, msg_vals):
        """Override of `mail`: show a note at once to those whom it is for."""
        result = super()._message_post_after_hook(message, msg_vals)
        if is_whatsapp(self) and message.sudo()._whatsapp_omni_is_note():
            self._whatsapp_omni_tell_note(message.sudo())
        return result

    def _whatsapp_omni_tell_note(self, message):
        # sudo: discuss.channel - whom it concerns
        conversation = self.sudo().whatsapp_omni_conversation_id
        if self._whatsapp_omni_is_whisper():
            message.whatsapp_omni_is_whisper = True
        author, text = self.env.user, message.preview[:NOTICE_LENGTH]
        mentioned = message.partner_ids.user_ids
        if message.whatsapp_omni_is_whisper:
            for user in conversation._participants() - mentioned:
                _ = user.with_context(lang=user.lang).env._
                title = _("Supervisor %(name)s, only to you", name=author.name)
                conversation._notify_colleague(user, title, text)
        for user in mentioned:
            _ = user.with_context(lang=user.lang).env._
            title = _("%(name)s mentioned you", name=author.name)
            conversation._notify_colleague(user, title, text)

    # === NOTIFYING === #

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Override of `mail`: colleagues only, and in Odoo only."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        if not is_whatsapp(self):
            return recipients
        inside = [values for values in recipients if not values["share"]]
        return [
            {**values, "notif": "inbox"} if values["notif"] == "email" else values
            for values in inside
        ]

    def _notify_thread_by_email(self, message, recipients_data, **kwargs):
        """Override of `mail`: nothing of a conversation leaves by e-mail."""
        if is_whatsapp(self):
            return True
        return super()._notify_thread_by_email(message, recipients_data, **kwargs)

    def _notify_thread_with_out_of_office(self, message, *args, **kwargs):
        """Override of `mail`: the transcript is no place for automatic answers."""
        if is_whatsapp(self):
            return self.env["mail.message"]
        return super()._notify_thread_with_out_of_office(message, *args, **kwargs)

    # === EDITING === #

    def _check_can_update_message_content(self, message):
        """Override: the author of a note may change or delete it."""
        if (
            is_whatsapp(self)
            and message._whatsapp_omni_is_note()
            and message.author_id == self.env.user.partner_id
            and self._whatsapp_omni_may_note()
        ):
            return None
        return super()._check_can_update_message_content(message)
