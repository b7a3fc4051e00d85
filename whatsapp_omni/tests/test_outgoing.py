# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writing first, and again: approved templates sent by agents."""

import base64
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..gupshup.values import Sender
from ..models.conversation_outgoing import OpenConversation
from .common import WhatsAppOmniCommon, receipt
from .test_sending import PIXEL


class OutgoingCommon(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.Conversation = self.env["whatsapp_omni.conversation"]
        self.Customer = self.env["whatsapp_omni.customer"]
        self.country = self.env.ref("base.es")
        self.template = self.make_template("again", body="¿Seguimos?")

    def expired(self, **kwargs):
        """Return a conversation of Ana's whose window closed an hour ago."""
        at = fields.Datetime.now() - timedelta(hours=25)
        return self.capture(self.write_in(at=at, **kwargs))

    def upload(self, user=None, name="photo.png", raw=PIXEL):
        """Upload a file, as the dialogs do."""
        return (
            self.env["ir.attachment"]
            .with_user(user or self.agent)
            .create(
                {
                    "name": name,
                    "raw": raw,
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
            )
        )

    def start(self, who=None, user=None, template=None, queue=None, **kwargs):
        """Start a conversation, as Ana by default; return it as she sees it."""
        Conversation = self.Conversation.with_user(user or self.agent)
        who = who or {"number": "600 999 888", "country_id": self.country.id}
        template = template or self.template
        queue = queue or self.queue
        return Conversation.browse(
            Conversation.action_start(queue.id, template.id, who, **kwargs)
        )

    def count_sent(self):
        """Send what is due; return how many messages the provider was given."""
        before = len(self.provider_double.forms)
        self.send_outbox()
        return len(self.provider_double.forms) - before

    def whats(self, conversation):
        return conversation.sudo().change_ids.mapped("what")


@tagged("post_install", "-at_install")
class TestSendTemplate(OutgoingCommon):
    """From a conversation, its window open or closed."""

    def test_a_template_restarts_an_expired_conversation(self):
        conversation = self.expired()
        self.assertFalse(conversation.window_open)
        conversation.action_send_template(self.template.id)
        self.send_outbox()
        (form,) = self.provider_double.forms
        self.assertIn('"id": "again"', form["template"].replace('":"', '": "'))
        self.assertEqual(self.whats(conversation)[-1], "template")
        member = conversation.channel_id.self_member_id
        member.invalidate_recordset()
        self.assertEqual(member.message_unread_counter, 0)
        self.assertTrue(conversation.template_message_id)

    def test_it_is_sent_while_the_window_is_open_too(self):
        conversation = self.capture(self.write_in())
        conversation.action_send_template(self.template.id)
        self.assertEqual(self.count_sent(), 1)

    def test_the_customers_answer_ends_the_waiting_and_tells_the_agent(self):
        conversation = self.expired()
        conversation.action_send_template(self.template.id)
        self.send_outbox()
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()

        self.write_in("Sí, seguimos")

        self.assertFalse(conversation.template_message_id)
        self.assertTrue(conversation.window_open)
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].sudo().search([]).mapped("message")
        self.assertTrue(
            any("whatsapp_omni.template_answered" in message for message in told)
        )

    def test_values_that_are_left_out_are_what_the_template_proposes(self):
        template = self.make_template("hello", body="Hola {{1}}, soy {{2}}")
        template.parameter_ids[0].source = "customer_name"
        conversation = self.expired(name="Lucía")
        conversation.action_send_template(template.id, [False, "Ana"])
        message = conversation.template_message_id.sudo()
        self.assertEqual(message.text, "Hola Lucía, soy Ana")

    def test_nothing_is_sent_with_a_value_missing(self):
        template = self.make_template("hello", body="Hola {{1}}")
        conversation = self.expired()
        for params in ([], [""], [False], ["a", "b"]):
            with self.assertRaises(UserError):
                conversation.action_send_template(template.id, params)
        self.assertFalse(conversation.template_message_id)
        self.assertFalse(self.send_outbox())

    def test_an_image_goes_above_the_text(self):
        template = self.make_template(
            "offer", template_type="IMAGE", header_kind="image", body="Mire"
        )
        conversation = self.expired()
        with self.assertRaisesRegex(UserError, "needs a file"):
            conversation.action_send_template(template.id)
        photo = self.upload()
        conversation.action_send_template(template.id, attachment_id=photo.id)
        self.send_outbox()
        (form,) = self.provider_double.forms
        self.assertIn("photo.png", form["message"])
        # Colleagues who read the conversation see it as well.
        self.assertTrue(photo.with_user(self.agent2).has_access("read"))

    def test_the_transcript_has_a_file_of_its_own(self):
        """What becomes of one is nothing to the other, and each has its own readers."""
        template = self.make_template(
            "offer", template_type="IMAGE", header_kind="image", body="Mire"
        )
        template.write(
            {"header_file": base64.b64encode(PIXEL), "header_file_name": "p.png"}
        )
        conversation = self.expired()
        conversation.action_send_template(template.id)
        shown = conversation.sudo().template_message_id.attachment_id
        self.assertEqual(shown.raw, PIXEL)
        self.assertNotEqual(shown, template.header_attachment_id)
        self.assertEqual(shown.res_model, "discuss.channel")
        # The same file twice within a moment is a second click all the same.
        conversation.action_send_template(template.id)
        template.header_attachment_id.unlink()
        self.assertEqual(self.count_sent(), 1)
        self.assertTrue(shown.with_user(self.agent2).has_access("read"))

    def test_a_second_click_sends_nothing(self):
        conversation = self.expired()
        conversation.action_send_template(self.template.id)
        conversation.action_send_template(self.template.id)
        self.assertEqual(self.count_sent(), 1)

    def test_only_its_agent_sends(self):
        conversation = self.expired()
        with self.assertRaisesRegex(UserError, "Take the conversation"):
            conversation.with_user(self.agent2).action_send_template(self.template.id)
        with self.assertRaises(AccessError):
            conversation.with_user(self.agent_elsewhere).action_send_template(
                self.template.id
            )
        conversation.action_close()
        with self.assertRaisesRegex(UserError, "closed"):
            conversation.action_send_template(self.template.id)

    def test_what_is_hidden_paused_or_of_another_line_is_refused(self):
        conversation = self.expired()
        hidden = self.make_template("hidden", body="x", hidden_queue_ids=self.queue.ids)
        paused = self.make_template("paused", body="x", status="PAUSED")
        other_line = self.make_line("+34911222444", self.provider, self.queue)
        elsewhere = self.make_template("elsewhere", other_line, body="x")
        for template, reason in (
            (hidden, "not offered"),
            (paused, "paused"),
            (elsewhere, "not offered"),
        ):
            with self.assertRaisesRegex(UserError, reason):
                conversation.action_send_template(template.id)

    def test_marketing_goes_to_nobody_who_stopped_it(self):
        """Other templates do; and nothing is left of what was refused."""
        marketing = self.make_template("sale", body="Rebajas", category="MARKETING")
        conversation = self.expired()
        conversation.customer_id.sudo().opted_out = True
        with self.assertRaisesRegex(UserError, "No marketing may be sent to Lucía"):
            conversation.action_send_template(marketing.id)
        conversation.action_send_template(self.template.id)
        self.assertEqual(self.count_sent(), 1)
        conversation.action_close(self.disposition.id)
        with self.assertRaisesRegex(UserError, "No marketing"), self.cr.savepoint():
            self.start({"number": "+34600111222"}, template=marketing)

    def test_marketing_that_waits_does_not_leave_once_the_customer_stopped_it(self):
        """Nor is it sent again by hand afterwards."""
        marketing = self.make_template("sale", body="Rebajas", category="MARKETING")
        conversation = self.expired()
        conversation.action_send_template(marketing.id)
        message = conversation.sudo().template_message_id
        conversation.customer_id.sudo().opted_out = True
        self.assertEqual(self.count_sent(), 0)
        self.assertEqual(message.state, "failed")
        self.assertIn("No marketing may be sent to Lucía", message.error_reason)
        self.assertFalse(message.can_retry)

    def test_failed_marketing_is_not_sent_again_to_who_stopped_it(self):
        marketing = self.make_template("sale", body="Rebajas", category="MARKETING")
        conversation = self.expired()
        conversation.action_send_template(marketing.id)
        self.provider_double.answers = [(400, {"message": "Busy"})]
        with mute_logger("odoo.addons.whatsapp_omni"):
            self.send_outbox()
        message = conversation.sudo().template_message_id
        self.assertTrue(message.can_retry)
        conversation.customer_id.sudo().opted_out = True
        self.env.invalidate_all()
        message.with_user(self.agent).action_retry()
        self.assertFalse(message.can_retry)
        self.assertEqual(self.count_sent(), 0)

    def test_somebody_elses_file_cannot_be_sent(self):
        template = self.make_template(
            "offer", template_type="IMAGE", header_kind="image", body="Mire"
        )
        secret = self.upload(self.agent2)
        with self.assertRaises(AccessError):
            self.expired().action_send_template(template.id, attachment_id=secret.id)

    def test_a_failed_template_is_sent_again_outside_the_window(self):
        conversation = self.expired()
        conversation.action_send_template(self.template.id)
        self.provider_double.answers = [(400, {"message": "Busy"})]
        with mute_logger("odoo.addons.whatsapp_omni"):
            self.send_outbox()
        first = conversation.sudo().template_message_id
        self.assertEqual(first.state, "failed")
        self.assertFalse(conversation.sudo()._awaits_answer())
        first.with_user(self.agent).action_retry()
        self.assertEqual(self.count_sent(), 1)
        # It is the second one that the customer has yet to answer.
        second = conversation.sudo().template_message_id
        self.assertNotEqual(second, first)
        self.assertEqual(second.state, "submitted")
        self.assertTrue(conversation.sudo()._awaits_answer())

    def test_what_can_be_chosen_is_described_with_its_values(self):
        template = self.make_template("hello", body="Hola {{1}}")
        template.parameter_ids.source = "customer_name"
        self.make_template("hidden", body="x", hidden_queue_ids=self.queue.ids)
        conversation = self.expired(name="Lucía")
        offered = {t["name"]: t for t in conversation.get_templates()}
        self.assertEqual(set(offered), {"again", "hello"})
        (parameter,) = offered["hello"]["parameters"]
        self.assertEqual(parameter["value"], "Lucía")


@tagged("post_install", "-at_install")
class TestStart(OutgoingCommon):
    """Writing first."""

    def test_it_is_the_senders_and_not_answered_until_the_customer_writes(self):
        conversation = self.start()
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(conversation.state, "attended")
        self.assertTrue(conversation.is_outgoing)
        self.assertFalse(conversation.customer_answered_at)
        self.assertFalse(conversation.window_open)
        self.assertEqual(
            conversation.channel_id.sudo().channel_member_ids.partner_id,
            self.agent.partner_id,
        )
        self.send_outbox()
        self.assertEqual(self.provider_double.forms[0]["destination"], "34600999888")

        # Nobody had asked anything: it is no answer.
        self.assertFalse(conversation.answered_at)

        same = self.write_in("Dígame", phone="34600999888")

        self.assertEqual(same, conversation.sudo(False).with_user(self.env.user))
        self.assertTrue(conversation.customer_answered_at)
        self.assertTrue(conversation.window_open)
        self.assertEqual(conversation.waiting_count, 1)

    def test_a_window_that_was_closed_before_does_not_close_again(self):
        former = self.expired()
        former.action_close()
        conversation = self.start({"customer_id": former.sudo().customer_id.id})
        self.assertTrue(conversation.window_expired)
        self.Conversation._expire_round()
        self.assertNotIn("window", self.whats(conversation))
        self.write_in("Sí")
        self.assertFalse(conversation.window_expired)

    def test_times_of_what_was_sent_and_not_answered(self):
        conversation = self.start()
        self.send_outbox()
        sent = fields.Datetime.now() - timedelta(minutes=3)
        self.receive(
            receipt("sent", "gs-1", phone="34600999888", at=sent),
            receipt("delivered", "gs-1", phone="34600999888"),
        )
        self.assertEqual(conversation.template_state, "delivered")
        self.assertTrue(conversation.template_sent_at)
        self.assertTrue(conversation.template_delivered_at)
        self.assertFalse(conversation.template_read_at)
        waiting = self.Conversation.with_user(self.supervisor).search(
            [("template_message_id", "!=", False)]
        )
        self.assertIn(conversation.id, waiting.ids)

    def test_a_contact_is_found_or_linked_by_its_number(self):
        partner = self.env["res.partner"].create(
            {"name": "Marta", "phone": "600 777 666", "country_id": self.country.id}
        )
        conversation = self.start({"partner_id": partner.id})
        self.assertEqual(conversation.customer_id.wa_id, "34600777666")
        self.assertEqual(conversation.partner_id, partner)

    def test_a_known_customer_stays_the_same(self):
        known = self.write_in(phone="34600999888").customer_id
        self.capture(known.conversation_ids).action_close(self.disposition.id)
        conversation = self.start({"number": "0034 600-999-888"})
        self.assertEqual(conversation.customer_id, known.with_user(self.agent))
        self.assertFalse(known.is_dialled)

    def test_a_new_contact_is_created_for_who_may_create_contacts(self):
        who = {"number": "600999888", "country_id": self.country.id, "name": "Pepe"}
        with self.assertRaises(AccessError):
            self.start(who)
        self.agent.group_ids += self.env.ref("base.group_partner_manager")
        conversation = self.start(who)
        self.assertEqual(conversation.partner_id.name, "Pepe")
        self.assertEqual(conversation.partner_id.phone, "+34 600 99 98 88")

    def test_what_is_no_number_of_the_country_is_refused(self):
        for number in ("", "12", "not a number", "600 999"):
            with self.assertRaises(UserError):
                self.start({"number": number, "country_id": self.country.id})
        Customer = self.Customer.with_user(self.agent)
        self.assertEqual(
            Customer.check_number("600999888", self.country.id), "+34 600 99 98 88"
        )

    def test_an_open_conversation_is_shown_instead_of_a_second_one(self):
        first = self.start()
        with self.assertRaisesRegex(OpenConversation, "Ana has an open") as refusal:
            self.start(user=self.agent2)
        action = refusal.exception.args[1]
        self.assertEqual(action["params"]["active_id"], first.id)
        with self.assertRaisesRegex(OpenConversation, "You have an open"):
            self.start()
        self.assertEqual(self.count_sent(), 1)

    def test_who_waits_in_a_queue_is_not_written_to_first(self):
        self.write_in(phone="34600999888")
        with self.assertRaisesRegex(OpenConversation, "waits in the queue Support"):
            self.start()

    def test_there_is_no_link_to_what_is_in_a_queue_of_others(self):
        self.start()
        self.line.queue_id = self.queue2
        with self.assertRaisesRegex(UserError, "has an open conversation"):
            self.start(user=self.agent_elsewhere, queue=self.queue2)

    def test_only_agents_of_the_queue_and_only_its_lines(self):
        with self.assertRaises(AccessError):
            self.start(user=self.agent_elsewhere)
        with self.assertRaises(AccessError):
            self.start(user=self.other_agent)
        with self.assertRaisesRegex(UserError, "does not use the line"):
            self.start(user=self.agent_elsewhere, queue=self.queue2)
        foreign = self.make_template("foreign", self.other_line, body="x")
        with self.assertRaisesRegex(UserError, "does not use the line"):
            self.start(template=foreign)
        self.assertFalse(
            self.Conversation.search([("is_outgoing", "=", True)]),
            "What was refused leaves nothing behind",
        )

    def test_a_customer_who_writes_in_the_same_moment_is_no_error(self):
        """What the database refuses at first is tried again, and then there."""
        begin = type(self.Conversation)._begin_outgoing
        tries = []

        def begin_late(model, *args):
            tries.append(args)
            if len(tries) == 1:
                raise UniqueViolation
            return begin(model, *args)

        with patch.object(type(self.Conversation), "_begin_outgoing", begin_late):
            conversation = self.start()
        self.assertEqual(len(tries), 2)
        self.assertTrue(conversation.is_outgoing)

    def test_what_may_be_chosen(self):
        options = self.Conversation.with_user(self.agent).get_start_options()
        self.assertEqual([q["name"] for q in options["queues"]], ["Support"])
        self.assertEqual(
            options["queues"][0]["lines"],
            [{"id": self.line.id, "name": self.line.name}],
        )
        self.assertFalse(options["can_create_contact"])
        Conversation = self.Conversation.with_user(self.agent_elsewhere)
        self.assertEqual(Conversation.get_start_options()["queues"], [])


@tagged("post_install", "-at_install")
class TestNumbers(OutgoingCommon):
    """A number that WhatsApp knows by other digits than one dials."""

    MEXICO = "525512345678"
    MEXICO_WA = "5215512345678"

    def start_in_mexico(self):
        conversation = self.start({"number": "+52 55 1234 5678"}).sudo()
        self.send_outbox()
        self.assertEqual(self.provider_double.forms[0]["destination"], self.MEXICO)
        self.assertTrue(conversation.customer_id.is_dialled)
        return conversation

    def test_the_receipt_tells_whatsapps_own_number(self):
        conversation = self.start_in_mexico()
        self.receive(receipt("sent", "gs-1", phone=self.MEXICO_WA))
        self.assertEqual(conversation.customer_id.wa_id, self.MEXICO_WA)
        self.assertFalse(conversation.customer_id.is_dialled)
        self.receive(receipt("delivered", "gs-1", phone=self.MEXICO_WA))
        self.assertEqual(conversation.customer_id.wa_id, self.MEXICO_WA)

    def test_an_answer_before_the_receipt_is_the_same_customer(self):
        conversation = self.start_in_mexico()
        answered = self.write_in("Sí", phone=self.MEXICO_WA)
        self.assertEqual(answered, conversation)
        self.assertEqual(conversation.customer_id.wa_id, self.MEXICO_WA)
        # What the customer's own message told is not changed by a late receipt.
        self.receive(receipt("sent", "gs-1", phone=self.MEXICO))
        self.assertEqual(conversation.customer_id.wa_id, self.MEXICO_WA)

    def test_customers_who_have_written_are_not_mixed_up(self):
        first = self.write_in(phone="551187654321").customer_id
        second = self.write_in(phone="5511987654321").customer_id
        self.assertNotEqual(first, second)

    def test_a_mobile_is_not_the_landline_with_the_same_digits(self):
        """In Brazil both exist: +55 11 4567-8901 and +55 11 94567-8901."""
        landline = self.write_in(phone="551145678901").customer_id
        brazil = self.env.ref("base.br").id
        who = {"number": "11 94567-8901", "country_id": brazil}
        mobile = self.start(who).sudo().customer_id
        self.assertNotEqual(mobile, landline)
        self.assertEqual(mobile.wa_id, "5511945678901")
        who = {"number": "11 95555-0000", "country_id": brazil}
        dialled = self.start(who).sudo().customer_id
        self.assertNotEqual(self.write_in(phone="551155550000").customer_id, dialled)

    def test_a_number_of_another_customer_is_left_to_them(self):
        conversation = self.start_in_mexico()
        other = self.Customer._create_from_sender(
            self.company, Sender(phone="34600000001")
        )
        with mute_logger(
            "odoo.sql_db", "odoo.addons.whatsapp_omni.models.customer_dialling"
        ):
            self.receive(receipt("sent", "gs-1", phone="34600000001"))
        self.assertEqual(other.wa_id, "34600000001")
        self.assertEqual(conversation.customer_id.wa_id, self.MEXICO)

    def test_a_dialled_number_is_found_by_every_spelling(self):
        known = self.write_in(phone=self.MEXICO_WA).customer_id
        self.capture(known.conversation_ids).action_close(self.disposition.id)
        conversation = self.start({"number": "+52 55 1234 5678"}).sudo()
        self.assertEqual(conversation.customer_id, known)

    def test_people_are_found_by_name_or_any_spelling_of_the_number(self):
        partner = self.env["res.partner"].create(
            {"name": "Marta Ruiz", "phone": "+52 1 55 1234 5678"}
        )
        customer = self.write_in(name="Martín", phone="34600555444").customer_id
        Customer = self.Customer.with_user(self.agent)

        def find(term):
            found = Customer.search_people(term, self.queue.id)
            return {(p["partner_id"], p["customer_id"]) for p in found}

        self.assertIn((partner.id, False), find("marta"))
        for term in ("55 1234", "+52 55 1234 5678", "5215512345678"):
            self.assertIn((partner.id, False), find(term), term)
        for term in ("Martín", "600 555", "34600555444"):
            self.assertIn((False, customer.id), find(term), term)
        self.assertEqual(find("  "), set())
        with self.assertRaises(AccessError):
            self.Customer.with_user(self.agent_elsewhere).search_people(
                "marta", self.queue.id
            )


@tagged("post_install", "-at_install")
class TestStartFromRecords(OutgoingCommon):
    """From contacts, and from anything that has a contact or a number."""

    def test_contacts_lead_to_the_dialog(self):
        Partner = self.env["res.partner"]
        acme = Partner.create({"name": "ACME", "is_company": True})
        partners = Partner.create(
            [
                {"name": "Uno", "phone": "600111000", "parent_id": acme.id},
                {"name": "Dos"},
            ]
        )
        action = partners.with_user(self.agent).action_whatsapp_omni_write()
        people = self.Conversation.with_user(self.agent).get_start_people(
            action["params"]["model"], action["params"]["ids"]
        )
        self.assertEqual([p["name"] for p in people], ["Uno", "Dos"])
        self.assertEqual([p["detail"] for p in people], ["ACME", ""])
        self.assertEqual(people[0]["partner_id"], partners[0].id)
        with self.assertRaisesRegex(UserError, "Dos has no phone number"):
            self.start({"partner_id": partners[1].id})

    def test_records_with_a_contact_are_about_it(self):
        user = new_test_user(self.env, "wa_person", "base.group_user", name="Petra")
        people = self.Conversation.get_start_people("res.users", user.ids)
        self.assertEqual(people[0]["partner_id"], user.partner_id.id)
        self.assertEqual(people[0]["name"], "Petra")
