# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Questions, places and contact cards that an agent builds for one customer."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import inbound
from .test_outgoing import OutgoingCommon

QUESTION = {
    "header": "Su pedido",
    "footer": "Gracias",
    "options": [{"title": "En casa"}, {"title": "En la tienda"}],
}


@tagged("post_install", "-at_install")
class TestComposing(OutgoingCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in())

    def send(self, kind, payload, text="", user=None):
        conversation = self.conversation.with_user(user or self.agent)
        conversation.action_send_built(kind, payload, text)
        self.send_outbox()
        return self.provider_double.sent[-1]

    # --- what is sent ---------------------------------------------------------------

    def test_buttons_are_sent_and_what_is_tapped_comes_back(self):
        sent = self.send("quick_reply", QUESTION, "¿Cómo lo *recibe*?")
        self.assertEqual(sent["content"]["text"], "¿Cómo lo *recibe*?")
        titles = [option["title"] for option in sent["options"]]
        self.assertEqual(titles, ["En casa", "En la tienda"])
        message = self.conversation.sudo().message_ids.sorted("id")[-1]
        mail = message.mail_message_id
        self.assertEqual(mail.author_id, self.agent.partner_id)
        self.assertFalse(message.automatic)
        for text in ("Su pedido", "¿Cómo lo", "Gracias", "En la tienda"):
            self.assertIn(text, mail.body)

        tap = inbound("button_reply", title="En casa", id="En casa", reply="En casa 1")
        self.receive(tap)

        answer = self.message_of(tap)
        self.assertEqual(answer.conversation_id, self.conversation.sudo(False))
        self.assertIn("En casa", answer.mail_message_id.body)

    def test_a_list_has_rows_with_a_second_line(self):
        rows = [{"title": f"Talla {size}", "description": "Azul"} for size in "SML"]
        sent = self.send(
            "list", {"options": rows, "opener": "Tallas"}, "¿Qué talla usa?"
        )
        (section,) = sent["items"]
        self.assertEqual(sent["globalButtons"][0]["title"], "Tallas")
        self.assertEqual(
            [(row["title"], row["description"]) for row in section["options"]],
            [("Talla S", "Azul"), ("Talla M", "Azul"), ("Talla L", "Azul")],
        )

    def test_a_place(self):
        place = {"latitude": 40.4168, "longitude": -3.7038, "name": "Sol"}
        sent = self.send("location", {**place, "address": "Madrid"})
        self.assertEqual(sent["type"], "location")
        coordinates = float(sent["latitude"]), float(sent["longitude"])
        self.assertEqual(coordinates, (40.4168, -3.7038))
        self.assertEqual((sent["name"], sent["address"]), ("Sol", "Madrid"))

    def test_a_contact_card(self):
        sent = self.send(
            "contact",
            {
                "name": "Taller Pérez",
                "company": "Pérez SL",
                "phones": ["+34 911 22 33 44", " "],
                "emails": ["taller@example.com"],
            },
        )
        card = sent["contact"]
        self.assertEqual(card["name"]["formattedName"], "Taller Pérez")
        self.assertEqual([p["phone"] for p in card["phones"]], ["+34 911 22 33 44"])
        self.assertEqual([e["email"] for e in card["emails"]], ["taller@example.com"])
        self.assertEqual(card["org"]["company"], "Pérez SL")

    # --- what is refused ------------------------------------------------------------

    def test_what_whatsapp_would_refuse_never_leaves(self):
        option = {"title": "Sí"}
        for kind, payload, text in (
            ("quick_reply", {**QUESTION, "options": []}, "¿?"),
            ("quick_reply", {**QUESTION, "options": [option] * 2}, "¿?"),
            ("quick_reply", {**QUESTION, "options": [{"title": "x" * 21}]}, "¿?"),
            ("quick_reply", {**QUESTION, "footer": "x" * 61}, "¿?"),
            ("quick_reply", QUESTION, " "),
            ("list", {"options": [option], "opener": ""}, "¿?"),
            (
                "list",
                {"options": [{"title": str(n)} for n in range(11)], "opener": "Ver"},
                "¿?",
            ),
            ("location", {"latitude": 91, "longitude": 0}, ""),
            ("contact", {"name": " "}, ""),
        ):
            with self.subTest(kind=kind, payload=payload), self.assertRaises(UserError):
                self.conversation.action_send_built(kind, payload, text)
        self.assertFalse(self.send_outbox())

    def test_what_is_no_such_message_is_refused_without_a_trace(self):
        for kind, payload in (
            ("template", {"id": "x"}),
            ("document", {}),
            ("quick_reply", None),
            ("quick_reply", {"options": ["Sí"]}),
            ("list", {}),
            ("location", {"latitude": "north", "longitude": 0}),
            ("contact", ["name"]),
        ):
            with (
                self.subTest(kind=kind),
                self.assertRaisesRegex(UserError, "not complete"),
            ):
                self.conversation.action_send_built(kind, payload, "¿?")

    def test_it_is_checked_like_any_answer(self):
        with self.assertRaisesRegex(UserError, "Take the conversation"):
            self.send("quick_reply", QUESTION, "¿?", user=self.agent2)
        with self.assertRaises(AccessError):
            self.send("quick_reply", QUESTION, "¿?", user=self.agent_elsewhere)
        self.conversation.sudo().window_end = self.conversation.opened_at
        with self.assertRaisesRegex(UserError, "window is closed"):
            self.send("quick_reply", QUESTION, "¿?")
        self.conversation.action_close(self.disposition.id)
        with self.assertRaisesRegex(UserError, "closed"):
            self.send("quick_reply", QUESTION, "¿?")
        self.assertFalse(self.provider_double.forms)
