# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A page that did not hear whether its message was posted posts it again."""

from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .test_notes import NotesCommon


@tagged("post_install", "-at_install")
class TestPostingOnce(NotesCommon, HttpCase):
    def post(self, token, user=None, body="Voy", subtype="mail.mt_comment"):
        """Post as a page does; return the id of the message."""
        user = user or self.agent
        self.authenticate(user.login, user.login)
        answer = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": self.channel.id,
                "post_data": {
                    "body": body,
                    "message_type": "comment",
                    "subtype_xmlid": subtype,
                    "whatsapp_omni_token": token,
                },
            },
        )
        return answer["message_id"]

    def sent(self):
        self.env.invalidate_all()
        messages = self.conversation.sudo().message_ids
        return messages.filtered(lambda m: m.direction == "outbound").mapped("text")

    def test_the_same_answer_leaves_once(self):
        self.assertEqual(self.post("first"), self.post("first"))
        self.assertEqual(self.sent(), ["Voy"])

    def test_the_same_words_twice_are_two_answers(self):
        self.assertNotEqual(self.post("first"), self.post("second"))
        self.assertEqual(self.sent(), ["Voy", "Voy"])

    def test_a_note_is_written_once_as_well(self):
        note = {"body": "never pays", "subtype": "mail.mt_note"}
        self.assertEqual(self.post("note", **note), self.post("note", **note))
        self.assertEqual(self.sent(), [])

    def test_nobody_is_shown_the_message_of_a_colleague(self):
        """The database refuses what the search does not find."""
        self.conversation._add_guest(self.agent2, "joined")
        self.post("first")
        with self.assertRaises(JsonRpcException), mute_logger("odoo.sql_db"):
            self.post("first", self.agent2)
        self.assertEqual(len(self.sent()), 1)
