# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from ast import literal_eval
from datetime import timedelta
from itertools import permutations
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.conversation_expiry import _NEXT_EXPIRY
from ..models.conversation_window import WINDOW_LENGTH, WINDOW_MARGIN
from .common import TOKEN, WhatsAppOmniCommon, inbound, receipt

NOW = fields.Datetime.to_datetime("2026-10-20 12:00:00")
SPAN = WINDOW_LENGTH - WINDOW_MARGIN


@tagged("post_install", "-at_install")
class TestWindow(WhatsAppOmniCommon):
    """How long free text may be sent, whatever comes in whatever order."""

    def at(self, hours):
        return NOW + timedelta(hours=hours)

    def test_any_order_repetition_and_delay_gives_the_same_window(self):
        """Of texts, media, reactions and odd things only the latest time counts."""
        with freeze_time(NOW):
            ends = set()
            for number, order in enumerate(permutations(range(4))):
                phone = f"346000001{number:02}"
                first = inbound(phone=phone, at=self.at(-30))
                bodies = [
                    inbound(phone=phone, at=self.at(-20), wa_id=f"wamid.p{number}"),
                    inbound(
                        "location",
                        phone=phone,
                        at=self.at(-3),
                        latitude="1",
                        longitude="2",
                    ),
                    inbound("poll_creation", phone=phone, at=self.at(-1)),
                    inbound(
                        "reaction",
                        phone=phone,
                        at=self.at(-2),
                        id="wamid.x",
                        emoji="👍",
                    ),
                ]
                self.receive(first)
                for index in order:
                    self.receive(bodies[index], bodies[0])
                ends.add(self.message_of(bodies[0]).conversation_id.window_end)
        self.assertEqual(ends, {self.at(-1) + SPAN})

    def test_what_opens_the_window_and_what_does_not(self):
        with freeze_time(NOW):
            conversation = self.write_in(at=self.at(-10))
            end = conversation.window_end
            self.assertEqual(end, self.at(-10) + SPAN)
            mail = self.answer(self.capture(conversation))
            self.send_outbox()
            gs_id = self.outbound_of(mail).gs_id
            self.receive(receipt("delivered", gs_id), receipt("read", gs_id))
            conversations = {"id": "c1", "expiresAt": 1999999999, "type": "service"}
            told = receipt("sent", gs_id)
            told["payload"]["conversation"] = conversations
            self.receive(told)
            self.receive(inbound("request_welcome", at=self.at(0)))
            self.assertEqual(conversation.window_end, end)

    def test_a_fast_clock_promises_no_more_than_there_is(self):
        with freeze_time(NOW):
            conversation = self.write_in(at=self.at(5))
        self.assertEqual(conversation.window_end, NOW + SPAN)

    def test_windows_of_two_lines_have_nothing_to_do_with_each_other(self):
        other = self.make_line("+34911000998", self.provider, self.queue)
        with freeze_time(NOW):
            ours = self.write_in(at=self.at(-5))
            body = inbound(app=other.app_name, at=self.at(-1))
            self.receive(body, token=other.callback_token)
        self.assertEqual(ours.window_end, self.at(-5) + SPAN)

    # --- expiring --------------------------------------------------------------------

    def expire(self):
        while self.env["whatsapp_omni.conversation"]._expire_round():
            continue
        self.env.flush_all()

    def test_an_attended_conversation_is_kept_by_its_agent(self):
        with freeze_time(NOW):
            conversation = self.capture(self.write_in(at=NOW))
            self.expire()
            self.assertFalse(conversation.window_expired)
        with freeze_time(NOW + SPAN):
            self.env.invalidate_all()
            self.expire()
            self.assertEqual(conversation.state, "attended")
            self.assertEqual(conversation.user_id, self.agent)
            self.assertTrue(conversation.window_expired)
            self.assertFalse(conversation.window_open)
            self.expire()
        changes = conversation.sudo().change_ids.filtered(lambda c: c.what == "window")
        self.assertEqual(len(changes), 1)

    def test_what_nobody_took_is_closed_by_the_window(self):
        with freeze_time(NOW):
            conversation = self.write_in(at=NOW)
        with freeze_time(NOW + SPAN):
            self.expire()
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(conversation.close_reason, "window")
        self.assertFalse(conversation.closed_by_id)
        self.assertEqual(conversation.closed_at, NOW + SPAN)

    def test_the_agents_screen_is_told(self):
        with freeze_time(NOW):
            self.capture(self.write_in(at=NOW))
        Store = "odoo.addons.mail.tools.discuss.Store.bus_send"
        with freeze_time(NOW + SPAN), patch(Store, autospec=True) as bus_send:
            self.expire()
        told = [call.args[0].get_result() for call in bus_send.call_args_list]
        cards = [c for data in told for c in data.get("whatsapp_omni.conversation", [])]
        self.assertEqual([card["window_expired"] for card in cards], [True])

    def test_a_message_opens_the_expired_window_again(self):
        with freeze_time(NOW):
            conversation = self.capture(self.write_in(at=NOW))
        with freeze_time(NOW + timedelta(days=2)):
            self.expire()
            self.write_in("¿Sigue ahí?")
            self.assertFalse(conversation.window_expired)
            self.assertTrue(conversation.window_open)

    def test_a_late_message_does_not_open_a_window_that_is_over(self):
        with freeze_time(NOW):
            conversation = self.capture(self.write_in(at=NOW))
        with freeze_time(NOW + timedelta(days=2)):
            self.expire()
            self.write_in(at=NOW + timedelta(hours=1))
            self.assertTrue(conversation.window_expired)
            self.assertEqual(conversation.window_end, self.at(1) + SPAN)

    @mute_logger("odoo.addons.whatsapp_omni.models.conversation_expiry")
    def test_who_wrote_in_time_is_not_closed(self):
        """As after a standstill: the journal holds it, nobody has applied it yet."""
        with freeze_time(NOW):
            conversation = self.write_in(at=NOW)
        with freeze_time(NOW + SPAN):
            again = inbound(at=NOW + timedelta(hours=1))
            self.env["whatsapp_omni.event"]._receive(TOKEN, json.dumps(again).encode())
            troubled = []
            while conversation._expire_round(troubled):
                continue
            self.assertEqual(conversation.state, "new")
            self.receive()
            self.assertTrue(conversation.window_open)
        self.assertEqual(self.message_of(again).conversation_id, conversation)

    def test_one_that_makes_trouble_harms_no_other(self):
        with freeze_time(NOW):
            bad, good = (self.write_in(phone=f"3460000020{n}", at=NOW) for n in (1, 2))
        Conversation = type(bad)
        expire = Conversation._expire

        def fail_for_one(conversation, reason=None):
            if conversation.id == bad.id:
                raise ValueError("broken")
            return expire(conversation, reason)

        troubled = []
        with (
            freeze_time(NOW + SPAN),
            patch.object(Conversation, "_expire", fail_for_one),
        ):
            while bad._expire_round(troubled):
                continue
        self.assertEqual((bad.state, good.state), ("new", "closed"))
        self.assertEqual(troubled, bad.ids)

    def test_the_action_comes_back_for_the_next_one(self):
        cron = self.env.ref("whatsapp_omni.ir_cron_expire_windows")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        with freeze_time(NOW):
            self.write_in(at=NOW)
            self.env.flush_all()
        with freeze_time(NOW + SPAN - timedelta(minutes=2)):
            self.env["whatsapp_omni.conversation"]._come_back(cron, _NEXT_EXPIRY)
        added = (
            self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        )
        self.assertEqual(added.call_at, NOW + SPAN + timedelta(seconds=1))

    def test_expiring_costs_the_same_however_much_is_closed(self):
        """The plan, not a guess: an index gives what is due."""
        self.env["whatsapp_omni.conversation"]._expire_round()
        # With few rows any index will do, if only what it finds may be sorted.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM whatsapp_omni_conversation WHERE state != 'closed'"
            " AND window_expired IS NOT TRUE AND window_end <= now()::timestamp"
            " ORDER BY window_end, id LIMIT 50"
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("window_end_idx", plan)

    # --- the provider's word ---------------------------------------------------------

    def test_each_code_of_the_provider_closes_the_window_at_once(self):
        for number, code in enumerate((131047, 470, 1005)):
            for is_sync in (True, False):
                phone = f"3460000031{number}" if is_sync else f"3460000032{number}"
                conversation = self.capture(self.write_in(phone=phone))
                mail = self.answer(conversation)
                self.send_outbox()
                gs_id = self.outbound_of(mail).gs_id
                failed = receipt("failed", gs_id, phone=phone, code=code, reason="x")
                if is_sync:
                    failed["payload"].update(id=gs_id)
                    del failed["payload"]["gsId"]
                self.receive(failed)
                with self.subTest(code=code, is_sync=is_sync):
                    self.assertFalse(conversation.window_open)
                    self.assertTrue(conversation.window_expired)
                    self.assertEqual(conversation.state, "attended")
                    with self.assertRaisesRegex(UserError, "24-hour window"):
                        self.answer(conversation)

    def test_what_waits_while_the_window_closes_fails_and_says_so(self):
        with freeze_time(NOW):
            conversation = self.capture(self.write_in(at=NOW))
            mail = self.answer(conversation)
        with freeze_time(NOW + SPAN):
            self.env.invalidate_all()
            self.send_outbox()
        message = self.outbound_of(mail)
        self.assertEqual((message.state, message.error_code), ("failed", 131047))
        self.assertIn("window closed", message.error_reason)
        self.assertFalse(self.provider_double.forms)

    # --- lists -----------------------------------------------------------------------

    def test_about_to_expire_is_ordered_by_what_is_left(self):
        with freeze_time(NOW):
            late, soon, over, plenty = (
                self.write_in(phone=f"3460000040{n}", at=self.at(-hours))
                for n, hours in enumerate((22.5, 23.5, 25, 1))
            )
            action = self.env.ref("whatsapp_omni.expiring_action")
            ours = [("id", "in", (late | soon | over | plenty).ids)]
            view = self.env.ref("whatsapp_omni.conversation_view_list_expiring")
            self.assertIn('default_order="window_end, id"', view.arch)
            Conversation = self.env["whatsapp_omni.conversation"]
            domain = [*literal_eval(action.domain), *ours]
            listed = Conversation.search(domain, order="window_end, id")
            self.assertEqual(listed, soon | late | plenty)
            favourite = self.env.ref("whatsapp_omni.expiring_filter")
            urgent = [*literal_eval(favourite.domain), *ours]
            self.assertEqual(Conversation.search(urgent), soon | late)
