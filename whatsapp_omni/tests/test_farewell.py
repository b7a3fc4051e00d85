# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_message_template import MessageTemplateCommon


@tagged("post_install", "-at_install")
class TestFarewell(MessageTemplateCommon):
    """Saying goodbye when a person closes."""

    def setUp(self):
        super().setUp()
        self.line.farewell_template_id = self.make_template(
            "Adiós {{contact.name|amigo}}, de {{agent.name}}"
        )
        self.taken = self.capture(self.conversation)

    def sent_texts(self):
        self.send_outbox()
        return [sent["text"] for sent in self.provider_double.sent]

    def test_said_once(self):
        self.taken.action_close(self.disposition.id)
        self.taken.action_close(self.disposition.id)
        self.assertEqual(self.sent_texts(), ["Adiós amigo, de Ana"])
        self.assertEqual(self.conversation.state, "closed")

    def test_not_said_when_the_agent_says_so(self):
        self.taken.action_close(self.disposition.id, farewell=False)
        self.assertEqual(self.sent_texts(), [])

    def test_not_said_after_the_window(self):
        self.conversation.window_end = "2020-01-01"
        self.assertFalse(self.taken.get_closing()["farewell"])
        self.taken.action_close(self.disposition.id)
        self.assertEqual(self.sent_texts(), [])
        self.assertEqual(self.conversation.state, "closed")

    def test_not_said_by_the_system(self):
        self.conversation._close(reason="inactivity")
        self.assertEqual(self.sent_texts(), [])

    def test_the_dialog_shows_it(self):
        farewell = self.taken.get_closing()["farewell"]
        self.assertEqual(farewell["body"], "Adiós amigo, de Ana")
        self.line.farewell_template_id = False
        self.assertFalse(self.taken.get_closing()["farewell"])

    @mute_logger("odoo.addons.whatsapp_omni.models.message_content")
    def test_trouble_with_it_does_not_keep_a_conversation_open(self):
        self.patch(
            self.registry["whatsapp_omni.message.template"],
            "_copy_file",
            lambda *args: 1 / 0,
        )
        self.taken.action_close(self.disposition.id)
        self.assertEqual(self.conversation.state, "closed")
        self.assertEqual(self.sent_texts(), [])
