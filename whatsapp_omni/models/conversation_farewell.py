# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import partial

from odoo import models


class WhatsAppConversation(models.Model):
    """Saying goodbye when a person closes a conversation."""

    _inherit = "whatsapp_omni.conversation"

    def _say_farewell(self):
        """Send the line's farewell, if it has one and the window is open.

        Whatever goes wrong with it must not keep a conversation open.
        """
        # sudo: whatsapp_omni.conversation - agents may not read every line's messages
        conversation = self.sudo()
        template = conversation._farewell_template()
        if not template:
            return
        self.env["whatsapp_omni.message"].sudo()._queue_if_possible(
            conversation, partial(template._content, conversation, self.env.user)
        )

    def _farewell_template(self):
        """Return what would be said now, nothing when nothing can be."""
        template = self.line_id.farewell_template_id
        can_be_sent = self.window_open and not self._out_of_service()
        return template.filtered("active") if can_be_sent else template.browse()

    def get_closing(self):
        """Add the farewell that closing would send, False when none."""
        closing = super().get_closing()
        # sudo: whatsapp_omni.conversation - see _say_farewell
        conversation = self.sudo()
        template = conversation._farewell_template()
        closing["farewell"] = bool(template) and template._preview(
            conversation, user=self.env.user
        )
        return closing
