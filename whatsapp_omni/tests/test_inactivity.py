# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TOKEN, WhatsAppOmniCommon, inbound, receipt

NOW = fields.Datetime.to_datetime("2026-10-20 12:00:00")


@tagged("post_install", "-at_install")
class TestInactivity(WhatsAppOmniCommon):
    """Customers who do not answer are warned, and closed, where the queue wants it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warning = cls.env["whatsapp_omni.message.template"].create(
            {"name": "Warning", "body": "¿Sigue ahí?"}
        )
        cls.queue.write(
            {
                "inactivity_warn_minutes": 30,
                "inactivity_template_id": cls.warning.id,
                "inactivity_close_minutes": 15,
            }
        )

    def attend(self, text="Dígame"):
        """Have an agent take a conversation and answer it; return it."""
        conversation = self.capture(self.write_in(at=fields.Datetime.now()))
        self.answer(conversation, text)
        self.send_outbox()
        return conversation.sudo()

    def wait(self, minutes):
        """Let it be so many minutes after NOW, and the scheduled action run."""
        with freeze_time(NOW + timedelta(minutes=minutes)):
            while self.env["whatsapp_omni.conversation"]._inactivity_round():
                continue
            self.send_outbox()

    def texts(self):
        return [message["text"] for message in self.provider_double.sent]

    def test_a_silent_customer_is_warned_then_closed(self):
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(29)
        self.assertEqual(self.texts(), ["Dígame"])
        self.wait(30)
        self.assertEqual(self.texts(), ["Dígame", "¿Sigue ahí?"])
        self.assertEqual(conversation.state, "attended")
        self.wait(44)
        self.assertEqual(conversation.state, "attended")
        self.wait(45)
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(conversation.close_reason, "inactivity")
        self.assertFalse(conversation.channel_id.channel_member_ids)
        self.assertEqual(len(self.texts()), 2)

    def test_the_agent_is_told(self):
        with freeze_time(NOW):
            self.attend()
        self.wait(30)
        with patch.object(type(self.agent), "_bus_send", autospec=True) as bus_send:
            self.wait(45)
        told = [
            call.args
            for call in bus_send.call_args_list
            if call.args[1] == "simple_notification"
        ]
        self.assertEqual([args[0] for args in told], [self.agent])
        self.assertIn("Lucía", told[0][2]["message"])

    def test_an_answer_of_the_customer_ends_the_wait(self):
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(30)
        with freeze_time(NOW + timedelta(minutes=40)):
            self.write_in("Sí, perdone")
        self.wait(300)
        self.assertEqual(conversation.state, "attended")
        self.assertEqual(len(self.texts()), 2)

    def test_what_waits_for_us_is_never_closed(self):
        with freeze_time(NOW):
            conversation = self.capture(self.write_in(at=NOW))
        self.wait(1000)
        self.assertEqual(conversation.state, "attended")

    def test_a_customer_who_writes_in_the_same_moment_wins(self):
        """The journal has the message, nobody has applied it yet."""
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(30)
        with freeze_time(NOW + timedelta(minutes=45)):
            body = json.dumps(inbound(text="¡Aquí estoy!")).encode()
            self.env["whatsapp_omni.event"]._receive(TOKEN, body)
            self.env.invalidate_all()
            self.env["whatsapp_omni.conversation"]._inactivity_round()
            self.assertEqual(conversation.state, "attended")
            self.receive()
        self.wait(300)
        self.assertEqual(conversation.state, "attended")
        self.assertEqual(conversation.waiting_count, 1)

    def test_an_agent_who_answers_in_the_same_moment_wins(self):
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(30)
        with freeze_time(NOW + timedelta(minutes=45)):
            self.answer(conversation.with_user(self.agent), "Un momento más")
            self.env.flush_all()
            self.env["whatsapp_omni.conversation"]._inactivity_round()
            self.assertEqual(conversation.state, "attended")
            self.send_outbox()
        self.wait(74)
        self.assertEqual(len(self.texts()), 3)
        self.wait(75)
        self.assertEqual(self.texts()[-1], "¿Sigue ahí?")

    def test_nobody_is_blamed_for_not_answering_what_did_not_arrive(self):
        with freeze_time(NOW):
            conversation = self.attend()
            message = conversation.message_ids.filtered(
                lambda m: m.direction == "outbound"
            )
            self.receive(receipt("failed", message.gs_id, code=131026, reason="x"))
        self.wait(300)
        self.assertEqual(conversation.state, "attended")
        self.assertEqual(self.texts(), ["Dígame"])

    def test_no_warning_outside_the_window(self):
        self.queue.inactivity_warn_minutes = 26 * 60
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(26 * 60)
        self.assertEqual(self.texts(), ["Dígame"])
        self.assertEqual(conversation.state, "attended")
        self.wait(26 * 60 + 15)
        self.assertEqual(conversation.state, "closed")

    @mute_logger("odoo.addons.whatsapp_omni.models.message_content")
    def test_a_warning_that_cannot_be_sent_holds_nothing_up(self):
        with freeze_time(NOW):
            conversation = self.attend()
        with patch.object(
            self.registry["whatsapp_omni.message.template"],
            "_content",
            side_effect=ZeroDivisionError,
        ):
            self.wait(30)
        self.assertEqual(self.texts(), ["Dígame"])
        self.assertEqual(conversation.state, "attended")
        self.wait(45)
        self.assertEqual(conversation.state, "closed")

    def test_a_warning_alone_closes_nothing(self):
        self.queue.inactivity_close_minutes = 0
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(30)
        self.wait(3000)
        self.assertEqual(len(self.texts()), 2)
        self.assertEqual(conversation.state, "attended")
        self.assertFalse(conversation.inactivity_due_at)

    def test_closing_without_warning(self):
        self.queue.inactivity_warn_minutes = 0
        with freeze_time(NOW):
            conversation = self.attend()
        self.wait(14)
        self.assertEqual(conversation.state, "attended")
        self.wait(15)
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(self.texts(), ["Dígame"])

    def test_off_by_default_and_switched_off_later(self):
        self.assertEqual(self.queue2.inactivity_close_minutes, 0)
        with freeze_time(NOW):
            conversation = self.attend()
        self.queue.write({"inactivity_warn_minutes": 0, "inactivity_close_minutes": 0})
        self.wait(300)
        self.assertEqual(conversation.state, "attended")
        self.assertFalse(conversation.inactivity_due_at)
        with freeze_time(NOW + timedelta(minutes=301)):
            self.answer(conversation.with_user(self.agent), "¿Y bien?")
            self.send_outbox()
        self.assertFalse(conversation.inactivity_due_at)

    def test_a_short_wait_is_not_missed_by_the_sweep(self):
        self.queue.inactivity_warn_minutes = 2
        cron = self.env.ref("whatsapp_omni.ir_cron_inactivity")
        Trigger = self.env["ir.cron.trigger"]
        before = Trigger.search([("cron_id", "=", cron.id)])
        with freeze_time(NOW):
            self.attend()
        added = Trigger.search([("cron_id", "=", cron.id)]) - before
        self.assertEqual(
            added.mapped("call_at"), [NOW + timedelta(minutes=2, seconds=1)]
        )

    def test_settings_that_make_no_sense_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "negative"):
            self.queue.inactivity_close_minutes = -1
        with self.assertRaisesRegex(ValidationError, "Choose the message"):
            self.queue.inactivity_template_id = False
