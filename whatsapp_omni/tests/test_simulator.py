# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .test_routing import MORNING, NIGHT, RoutingCommon


@tagged("post_install", "-at_install")
class TestSimulator(RoutingCommon, HttpCase):
    """What a line would do, without doing it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.use_menus(
            calendar_id=cls.calendar.id,
            welcome_template_id=cls.welcome.id,
            after_hours_template_id=cls.after_hours.id,
        )

    def test_moment_that_is_none_is_refused_in_words(self):
        for moment in ("yesterday", [1], {"a": 1}):
            with self.assertRaisesRegex(UserError, "no date"):
                self.line.with_user(self.agent).simulate(moment, [])

    def simulate(self, moment, *texts):
        line = self.line.with_user(self.administrator)
        return line.simulate(str(moment), [{"text": text} for text in texts])

    def said(self, result):
        return [e["text"] for e in result["entries"] if e["who"] == "line"]

    def test_at_night(self):
        result = self.simulate(NIGHT, "Hola")
        self.assertEqual(self.said(result), ["Abrimos a las 9"])
        self.assertEqual(result["hours"], "Closed, opens at 09:00")
        self.assertTrue(result["is_over"])

    def test_through_the_menus(self):
        result = self.simulate(MORNING, "Hola", "ventas", "¿?", "nuevo")
        self.assertEqual(
            self.said(result),
            [
                "Bienvenida, Customer",
                "Inicio?",
                "Ventas?",
                "Sorry, I did not understand that.",
                "Ventas?",
            ],
        )
        self.assertEqual(result["entries"][-1]["text"], "Waits for an agent: Sales")
        self.assertTrue(result["is_over"])

    def test_a_word_that_stops_marketing_is_no_wrong_answer(self):
        result = self.simulate(MORNING, "Hola", "stop", "ayuda")
        self.assertEqual(self.said(result), ["Bienvenida, Customer", "Inicio?"])
        notes = [e["text"] for e in result["entries"] if e["who"] == "note"]
        self.assertEqual(
            notes,
            [
                "The choice about marketing is noted, and confirmed.",
                "Waits for an agent: Support",
            ],
        )

    def test_a_tap(self):
        result = self.simulate(MORNING, "Hola")
        option = result["entries"][-1]["options"][1]
        line = self.line.with_user(self.administrator)
        result = line.simulate(
            str(MORNING),
            [{"text": "Hola"}, {"text": option["title"], "payload": option["value"]}],
        )
        self.assertEqual(result["entries"][-1]["text"], "Waits for an agent: Support")

    def test_it_leaves_nothing_behind(self):
        models = (
            "customer",
            "conversation",
            "message",
            "menu.visit",
            "conversation.change",
        )
        counts = [self.env[f"whatsapp_omni.{m}"].search_count([]) for m in models]
        self.simulate(MORNING, "Hola", "1", "2")
        self.env.flush_all()
        self.assertEqual(
            [self.env[f"whatsapp_omni.{m}"].search_count([]) for m in models], counts
        )

    def test_it_says_what_customers_get(self):
        """The simulator and the routing decide alike."""
        self.line.calendar_id = False
        texts = ["Hola", "ventas", "eh", "0", "1", "horario"]
        for text in texts:
            self.write_in(text, name="Customer")
        self.assertEqual(self.said(self.simulate(MORNING, *texts)), self.texts())

    def test_on_screen(self):
        self.line.calendar_id = False
        self.start_tour(
            f"/odoo/whatsapp-lines/{self.line.id}",
            "whatsapp_omni.simulator",
            login="wa_admin",
        )
        self.assertFalse(self.env["whatsapp_omni.conversation"].search_count([]))
