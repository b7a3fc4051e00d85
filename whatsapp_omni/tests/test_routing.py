# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from ast import literal_eval
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.menu_content import postback
from .common import WhatsAppOmniCommon, inbound
from .test_opening_hours import OFFICE, make_calendar

ROUTING_LOG = "odoo.addons.whatsapp_omni.models.conversation_routing"

#: A Monday in Madrid: closed until 9:00, which is 8:00 UTC, and open.
NIGHT, OPENING, MORNING = (
    datetime(2026, 1, 12, 3),
    datetime(2026, 1, 12, 8),
    datetime(2026, 1, 12, 10),
)


class RoutingCommon(WhatsAppOmniCommon):
    """A line with a welcome, office hours, and menus that nest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.welcome = cls.make_template("Welcome", "Bienvenida, {{customer.name}}")
        cls.after_hours = cls.make_template("Closed", "Abrimos a las 9")
        cls.hours_info = cls.make_template("Hours", "De 9 a 19")
        cls.calendar = make_calendar(cls.env, OFFICE)

    @classmethod
    def make_template(cls, name, body):
        return cls.env["whatsapp_omni.message.template"].create(
            {"name": name, "body": body}
        )

    @classmethod
    def make_menu(cls, name, *options, **values):
        """Create a menu with options of (title, destination)."""
        return cls.env["whatsapp_omni.menu"].create(
            {
                "name": name,
                "body": f"{name}?",
                "option_ids": [
                    Command.create(cls.option_values(title, target))
                    for title, target in options
                ],
                **values,
            }
        )

    @classmethod
    def option_values(cls, title, target):
        kind, field = {
            "whatsapp_omni.queue": ("queue", "queue_id"),
            "whatsapp_omni.menu": ("menu", "target_menu_id"),
            "whatsapp_omni.message.template": ("template", "template_id"),
            "ir.actions.server": ("action", "action_id"),
        }[target._name]
        return {"title": title, "target_kind": kind, field: target.id}

    @classmethod
    def make_action(cls, code):
        return cls.env["ir.actions.server"].create(
            {
                "name": "Balance",
                "model_id": cls.env["ir.model"]._get_id("whatsapp_omni.conversation"),
                "state": "code",
                "code": code,
            }
        )

    @classmethod
    def use_menus(cls, **values):
        """Let the line go through a first menu, with another one behind *Ventas*."""
        cls.sales = cls.make_menu(
            "Ventas", ("Nuevo", cls.queue2), ("Horario", cls.hours_info)
        )
        cls.main = cls.make_menu("Inicio", ("Ventas", cls.sales), ("Ayuda", cls.queue))
        cls.line.write({"destination": "menu", "menu_id": cls.main.id, **values})

    def texts(self):
        """Return what was queued for customers, in its order."""
        return (
            self.env["whatsapp_omni.message"]
            .search([("direction", "=", "outbound"), ("line_id", "=", self.line.id)])
            .sorted("id")
            .mapped("text")
        )

    def new_texts(self):
        """Return what was queued since the last call."""
        seen = getattr(self, "_seen", 0)
        texts = self.texts()
        self._seen = len(texts)
        return texts[seen:]

    def tap(self, menu, title, **kwargs):
        option = menu.option_ids.filtered(lambda o: o.title == title)
        body = inbound(
            "button_reply",
            title=title,
            postbackText=postback(menu.id, option.id),
            **kwargs,
        )
        self.receive(body)
        return self.message_of(body).conversation_id

    def route_due(self, moment):
        """Do what the scheduled action would at a moment."""
        Conversation = self.env["whatsapp_omni.conversation"]
        with freeze_time(moment):
            while Conversation._route_due(fields.Datetime.now()):
                continue
            Conversation._renew_openings(fields.Datetime.now())
        self.env.flush_all()

    def pass_on(self, conversation, queue, user=None, **kwargs):
        """Have a supervisor transfer it to a queue; return what is there now."""
        transfer_id = conversation.with_user(user or self.supervisor).action_transfer(
            queue_id=queue.id, **kwargs
        )
        return self.env["whatsapp_omni.transfer"].browse(transfer_id).conversation_id


@tagged("post_install", "-at_install")
class TestDirect(RoutingCommon):
    """A line that goes directly to its queue."""

    def test_welcome_once_and_into_the_queue(self):
        self.line.welcome_template_id = self.welcome
        conversation = self.write_in()
        self.write_in("¿Hay alguien?")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )
        self.assertEqual(self.texts(), ["Bienvenida, Lucía"])

    def test_the_welcome_is_in_the_transcript_as_sent_by_the_line(self):
        self.line.welcome_template_id = self.welcome
        conversation = self.write_in()
        message = conversation.message_ids.filtered("automatic")
        mail = message.mail_message_id
        self.assertEqual(mail.author_id, self.company.partner_id)
        self.assertFalse(conversation.answered_at)

    def test_duplicates_are_greeted_once(self):
        self.line.welcome_template_id = self.welcome
        body = inbound()
        self.receive(body, body)
        self.receive(body)
        self.assertEqual(len(self.texts()), 1)

    def test_a_crash_and_its_repetition_greet_once(self):
        """The welcome lives and dies with the message that it answers."""
        self.line.welcome_template_id = self.welcome
        Event = self.env["whatsapp_omni.event"]
        Event._receive("test-callback-token", json.dumps(inbound()).encode())
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            Event._apply_batch(25)
            self.assertEqual(len(self.texts()), 1)
            raise ZeroDivisionError
        self.assertFalse(self.texts())
        Event._apply_batch(25)
        self.assertEqual(len(self.texts()), 1)

    @mute_logger(ROUTING_LOG)
    def test_a_failing_route_loses_nothing(self):
        self.line.calendar_id = self.calendar
        with patch.object(
            type(self.line), "_is_open", side_effect=ZeroDivisionError, create=True
        ):
            conversation = self.write_in("No me perdáis")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )
        self.assertEqual(conversation.last_text, "No me perdáis")

    def test_attended_conversations_pay_nothing(self):
        """Neither hours nor menus cost the customers of an agent a query."""
        conversation = self.capture(self.write_in())
        self.write_in("warm")
        plain = self.count_queries()
        self.use_menus(
            calendar_id=self.calendar.id, welcome_template_id=self.welcome.id
        )
        self.assertEqual(self.count_queries(), plain)
        self.assertEqual(conversation.state, "attended")

    def count_queries(self):
        """Return the queries that one more message of the customer costs."""
        Event = self.env["whatsapp_omni.event"]
        Event._receive("test-callback-token", json.dumps(inbound()).encode())
        self.env.flush_all()
        self.env.cr.precommit.run()  # what changes of the line left for the commit
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        Event._apply_batch(25)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestOutsideHours(RoutingCommon):
    """Who writes while the line is closed is told so, kept, and attended later."""

    def setUp(self):
        super().setUp()
        self.line.write(
            {
                "calendar_id": self.calendar.id,
                "welcome_template_id": self.welcome.id,
                "after_hours_template_id": self.after_hours.id,
            }
        )

    def write_at(self, moment, text="Hola", **kwargs):
        with freeze_time(moment):
            return self.write_in(text, at=moment, **kwargs)

    def expire_at(self, conversation, moment):
        with freeze_time(moment):
            conversation._expire_round()

    def test_told_once_and_kept(self):
        conversation = self.write_at(NIGHT)
        self.write_at(NIGHT + timedelta(minutes=1), "¿Hola?")
        self.assertEqual(self.new_texts(), ["Abrimos a las 9"])
        self.assertEqual(conversation.state, "waiting")
        self.assertEqual(conversation.opens_at, OPENING)
        self.assertEqual(conversation.waiting_count, 2)

    def test_routed_when_the_hours_begin_oldest_first(self):
        late = self.write_at(NIGHT + timedelta(hours=1), phone="34600111333")
        early = self.write_at(NIGHT)
        self.route_due(OPENING - timedelta(minutes=1))
        self.assertEqual({early.state, late.state}, {"waiting"})
        self.new_texts()
        self.route_due(OPENING)
        self.assertEqual({early.state, late.state}, {"new"})
        self.assertEqual(self.new_texts(), ["Bienvenida, Lucía"] * 2)
        routed = (early | late).change_ids.filtered(lambda c: c.what == "routed")
        self.assertEqual(routed.sorted("id").conversation_id, early | late)

    def test_the_scheduled_action_is_called_at_the_opening(self):
        self.write_at(NIGHT)
        self.write_at(NIGHT, phone="34600111333")
        cron = self.env.ref("whatsapp_omni.ir_cron_route_conversations")
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", cron.id), ("call_at", "=", OPENING)]
        )
        self.assertEqual(len(triggers), 1)

    def test_the_next_message_routes_as_well(self):
        conversation = self.write_at(NIGHT)
        self.write_at(MORNING, "¿Ya?")
        self.assertEqual(conversation.state, "new")
        self.assertEqual(self.texts(), ["Abrimos a las 9", "Bienvenida, Lucía"])

    def test_told_again_in_the_next_closed_period_only(self):
        for moment, told in (
            (NIGHT, 1),
            (NIGHT + timedelta(hours=1), 0),  # closed by an agent, same night
            (datetime(2026, 1, 12, 12, 30), 1),  # the afternoon break
            (datetime(2026, 1, 12, 13), 0),
        ):
            conversation = self.write_at(moment)
            self.assertEqual(len(self.new_texts()), told, moment)
            with freeze_time(moment):
                self.capture(conversation).action_close(self.disposition.id)

    def test_an_agent_may_take_it_early(self):
        conversation = self.write_at(NIGHT)
        with freeze_time(NIGHT):
            self.capture(conversation)
        self.route_due(OPENING)
        self.assertEqual(
            (conversation.state, conversation.user_id), ("attended", self.agent)
        )
        captured = conversation.change_ids.filtered(lambda c: c.what == "captured")
        self.assertEqual(captured.from_state, "waiting")

    def test_the_agents_of_the_queue_see_it_waiting(self):
        conversation = self.write_at(NIGHT)
        Conversation = self.env["whatsapp_omni.conversation"]
        for user, seen in ((self.agent, True), (self.agent_elsewhere, False)):
            inbox = Conversation.with_user(user).search(
                Conversation.with_user(user)._inbox_domain()
            )
            self.assertEqual(conversation in inbox, seen)

    def test_unread_before_taking_where_the_queue_says_so(self):
        self.queue.allow_peek = False
        conversation = self.write_at(NIGHT)
        with self.assertRaises(AccessError):
            conversation.message_ids.with_user(self.agent)[:1].check_access("read")

    def test_flagged_where_the_window_closes_before_opening(self):
        """Friday evening: it opens on Monday, when only a template gets through."""
        friday = datetime(2026, 1, 16, 20)
        conversation = self.write_at(friday)
        self.assertTrue(conversation.expires_before_opening)
        self.assertIn(
            conversation,
            conversation.search([("expires_before_opening", "=", True)]),
        )
        self.new_texts()
        self.expire_at(conversation, datetime(2026, 1, 17, 21))
        self.assertEqual(conversation.state, "waiting", "it is kept")
        self.assertTrue(conversation.window_expired)
        self.route_due(datetime(2026, 1, 19, 8))
        self.expire_at(conversation, datetime(2026, 1, 19, 9))
        self.assertEqual(conversation.state, "new", "for a person to begin anew")
        self.assertEqual(self.new_texts(), [])

    def test_not_kept_where_it_never_opens(self):
        self.calendar.attendance_ids.unlink()
        conversation = self.write_at(NIGHT)
        self.assertEqual(conversation.state, "waiting")
        self.expire_at(conversation, NIGHT + timedelta(days=2))
        self.assertEqual(
            (conversation.state, conversation.close_reason), ("closed", "window")
        )

    def test_not_flagged_where_it_opens_in_time(self):
        self.assertFalse(self.write_at(NIGHT).expires_before_opening)

    def test_changed_hours_are_noticed(self):
        conversation = self.write_at(NIGHT)
        self.calendar.attendance_ids.filtered(lambda a: a.hour_from == 9).hour_from = 10
        self.route_due(OPENING)
        self.assertEqual(conversation.state, "waiting")
        self.assertEqual(conversation.opens_at, OPENING + timedelta(hours=1))

    def triggers(self):
        """Return how often the routing is asked for until now, commits included."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        cron = self.env.ref("whatsapp_omni.ir_cron_route_conversations")
        return self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", cron.id), ("call_at", "<=", fields.Datetime.now())]
        )

    def test_changed_hours_are_looked_at_once_and_at_once(self):
        self.write_at(NIGHT)
        hours, before = self.calendar.attendance_ids, self.triggers()
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": NIGHT,
                "date_to": NIGHT + timedelta(hours=1),
            }
        )
        changes = (
            lambda: hours[:1].write({"hour_to": 12}),
            lambda: hours[:1].copy({"hour_from": 21, "hour_to": 22}),
            lambda: hours[0].unlink(),
            lambda: setattr(self.calendar, "tz", "Atlantic/Canary"),
            lambda: setattr(holiday, "date_to", NIGHT + timedelta(hours=2)),
            holiday.unlink,
            lambda: setattr(self.line, "calendar_id", False),
        )
        self.assertEqual(self.triggers(), before + 1, "the holiday")
        for number, change in enumerate(changes, before + 2):
            change()
            self.assertEqual(self.triggers(), number)

    def test_hours_that_nobody_waits_for_wake_nobody(self):
        before = self.triggers()
        self.calendar.attendance_ids[0].hour_from = 8
        self.assertEqual(self.triggers(), before)

    def test_hours_that_no_line_uses_wake_nobody(self):
        self.write_at(NIGHT)
        factory, before = make_calendar(self.env, OFFICE), self.triggers()
        factory.attendance_ids[0].hour_from = 8
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Repairs",
                "calendar_id": factory.id,
                "date_from": NIGHT,
                "date_to": NIGHT + timedelta(days=1),
            }
        )
        self.assertEqual(self.triggers(), before)
        factory.attendance_ids[0].calendar_id = self.calendar
        self.assertEqual(self.triggers(), before + 1, "they are the line's now")
        self.calendar.attendance_ids[-1].calendar_id = factory
        self.assertEqual(self.triggers(), before + 2, "they are no longer")

    def test_holidays_of_the_whole_company_are_looked_at(self):
        self.write_at(NIGHT)
        before = self.triggers()
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Strike",
                "date_from": NIGHT,
                "date_to": NIGHT + timedelta(days=1),
            }
        )
        self.assertEqual(self.triggers(), before + 1)
        holiday.unlink()
        self.assertEqual(self.triggers(), before + 2)

    def test_the_absence_of_a_person_wakes_nobody(self):
        self.write_at(NIGHT)
        person = self.env["resource.resource"].create(
            {"name": "Ana", "calendar_id": self.calendar.id}
        )
        before = self.triggers()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Flu",
                "calendar_id": self.calendar.id,
                "resource_id": person.id,
                "date_from": NIGHT,
                "date_to": NIGHT + timedelta(days=1),
            }
        )
        self.assertEqual(self.triggers(), before)

    def test_no_time_group_any_more(self):
        conversation = self.write_at(NIGHT)
        self.line.calendar_id = False
        self.route_due(NIGHT)
        self.assertEqual(conversation.state, "new")

    @mute_logger(ROUTING_LOG)
    def test_one_that_cannot_be_routed_holds_up_nobody(self):
        first = self.write_at(NIGHT)
        second = self.write_at(NIGHT + timedelta(hours=1), phone="34600111333")
        Conversation = self.registry["whatsapp_omni.conversation"]
        original = Conversation._begin_routing

        def fail_once(conversation, *args):
            if conversation == first:
                raise ZeroDivisionError
            return original(conversation, *args)

        with patch.object(Conversation, "_begin_routing", fail_once):
            self.route_due(OPENING)
        self.assertEqual((first.state, second.state), ("new", "new"))

    def test_a_menu_is_asked_at_the_opening(self):
        self.use_menus()
        conversation = self.write_at(NIGHT)
        self.assertFalse(conversation.queue_id)
        self.assertEqual(self.new_texts(), ["Abrimos a las 9"])
        self.route_due(OPENING)
        self.assertEqual(conversation.state, "menu")
        self.assertEqual(self.new_texts(), ["Bienvenida, Lucía", "Inicio?"])

    def test_closing_time_in_the_middle_of_a_menu(self):
        """The customer goes on at the opening, in the menu where they were."""
        self.use_menus()
        evening = datetime(2026, 1, 12, 17, 59)
        conversation = self.write_at(evening)
        self.write_at(evening + timedelta(seconds=20), "Ventas")
        self.write_at(evening + timedelta(minutes=2), "Nuevo")
        self.assertEqual(conversation.state, "waiting")
        self.new_texts()
        self.route_due(datetime(2026, 1, 13, 8))
        self.assertEqual(self.new_texts(), ["Ventas?"])
        self.write_at(datetime(2026, 1, 13, 8, 1), "1")
        self.assertEqual(conversation.queue_id, self.queue2)


@tagged("post_install", "-at_install")
class TestMenus(RoutingCommon):
    """A line that lets customers choose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.use_menus(welcome_template_id=cls.welcome.id)

    def test_welcome_then_the_menu(self):
        conversation = self.write_in()
        self.assertEqual(self.texts(), ["Bienvenida, Lucía", "Inicio?"])
        self.assertEqual(
            (conversation.state, conversation.menu_id), ("menu", self.main)
        )
        self.assertFalse(conversation.queue_id)

    def test_agents_do_not_see_it_supervisors_do(self):
        conversation = self.write_in()
        Conversation = self.env["whatsapp_omni.conversation"]
        self.assertFalse(Conversation.with_user(self.agent).search([]))
        self.assertIn(conversation, Conversation.with_user(self.supervisor).search([]))

    def test_nested_by_taps(self):
        conversation = self.write_in()
        self.tap(self.main, "Ventas")
        self.assertEqual(self.texts()[-1], "Ventas?")
        self.tap(self.sales, "Nuevo")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue2)
        )
        self.assertFalse(conversation.menu_position)

    def test_nested_by_typed_text(self):
        conversation = self.write_in()
        self.write_in("VENTAS")
        self.write_in("1")
        self.assertEqual(conversation.queue_id, self.queue2)

    def test_forwarding_text(self):
        self.main.forwarding_template_id = self.make_template("Fwd", "Le paso")
        self.write_in()
        self.write_in("Ayuda")
        self.assertEqual(self.texts()[-1], "Le paso")

    def test_message_and_end(self):
        conversation = self.write_in()
        self.write_in("1")
        self.write_in("horario")
        self.assertEqual(
            (conversation.state, conversation.close_reason), ("closed", "menu")
        )
        self.assertEqual(self.texts()[-1], "De 9 a 19")
        self.assertFalse(conversation.closed_by_id)
        following = self.write_in("Gracias")
        self.assertNotEqual(following, conversation)

    def test_what_came_with_the_end_is_not_overlooked(self):
        conversation = self.write_in()
        self.write_in("1")
        self.receive(inbound(text="horario"), inbound(text="¿Y el sábado?"))
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )
        self.assertEqual(self.texts()[-1], "De 9 a 19")

    def test_wrong_answers_then_the_queue(self):
        self.main.wrong_template_id = self.make_template("Wrong", "No le entiendo")
        conversation = self.write_in()
        self.new_texts()
        for text in ("eh", "qué", "nada"):
            self.write_in(text)
            self.assertEqual(self.new_texts(), ["No le entiendo", "Inicio?"])
        self.write_in("¡Persona!")
        self.assertEqual(self.new_texts(), [])
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )
        routed = conversation.change_ids.filtered(lambda c: c.what == "routed")
        self.assertIn("not understood", routed.reason)

    def test_an_archived_line_says_nothing_and_loses_nothing(self):
        """Its number still works: what is written there waits to be seen."""
        self.line.welcome_template_id = self.welcome
        self.line.action_archive()
        for destination in ("menu", "direct"):
            with self.subTest(destination):
                self.line.destination = destination
                conversation = self.write_in("Hola", phone=f"3460000{len(destination)}")
                self.assertEqual(conversation.state, "new")
                self.assertEqual(conversation.queue_id, self.queue)
                self.assertEqual(conversation.with_user(self.agent).last_text, "Hola")
        self.assertFalse(self.texts())

    def test_a_voice_note_is_a_wrong_answer_and_kept(self):
        conversation = self.write_in()
        self.new_texts()
        self.receive(
            inbound(
                "audio",
                url="https://filemanager.gupshup.test/1",
                contentType="audio/ogg",
            )
        )
        self.assertEqual(
            self.new_texts(), ["Sorry, I did not understand that.", "Inicio?"]
        )
        self.assertIn("audio", conversation.message_ids.mapped("kind"))

    def test_the_first_messages_are_no_wrong_answers(self):
        """People write several short messages to begin with."""
        self.receive(*(inbound(text=text) for text in ("Hola", "buenas", "una duda")))
        self.assertEqual(self.texts(), ["Bienvenida, Lucía", "Inicio?"])

    def test_several_messages_at_once_are_one_wrong_answer(self):
        self.write_in()
        self.new_texts()
        self.receive(*(inbound(text=text) for text in ("pues", "mire", "verá")))
        self.assertEqual(
            self.new_texts(), ["Sorry, I did not understand that.", "Inicio?"]
        )

    def test_several_answers_at_once_are_taken_in_order(self):
        conversation = self.write_in()
        self.receive(inbound(text="1"), inbound(text="1"))
        self.assertEqual(conversation.queue_id, self.queue2)

    def test_a_tap_on_an_old_menu(self):
        conversation = self.write_in()
        self.tap(self.main, "Ventas")
        self.tap(self.main, "Ayuda")
        self.assertEqual(conversation.queue_id, self.queue)

    def test_back(self):
        self.write_in()
        self.write_in("1")
        self.new_texts()
        self.write_in("0")
        self.assertEqual(self.new_texts(), ["Inicio?"])

    def test_no_answer_in_time(self):
        conversation = self.write_in()
        due = conversation.menu_due_at
        self.route_due(due - timedelta(seconds=1))
        self.assertEqual(conversation.state, "menu")
        self.route_due(due)
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )

    def test_who_answered_after_the_time_is_left_with_the_queue(self):
        conversation = self.write_in()
        self.route_due(conversation.menu_due_at)
        self.new_texts()
        self.write_in("1")
        self.assertEqual(self.new_texts(), [])
        self.assertEqual(conversation.queue_id, self.queue)

    def test_a_deleted_menu_strands_nobody(self):
        conversation = self.write_in()
        self.write_in("1")
        self.main.option_ids[0].unlink()
        self.sales.unlink()
        self.new_texts()
        self.write_in("1")
        self.assertEqual(conversation.queue_id, self.queue)

    def test_an_archived_tree_strands_nobody(self):
        conversation = self.write_in()
        self.line.write({"destination": "direct", "menu_id": False})
        self.main.active = False
        self.write_in("1")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )
        routed = conversation.change_ids.filtered(lambda c: c.what == "routed")
        self.assertIn("the menu is gone", routed.reason)

    def test_an_option_renamed_under_way(self):
        """A tap names the option, not its words of that time."""
        conversation = self.write_in()
        option = self.main.option_ids[1]
        option.title = "Soporte"
        self.receive(
            inbound(
                "button_reply",
                title="Ayuda",
                postbackText=postback(self.main.id, option.id),
            )
        )
        self.assertEqual(conversation.queue_id, self.queue)

    def test_a_server_action_answers_and_the_menu_goes_on(self):
        action = self.make_action(
            "action = {'text': 'Su saldo es 5, ' + record.customer_id.name}"
        )
        self.main.option_ids = [Command.create(self.option_values("Saldo", action))]
        conversation = self.write_in()
        self.new_texts()
        self.write_in("saldo")
        self.assertEqual(self.new_texts(), ["Su saldo es 5, Lucía", "Inicio?"])
        self.assertEqual(conversation.state, "menu")

    @mute_logger(ROUTING_LOG)
    def test_a_server_action_that_fails_leads_to_the_queue(self):
        action = self.make_action(
            "record.customer_id.write({'profile_name': 'X'}); 1 / 0"
        )
        self.main.option_ids = [Command.create(self.option_values("Saldo", action))]
        conversation = self.write_in()
        self.write_in("saldo")
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue)
        )
        self.assertEqual(conversation.customer_id.profile_name, "Lucía")
        self.assertEqual(conversation.last_text, "saldo")

    @mute_logger(ROUTING_LOG, "odoo.sql_db")
    def test_a_server_action_that_takes_too_long(self):
        action = self.make_action("env.cr.execute('SELECT pg_sleep(10)')")
        self.main.option_ids = [Command.create(self.option_values("Saldo", action))]
        conversation = self.write_in()
        with patch(f"{ROUTING_LOG}.ACTION_TIMEOUT_MS", 100):
            self.write_in("saldo")
        self.assertEqual(conversation.queue_id, self.queue)
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")

    def test_figures(self):
        self.write_in()
        self.write_in("1")
        self.write_in("1")
        late = self.write_in(phone="34600111333")
        self.route_due(late.menu_due_at)
        tree = self.main.with_user(self.supervisor).get_tree()
        self.assertEqual((tree["entered"], tree["chose"], tree["gave_up"]), (2, 1, 1))
        sales = tree["options"][0]
        self.assertEqual((sales["chose"], sales["menu"]["chose"]), (1, 1))
        self.assertEqual(sales["menu"]["options"][0]["target"], self.queue2.name)

    def test_figures_are_those_of_the_last_thirty_days(self):
        now = fields.Datetime.now()
        for days, phone in ((31, "34600111001"), (29, "34600111002")):
            with freeze_time(now - timedelta(days=days)):
                self.write_in(phone=phone)
        tree = self.main.with_user(self.supervisor).get_tree()
        self.assertEqual(tree["entered"], 1)

    def test_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.main.with_context(lang="es_ES").body = "¿Qué desea?"
        conversation = self.write_in()
        conversation.customer_id.partner_id = self.env["res.partner"].create(
            {"name": "Lucía", "lang": "es_ES"}
        )
        self.new_texts()
        self.write_in("eh")
        self.assertEqual(self.new_texts()[-1], "¿Qué desea?")


@tagged("post_install", "-at_install")
class TestUnmanaged(RoutingCommon):
    """Conversations that only menus managed are listed and can be handed on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.use_menus()

    def unmanaged(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "whatsapp_omni.unmanaged_action"
        )
        Conversation = self.env["whatsapp_omni.conversation"]
        domain = self.env["ir.actions.act_window"].browse(action["id"]).domain
        return Conversation.with_user(self.supervisor).search(literal_eval(domain))

    def test_listed(self):
        asked, ended, taken = (self.write_in(phone=f"3460011100{n}") for n in range(3))
        self.write_in("1", phone="34600111001")
        self.write_in("2", phone="34600111001")
        self.write_in("2", phone="34600111002")
        self.capture(taken)
        self.assertEqual(self.unmanaged(), asked | ended)

    def test_who_waits_for_a_line_with_menus_is_listed(self):
        self.line.calendar_id = self.calendar
        with freeze_time(NIGHT):
            conversation = self.write_in()
        self.assertEqual(conversation.state, "waiting")
        self.assertEqual(self.unmanaged(), conversation)

    def test_transfer_to_a_queue(self):
        conversation = self.write_in()
        moved = self.pass_on(conversation, self.queue2, note="Asked by phone")
        self.assertEqual(moved, conversation)
        self.assertEqual(
            (conversation.state, conversation.queue_id), ("new", self.queue2)
        )
        change = conversation.change_ids[-1]
        self.assertEqual(
            (change.what, change.user_id, change.reason),
            ("transferred", self.supervisor, "Sales · Asked by phone"),
        )
        self.assertFalse(self.unmanaged())

    def test_what_the_menu_ended_goes_on_as_a_new_conversation(self):
        conversation = self.write_in()
        self.write_in("1")
        self.write_in("2")
        moved = self.pass_on(conversation, self.queue)
        self.assertNotEqual(moved, conversation)
        self.assertEqual((moved.state, moved.queue_id), ("new", self.queue))
        self.assertEqual(conversation.state, "closed")

    def test_refused_after_the_window(self):
        conversation = self.write_in()
        conversation.window_end = fields.Datetime.now() - timedelta(minutes=1)
        with self.assertRaisesRegex(UserError, "window is closed"):
            self.pass_on(conversation, self.queue)

    def test_refused_to_agents(self):
        conversation = self.write_in()
        with self.assertRaises(AccessError):
            self.pass_on(conversation, self.queue, user=self.agent)

    def test_refused_into_a_queue_of_another_company(self):
        conversation = self.write_in()
        with self.assertRaises(UserError):
            self.pass_on(conversation, self.other_queue)

    def test_by_the_dialog(self):
        conversation = self.write_in()
        wizard = (
            self.env["whatsapp_omni.transfer.wizard"]
            .with_user(self.supervisor)
            .with_context(active_ids=conversation.ids)
            .create({"queue_id": self.queue2.id})
        )
        wizard.action_confirm()
        self.assertEqual(conversation.queue_id, self.queue2)

    def test_other_companies_see_neither_menus_nor_figures(self):
        self.write_in()
        for model in ("menu", "menu.option", "menu.visit"):
            records = self.env[f"whatsapp_omni.{model}"]
            self.assertTrue(records.with_user(self.supervisor).search([]))
            self.assertFalse(records.with_user(self.other_supervisor).search([]))
