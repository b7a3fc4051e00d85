# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.message_content import Content
from .common import WhatsAppOmniCommon
from .test_sending import PIXEL

TWO_OPTIONS = [{"title": "Ventas", "value": "sales"}, {"title": "Soporte"}]


@tagged("post_install", "-at_install")
class TestContent(WhatsAppOmniCommon):
    """What the centre says by itself, beyond an agent's texts and files."""

    def setUp(self):
        super().setUp()
        self.conversation = self.write_in()
        self.Message = self.env["whatsapp_omni.message"]
        self.picture = self.env["ir.attachment"].create(
            {"name": "shop.png", "raw": PIXEL, "mimetype": "image/png"}
        )

    def say(self, *contents, **kwargs):
        return self.Message._queue_contents(self.conversation, contents, **kwargs)

    def test_automatic_message_is_part_of_the_transcript(self):
        message = self.say(Content("text", "Bienvenida, *Lucía*"))
        mail = message.mail_message_id
        self.assertEqual(mail.message_type, "auto_comment")
        self.assertEqual(mail.author_id, self.conversation.company_id.partner_id)
        self.assertIn("<strong>Lucía</strong>", mail.body)
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[0]["text"], "Bienvenida, *Lucía*")
        self.assertEqual(message.state, "submitted")

    def test_automatic_message_answers_nobody(self):
        """The customer still waits for a person after the welcome."""
        self.say(Content("text", "Ahora le atendemos"))
        self.send_outbox()
        self.assertEqual(self.conversation.waiting_count, 1)
        self.assertFalse(self.conversation.answered_at)

    def test_messages_leave_in_their_order(self):
        self.say(*(Content("text", text) for text in ("Uno", "Dos", "Tres")))
        self.send_outbox()
        texts = [sent["text"] for sent in self.provider_double.sent]
        self.assertEqual(texts, ["Uno", "Dos", "Tres"])

    def test_buttons_under_a_picture(self):
        payload = {"footer": "Acme", "options": TWO_OPTIONS, "ref": "menu-1"}
        message = self.say(
            Content("quick_reply", "¿Con quién?", self.picture.id, payload)
        )
        self.send_outbox()
        (sent,) = self.provider_double.sent
        self.assertEqual(sent["content"]["type"], "image")
        self.assertIn(f"/media/{self.picture.id}/", sent["content"]["url"])
        self.assertEqual(sent["content"]["caption"], "Acme")
        self.assertEqual(sent["msgid"], "menu-1")
        self.assertEqual(
            sent["options"],
            [
                {"type": "text", "title": "Ventas", "postbackText": "sales"},
                {"type": "text", "title": "Soporte"},
            ],
        )
        body = message.mail_message_id.body
        self.assertIn("<li>Soporte</li>", body)
        self.assertTrue(body.striptags().endswith("Acme Ventas Soporte"), body)
        self.assertEqual(message.mail_message_id.attachment_ids, self.picture)

    def test_list(self):
        payload = {"header": "Citas", "opener": "Ver", "options": TWO_OPTIONS}
        self.say(Content("list", "¿Cuándo?", payload=payload))
        self.send_outbox()
        (sent,) = self.provider_double.sent
        self.assertEqual((sent["title"], sent["body"]), ("Citas", "¿Cuándo?"))
        titles = [option["title"] for option in sent["items"][0]["options"]]
        self.assertEqual(titles, ["Ventas", "Soporte"])

    def test_place_and_card(self):
        place = {"latitude": 40.4168, "longitude": -3.7038, "name": "Tienda"}
        card = {"name": "Ana Gil", "phones": ["+34600223344"], "company": "Acme"}
        messages = self.say(
            Content("location", payload=place), Content("contact", payload=card)
        )
        self.send_outbox()
        location, contact = self.provider_double.sent
        self.assertEqual(location["latitude"], "40.4168000")
        self.assertEqual(contact["contact"]["phones"][0]["phone"], "+34600223344")
        bodies = messages.mail_message_id.sorted("id").mapped("body")
        self.assertIn("Tienda", bodies[0])
        self.assertIn("Ana Gil", bodies[1])

    def test_template_passes_the_closed_window(self):
        self.make_template("tpl-1")
        self.conversation.window_end = fields.Datetime.now() - timedelta(hours=1)
        payload = {"id": "tpl-1", "params": ["Lucía"], "postbacks": ["yes"]}
        template, text = self.say(
            Content("template", "Hola Lucía", self.picture.id, payload),
            Content("text", "Hola"),
        )
        self.send_outbox()
        (form,) = self.provider_double.forms
        self.assertEqual(
            json.loads(form["template"]), {"id": "tpl-1", "params": ["Lucía"]}
        )
        self.assertEqual(json.loads(form["message"])["type"], "image")
        self.assertEqual(
            json.loads(form["postbackTexts"]), [{"index": 0, "text": "yes"}]
        )
        self.assertEqual((template.state, text.state), ("submitted", "failed"))

    def test_what_whatsapp_refuses_is_refused_at_once(self):
        """Nothing of the series is queued: half of it would be worse."""
        many = [{"title": f"Opción {number}"} for number in range(4)]
        before = self.Message.search_count([])
        for content in (
            Content("quick_reply", "¿?", payload={"options": many}),
            Content("text", ""),
            Content("video", attachment_id=self.picture.id),
            Content("image"),
            Content("template", "", False, {"id": "tpl-1", "params": [""]}),
        ):
            with self.subTest(content), self.assertRaises(UserError):
                self.say(Content("text", "Hola"), content)
        self.assertEqual(self.Message.search_count([]), before)
