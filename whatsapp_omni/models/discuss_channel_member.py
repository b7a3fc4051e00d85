# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

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
