# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Replies that leave at a time."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import inbound
from .test_outgoing import OutgoingCommon


@tagged("post_install", "-at_install")
class TestScheduling(OutgoingCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in())
        self.Reply = self.env["whatsapp_omni.parked.reply"]
        self.now = fields.Datetime.now()

    def schedule(self, body="Le llamo ahora", **kwargs):
        """Have Ana schedule a reply in an hour; return it as she sees it."""
        send_at = kwargs.pop("send_at", self.now + timedelta(hours=1))
        self.conversation.action_schedule(body, str(send_at), **kwargs)
        return self.replies()[-1:].with_user(self.agent)

    def replies(self):
        return self.Reply.search([("conversation_id", "=", self.conversation.id)])

    def let_it_be_due(self, reply):
        reply.sudo().send_at = self.now - timedelta(minutes=1)

    def work(self):
        """Do what the scheduled action does; return what the provider was given."""
        self.env["whatsapp_omni.conversation"]._schedule_round()
        self.send_outbox()
        return self.texts()

    def texts(self):
        return [sent.get("text") for sent in self.provider_double.sent]

    def notes(self):
        bodies = self.conversation.channel_id.sudo().message_ids.mapped("body")
        return " ".join(bodies)

    def told(self):
        """Return the types of what the bus tells."""
        self.env.cr.precommit.run()
        return " ".join(self.env["bus.bus"].sudo().search([]).mapped("message"))

    # --- at its time ----------------------------------------------------------------

    def test_it_leaves_at_its_time_and_not_before(self):
        reply = self.schedule()
        self.assertEqual(self.work(), [])
        self.let_it_be_due(reply)
        self.assertEqual(self.work(), ["Le llamo ahora"])
        self.assertEqual(reply.state, "queued")
        self.assertEqual(self.conversation.parked_count, 0)
        self.assertEqual(self.work(), ["Le llamo ahora"])  # and once
        mail = reply.sudo().message_ids.mail_message_id
        self.assertEqual(mail.author_id, self.agent.partner_id)
        self.assertEqual(
            self.whats(self.conversation)[-2:], ["scheduled", "unscheduled"]
        )

    def test_it_answers_what_the_customer_wrote_before(self):
        self.assertEqual(self.conversation.waiting_count, 1)
        self.let_it_be_due(self.schedule())
        self.work()
        self.conversation.invalidate_recordset()
        self.assertEqual(self.conversation.waiting_count, 0)

    def test_the_scheduled_action_comes_at_the_time(self):
        cron = self.env.ref("whatsapp_omni.ir_cron_send_scheduled")
        send_at = (self.now + timedelta(hours=2)).replace(microsecond=0)
        self.schedule(send_at=send_at)
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(send_at, triggers.mapped("call_at"))

    def test_it_leaves_with_its_files(self):
        photo = self.upload()
        self.let_it_be_due(self.schedule("Mire", attachment_ids=photo.ids))
        self.work()
        (sent,) = self.provider_double.sent
        self.assertEqual((sent["type"], sent["caption"]), ("image", "Mire"))

    def test_it_stays_with_the_conversation_whoever_attends_it(self):
        reply = self.schedule()
        self.conversation.sudo().user_id = self.agent2
        with self.assertRaises(AccessError):
            reply.action_edit("Otra cosa")
        reply.with_user(self.agent2).action_edit("Le llama Luis")
        self.let_it_be_due(reply)
        self.assertEqual(self.work(), ["Le llama Luis"])

    def test_one_that_makes_trouble_keeps_no_other(self):
        bad, good = self.schedule("Malo"), self.schedule("Bueno")
        queue = type(self.Reply)._queue

        def fail_once(reply):
            if reply.body == "Malo":
                raise ValueError("Impossible")
            return queue(reply)

        self.let_it_be_due(bad)
        self.let_it_be_due(good)
        with (
            patch.object(type(self.Reply), "_queue", fail_once),
            mute_logger("odoo.addons.whatsapp_omni.models.parked_reply"),
        ):
            self.assertEqual(self.work(), ["Bueno"])
        self.assertEqual(bad.state, "cancelled")
        self.assertIn("Impossible", self.notes())

    # --- when nothing can be sent then ----------------------------------------------

    def test_when_the_window_has_closed_it_waits_for_the_customer(self):
        """WhatsApp may close it before its time. Nothing is lost, the agent is told."""
        reply = self.schedule()
        self.let_it_be_due(reply)
        self.conversation.sudo().window_end = self.now
        self.assertEqual(self.work(), [])
        self.assertEqual((reply.state, reply.send_at), ("waiting", False))
        self.assertEqual(self.conversation.parked_count, 1)
        self.assertIn("not sent: The 24-hour window is closed.", self.notes())
        self.assertIn("whatsapp_omni.reply_news", self.told())
        self.assertEqual(self.whats(self.conversation)[-1], "held")

        self.write_in("Sí")
        self.send_outbox()
        self.assertEqual(self.texts(), ["Le llamo ahora"])

    def test_whom_nobody_can_reach_any_more_gets_nothing(self):
        reply = self.schedule()
        self.let_it_be_due(reply)
        customer = self.conversation.sudo().customer_id
        with patch.object(type(customer), "_is_reachable", lambda _customer: False):
            self.assertEqual(self.work(), [])
        self.assertEqual(reply.state, "waiting")

    def test_closing_asks_first_and_discards(self):
        reply = self.schedule()
        with self.assertRaisesRegex(UserError, "parked or scheduled"):
            self.conversation.action_close(self.disposition.id)
        self.conversation.action_close(self.disposition.id, discard_parked=True)
        self.assertEqual(reply.sudo().state, "cancelled")
        self.assertIn("Le llamo ahora", self.notes())
        self.let_it_be_due(reply)
        self.assertEqual(self.work(), [])

    # --- when the customer writes first ---------------------------------------------

    def test_it_is_discarded_when_the_customer_writes_first(self):
        reply = self.schedule()
        self.write_in("Ya no hace falta")
        self.assertEqual(reply.state, "cancelled")
        self.assertEqual(self.conversation.parked_count, 0)
        self.assertIn("The customer wrote first. Le llamo ahora", self.notes())
        self.assertIn("whatsapp_omni.reply_news", self.told())
        self.let_it_be_due(reply)
        self.assertEqual(self.work(), [])

    def test_where_the_agent_wants_it_leaves_whatever_the_customer_writes(self):
        reply = self.schedule(cancel_on_answer=False)
        self.write_in("¿Y la factura?")
        self.assertEqual(reply.state, "waiting")
        self.let_it_be_due(reply)
        self.assertEqual(self.work(), ["Le llamo ahora"])
        # nobody has answered the question yet
        self.conversation.invalidate_recordset()
        self.assertEqual(self.conversation.waiting_count, 2)

    def test_a_reaction_discards_nothing(self):
        reply = self.schedule()
        question = self.conversation.sudo().message_ids[-1:]
        self.receive(inbound("reaction", id=question.wa_id, emoji="👍", at=None))
        self.assertEqual(reply.state, "waiting")

    def test_a_message_on_its_way_goes_first(self):
        """It is in the journal and not applied yet: the customer did write first."""
        reply = self.schedule()
        self.let_it_be_due(reply)
        conversation = type(self.conversation)
        with patch.object(conversation, "_is_customer_writing", lambda _c: True):
            self.assertEqual(self.work(), [])
        self.write_in("Ya está")
        self.assertEqual(reply.state, "cancelled")
        self.assertEqual(self.work(), [])

    def test_an_ordinary_message_costs_no_query_more(self):
        conversation = self.conversation.sudo().with_env(self.env)
        self.assertTrue(conversation.window_open)  # read as for any message
        with self.assertQueryCount(0):
            conversation._heed_answer()
            self.assertEqual(conversation._count_leaving(), 0)

    # --- scheduling -----------------------------------------------------------------

    def test_nothing_is_scheduled_beyond_the_window(self):
        for send_at, reason in (
            (self.conversation.window_end, "window ends at"),
            (self.now - timedelta(minutes=1), "has passed"),
            ("soon", "Choose when"),
            (False, "Choose when"),
        ):
            with (
                self.subTest(send_at=send_at),
                self.assertRaisesRegex(UserError, reason),
            ):
                self.conversation.action_schedule("Hola", send_at and str(send_at))
        self.assertFalse(self.replies())

    def test_in_a_closed_window_it_has_to_be_parked(self):
        self.conversation.sudo().window_end = self.now
        with self.assertRaisesRegex(UserError, "Park the reply"):
            self.schedule()

    def test_what_could_not_be_sent_is_not_scheduled(self):
        for body in ("  ", "x" * 4097):
            with self.assertRaises(UserError):
                self.schedule(body)

    def test_only_its_agent_schedules(self):
        send_at = str(self.now + timedelta(hours=1))
        with self.assertRaisesRegex(UserError, "Take the conversation"):
            self.conversation.with_user(self.agent2).action_schedule("Hola", send_at)
        with self.assertRaises(AccessError):
            self.conversation.with_user(self.agent_elsewhere).action_schedule(
                "Hola", send_at
            )

    def test_a_second_click_schedules_nothing(self):
        self.schedule()
        self.schedule()
        self.assertEqual(len(self.replies()), 1)
        self.schedule(send_at=self.now + timedelta(hours=3))
        self.assertEqual(len(self.replies()), 2)

    def test_parking_sends_nothing_that_has_a_time(self):
        reply = self.schedule()
        self.assertEqual(self.conversation.action_park("Voy"), "queued")
        self.send_outbox()
        self.assertEqual(self.texts(), ["Voy"])
        self.assertEqual(reply.state, "waiting")

    # --- changing -------------------------------------------------------------------

    def test_text_and_time_are_changed_until_it_leaves(self):
        reply = self.schedule()
        later = (self.now + timedelta(hours=5)).replace(microsecond=0)
        reply.action_edit("Le llamo luego", send_at=str(later), cancel_on_answer=False)
        self.assertEqual(
            (reply.sudo().body, reply.send_at, reply.cancel_on_answer),
            ("Le llamo luego", later, False),
        )
        with self.assertRaisesRegex(UserError, "window ends at"):
            reply.action_edit("Tarde", send_at=str(self.now + timedelta(days=2)))
        self.assertEqual(reply.sudo().body, "Le llamo luego")
        self.let_it_be_due(reply)
        self.work()
        with self.assertRaisesRegex(UserError, "was sent"):
            reply.action_edit("Tarde")

    def test_it_can_be_sent_at_once(self):
        reply = self.schedule()
        reply.action_send_now()
        self.send_outbox()
        self.assertEqual(self.texts(), ["Le llamo ahora"])
        with self.assertRaisesRegex(UserError, "was sent"):
            reply.action_send_now()
        self.let_it_be_due(reply)
        self.assertEqual(self.work(), ["Le llamo ahora"])

    def test_it_is_not_sent_by_hand_into_a_closed_window(self):
        reply = self.schedule()
        self.conversation.sudo().window_end = self.now
        with self.assertRaisesRegex(UserError, "window is closed"):
            reply.action_send_now()
        self.assertEqual(reply.state, "waiting")

    def test_colleagues_leave_it_alone(self):
        reply = self.schedule().with_user(self.agent2)
        for change in (reply.action_send_now, reply.action_cancel):
            with self.assertRaises(AccessError):
                change()

    def test_the_inbox_shows_when_it_leaves(self):
        reply = self.schedule()
        (shown,) = self.conversation.sudo()._parked_data()
        self.assertEqual(shown["send_at"], fields.Datetime.to_string(reply.send_at))
        self.assertTrue(shown["cancel_on_answer"])

    def test_the_dialog_knows_the_customers_time_zone(self):
        """As the side panel does: the contact's, unless the number contradicts it."""

        def timezone():
            return self.conversation.get_send_later()["timezone"]

        self.assertFalse(timezone(), "there are two in Spain")
        partner = self.env["res.partner"].create({"name": "L", "tz": "Atlantic/Canary"})
        customer = self.conversation.sudo().customer_id
        customer.partner_id = partner
        self.assertEqual(timezone(), "Atlantic/Canary")
        partner.tz = "Asia/Tokyo"
        self.assertFalse(timezone())
        customer.write({"partner_id": False, "wa_id": "4915112345678"})
        self.assertEqual(timezone(), "Europe/Berlin")

    # --- what it answers --------------------------------------------------------------

    def question(self):
        """Return what the customer wrote, as it stands in the transcript."""
        return self.conversation.sudo().message_ids.mail_message_id[:1]

    def test_it_leaves_with_its_quotation(self):
        question = self.question()
        reply = self.schedule(quoted_id=question.id)
        (shown,) = self.conversation.sudo()._parked_data()
        self.assertEqual(shown["quoted"], "Lucía")
        self.let_it_be_due(reply)
        self.work()
        message = reply.sudo().message_ids
        self.assertEqual(message.mail_message_id.parent_id, question)
        self.assertEqual(message.quoted_id, question.whatsapp_omni_message_ids)

    def test_it_quotes_no_note_and_nothing_of_others(self):
        note = self.conversation.channel_id.with_user(self.agent).message_post(
            body="never pays",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        with self.assertRaises(UserError):
            self.schedule(quoted_id=note.id)
        other = self.capture(self.write_in(phone="34600333444", name="Pepe"))
        elsewhere = other.sudo().message_ids.mail_message_id[:1]
        self.assertFalse(self.schedule(quoted_id=elsewhere.id).sudo().quoted_id)
