# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.mail.tools.discuss import Store

from .discuss_channel import is_whatsapp


class DiscussChannelMember(models.Model):
    _inherit = "discuss.channel.member"

    @api.depends("channel_id.message_ids", "new_message_separator")
    def _compute_message_unread(self):
        """Override of `mail`: what the line says by itself asks nothing of an agent."""
        result = super()._compute_message_unread()
        ours = self.filtered(
            lambda member: member.id and is_whatsapp(member.channel_id)
        )
        automatic = ours._whatsapp_omni_count_automatic()
        for member in ours:
            member.message_unread_counter -= automatic.get(member.id, 0)
        return result

    def _whatsapp_omni_count_automatic(self):
        """Return how many automatic messages are unread, for each id of a member."""
        if not self.ids:
            return {}
        # Plain SQL, as the original: each member counts from a message of their own,
        # which no domain can say. It has written to the database what is counted here.
        counts = self.env.execute_query(
            SQL(
                """
                SELECT member.id, count(*)
                  FROM discuss_channel_member member
                  JOIN mail_message message
                    ON message.model = 'discuss.channel'
                   AND message.res_id = member.channel_id
                   AND message.id >= member.new_message_separator
                 WHERE member.id IN %s
                   AND message.message_type = 'auto_comment'
              GROUP BY member.id
                """,
                tuple(self.ids),
            )
        )
        return dict(counts)

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
