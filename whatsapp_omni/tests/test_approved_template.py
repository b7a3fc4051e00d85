# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What approved templates need, and what they say."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_templates import ApprovedTemplateCommon


@tagged("post_install", "-at_install")
class TestApprovedTemplateContent(ApprovedTemplateCommon):
    """From values to a message that WhatsApp cannot refuse."""

    def test_values_are_asked_in_the_providers_order(self):
        parameters = self.make_visit()._parameters()
        self.assertEqual(
            [(p["place"], p["name"]) for p in parameters],
            [("header", "1"), ("body", "1"), ("body", "2"), ("button", "3")],
        )
        self.assertEqual(parameters[1]["label"], "Body {{1}}")

    def test_numbered_variables_count_named_ones_follow_each_other(self):
        numbered = self.make_template("numbered", body="El {{2}}, {{1}}, a las {{10}}.")
        named = self.make_template(
            "named", body="El {{day}}, {{name}}, {{day}}.", parameter_format="NAMED"
        )
        self.assertEqual([p["name"] for p in numbered._parameters()], ["1", "2", "10"])
        self.assertEqual([p["name"] for p in named._parameters()], ["day", "name"])

    def test_filled_template_looks_as_the_customer_will_see_it(self):
        content = self.make_visit()._template_content(
            ["Lucía", "Lucía", " 13 oct. ", "a7f3"]
        )
        self.assertEqual(content.kind, "template")
        self.assertEqual(content.text, "Hola Lucía, el 13 oct. con Lucía.")
        self.assertEqual(
            content.payload,
            {
                "id": "visit",
                "params": ["Lucía", "Lucía", "13 oct.", "a7f3"],
                "postbacks": ["yes", "No"],
                "header": "Cita de Lucía",
                "footer": "Acme",
                "options": [{"title": "Sí"}, {"title": "No"}, {"title": "Ver"}],
            },
        )

    def test_values_that_whatsapp_would_refuse_are_refused_here(self):
        template = self.make_visit()
        good = ["Ana", "Ana", "hoy", "a7f3"]
        for position, value, reason in (
            (0, "", "missing"),
            (1, "  ", "missing"),
            (1, False, "missing"),
            (2, "uno\ndos", "one line"),
            (2, "uno\tdos", "one line"),
            (2, "uno     dos", "one line"),
            (0, "x" * 60, "at most 60"),
            (1, "x" * 1024, "at most 1024"),
            (3, "a b", "spaces"),
            (3, "x" * 2000, "longer than 2000"),
        ):
            params = [*good]
            params[position] = value
            with (
                self.subTest(value=value, position=position),
                self.assertRaisesRegex(UserError, reason),
            ):
                template._template_content(params)
        for params in ([], good[:-1], [*good, "one more"]):
            with self.assertRaisesRegex(UserError, "needs 4 values"):
                template._template_content(params)
        with self.assertRaisesRegex(UserError, "2 quick replies"):
            template._template_content(good, postbacks=["one"])
        template._template_content(good)

    def test_header_file_is_chosen_or_the_templates_own(self):
        template = self.make_template("offer", header_kind="image", body="Oferta")
        with self.assertRaisesRegex(UserError, "needs a file"):
            template._template_content([])
        template.media_url = "https://example.com/sample.jpg"
        self.assertEqual(
            template._template_content([]).payload["media"],
            {"kind": "image", "url": "https://example.com/sample.jpg"},
        )
        own, chosen = self.attach("own.png"), self.attach("chosen.png")
        template.header_attachment_id = own
        self.assertEqual(template._template_content([]).attachment_id, own.id)
        content = template._template_content([], attachment=chosen)
        self.assertEqual(content.attachment_id, chosen.id)
        self.assertNotIn("media", content.payload)

    def test_header_file_of_another_kind_is_refused(self):
        template = self.make_template("offer", header_kind="video", body="Oferta")
        with self.assertRaisesRegex(UserError, "kind “Video”"):
            template._template_content([], attachment=self.attach())
        plain = self.make_template("plain", body="Oferta")
        with self.assertRaisesRegex(UserError, "no place for a file"):
            plain._template_content([], attachment=self.attach())

    def test_place_above_the_text(self):
        template = self.make_template("shop", header_kind="location", body="Venga")
        with self.assertRaisesRegex(UserError, "shows a place"):
            template._template_content([])
        template.write({"latitude": 40.4168, "longitude": -3.7, "place_name": "Sol"})
        place = template._template_content([]).payload["location"]
        self.assertEqual((place["latitude"], place["name"]), (40.4168, "Sol"))
        other = {"latitude": 1.0, "longitude": 2.0, "name": "Otra", "address": ""}
        content = template._template_content([], location=other)
        self.assertEqual(content.payload["location"], other)

    def test_code_of_an_authentication_template_is_asked_once(self):
        template = self.make_template(
            "code",
            body="{{1}} es su código.",
            button_ids=[Command.create({"kind": "OTP", "text": "Copiar"})],
        )
        self.assertEqual(len(template._parameters()), 1)
        content = template._template_content(["1234"])
        self.assertEqual(content.payload["params"], ["1234", "1234"])

    def test_proposals_come_from_the_record_or_the_default(self):
        template = self.make_template(
            "hello", body="{{1}} {{2}} {{3}} {{4}} {{5}}", name="hello"
        )
        mapping = [
            ("contact_first_name", False),
            ("agent_name", False),
            ("queue_name", False),
            ("contact_city", "su ciudad"),
            ("text", False),
        ]
        for parameter, (source, default) in zip(
            template.parameter_ids, mapping, strict=True
        ):
            parameter.write({"source": source, "default_value": default})
        partner = self.env["res.partner"].create({"name": "Lucía\nGil  Ruiz"})
        proposals = template._fill(
            {"partner": partner, "user": self.agent, "queue": self.queue}
        )
        self.assertEqual(proposals, ["Lucía", "Ana", "Support", "su ciudad", ""])

    def test_every_source_answers_with_and_without_a_record(self):
        template = self.make_template("hello", body="Hola {{1}}.")
        conversation = self.write_in()
        full = {
            "customer": conversation.customer_id,
            "partner": self.agent.partner_id,
            "user": self.agent,
            "queue": self.queue,
        }
        for source, _label in template.parameter_ids._fields["source"].selection:
            template.parameter_ids.source = source
            for context in ({}, full):
                with self.subTest(source=source, context=list(context)):
                    (value,) = template._fill(context)
                    self.assertIsInstance(value, str)
