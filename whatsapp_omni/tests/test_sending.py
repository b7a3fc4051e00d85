# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from itertools import count, permutations
from unittest.mock import patch

import requests
from markupsafe import Markup

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..gupshup import exceptions
from ..gupshup.client import Submitted
from ..tools.calls import room_in_rate
from .common import WhatsAppOmniCommon, inbound, receipt

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestSending(WhatsAppOmniCommon):
    """From the composer to the provider, and the ticks back."""

    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in(wa_id="wamid.question"))

    def status_of(self, mail):
        return mail.sudo().whatsapp_omni_message_ids._get_status()

    # --- what leaves -----------------------------------------------------------------

    def test_answer_reaches_the_provider(self):
        mail = self.answer(self.conversation, Markup("<p>Sí, <b>hoy</b></p>"))
        self.assertEqual(self.status_of(mail)["state"], "queued")
        self.send_outbox()
        (form,) = self.provider_double.forms
        self.assertEqual(form["destination"], "34600111222")
        self.assertEqual(form["source"], "34911222333")
        self.assertEqual(form["src.name"], "AcmeSupport")
        self.assertEqual(self.provider_double.sent[0]["text"], "Sí, *hoy*")
        self.assertEqual(self.status_of(mail)["state"], "submitted")
        self.assertEqual(self.outbound_of(mail).gs_id, "gs-1")

    def test_answering_stops_the_waiting(self):
        self.answer(self.conversation, "Voy")
        self.send_outbox()
        conversation = self.conversation.sudo()
        self.assertEqual(conversation.waiting_count, 0)
        self.assertFalse(conversation.waiting_since)
        self.assertEqual(conversation.last_text, "Voy")
        self.assertEqual(conversation.last_direction, "outbound")
        self.assertTrue(conversation.answered_at)

    def test_what_came_after_the_answer_still_waits(self):
        """The customer goes on writing while an answer is on its way."""
        self.answer(self.conversation, "Voy")
        self.write_in("Otra cosa: *urgente*")
        self.send_outbox()
        conversation = self.conversation.sudo()
        self.assertEqual(conversation.waiting_count, 1)
        self.assertTrue(conversation.waiting_since)
        self.assertEqual(conversation.last_text, "Otra cosa: urgente")
        self.assertEqual(conversation.last_direction, "inbound")

    def test_photo_with_a_caption_is_one_message(self):
        attachment = self.env["ir.attachment"].create(
            {"name": "part.png", "raw": PIXEL, "mimetype": "image/png"}
        )
        mail = self.answer(self.conversation, "La pieza", attachment_ids=attachment.ids)
        self.send_outbox()
        (sent,) = self.provider_double.sent
        self.assertEqual(sent["type"], "image")
        self.assertEqual(sent["caption"], "La pieza")
        self.assertIn(f"/whatsapp_omni/media/{attachment.id}/", sent["originalUrl"])
        self.assertEqual(len(self.outbound_of(mail)), 1)

    def test_text_and_files_leave_in_order(self):
        files = self.env["ir.attachment"].create(
            [
                {"name": "a.mp3", "raw": b"ID3" + b"x" * 99, "mimetype": "audio/mpeg"},
                {"name": "b.pdf", "raw": b"%PDF-1.4", "mimetype": "application/pdf"},
            ]
        )
        long_text = "x" * 2000  # too long for a caption
        self.answer(self.conversation, long_text, attachment_ids=files.ids)
        self.send_outbox()
        self.assertEqual(
            [sent["type"] for sent in self.provider_double.sent],
            ["text", "audio", "file"],
        )

    def test_quoting_names_the_customers_message(self):
        mail = self.env["whatsapp_omni.message"].search(
            [("wa_id", "=", "wamid.question")]
        )
        self.answer(self.conversation, "Esta", parent_id=mail.mail_message_id.id)
        self.send_outbox()
        self.assertEqual(
            self.provider_double.sent[0]["context"], {"msgId": "wamid.question"}
        )

    def test_reaction_of_the_agent(self):
        question = self.env["whatsapp_omni.message"].search(
            [("wa_id", "=", "wamid.question")]
        )
        mail = question.mail_message_id.with_user(self.agent).sudo()
        guest = self.env["mail.guest"]
        for emoji in ("👍", "🙏"):
            mail._message_reaction(emoji, "add", self.agent.partner_id, guest)
        mail._message_reaction("🙏", "remove", self.agent.partner_id, guest)
        self.send_outbox()
        self.assertEqual(
            [(sent["msgId"], sent["emoji"]) for sent in self.provider_double.sent],
            [
                ("wamid.question", "👍"),
                ("wamid.question", "🙏"),
                ("wamid.question", ""),
            ],
        )

    def test_seen_messages_are_marked_read_at_the_provider(self):
        self.write_in("Otra", wa_id="wamid.newest")
        newest = self.env["whatsapp_omni.message"].search(
            [("wa_id", "=", "wamid.newest")]
        )
        member = self.conversation.channel_id.with_user(self.agent).self_member_id
        member._mark_as_read(newest.mail_message_id.id)
        self.send_outbox()
        self.assertEqual(self.provider_double.reads, ["wamid.newest"])
        self.assertEqual(newest.state, "read")

    def test_no_read_receipts_where_the_line_sends_none(self):
        self.line.send_read_receipts = False
        self.conversation.channel_id.with_user(self.agent).self_member_id._mark_as_read(
            self.conversation.channel_id.message_ids[:1].id
        )
        self.assertFalse(self.send_outbox())

    def test_note_stays_inside(self):
        channel = self.conversation.channel_id.sudo()
        channel.message_post(
            body="solo para nosotros",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        self.send_outbox()
        self.assertFalse(self.provider_double.forms)

    # --- what may not leave ----------------------------------------------------------

    def test_nobody_but_the_owner_answers(self):
        other = self.conversation.with_user(self.agent2)
        with self.assertRaises(UserError):
            self.answer(other)
        with self.assertRaises(UserError):
            other.channel_id.message_post(
                body="x", message_type="comment", subtype_xmlid="mail.mt_comment"
            )

    def test_closed_window_refuses_free_text(self):
        self.conversation.sudo().window_end = fields.Datetime.now() - timedelta(
            minutes=1
        )
        with self.assertRaisesRegex(UserError, "window"):
            self.answer(self.conversation)

    def test_window_that_closes_in_the_queue_fails_the_message(self):
        mail = self.answer(self.conversation)
        self.conversation.sudo().window_end = fields.Datetime.now() - timedelta(
            minutes=1
        )
        self.send_outbox()
        self.assertEqual(self.status_of(mail)["state"], "failed")
        self.assertFalse(self.provider_double.forms)
        self.assertEqual(
            self.conversation.sudo().waiting_count, 1, "the customer got no answer"
        )

    def test_closed_conversation_refuses(self):
        self.conversation.action_close()
        with self.assertRaisesRegex(UserError, "closed"):
            self.answer(self.conversation)

    def test_nothing_is_not_sent(self):
        for body in ("", "  \n", Markup("<p> <br></p>")):
            with self.assertRaisesRegex(UserError, "nothing to send"):
                self.answer(self.conversation, body)

    def test_too_long_a_text_is_refused_with_the_numbers(self):
        with self.assertRaisesRegex(UserError, "4097.*4096"):
            self.answer(self.conversation, "x" * 4097)

    def test_too_big_a_file_is_refused(self):
        attachment = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"x"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET file_size = %s WHERE id = %s",
            (101 * 1024 * 1024, attachment.id),
        )
        attachment.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "a.pdf.*up to 100 MB.*split it"):
            self.answer(self.conversation, attachment_ids=attachment.ids)

    def test_file_of_a_type_that_whatsapp_refuses(self):
        """It fails here, with advice, instead of there when nobody looks any more."""
        for name, advice in (
            ("a.zip", "PDF, Word"),
            ("a.gif", "JPEG or PNG"),
            ("a.wav", "MP3, M4A"),
            ("a.webm", "MP4 or 3GP"),
            ("a.webp", "Save a photo as JPEG or PNG"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, f"{name}: .*{advice}"),
            ):
                attachment = self.env["ir.attachment"].create(
                    {
                        "name": name,
                        "raw": b"x",
                        "mimetype": "image/webp" if name == "a.webp" else False,
                    }
                )
                self.answer(self.conversation, attachment_ids=attachment.ids)
        self.assertFalse(
            self.env["whatsapp_omni.message"].search_count(
                [("direction", "=", "outbound"), ("attachment_id", "!=", False)]
            )
        )

    # --- trouble ---------------------------------------------------------------------

    def test_unreachable_provider_is_tried_again(self):
        refused = requests.exceptions.ConnectTimeout("no route")
        self.provider_double.answers = [refused]
        mail = self.answer(self.conversation)
        self.send_outbox()
        message = self.outbound_of(mail)
        self.assertEqual((message.state, message.tries), ("queued", 1))
        message.next_try_at = False
        self.send_outbox()
        self.assertEqual(message.state, "submitted")

    def test_429_waits_as_long_as_told(self):
        data = {"message": "Too Many Requests"}
        self.provider_double.answers = [(429, data, {"Retry-After": "137"})]
        message = self.outbound_of(self.answer(self.conversation))
        before = fields.Datetime.now()
        self.send_outbox()
        self.assertEqual(message.state, "queued")
        told = timedelta(seconds=137)
        self.assertGreaterEqual(message.next_try_at, before + told)
        self.assertLessEqual(message.next_try_at, fields.Datetime.now() + told)

    def test_patience_ends(self):
        message = self.outbound_of(self.answer(self.conversation))
        for _try in range(6):
            self.provider_double.answers = [(500, {})]
            message.next_try_at = False
            self.send_outbox()
        self.assertEqual(message.state, "failed")
        self.assertTrue(message.can_retry)

    def test_time_out_is_unknown_and_never_sent_again_by_itself(self):
        self.provider_double.answers = [requests.exceptions.ReadTimeout("slow")]
        message = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        self.assertEqual(message.state, "unknown")
        self.assertFalse(self.send_outbox())
        self.assertEqual(len(self.provider_double.forms), 1)

    def test_late_receipt_tells_the_fate_of_an_unknown_message(self):
        self.provider_double.answers = [requests.exceptions.ReadTimeout("slow")]
        message = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        message.requested_at = self.ago(60)
        self.settle_unknown(seconds=45)
        self.assertEqual(message.state, "delivered")
        self.assertEqual(message.gs_id, "gs-of-the-lost-answer")

    def ago(self, seconds):
        return fields.Datetime.now() - timedelta(seconds=seconds)

    def lose_an_answer(self):
        self.provider_double.answers = [requests.exceptions.ReadTimeout("slow")]
        message = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        message.requested_at = self.ago(60)
        return message

    def settle_unknown(self, seconds):
        """Receive, and look at, a receipt that is so many seconds old."""
        body = receipt("delivered", "gs-of-the-lost-answer", at=self.ago(seconds))
        self.receive(body)
        self.env["whatsapp_omni.event"]._settle_receipts()

    def test_fresh_receipt_waits_for_the_answer_that_may_still_come(self):
        message = self.lose_an_answer()
        self.settle_unknown(seconds=5)
        self.assertEqual(message.state, "unknown")

    def test_message_that_was_sent_again_takes_no_receipt(self):
        message = self.lose_an_answer()
        message.superseded = True
        self.settle_unknown(seconds=45)
        self.assertEqual(message.state, "unknown")

    def test_receipt_that_may_be_about_a_later_message_settles_nothing(self):
        message = self.lose_an_answer()
        self.answer(self.conversation, "otra")
        self.env["whatsapp_omni.message"]._claim_outbox()
        self.settle_unknown(seconds=45)
        self.assertEqual(message.state, "unknown")

    def test_id_of_another_message_proves_nothing(self):
        first = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        data = {"status": "submitted", "messageId": first.gs_id}
        self.provider_double.answers = [(202, data)]
        second = self.outbound_of(self.answer(self.conversation))
        with mute_logger(
            "odoo.sql_db", "odoo.addons.whatsapp_omni.models.message_sending"
        ):
            self.send_outbox()
        self.assertEqual((first.state, second.state), ("submitted", "unknown"))
        self.assertFalse(second.gs_id)

    def test_customer_whom_nothing_reaches_fails_the_message(self):
        message = self.outbound_of(self.answer(self.conversation))
        self.conversation.sudo().customer_id.write(
            {"wa_id": False, "business_user_id": False}
        )
        self.send_outbox()
        self.assertEqual(message.state, "failed")
        self.assertIn("reach this customer", message.error_reason)
        self.assertFalse(self.provider_double.forms)

    def test_refused_message_fails_with_the_reason(self):
        self.provider_double.answers = [(400, {"message": "Invalid Destination"})]
        mail = self.answer(self.conversation)
        self.send_outbox()
        status = self.status_of(mail)
        self.assertEqual(status["state"], "failed")
        self.assertIn("Invalid Destination", status["reason"])
        self.assertEqual(self.conversation.sudo().failed_count, 1)

    def test_refused_key_sends_the_agent_to_the_administrator(self):
        self.provider_double.answers = [(401, {"message": "Authentication Failed"})]
        mail = self.answer(self.conversation)
        self.send_outbox()
        self.assertIn("administrator", self.status_of(mail)["reason"])
        self.assertIn("Authentication Failed", self.line.last_error)

    def test_retry_sends_a_copy(self):
        self.provider_double.answers = [(400, {"message": "Invalid Destination"})]
        mail = self.answer(self.conversation, "otra vez")
        self.send_outbox()
        mail.with_user(self.agent).action_whatsapp_omni_retry()
        self.send_outbox()
        self.assertEqual(self.status_of(mail)["state"], "submitted")
        self.assertEqual(
            [sent["text"] for sent in self.provider_double.sent], ["otra vez"] * 2
        )
        self.assertEqual(self.conversation.sudo().failed_count, 0)

    # --- who sends -------------------------------------------------------------------

    def under_way(self, phone="34600000001"):
        """Return a message that another worker is sending."""
        other = self.capture(self.write_in(phone=phone))
        message = self.outbound_of(self.answer(other))
        self.assertEqual(self.env["whatsapp_omni.message"]._claim_outbox(), message)
        return message

    def triggers(self):
        cron = self.env.ref("whatsapp_omni.ir_cron_send_outbox")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def send_after_the_answer(self):
        """Do what a worker does after an agent's request; return how often it woke
        the scheduled action."""
        before = self.triggers()
        with self.enter_registry_test_mode():
            self.env["whatsapp_omni.message"]._send_now(self.env.registry)
        self.env.invalidate_all()
        return self.triggers() - before

    def test_worker_that_has_just_answered_sends(self):
        message = self.outbound_of(self.answer(self.conversation))
        self.assertFalse(self.send_after_the_answer())
        self.assertEqual(message.state, "submitted")

    def test_slow_provider_keeps_one_worker_at_most(self):
        """Whoever comes while another worker waits leaves it to the job at once."""
        self.under_way()
        message = self.outbound_of(self.answer(self.conversation))
        self.assertEqual(self.send_after_the_answer(), 1)
        self.assertEqual(message.state, "queued")
        self.assertFalse(self.provider_double.requests)

    def test_scheduled_action_sends_whoever_else_does(self):
        self.under_way()
        message = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        self.assertEqual(message.state, "submitted")

    def test_worker_that_died_is_not_waited_for(self):
        self.under_way().requested_at = fields.Datetime.now() - timedelta(minutes=3)
        message = self.outbound_of(self.answer(self.conversation))
        self.send_after_the_answer()
        self.assertEqual(message.state, "submitted")

    def see(self, wa_id):
        """Have the agent see what the customer wrote; return the read receipt."""
        seen = self.env["whatsapp_omni.message"].search([("wa_id", "=", wa_id)])
        member = seen.channel_id.with_user(self.agent).self_member_id
        member._mark_as_read(seen.mail_message_id.id)
        return self.env["whatsapp_omni.read.receipt"].search(
            [("message_id", "=", seen.id)]
        )

    def test_blue_ticks_wait_for_messages(self):
        Message = self.env["whatsapp_omni.message"]
        self.see("wamid.question")
        self.answer(self.conversation)
        Message._send_round(lambda: None)
        self.assertTrue(self.provider_double.forms)
        self.assertFalse(self.provider_double.reads)
        Message._send_round(lambda: None)
        self.assertEqual(self.provider_double.reads, ["wamid.question"])

    def test_blue_ticks_keep_no_second_worker(self):
        self.see("wamid.question")
        self.under_way()
        self.assertEqual(self.send_after_the_answer(), 1)
        self.assertFalse(self.provider_double.reads)

    def test_blue_ticks_under_way_count_as_sending(self):
        self.see("wamid.question")
        self.assertTrue(self.env["whatsapp_omni.read.receipt"]._claim(8))
        message = self.outbound_of(self.answer(self.conversation))
        self.send_after_the_answer()
        self.assertEqual(message.state, "queued")

    def test_blue_ticks_are_given_all_at_once_and_tried_again(self):
        first = self.see("wamid.question")
        self.capture(self.write_in(phone="34600000002", wa_id="wamid.other"))
        second = self.see("wamid.other")
        refused = requests.exceptions.ConnectTimeout("no route")
        mark_read = type(self.line._get_client()).mark_read
        together = threading.Barrier(2, timeout=5)

        def marking(client, wa_id):
            together.wait()
            if wa_id == "wamid.question":
                raise exceptions.NotSent(str(refused))
            return mark_read(client, wa_id)

        with patch.object(type(self.line._get_client()), "mark_read", marking):
            self.send_outbox()
        self.assertFalse(second.exists())
        self.assertEqual((first.tries, first.requested_at), (1, False))
        first.next_try_at = False
        self.send_outbox()
        self.assertFalse(first.exists())
        self.assertEqual(self.provider_double.reads, ["wamid.other", "wamid.question"])

    def test_busy_line_leaves_room_for_others(self):
        """More waits on one line than a round takes; its rate is used up besides."""
        self.provider.rate = 4
        for number in range(10):
            busy = self.capture(self.write_in(phone=f"3460000010{number}"))
            self.answer(busy)
        provider = self.make_provider(self.company)
        line = self.make_line("+34911000777", provider, self.queue)
        body = inbound(app=line.app_name)
        self.receive(body, token=line.callback_token)
        late = self.outbound_of(
            self.answer(self.capture(self.message_of(body).conversation_id))
        )
        Message = self.env["whatsapp_omni.message"]
        claimed = Message._claim_outbox()
        self.assertIn(late, claimed)
        self.assertEqual(len(claimed), 3)  # two leave at once, then it is paced
        self.assertFalse(Message._claim_outbox())

    def test_retry_leaves_other_ticks_to_the_job(self):
        self.provider_double.answers = [(400, {"message": "Invalid Destination"})]
        mail = self.answer(self.conversation, "otra vez")
        self.send_outbox()
        other = self.write_in(phone="34600000003").message_ids
        other.dirty = True
        cron = self.env.ref("whatsapp_omni.ir_cron_push_statuses")
        triggers = [("cron_id", "=", cron.id)]
        before = self.env["ir.cron.trigger"].search_count(triggers)
        mail.with_user(self.agent).action_whatsapp_omni_retry()
        self.assertTrue(other.dirty)
        self.assertEqual(self.status_of(mail)["state"], "queued")
        self.assertEqual(self.env["ir.cron.trigger"].search_count(triggers), before + 1)

    def test_retry_is_offered_where_it_may_help(self):
        message = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        for state, code, expected in (
            ("submitted", False, False),
            ("unknown", False, True),
            ("failed", False, True),
            ("failed", 131000, True),  # transient
            ("failed", 131052, True),  # permanent, yet worth one more try
            ("failed", 131026, False),
            ("failed", 131047, False),
        ):
            message.write({"state": state, "error_code": code})
            self.assertEqual(message.can_retry, expected, (state, code))
        message.superseded = True
        self.assertFalse(message.can_retry)

    def test_deleted_file_is_not_sent_again(self):
        file = self.env["ir.attachment"].create(
            {"name": "b.pdf", "raw": b"%PDF-1.4", "mimetype": "application/pdf"}
        )
        mail = self.answer(self.conversation, attachment_ids=file.ids)
        message = self.outbound_of(mail)
        message.attachment_id = False
        self.send_outbox()
        self.assertEqual(message.state, "failed")
        self.assertIn("deleted", message.error_reason)
        self.assertFalse(message.can_retry)

    @contextmanager
    def capture_bus_of(self, user):
        """Collect what the bus tells a user."""
        channel = f'["{self.env.cr.dbname}", "res.partner", {user.partner_id.id}]'
        Bus = self.env["bus.bus"].sudo()
        self.env.cr.precommit.run()
        last, told = Bus.search([], order="id desc", limit=1).id or 0, []
        yield told
        self.env.cr.precommit.run()
        rows = Bus.search([("id", ">", last)], order="id")
        told += [
            json.loads(row.message)
            for row in rows
            if json.loads(row.channel) == json.loads(channel)
        ]

    def react(self, mail, emoji="👍", action="add"):
        mail = mail.with_user(self.agent).sudo()
        mail._message_reaction(
            emoji, action, self.agent.partner_id, self.env["mail.guest"]
        )

    def test_reaction_to_what_never_left_is_refused(self):
        self.provider_double.answers = [(400, {"message": "Invalid Destination"})]
        mail = self.answer(self.conversation)
        self.send_outbox()
        with self.assertRaisesRegex(UserError, "not reached WhatsApp"):
            self.react(mail)

    def test_reaction_to_what_is_on_its_way_follows_it(self):
        mail = self.answer(self.conversation)
        self.react(mail)
        self.send_outbox()
        self.assertEqual(
            [sent["type"] for sent in self.provider_double.sent], ["text", "reaction"]
        )

    def test_failed_reaction_does_not_count_as_an_undelivered_message(self):
        mail = self.answer(self.conversation)
        self.send_outbox()
        self.provider_double.answers = [(400, {"message": "Invalid"})]
        self.react(mail)
        self.send_outbox()
        self.assertEqual(self.conversation.sudo().failed_count, 0)

    def test_reaction_that_failed_leaves_the_bubble(self):
        """The customer never saw it; who put it is told."""
        mail = self.answer(self.conversation)
        self.send_outbox()
        self.react(mail)
        self.assertEqual(mail.sudo().reaction_ids.mapped("content"), ["👍"])
        self.provider_double.answers = [(400, {"message": "Too old"})]
        with self.capture_bus_of(self.agent) as told:
            self.send_outbox()
        self.assertFalse(mail.sudo().reaction_ids)
        (notice,) = [n for n in told if n["type"] == "simple_notification"]
        self.assertIn("Too old", notice["payload"]["message"])

    def test_message_that_cannot_be_made_stops_nobody(self):
        message = self.outbound_of(self.answer(self.conversation, "first"))
        other = self.capture(self.write_in(phone="34600000009"))
        good = self.outbound_of(self.answer(other, "second"))
        build = type(message)._build_request

        def failing(record):
            if record == message:
                raise RuntimeError("broken")
            return build(record)

        with (
            patch.object(type(message), "_build_request", failing),
            mute_logger("odoo.addons.whatsapp_omni.models.message_sending"),
        ):
            self.send_outbox()
        self.assertEqual(message.state, "failed")
        self.assertEqual(good.state, "submitted")

    def test_call_that_breaks_takes_no_other_result_along(self):
        """What a thread did not expect leaves its own message unknown, no other."""
        broken = self.outbound_of(self.answer(self.conversation, "broken"))
        other = self.capture(self.write_in(phone="34600000009"))
        good = self.outbound_of(self.answer(other, "good"))
        client_class = type(self.line._get_client())
        send, together = client_class.send, threading.Barrier(2, timeout=10)

        def sending(client, destination, message, **options):
            together.wait()
            if message["text"] == "broken":
                raise RuntimeError("broken")
            return send(client, destination, message, **options)

        with (
            patch.object(client_class, "send", sending),
            mute_logger("odoo.addons.whatsapp_omni.tools.calls"),
        ):
            self.send_outbox()
        self.assertEqual(good.state, "submitted")
        self.assertEqual(broken.state, "unknown")

    def test_answer_that_cannot_be_noted_is_sent_all_the_same(self):
        message = self.outbound_of(self.answer(self.conversation, "Hello"))
        with (
            patch.object(type(message), "_note_answers", side_effect=ValueError),
            mute_logger("odoo.addons.whatsapp_omni.models.message_sending"),
        ):
            self.send_outbox()
        self.assertEqual(message.state, "submitted")

    def test_answer_of_a_dead_worker_counts_as_one(self):
        """It died between the call and the note that the customer has an answer."""
        message = self.outbound_of(self.answer(self.conversation, "Hello"))
        self.assertEqual(self.conversation.waiting_count, 1)
        message._mark_sending()
        message.requested_at = fields.Datetime.now() - timedelta(hours=1)
        self.env["whatsapp_omni.message"]._give_up_lost()
        self.assertEqual(message.state, "unknown")
        self.assertEqual(self.conversation.waiting_count, 0)

    def test_screens_that_break_lose_no_result(self):
        """A slow call is under way while what a quick one returned cannot be shown."""
        self.line.send_read_receipts = False
        slow = self.outbound_of(self.answer(self.conversation, "slow"))
        other = self.capture(self.write_in(phone="34600000009"))
        quick = self.outbound_of(self.answer(other, "quick"))
        client_class, broke = type(self.line._get_client()), threading.Event()
        send = client_class.send

        def sending(client, destination, message, **options):
            if message["text"] == "slow":
                broke.wait(10)
            return send(client, destination, message, **options)

        def breaking(_messages):
            broke.set()
            raise RuntimeError("broken")

        # Nothing was written since the last commit: the test's transaction must go on.
        self.patch(self.env.cr, "rollback", lambda: None)
        with (
            patch.object(client_class, "send", sending),
            patch.object(type(slow), "_show_results", breaking),
            self.assertRaisesRegex(RuntimeError, "broken"),
        ):
            self.send_outbox()
        self.assertEqual(quick.state, "submitted")
        self.assertEqual(slow.state, "submitted")

    def test_worker_that_died_leaves_an_unknown_message(self):
        message = self.outbound_of(self.answer(self.conversation))
        self.env["whatsapp_omni.message"]._claim_outbox()
        self.assertEqual(message.state, "sending")
        message.requested_at = fields.Datetime.now() - timedelta(minutes=5)
        self.env["whatsapp_omni.message"]._give_up_lost()
        self.assertEqual(message.state, "unknown")

    def test_one_message_of_a_customer_at_a_time(self):
        Message = self.env["whatsapp_omni.message"]
        self.line.send_read_receipts = False
        for number in range(3):
            self.answer(self.conversation, f"n{number}")
        self.assertEqual(len(Message._claim_outbox()), 1)
        self.assertEqual(len(Message._claim_outbox()), 0)

    def test_rate_of_the_line_is_kept(self):
        self.provider.rate = 2
        self.line.send_read_receipts = False
        for number in range(4):
            conversation = self.capture(self.write_in(phone=f"3460000000{number}"))
            self.answer(conversation)
        Message = self.env["whatsapp_omni.message"]
        self.assertEqual(len(Message._claim_outbox()), 2)
        self.assertEqual(len(Message._claim_outbox()), 0)
        self.assertIsNotNone(Message._seconds_to_next())

    def test_rate_is_spread_over_the_second(self):
        """A fifth at once, or two; the next when the first of these are long enough
        ago."""
        self.assertEqual(room_in_rate([], 20), (4, 0.0))
        self.assertEqual(room_in_rate([], 4), (2, 0.0))
        room, pause = room_in_rate([0.01, 0.02, 0.03, 0.04, 0.5], 20)
        self.assertEqual(room, 0)
        self.assertAlmostEqual(pause, 0.065)
        self.assertEqual(room_in_rate([0.2] * 19, 20), (1, 0.0))
        room, pause = room_in_rate([0.2] * 19 + [0.9], 20)
        self.assertEqual(room, 0)
        self.assertAlmostEqual(pause, 0.15)

    def test_slow_call_holds_nobody_else_up(self):
        """More wait than are sent at once; the first call lasts until all others."""
        self.provider.rate = 1000
        self.line.send_read_receipts = False
        slow = self.outbound_of(self.answer(self.conversation, "slow"))
        for number in range(10):
            conversation = self.capture(self.write_in(phone=f"3460000010{number}"))
            self.answer(conversation, "quick")
        client_class = type(self.line._get_client())
        send, all_others = client_class.send, threading.Event()
        quick = []

        def sending(client, destination, message, **options):
            if message["text"] == "slow":
                self.assertTrue(all_others.wait(10), "A call was waited for")
                return send(client, destination, message, **options)
            quick.append(destination)
            if len(quick) == 10:
                all_others.set()
            return send(client, destination, message, **options)

        with patch.object(client_class, "send", sending):
            self.assertEqual(self.send_outbox(), 11)
        self.assertEqual(slow.state, "submitted")

    def test_answers_cost_no_query_each(self):
        self.provider.rate = 1000
        Message = self.env["whatsapp_omni.message"]
        conversations = [
            self.capture(self.write_in(phone=f"3460000010{number}"))
            for number in range(8)
        ]

        def send(count):
            for conversation in conversations[:count]:
                self.answer(conversation)
            claimed = Message._claim_outbox()
            self.assertEqual(len(claimed), count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            jobs = claimed._make_jobs()
            answers = [Submitted(f"gs-{job.record_id}") for job in jobs]
            landed = Message._note_results(list(zip(jobs, answers, strict=True)))
            landed._show_results()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        send(2)
        # Changes of other columns are other statements: two of these may come together.
        self.assertLessEqual(send(8), send(2) + 2)

    # --- receipts --------------------------------------------------------------------

    def test_receipts_in_every_order_end_the_same(self):
        """A status never goes down; failed overrides what is not yet delivered, and
        gives way to delivered and read.
        """
        mail = self.answer(self.conversation)
        self.send_outbox()
        template = self.outbound_of(mail)
        numbers = count()
        for kinds, end in (
            (("enqueued", "failed"), "failed"),
            (("sent", "failed"), "failed"),
            (("enqueued", "sent", "failed"), "failed"),
            (("failed", "delivered"), "delivered"),
            (("enqueued", "sent", "failed", "delivered"), "delivered"),
            (("enqueued", "sent", "failed", "delivered", "read"), "read"),
        ):
            for order in permutations(kinds):
                gs_id = f"perm-{next(numbers)}"
                message = template.copy(
                    {"gs_id": gs_id, "wa_id": False, "state": "submitted", "rank": 3}
                )
                self.env.flush_all()
                self.receive(*[self.receipt_of(kind, gs_id) for kind in order])
                self.assertEqual(message.state, end, order)
                self.assertEqual(
                    (message.error_code, message.error_reason),
                    (131026, "undeliverable") if end == "failed" else (0, False),
                    order,
                )
                for kind in ("sent", "delivered", "read"):
                    self.assertEqual(
                        bool(message[f"{kind}_at"]), kind in kinds, (kind, order)
                    )

    def receipt_of(self, kind, gs_id):
        """Return a receipt of this kind; one that failed has a code and a reason."""
        trouble = {"code": 131026, "reason": "undeliverable"}
        extra = trouble if kind == "failed" else {}
        return receipt(kind, gs_id, wa_id=f"wa-{gs_id}", **extra)

    def test_failed_overrides_sent_and_shows_what_to_do(self):
        mail = self.answer(self.conversation)
        self.send_outbox()
        gs_id = self.outbound_of(mail).gs_id
        self.receive(
            receipt("sent", gs_id),
            receipt("failed", gs_id, code=131047, reason="Re-engagement message"),
        )
        status = self.status_of(mail)
        self.assertEqual(status["state"], "failed")
        self.assertEqual(status["code"], 131047)
        self.assertTrue(status["action"])
        self.assertFalse(
            self.conversation.window_open, "131047 closes the window at once"
        )

    def test_late_refusal_does_not_close_the_window_that_the_customer_opened(self):
        message = self.outbound_of(self.answer(self.conversation))
        self.send_outbox()
        message.requested_at = fields.Datetime.now() - timedelta(minutes=5)
        self.write_in("¿Hola?")
        self.receive(receipt("failed", message.gs_id, code=131047, reason="late"))
        self.assertEqual(message.state, "failed")
        self.assertTrue(self.conversation.window_open)

    def test_receipt_before_the_id_is_known_waits_for_it(self):
        mail = self.answer(self.conversation)
        (event,) = self.receive(receipt("delivered", "gs-1"))
        self.assertEqual(event.state, "pending")
        self.send_outbox()
        self.assertEqual(self.outbound_of(mail).state, "delivered")
        self.assertEqual(event.state, "applied")

    def test_receipt_of_somebody_elses_message_is_given_up(self):
        (event,) = self.receive(receipt("delivered", "never-ours"))
        self.env["whatsapp_omni.event"]._settle_receipts()
        self.assertEqual(event.state, "pending")
        event.received_at = fields.Datetime.now() - timedelta(hours=1)
        self.env["whatsapp_omni.event"]._settle_receipts()
        self.assertEqual(event.state, "ignored")

    def test_receipt_without_gs_id_finds_its_message_by_whatsapp_id(self):
        mail = self.answer(self.conversation)
        self.send_outbox()
        gs_id = self.outbound_of(mail).gs_id
        late = receipt("read", None, wa_id="wamid.mine")
        late["payload"].pop("gsId")
        self.receive(receipt("enqueued", gs_id, wa_id="wamid.mine"), late)
        self.assertEqual(self.outbound_of(mail).state, "read")

    def test_ticks_of_a_screenful_cost_few_queries(self):
        for number in range(20):
            self.answer(self.conversation, f"n{number}")
        channel = self.conversation.channel_id
        mails = self.env["mail.message"].search(
            [("model", "=", "discuss.channel"), ("res_id", "=", channel.id)]
        )
        self.env.invalidate_all()

        def count(records):
            before = self.env.cr.sql_log_count
            for mail in records:
                mail.sudo().whatsapp_omni_message_ids._get_status()
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(count(mails), 4)

    def test_customers_message_has_no_ticks(self):
        body = inbound()
        self.receive(body)
        self.assertFalse(self.status_of(self.message_of(body).mail_message_id))
