# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .common import TOKEN, inbound
from .test_routing import MORNING, NIGHT, OPENING, RoutingCommon


@tagged("post_install", "-at_install")
class TestChangedUnderWay(RoutingCommon):
    """Lines, and conversations, that are changed while a customer is routed."""

    def write_at(self, moment, text="Hola", **kwargs):
        with freeze_time(moment):
            return self.write_in(text, at=moment, **kwargs)

    def left_inboxes_of(self, conversation):
        """Return a context in which removals from inboxes are noted."""
        removals = []
        Conversation = self.registry["whatsapp_omni.conversation"]
        original = Conversation._take_off

        def note(record, bus_channels):
            if record == conversation:
                removals.extend(bus_channels)
            return original(record, bus_channels)

        return patch.object(Conversation, "_take_off", note), removals

    def test_a_line_that_gets_a_menu_takes_who_waits_off_the_inboxes(self):
        """In the menu it is nobody's: not even readable for agents."""
        self.line.calendar_id = self.calendar
        conversation = self.write_at(NIGHT)
        self.assertEqual(conversation.queue_id, self.queue)
        self.use_menus()
        noting, removals = self.left_inboxes_of(conversation)
        with noting:
            self.route_due(OPENING)
        self.assertEqual(
            (conversation.state, conversation.menu_id), ("menu", self.main)
        )
        self.assertFalse(conversation.queue_id)
        self.assertEqual(removals, [self.queue])
        self.assertFalse(conversation.with_user(self.agent).has_access("read"))

    def test_a_line_that_gets_another_queue_moves_who_waits(self):
        self.line.calendar_id = self.calendar
        conversation = self.write_at(NIGHT)
        self.line.queue_id = self.queue2
        noting, removals = self.left_inboxes_of(conversation)
        with noting:
            self.route_due(OPENING)
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue2)
        )
        self.assertEqual(removals, [self.queue])

    def test_a_server_action_may_close_the_conversation(self):
        action = self.make_action("record._close(reason='menu')\naction = 'Adiós'")
        menu = self.make_menu("Inicio", ("Fin", action), ("Ayuda", self.queue))
        self.line.write({"destination": "menu", "menu_id": menu.id})
        conversation = self.write_in()
        self.new_texts()
        self.write_in("Fin")
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(self.new_texts(), ["Adiós"])

    def test_a_server_action_may_choose_the_queue(self):
        action = self.make_action(
            f"record._enter_queue(env['whatsapp_omni.queue'].browse({self.queue2.id}),"
            " 'chosen')"
        )
        menu = self.make_menu("Inicio", ("VIP", action), ("Ayuda", self.queue))
        self.line.write({"destination": "menu", "menu_id": menu.id})
        conversation = self.write_in()
        self.new_texts()
        self.write_in("VIP")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue2)
        )
        self.assertFalse(conversation.menu_position)
        self.assertEqual(self.new_texts(), [])

    def test_who_was_handed_on_after_the_menu_stays_in_that_queue(self):
        """The next message of the customer is no beginning."""
        for destination in ("menu", "direct"):
            with self.subTest(destination):
                self.use_menus(welcome_template_id=self.welcome.id)
                phone = {"menu": "34600111801", "direct": "34600111802"}[destination]
                ended = self.write_in(phone=phone)
                self.write_in("1", phone=phone)
                self.write_in("2", phone=phone)
                self.assertEqual(ended.close_reason, "menu")
                self.line.destination = destination
                moved = self.pass_on(ended, self.queue2)
                self.new_texts()
                self.assertEqual(self.write_in("¿Hola?", phone=phone), moved)
                self.assertEqual((moved.state, moved.queue_id), ("new", self.queue2))
                self.assertEqual(self.new_texts(), [])

    def test_who_was_handed_on_is_listed_with_what_they_wrote(self):
        self.use_menus()
        ended = self.write_in()
        self.write_in("1")
        self.write_in("2")
        moved = self.pass_on(ended, self.queue2)
        self.assertEqual(moved.last_text, ended.last_text)
        self.assertEqual(moved.last_message_at, ended.last_message_at)

    def test_who_chose_in_time_is_not_given_up(self):
        """The choice is in the journal, but nobody has applied it yet."""
        self.use_menus()
        conversation = self.write_at(MORNING)
        late = MORNING + timedelta(minutes=16)
        body = json.dumps(inbound(text="1", at=MORNING + timedelta(minutes=14)))
        self.env["whatsapp_omni.event"]._receive(TOKEN, body.encode())
        self.route_due(late)
        self.assertEqual(conversation.state, "menu")
        with freeze_time(late):
            self.receive()
        self.assertEqual(conversation.menu_id, self.sales)
        self.route_due(late + timedelta(minutes=15))
        self.assertEqual(conversation.state, "new")

    def test_a_word_that_stops_marketing_is_no_wrong_answer(self):
        self.use_menus(max_wrong_answers=0)
        conversation = self.write_in()
        self.new_texts()
        self.write_in("STOP")
        self.assertEqual(conversation.state, "menu")
        self.assertTrue(conversation.customer_id.opted_out)
        (confirmation,) = self.new_texts()
        self.assertIn("advertising", confirmation)
        self.write_in("2")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )

    def test_an_option_comes_before_a_word_that_stops_marketing(self):
        menu = self.make_menu("Inicio", ("Alta", self.queue2), ("Baja", self.queue))
        self.line.write({"destination": "menu", "menu_id": menu.id})
        conversation = self.write_in()
        self.write_in("Baja")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )

    def test_who_answers_what_we_began_is_in_no_menu(self):
        """Written first by an agent: the answer is that agent's."""
        self.use_menus(
            calendar_id=self.calendar.id, welcome_template_id=self.welcome.id
        )
        template = self.env["whatsapp_omni.approved.template"].create(
            {
                "line_id": self.line.id,
                "provider_ref": "first",
                "name": "first",
                "language": "es",
                "status": "APPROVED",
                "template_type": "TEXT",
                "body": "Hola",
            }
        )
        Conversation = self.env["whatsapp_omni.conversation"].with_user(self.agent)
        conversation = Conversation.browse(
            Conversation.action_start(
                self.queue.id, template.id, {"number": "+34600111222"}
            )
        ).sudo()
        self.new_texts()
        self.write_at(NIGHT, "Sí")
        self.receive(inbound(text="¿Qué?", at=NIGHT + timedelta(minutes=1)))
        self.assertEqual(
            (conversation.state, conversation.user_id), ("attended", self.agent)
        )
        self.assertEqual(self.new_texts(), [])
