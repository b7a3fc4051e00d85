# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .common import WhatsAppOmniCommon


@tagged("post_install", "-at_install")
class TestDesk(WhatsAppOmniCommon, HttpCase):
    """The agent's desk in a browser."""

    def test_first_conversation(self):
        """A customer writes; an agent sees, reads, takes, answers and closes it."""
        self.start_tour(
            "/odoo/whatsapp", "whatsapp_omni.first_conversation", login="wa_agent"
        )
        conversation = self.env["whatsapp_omni.conversation"].search(
            [("customer_id.wa_id", "=", "34600111222")]
        )
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(conversation.disposition_id, self.disposition)
        self.assertFalse(conversation.channel_id.channel_member_ids)
        self.assertEqual(
            [sent["text"] for sent in self.provider_double.sent], ["Sí, hasta las 20"]
        )

    def test_closed_conversation_by_its_address(self):
        """Its agent can come back to what is closed, by its address."""
        conversation = self.capture(self.write_in())
        conversation.action_close(self.disposition.id)
        # A browser without history is told again what happened in the last minute.
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(
            f"/odoo/whatsapp/{conversation.id}",
            "whatsapp_omni.opened_by_address",
            login="wa_agent",
        )
