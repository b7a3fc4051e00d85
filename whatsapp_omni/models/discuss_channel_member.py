# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from odoo.addons.mail.tools.discuss import Store

from .discuss_channel import is_whatsapp


class DiscussChannelMember(models.Model):
    _inherit = "discuss.channel.member"

    def _set_last_seen_message(self, message, notify=True):
        """Override of `mail`: tell the customer that their messages were read."""
        result = super()._set_last_seen_message(message, notify=notify)
        if is_whatsapp(self.channel_id):
            # sudo: whatsapp_omni.read.receipt - written by code only
            self.env["whatsapp_omni.read.receipt"].sudo()._queue(
                self.channel_id, message
            )
        return result

    def _notify_typing(self, is_typing):
        """Override of `mail`: those who write together see it, who only reads does not.

        The channel's listeners are more than its members.
        """
        ours = self.filtered(lambda member: is_whatsapp(member.channel_id))
        for member in ours:
            typing = {"isTyping": is_typing, "is_typing_dt": fields.Datetime.now()}
            # sudo: discuss.channel.member - who else takes part
            others = member.sudo().channel_id.channel_member_ids - member
            for user in others.partner_id.main_user_id:
                Store(bus_channel=user).add(member, extra_fields=typing).bus_send()
        return super(DiscussChannelMember, self - ours)._notify_typing(is_typing)
