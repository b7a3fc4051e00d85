# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import WhatsAppOmniCommon
from .test_sending import PIXEL

#: The least that counts as a WebP of 512 × 512 pixels.
STICKER = (
    b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x01\0\xff\x01\0" + b"VP8 \0\0\0\0"
)
AUDIO = b"OggS\0\x02" + b"\0" * 22 + b"OpusHead" + b"\0" * 30
VIDEO = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 40


def upload(content):
    return base64.b64encode(content)


class MessageTemplateCommon(WhatsAppOmniCommon):
    """A conversation, and templates to say something in it."""

    def setUp(self):
        super().setUp()
        self.conversation = self.write_in()
        self.Template = self.env["whatsapp_omni.message.template"]

    def make_template(self, body="Hola", **values):
        return self.Template.create({"name": "Greeting", "body": body, **values})

    def make_file_template(self, kind, file_name, content, **values):
        return self.make_template(
            kind=kind, file=upload(content), file_name=file_name, **values
        )

    def make_options(self, *titles):
        return [Command.create({"title": title}) for title in titles]

    def make_contact(self, **values):
        contact = self.env["res.partner"].create({"name": "Lucía Gómez", **values})
        self.conversation.customer_id.partner_id = contact
        return contact

    def send(self, template, **kwargs):
        """Send a template; return the message."""
        content = template._content(self.conversation, **kwargs)
        Message = self.env["whatsapp_omni.message"]
        message = Message._queue_contents(self.conversation, [content])
        self.send_outbox()
        return message

    def say(self, template, **kwargs):
        """Send a template; return the text that the customer got."""
        self.send(template, **kwargs)
        return self.provider_double.sent[-1]["text"]


@tagged("post_install", "-at_install")
class TestMessageTemplate(MessageTemplateCommon):
    """Every type of message that a template can hold reaches the customer."""

    def test_text(self):
        message = self.send(self.make_template("Hola"))
        self.assertEqual(message.message_template_id.name, "Greeting")
        self.assertEqual(self.provider_double.sent[0]["text"], "Hola")

    def test_files(self):
        for kind, sent_as, name, content in (
            ("image", "image", "shop.png", PIXEL),
            ("document", "file", "terms.pdf", b"%PDF-1.4 terms"),
            ("audio", "audio", "hello.ogg", AUDIO),
            ("video", "video", "tour.mp4", VIDEO),
            ("sticker", "sticker", "smile.webp", STICKER),
        ):
            with self.subTest(kind):
                template = self.make_file_template(kind, name, content, body="Mire")
                self.assertEqual(template.attachment_id.raw, content)
                message = self.send(template)
                sent = self.provider_double.sent[-1]
                self.assertEqual(sent["type"], sent_as)
                caption = None if kind in ("audio", "sticker") else "Mire"
                self.assertEqual(sent.get("caption"), caption)
                self.assertEqual(message.attachment_id.name, name)
                self.assertEqual(message.attachment_id.raw, content)

    def test_place(self):
        place = {"kind": "location", "latitude": 40.4168, "longitude": -3.7038}
        self.send(self.make_template(**place, place_name="Tienda"))
        sent = self.provider_double.sent[0]
        self.assertEqual((sent["latitude"], sent["name"]), ("40.4168000", "Tienda"))

    def test_card(self):
        card = {"card_name": "Ana", "card_phone": "+34600223344"}
        self.send(self.make_template(kind="contact", **card))
        sent = self.provider_double.sent[0]["contact"]
        self.assertEqual(sent["name"]["formattedName"], "Ana")
        self.assertEqual(sent["phones"][0]["phone"], "+34600223344")

    def test_buttons_under_each_header(self):
        question = {
            "kind": "quick_reply",
            "footer": "Acme",
            "option_ids": self.make_options("Sí", "No"),
        }
        headers = (
            ("text", {"header": "Cita"}),
            ("image", {"file": upload(PIXEL), "file_name": "a.png"}),
            ("video", {"file": upload(VIDEO), "file_name": "a.mp4"}),
            ("document", {"file": upload(b"%PDF-1.4"), "file_name": "a.pdf"}),
        )
        for header_kind, values in headers:
            with self.subTest(header_kind):
                template = self.make_template(
                    "¿Viene?", header_kind=header_kind, **question, **values
                )
                self.send(template)
                sent = self.provider_double.sent[-1]
                as_sent = {"document": "file"}.get(header_kind, header_kind)
                self.assertEqual(sent["content"]["type"], as_sent)
                self.assertEqual(sent["content"].get("header"), values.get("header"))
                titles = [option["title"] for option in sent["options"]]
                self.assertEqual(titles, ["Sí", "No"])

    def test_list(self):
        option = {"title": "Mañana", "value": "am", "description": "De 9 a 12"}
        self.send(
            self.make_template(
                "¿Cuándo?",
                kind="list",
                header="Cita",
                opener="Ver",
                option_ids=[Command.create(option)],
            )
        )
        (sent,) = self.provider_double.sent
        self.assertEqual((sent["title"], sent["body"]), ("Cita", "¿Cuándo?"))
        (row,) = sent["items"][0]["options"]
        self.assertEqual(row["description"], "De 9 a 12")
        self.assertEqual(row["postbackText"], "am")

    def test_transcript_keeps_its_file_without_the_template(self):
        template = self.make_file_template("image", "shop.png", PIXEL)
        message = self.send(template)
        template.unlink()
        self.assertEqual(message.attachment_id.raw, PIXEL)
        self.assertFalse(message.message_template_id)

    def test_another_file_takes_the_place_of_the_former(self):
        template = self.make_file_template("image", "shop.png", PIXEL)
        former = template.attachment_id
        template.write({"file": upload(PIXEL), "file_name": "new.png"})
        self.assertEqual(template.attachment_id.name, "new.png")
        self.assertFalse(former.exists())

    def test_copy_has_a_file_and_options_of_its_own(self):
        template = self.make_file_template(
            "quick_reply",
            "shop.png",
            PIXEL,
            header_kind="image",
            option_ids=self.make_options("Sí"),
        )
        copy = template.copy()
        self.assertNotEqual(copy.attachment_id, template.attachment_id)
        template.unlink()
        self.assertEqual(copy.attachment_id.raw, PIXEL)
        self.assertEqual(copy.option_ids.mapped("title"), ["Sí"])

    # --- limits ----------------------------------------------------------------------

    def test_what_whatsapp_refuses_cannot_be_saved(self):
        question = {"kind": "quick_reply", "body": "¿Viene?"}
        for values, reason in (
            ({"body": "x" * 4097}, "at most 4096"),
            ({"body": "  "}, "must not be empty"),
            ({"kind": "image"}, "has no file yet"),
            (
                {"kind": "video", "file": upload(PIXEL), "file_name": "a.png"},
                "does not take “a.png” as Video",
            ),
            (
                {"kind": "document", "file": upload(b"PK"), "file_name": "a.zip"},
                "a.zip: WhatsApp takes PDF, Word",
            ),
            (
                {
                    **question,
                    "header_kind": "image",
                    "file": upload(b"GIF89a"),
                    "file_name": "a.gif",
                },
                "a.gif: WhatsApp takes photos as JPEG or PNG",
            ),
            ({**question}, "must not be empty"),
            (
                {**question, "option_ids": self.make_options(*"abcd")},
                "at most 3",
            ),
            (
                {**question, "option_ids": self.make_options("x" * 21)},
                "at most 20",
            ),
            (
                {**question, "option_ids": self.make_options("Sí", "Sí")},
                "the same text",
            ),
            ({"kind": "location"}, "coordinates"),
            ({"kind": "contact", "card_name": "Ana"}, "phone number or an email"),
        ):
            with (
                self.subTest(reason),
                self.assertRaisesRegex(ValidationError, reason),
                self.env.cr.savepoint(),
            ):
                self.make_template(**values)

    def test_two_options_with_the_same_value(self):
        options = [
            Command.create({"title": title, "value": "same"}) for title in ("A", "B")
        ]
        with self.assertRaisesRegex(ValidationError, "the same value"):
            self.make_template("?", kind="quick_reply", option_ids=options)

    def test_options_may_change_places(self):
        template = self.make_template(
            "?", kind="quick_reply", option_ids=self.make_options("A", "B")
        )
        first, second = template.option_ids
        template.option_ids = [
            Command.update(first.id, {"title": "B"}),
            Command.update(second.id, {"title": "A"}),
        ]
        self.assertEqual(template.option_ids.mapped("title"), ["B", "A"])

    def test_guide_tells_the_limits_of_each_type(self):
        body = {"text": 4096, "image": 1024, "quick_reply": 1024}
        for kind, limit in body.items():
            self.assertEqual(
                self.Template.new({"kind": kind}).guide["limits"]["body"], limit
            )
        titles = {
            kind: self.Template.new({"kind": kind}).guide["limits"]["title"]
            for kind in ("quick_reply", "list")
        }
        self.assertEqual(titles, {"quick_reply": 20, "list": 24})

    # --- placeholders ----------------------------------------------------------------

    def test_values(self):
        self.make_contact(email="lucia@example.com")
        self.capture(self.conversation)
        text = self.say(
            self.make_template(
                "Datos: {{contact.name}} {{ customer.first_name }} {{contact.email}} "
                "{{customer.number}} {{agent.name}} {{queue.name}} {{line.name}} "
                "{{company.name}}"
            )
        )
        self.assertEqual(
            text,
            "Datos: Lucía Gómez Lucía lucia@example.com +34 600 11 12 22 Ana Support "
            f"{self.line.name} {self.company.name}",
        )

    def test_missing_value_is_its_default(self):
        template = self.make_template("Hola {{contact.name|amigo}}{{contact.city}}.")
        self.assertEqual(self.say(template), "Hola amigo.")
        self.make_contact()
        self.assertEqual(self.say(template), "Hola Lucía Gómez.")

    def test_number_is_no_name(self):
        self.conversation.customer_id.profile_name = False
        template = self.make_template("Hola {{customer.name|cliente}}")
        self.assertEqual(self.say(template), "Hola cliente")

    def test_value_is_no_template(self):
        """What a customer calls themselves is said as it is, on one line."""
        self.make_contact(name="{{company.name}}\n<b>x</b>")
        message = self.send(self.make_template("Hola {{contact.name}}"))
        self.assertEqual(
            self.provider_double.sent[0]["text"], "Hola {{company.name}} <b>x</b>"
        )
        self.assertIn("&lt;b&gt;", message.mail_message_id.body)

    def test_only_known_names(self):
        for body in (
            "{{contact.user_ids}}",
            "{{company.partner_id.bank_ids}}",
            "{{contact.name.__class__}}",
            "{{line.api_key}}",
            "{{password|x}}",
        ):
            with (
                self.subTest(body),
                self.assertRaisesRegex(ValidationError, "Known are: customer.name"),
                self.env.cr.savepoint(),
            ):
                self.make_template(body)

    def test_broken_placeholder(self):
        for body in ("Hola {{contact.name}", "Hola {{ 1 + 1 }}", "Hola }}"):
            with (
                self.subTest(body),
                self.assertRaisesRegex(ValidationError, "is no placeholder"),
                self.env.cr.savepoint(),
            ):
                self.make_template(body)

    def test_nothing_left_without_a_value(self):
        with self.assertRaisesRegex(ValidationError, "of whom nothing is known"):
            self.make_template("{{contact.name}}")
        self.make_template("{{contact.name|Hola}}")

    def test_what_can_be_tapped_is_the_same_for_everybody(self):
        options = self.make_options("{{contact.city}}")
        with self.assertRaisesRegex(ValidationError, "can be tapped"):
            self.make_template("?", kind="quick_reply", option_ids=options)

    def test_long_value_is_cut_and_sent(self):
        self.make_contact(name="L" * 300)
        template = self.make_template(
            "Hola",
            kind="quick_reply",
            header="Para {{contact.name|usted}}",
            option_ids=self.make_options("Sí"),
        )
        self.send(template)
        header = self.provider_double.sent[0]["content"]["header"]
        self.assertEqual(len(header), 60)
        self.assertTrue(header.endswith("L…"))

    def test_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.make_template("Good morning {{contact.name|you}}")
        template.with_context(lang="es_ES").body = "Buenos días {{contact.name|usted}}"
        self.assertEqual(self.say(template), "Good morning you")
        self.make_contact(lang="es_ES")
        self.assertEqual(self.say(template), "Buenos días Lucía Gómez")

    def test_translation_is_checked(self):
        """What is wrong with it is told in the language of whoever writes it."""
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.make_template("Good morning")
        with self.assertRaisesRegex(ValidationError, "no placeholder “nadie”"):
            template.update_field_translations("body", {"es_ES": "Hola {{nadie}}"})

    def test_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.make_template("Good morning")
        template.with_context(lang="es_ES").body = "Buenos días"
        self.company.partner_id.lang = "es_ES"
        self.assertEqual(self.say(template), "Buenos días")

    # --- in use ----------------------------------------------------------------------

    def test_what_is_in_use_stays_and_says_where(self):
        template = self.make_template()
        self.line.farewell_template_id = template
        self.queue.message_template_ids = template
        for action in (template.unlink, template.action_archive):
            with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                action()
            self.assertIn(
                f"WhatsApp Line: {self.line.display_name}", str(caught.exception)
            )
            self.assertIn("WhatsApp Queue: Support", str(caught.exception))
        self.line.farewell_template_id = False
        self.queue.message_template_ids = False
        template.unlink()

    def test_confirmations_and_warnings_stay_as_well(self):
        for records, name in (
            (self.line, "opt_out_template_id"),
            (self.line, "opt_in_template_id"),
            (self.queue, "inactivity_template_id"),
        ):
            with self.subTest(name):
                template = self.make_template()
                records[name] = template
                for action in (template.unlink, template.action_archive):
                    with (
                        self.assertRaises(UserError) as caught,
                        self.env.cr.savepoint(),
                    ):
                        action()
                    self.assertIn(records.display_name, str(caught.exception))

    def test_nothing_private_is_said_to_every_customer(self):
        menu = self.env["whatsapp_omni.menu"].create(
            {
                "name": "Start",
                "body": "How can we help?",
                "option_ids": [
                    (0, 0, {"title": "Help", "queue_id": self.queue.id}),
                ],
            }
        )
        for records, name in (
            (self.line, "opt_out_template_id"),
            (self.line, "opt_in_template_id"),
            (self.queue, "inactivity_template_id"),
            (menu, "wrong_template_id"),
            (menu, "forwarding_template_id"),
        ):
            with self.subTest(name):
                private = self.make_template(user_id=self.agent.id)
                with (
                    self.assertRaisesRegex(ValidationError, "private"),
                    self.env.cr.savepoint(),
                ):
                    records[name] = private
                shared = self.make_template()
                records[name] = shared
                with (
                    self.assertRaisesRegex(ValidationError, "private"),
                    self.env.cr.savepoint(),
                ):
                    shared.user_id = self.agent
        private = self.make_template(user_id=self.agent.id)
        with self.assertRaisesRegex(ValidationError, "private"):
            menu.option_ids.write(
                {
                    "target_kind": "template",
                    "queue_id": False,
                    "template_id": private.id,
                }
            )

    def test_line_says_nothing_private(self):
        template = self.make_template(user_id=self.agent.id)
        with self.assertRaisesRegex(ValidationError, "private"):
            self.line.welcome_template_id = template

    def test_what_a_line_says_cannot_become_private(self):
        template = self.make_template()
        self.line.welcome_template_id = template
        with self.assertRaisesRegex(ValidationError, "private"):
            template.user_id = self.agent
