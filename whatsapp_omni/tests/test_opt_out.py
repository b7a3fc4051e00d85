# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from .common import APP_NAME, WhatsAppOmniCommon, inbound, milliseconds, receipt


def preference(value, phone="34600111222", at=None, category="marketing_messages"):
    """Return the body of a customer's choice in WhatsApp, as GupShup posts it."""
    choice = {
        "wa_id": phone,
        "detail": f"User requested to {value} marketing messages",
        "category": category,
        "value": value,
        "timestamp": milliseconds(at) // 1000,
    }
    return {
        "app": APP_NAME,
        "timestamp": milliseconds(),
        "version": 2,
        "type": "preference-event",
        "payload": {
            "type": "user_preferences",
            "payload": {"user_preferences": [choice]},
        },
    }


@tagged("post_install", "-at_install")
class TestOptOut(WhatsAppOmniCommon):
    """Who wants no marketing gets none, all can see it, every change is noted."""

    def changes_of(self, customer):
        return [
            (change.value, change.origin, change.user_id.name)
            for change in customer.sudo().opt_change_ids.sorted("id")
        ]

    def sent_texts(self):
        self.send_outbox()
        return [message["text"] for message in self.provider_double.sent]

    # --- by a word -------------------------------------------------------------------

    def test_a_word_stops_marketing_whatever_its_case_and_accents(self):
        for number, text in enumerate(
            ("STOP", " baja ", "Dárme de  BAJA", "unsubscribe", "Stop!", "*stop*")
        ):
            conversation = self.write_in(text, phone=f"3460000050{number}")
            self.assertTrue(conversation.customer_id.opted_out, text)
            self.assertEqual(conversation.customer_id.opt_out_origin, "word")

    def test_a_text_that_contains_a_word_means_nothing(self):
        for text in ("please don't stop", "stop it", "Voy a darme de baja", "st op"):
            self.assertFalse(self.write_in(text).customer_id.opted_out, text)

    def test_the_agents_get_the_message_as_any_other(self):
        conversation = self.write_in("BAJA")
        self.assertEqual(conversation.state, "new")
        self.assertEqual(conversation.last_text, "BAJA")
        self.assertEqual(conversation.waiting_count, 1)

    def test_it_is_confirmed_once(self):
        conversation = self.write_in("STOP")
        self.write_in("stop")
        (text,) = self.sent_texts()
        self.assertIn(self.company.name, text)
        self.assertIn("START", text)
        automatic = conversation.message_ids.filtered("automatic")
        self.assertEqual(automatic.mail_message_id.message_type, "auto_comment")
        self.assertEqual(len(conversation.customer_id.opt_change_ids), 1)

    def test_the_line_has_its_own_words_and_confirmations(self):
        template = self.env["whatsapp_omni.message.template"].create(
            {"name": "Bye", "body": "Adiós, publicidad"}
        )
        self.line.write(
            {
                "opt_out_template_id": template.id,
                "opt_word_ids": [(5,), (0, 0, {"word": "Basta", "meaning": "stop"})],
            }
        )
        self.assertFalse(self.write_in("STOP").customer_id.opted_out)
        self.assertTrue(self.write_in("¡basta".lstrip("¡")).customer_id.opted_out)
        self.assertEqual(self.sent_texts(), ["Adiós, publicidad"])

    def test_it_is_confirmed_in_the_language_of_the_word(self):
        """Of the company's where the word is of none; and it names a word of it."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.company.partner_id.lang = "en_US"
        template = self.env["whatsapp_omni.message.template"].create(
            {"name": "Welcome back", "body": "Welcome back"}
        )
        template.with_context(lang="es_ES").body = "Bienvenido de nuevo"
        self.line.opt_in_template_id = template
        for word in ("BAJA", "ALTA", "STOP", "START"):
            self.write_in(word)
        stopped, back, stopped_in_english, back_in_english = self.sent_texts()
        self.assertIn("No recibirá más publicidad", stopped)
        self.assertIn("ALTA", stopped)
        self.assertEqual(back, "Bienvenido de nuevo")
        self.assertIn("You will not receive advertising", stopped_in_english)
        self.assertIn("START", stopped_in_english)
        self.assertEqual(back_in_english, "Welcome back")

    @mute_logger("odoo.addons.whatsapp_omni.models.message_content")
    def test_a_confirmation_that_cannot_be_sent_holds_up_nothing(self):
        template = self.env["whatsapp_omni.message.template"].create(
            {"name": "Bye", "body": "Adiós"}
        )
        self.line.opt_out_template_id = template
        with patch.object(type(template), "_content", side_effect=ZeroDivisionError):
            conversation = self.write_in("STOP")
        self.assertEqual(conversation.last_text, "STOP")
        self.assertTrue(conversation.customer_id.opted_out)
        self.assertFalse(self.sent_texts())

    def test_a_word_allows_marketing_again(self):
        conversation = self.write_in("BAJA")
        self.write_in("alta")
        customer = conversation.customer_id
        self.assertFalse(customer.opted_out)
        self.assertFalse(customer.opt_out_at)
        self.assertEqual(
            self.changes_of(customer), [("out", "word", False), ("in", "word", False)]
        )
        self.assertEqual(len(self.sent_texts()), 2)

    def test_a_tap_on_a_button_of_that_name_counts(self):
        body = inbound(
            "button_reply", title="STOP", id="1", reply="STOP 1", postbackText="x"
        )
        self.receive(body)
        self.assertTrue(self.message_of(body).customer_id.opted_out)

    def test_a_line_without_words_gets_the_usual_ones_by_a_button(self):
        usual = self.line.opt_word_ids.mapped("word")
        self.line.opt_word_ids.unlink()
        self.assertFalse(self.write_in("STOP").customer_id.opted_out)
        line = self.line.with_user(self.administrator)
        line.action_add_opt_words()
        self.assertEqual(line.opt_word_ids.mapped("word"), usual)
        line.action_add_opt_words()  # nothing twice
        self.assertEqual(line.opt_word_ids.mapped("word"), usual)
        self.assertTrue(self.write_in("STOP").customer_id.opted_out)

    def test_words_are_checked(self):
        with self.assertRaises(ValidationError):
            self.line.opt_word_ids = [(0, 0, {"word": "  ", "meaning": "stop"})]

    @mute_logger("odoo.sql_db")
    def test_a_word_means_one_thing_on_a_line(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.line.opt_word_ids = [(0, 0, {"word": "Bajá", "meaning": "start"})]
            self.env.flush_all()

    def test_an_ordinary_message_costs_no_query_more(self):
        """Words are remembered, and one statement changes the conversation."""
        self.capture(self.write_in("Hola"))
        self.write_in("Hola")
        queries = []
        with contextmanager(self._patchExecute)(queries):
            self.write_in("¿Tienen stock?")
        statements = [str(query) for query in queries]
        for table in ("whatsapp_omni_opt_word", "whatsapp_omni_opt_change"):
            asked = [q for q in statements if f'"{table}"' in q]
            self.assertFalse(asked, table)
        updates = [q for q in statements if 'UPDATE "whatsapp_omni_conversation"' in q]
        self.assertEqual(len(updates), 1, updates)

    # --- by the provider -------------------------------------------------------------

    def test_a_choice_in_whatsapp_is_heeded(self):
        customer = self.write_in().customer_id
        (event,) = self.receive(preference("stop"))
        self.assertEqual((event.kind, event.state), ("preference", "applied"))
        self.assertTrue(customer.opted_out)
        self.receive(
            preference("resume", at=fields.Datetime.now() + timedelta(minutes=1))
        )
        self.assertFalse(customer.opted_out)
        self.assertEqual(
            [change[:2] for change in self.changes_of(customer)],
            [("out", "provider"), ("in", "provider")],
        )

    def test_choices_give_the_same_in_any_order_and_number(self):
        start = fields.Datetime.now() - timedelta(hours=1)
        values = ("stop", "resume", "stop")
        for number, order in enumerate(permutations(range(3))):
            phone = f"3460000060{number}"
            customer = self.write_in(phone=phone).customer_id
            for index in order:
                at = start + timedelta(minutes=index)
                body = preference(values[index], phone, at)
                self.receive(body, body)
            self.assertTrue(customer.opted_out, order)
            self.assertEqual(
                customer.opt_changed_at,
                (start + timedelta(minutes=2)).replace(microsecond=0),
            )
            newest = customer.opt_change_ids.sorted("id")[-1]
            self.assertEqual(newest.value, "out")

    def test_repeated_delivery_is_one_change(self):
        customer = self.write_in().customer_id
        body = preference("stop")
        events = self.receive(body, body)
        self.assertEqual(events.mapped("state"), ["applied", "duplicate"])
        self.assertEqual(len(customer.opt_change_ids), 1)

    def test_replaying_changes_nothing(self):
        customer = self.write_in().customer_id
        (event,) = self.receive(preference("stop"))
        later = fields.Datetime.now() + timedelta(minutes=1)
        self.receive(preference("resume", at=later))
        event.with_user(self.administrator).action_replay()
        self.receive()
        self.assertEqual(event.state, "applied")
        self.assertFalse(customer.opted_out)

    def test_strangers_are_remembered(self):
        self.receive(preference("stop", phone="34600777666"))
        customer = self.env["whatsapp_omni.customer"].search(
            [("wa_id", "=", "34600777666")]
        )
        self.assertTrue(customer.opted_out)
        self.assertFalse(customer.conversation_ids)

    def test_what_is_no_choice_about_marketing_is_ignored(self):
        customer = self.write_in().customer_id
        (event,) = self.receive(preference("stop", category="something_else"))
        self.assertEqual(event.state, "ignored")
        self.assertFalse(customer.opted_out)

    @mute_logger("odoo.addons.whatsapp_omni.models.event_preferences")
    def test_a_broken_event_harms_no_other(self):
        customer = self.write_in().customer_id
        broken, good = preference("stop", phone="34600888777"), preference("stop")
        broken["app"] = "AnotherApp"
        events = self.receive(broken, good)
        self.assertEqual(events.mapped("state"), ["failed", "applied"])
        self.assertTrue(customer.opted_out)

    def test_what_fails_for_a_moment_is_tried_again(self):
        customer = self.write_in().customer_id
        Customer = type(customer)
        with patch.object(Customer, "_note_choice", side_effect=ValueError("now not")):
            (event,) = self.receive(preference("stop"))
        self.assertEqual((event.state, event.tries), ("pending", 1))
        event.next_try_at = False
        self.receive()
        self.assertEqual(event.state, "applied")
        self.assertTrue(customer.opted_out)

    def test_refused_marketing_tells_that_the_customer_stopped_it(self):
        conversation = self.capture(self.write_in())
        mail = self.answer(conversation)
        self.send_outbox()
        gs_id = self.outbound_of(mail).gs_id
        self.receive(receipt("failed", gs_id, code=131050, reason="User stopped"))
        customer = conversation.sudo().customer_id
        self.assertTrue(customer.opted_out)
        self.assertEqual(customer.opt_out_origin, "error")
        self.assertIn("131050", customer.opt_change_ids.text)
        self.assertTrue(conversation.window_open)

    # --- by hand, and what follows ---------------------------------------------------

    def test_agents_change_it_by_hand_and_are_named(self):
        customer = self.write_in().customer_id.with_user(self.agent)
        customer.action_opt_out()
        customer.action_opt_out()
        customer.action_opt_in()
        self.assertEqual(
            self.changes_of(customer), [("out", "user", "Ana"), ("in", "user", "Ana")]
        )
        with self.assertRaises(AccessError):
            customer.with_user(self.agent_elsewhere).action_opt_out()
        with self.assertRaises(AccessError):
            customer.with_user(self.agent).opted_out = True

    def test_marketing_is_refused(self):
        customer = self.write_in().customer_id
        customer._check_may_get_marketing()
        customer.action_opt_out()
        with self.assertRaisesRegex(UserError, "Lucía"):
            customer.with_user(self.agent)._check_may_get_marketing()

    def test_agents_see_it_on_card_and_panel(self):
        conversation = self.capture(self.write_in("STOP"))
        store = self.env["whatsapp_omni.conversation"].with_user(self.agent)
        card = self.card_of(store, conversation)
        self.assertTrue(card["opted_out"])
        self.assertTrue(conversation.get_panel()["customer"]["opted_out"])

    def card_of(self, Conversation, conversation):
        data = Store().add(conversation.with_env(Conversation.env)).get_result()
        return data["whatsapp_omni.conversation"][0]

    def test_the_contact_shows_it_in_its_company_only(self):
        customer = self.write_in("STOP").customer_id
        partner = self.env["res.partner"].create({"name": "Lucía Gómez"})
        customer.partner_id = partner
        self.assertTrue(partner.with_user(self.agent).whatsapp_omni_opted_out)
        Partner = self.env["res.partner"].with_user(self.agent)
        found = Partner.search([("whatsapp_omni_opted_out", "=", True)])
        self.assertEqual(found, partner)
        self.assertFalse(partner.with_user(self.other_agent).whatsapp_omni_opted_out)

    def test_consent_is_seen_by_who_sees_the_customer_and_never_edited(self):
        change = self.write_in("STOP").customer_id.opt_change_ids
        for user in (self.agent, self.supervisor):
            self.assertEqual(change.with_user(user).origin, "word")
            with self.assertRaises(AccessError):
                change.with_user(user).origin = "user"
            with self.assertRaises(AccessError):
                change.with_user(user).unlink()
        for user in (self.agent_elsewhere, self.other_supervisor, self.outsider):
            with self.assertRaises(AccessError):
                change.with_user(user).check_access("read")

    def test_words_are_the_administrators_business(self):
        word = self.line.opt_word_ids[0]
        word.with_user(self.administrator).word = "Alto ahí"
        with self.assertRaises(AccessError):
            word.with_user(self.supervisor).word = "x"
        with self.assertRaises(AccessError):
            word.with_user(self.other_administrator).word = "x"
