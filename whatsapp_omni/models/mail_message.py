# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

from .discuss_channel import is_whatsapp


def in_whatsapp_channel(message):
    return message.model == "discuss.channel" and is_whatsapp(message.channel_id.sudo())


class MailMessage(models.Model):
    _inherit = "mail.message"

    whatsapp_omni_message_ids = fields.One2many(
        "whatsapp_omni.message",
        "mail_message_id",
        groups="whatsapp_omni.group_supervisor",
    )
    whatsapp_omni_is_whisper = fields.Boolean(
        readonly=True, help="A note of a supervisor to those who attend a conversation."
    )

    # === ACCESS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail`: nobody puts words into the customer's mouth."""
        messages = super().create(vals_list)
        messages._whatsapp_omni_check_unchangeable()
        return messages

    def write(self, vals):
        """Override of `mail`: what was sent or received stays as it is.

        The author of a message may write it elsewhere; here that would only change what
        colleagues see, not what the customer got.
        """
        self._whatsapp_omni_check_unchangeable()
        return super().write(vals)

    def unlink(self):
        """Override of `mail`: the transcript is complete."""
        self._whatsapp_omni_check_unchangeable()
        return super().unlink()

    def _whatsapp_omni_check_unchangeable(self):
        # sudo: discuss.channel - only the type of the channel is looked at
        if not self.env.su and any(map(in_whatsapp_channel, self.sudo())):
            raise AccessError(
                self.env._(
                    "Messages of a WhatsApp conversation cannot be made, changed or"
                    " deleted."
                )
            )

    def _whatsapp_omni_is_note(self):
        """Tell whether this is for colleagues only."""
        return self.message_type == "comment" and self.subtype_id == self.env.ref(
            "mail.mt_note"
        )

    # === STORE === #

    def _to_store(self, store, fields, **kwargs):
        """Override of `mail`: tell a page what opens at the desk.

        It may know no more of the channel than this message, such as a mention.
        """
        result = super()._to_store(store, fields, **kwargs)
        if store.target.get_user(self.env):
            # sudo: discuss.channel - its kind and number, for who reads its messages
            channels = self.filtered(in_whatsapp_channel).channel_id.sudo()
            kind = ["channel_type", Store.One("whatsapp_omni_conversation_id", [])]
            store.add(channels, kind, as_thread=True)
        return result

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + self._whatsapp_omni_store_fields()

    def _whatsapp_omni_store_fields(self):
        """Return what the bubble shows beside the text: ticks, state of the file."""
        return [
            Store.Attr(
                "whatsapp_omni_status",
                # sudo: whatsapp_omni.message - who sees a message sees its ticks
                lambda mail: mail.sudo().whatsapp_omni_message_ids._get_status(),
                predicate=in_whatsapp_channel,
            ),
            Store.Attr(
                "whatsapp_omni_media",
                # sudo: whatsapp_omni.message - likewise
                lambda mail: mail.sudo().whatsapp_omni_message_ids._get_media_status(),
                predicate=in_whatsapp_channel,
            ),
            Store.Attr("whatsapp_omni_is_whisper", predicate=in_whatsapp_channel),
        ]

    # === REACTIONS === #

    def _message_reaction(self, content, action, partner, guest, store=None):
        """Override of `mail`: send an agent's reaction to the customer.

        WhatsApp knows one reaction of the business per message, so a new one takes the
        place of the former, whoever of the agents put it.
        """
        if not in_whatsapp_channel(self):
            return super()._message_reaction(content, action, partner, guest, store)
        if action == "add":
            self._whatsapp_omni_take_back_our_reactions(content, store)
        result = self._whatsapp_omni_react(content, action, partner, guest, store)
        emoji = content if action == "add" else ""
        self.env["whatsapp_omni.message"].sudo()._queue_reaction(self, emoji)
        return result

    def _whatsapp_omni_react(self, content, action, partner, guest, store=None):
        """Change a reaction on the screens only, without telling WhatsApp."""
        return super()._message_reaction(content, action, partner, guest, store)

    def _whatsapp_omni_take_back_our_reactions(self, content, store):
        """Take back what colleagues put on this message, but for ``content``."""
        # sudo: discuss.channel, mail.message.reaction - reactions of colleagues, too
        self_sudo = self.sudo()
        customer = self_sudo.channel_id.whatsapp_omni_customer_id.partner_id
        no_guest = self.env["mail.guest"]
        for reaction in self_sudo.reaction_ids:
            partner = reaction.partner_id
            if partner and partner != customer and reaction.content != content:
                self._whatsapp_omni_react(
                    reaction.content, "remove", partner, no_guest, store
                )

    def _whatsapp_omni_show_reaction(self, customer, emoji):
        """Show the customer's reaction; an empty ``emoji`` takes it back."""
        author = customer._author_values()
        partner = self.env["res.partner"].browse(author["author_id"] or [])
        guest = self.env["mail.guest"].browse(author["author_guest_id"] or [])
        former = self.reaction_ids.filtered(
            lambda r: r.partner_id == partner
            and r.guest_id == guest
            and r.content != emoji
        )
        for content in former.mapped("content"):
            self._whatsapp_omni_react(content, "remove", partner, guest)
        if emoji:
            self._whatsapp_omni_react(emoji, "add", partner, guest)

    # === ACTIONS === #

    def action_whatsapp_omni_fetch_again(self):
        """Have the customer's file fetched again. For whoever reads the message."""
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.message - only the way from the bubble to its file
        messages = self.sudo().whatsapp_omni_message_ids.sudo(False)
        return messages.action_fetch_again()

    def action_whatsapp_omni_retry(self):
        """Send again what failed of this message. For whoever attends the channel."""
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.message - _retry checks that the user attends the channel
        return self.sudo().whatsapp_omni_message_ids._retry()
