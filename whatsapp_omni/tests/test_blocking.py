# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

import requests

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .common import body_of, inbound
from .test_dispositions import DispositionCommon


@tagged("post_install", "-at_install")
class TestBlocking(DispositionCommon):
    """Customers whom nobody wants to hear any more."""

    def setUp(self):
        super().setUp()
        self.customer = self.conversation.sudo().customer_id
        self.asked = []
        self.answers = []
        handle = self.provider_double.handle

        def answer(request):
            if "/user/block" not in request.url:
                return handle(request)
            self.asked.append((request.method, json.loads(body_of(request))))
            given = self.answers.pop(0) if self.answers else (200, {})
            if isinstance(given, Exception):
                raise given
            status, data = given
            content = json.dumps(data).encode()
            return self.provider_double._respond(request, status, content, {})

        self.provider_double.handle = answer

    def block(self):
        self.close(disposition=self.spam, block=True)

    def tell(self):
        self.env["whatsapp_omni.block"]._tell_round(lambda: None)

    def test_what_is_written_afterwards_is_kept_and_begins_nothing(self):
        self.block()
        body = inbound(text="Buy now!")
        self.assertEqual(self.receive(body).state, "applied")
        message = self.message_of(body)
        self.assertEqual(message.conversation_id.id, self.conversation.id)
        self.assertEqual(self.conversation.state, "closed")
        self.assertFalse(self.conversation.waiting_count)
        self.assertEqual(len(self.customer.conversation_ids), 1)
        transcript = self.conversation.channel_id.with_user(self.supervisor).message_ids
        self.assertTrue(any("Buy now!" in mail.body for mail in transcript))

    def test_the_desk_knows_that_they_are_not_heard(self):
        self.assertFalse(self.on_screen()["is_blocked"])
        self.block()
        self.assertTrue(self.on_screen()["is_blocked"])

    def on_screen(self):
        store = Store().add(self.conversation.with_user(self.agent)).get_result()
        return store["whatsapp_omni.conversation"][0]

    def test_on_a_line_where_they_never_wrote(self):
        self.block()
        line2 = self.make_line(
            "+34911222444", self.provider, self.queue, callback_token="line-two"
        )
        body = inbound(text="Buy!", app=line2.app_name)
        self.receive(body, token="line-two")
        conversation = self.message_of(body).conversation_id
        self.assertEqual(conversation.line_id, line2)
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(conversation.close_reason, "blocked")
        self.assertFalse(conversation.queue_id)

    def test_who_is_blocked_while_attended_is_heard_to_the_end(self):
        self.customer.with_user(self.supervisor).action_block()
        self.write_in("One more thing")
        self.assertEqual(self.conversation.waiting_count, 2)

    def test_unblocked_they_are_heard_again(self):
        self.block()
        self.customer.with_user(self.supervisor).action_unblock()
        self.assertEqual(self.write_in().state, "new")

    def test_agents_block_spam_only_and_unblock_nobody(self):
        with self.assertRaisesRegex(UserError, "spam"), self.env.cr.savepoint():
            self.close(block=True)
        self.env.invalidate_all()
        self.assertEqual(self.conversation.state, "attended")
        for method in ("action_block", "action_unblock"):
            with self.assertRaises(AccessError):
                getattr(self.customer.with_user(self.agent), method)()
        self.block()
        self.assertTrue(self.customer.blocked)
        self.assertEqual(self.customer.blocked_by_id, self.agent)
        self.assertIn("blocked", self.conversation.sudo().change_ids.mapped("what"))

    def test_nobody_writes_to_them_first(self):
        self.block()
        template = self.make_template(body="Hola")
        with self.assertRaisesRegex(UserError, "blocked"):
            self.env["whatsapp_omni.conversation"].with_user(self.agent).action_start(
                self.queue.id, template.id, {"customer_id": self.customer.id}
            )
        self.assertIn("blocked", self.customer._marketing_refusal())

    def test_the_provider_is_told_once(self):
        self.block()
        self.assertFalse(self.asked)
        self.tell()
        self.tell()
        expected = {
            "messaging_product": "whatsapp",
            "block_users": [{"user": "34600111222"}],
        }
        self.assertEqual(self.asked, [("POST", expected)])
        self.assertEqual(self.customer.block_ids.state, "done")
        self.customer.with_user(self.supervisor).action_unblock()
        self.tell()
        self.assertEqual(self.asked[1:], [("DELETE", expected)])
        self.assertFalse(self.customer.block_ids)

    def test_a_refusal_of_the_provider_is_told_and_changes_nothing_here(self):
        error = {"code": 139100, "message": "User did not write within 24 hours"}
        failed = [{"input": "34600111222", "errors": [error]}]
        refusal = {"status": "error", "block_users": {"failed_users": failed}}
        for status in (400, 200):
            self.answers = [(status, refusal)]
            self.customer.with_user(self.supervisor).action_block()
            self.tell()
            self.assertEqual(self.customer.block_ids.state, "failed")
            self.assertIn("24 hours", self.customer.block_ids.reason)
            self.assertTrue(self.customer.blocked)
            self.customer.with_user(self.supervisor).action_unblock()
            self.tell()

    def refuse(self, message="User did not write within 24 hours"):
        errors = [{"code": 139100, "message": message}]
        failed = [{"input": "34600111222", "errors": errors}]
        self.answers.append((400, {"block_users": {"failed_users": failed}}))

    def test_supervisors_are_told_of_a_refusal_and_ask_again(self):
        self.block()
        own = self.customer.with_user(self.supervisor)
        self.assertFalse(own.block_refusal)
        self.refuse()
        self.tell()
        self.assertIn(self.line.name, own.block_refusal)
        self.assertIn("did not write within 24 hours", own.block_refusal)
        self.assertIn("still arrives", own.block_refusal)
        own.action_ask_provider()
        self.assertFalse(own.block_refusal)
        self.tell()
        self.assertEqual(self.customer.block_ids.state, "done")
        self.refuse("Unknown method")
        own.action_unblock()
        self.tell()
        self.assertIn("Unknown method", own.block_refusal)
        self.assertIn("does not arrive", own.block_refusal)
        own.action_ask_provider()
        self.tell()
        self.assertFalse(self.customer.block_ids)

    def test_agents_ask_no_provider(self):
        self.block()
        self.refuse()
        self.tell()
        with self.assertRaises(AccessError):
            self.customer.with_user(self.agent).action_ask_provider()
        self.assertEqual(self.customer.block_ids.state, "failed")

    def test_a_provider_that_is_away_is_asked_again(self):
        self.block()
        self.answers = [requests.ConnectionError("no route")]
        self.tell()
        block = self.customer.block_ids
        self.assertEqual((block.state, block.tries), ("pending", 1))
        self.tell()
        self.assertEqual(len(self.asked), 1, "not before its time")
        block.next_try_at = "2020-01-01"
        self.answers = []
        self.tell()
        self.assertEqual(block.state, "done")

    def test_news_that_come_late_do_not_undo_what_is_wanted_now(self):
        self.block()
        block = self.customer.block_ids
        job = block._make_job()
        block._ask("unblock")
        block._note(job, {})
        self.assertEqual((block.wanted, block.state), ("unblock", "pending"))
