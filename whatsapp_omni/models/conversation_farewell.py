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
        template = conversation.line_id.farewell_template_id
        if not template.active or not conversation.window_open:
            return
        self.env["whatsapp_omni.message"].sudo()._queue_if_possible(
            conversation, partial(template._content, conversation, self.env.user)
        )

    def get_panel(self):
        """Add the farewell that closing would send, False when none."""
        panel = super().get_panel()
        # sudo: whatsapp_omni.conversation - see _say_farewell
        conversation = self.sudo()
        template = conversation.line_id.farewell_template_id
        panel["farewell"] = (
            template.active
            and conversation.window_open
            and template._preview(conversation, user=self.env.user)
        )
        return panel
