# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Private notes: what colleagues tell each other, and no customer ever reads."""

import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from .common import WhatsAppOmniCommon, inbound

SECRET = "her order is S00012"


class NotesCommon(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.body = inbound(text="Hola", phone="34600000031")
        self.receive(self.body)
        self.conversation = self.message_of(self.body).conversation_id
        self.capture(self.conversation)
        self.channel = self.conversation.channel_id

    def note(self, user=None, body=SECRET, **kwargs):
        """Have somebody write a note with no more than their own rights."""
        channel = self.channel.with_user(user or self.agent)
        return channel.message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            **kwargs,
        ).sudo()

    def assertNothingLeaves(self):
        self.assertFalse(self.conversation.message_ids.filtered("gs_id"))
        before = len(self.provider_double.forms)
        self.send_outbox()
        self.assertEqual(len(self.provider_double.forms), before)
        self.assertFalse(
            self.conversation.message_ids.filtered(lambda m: m.direction == "outbound")
        )


@tagged("post_install", "-at_install")
class TestNotes(NotesCommon):
    def test_a_note_stays_inside(self):
        mail = self.note()
        self.assertEqual(mail.author_id, self.agent.partner_id)
        self.assertFalse(mail.whatsapp_omni_message_ids)
        self.assertNothingLeaves()

    def test_who_reads_it_may_note(self):
        """Colleagues of the queue and supervisors, whoever attends it."""
        for user in (self.agent, self.agent2, self.supervisor, self.administrator):
            with self.subTest(user=user.login):
                self.assertEqual(self.note(user).author_id, user.partner_id)
        self.assertNothingLeaves()
        self.assertEqual(
            self.channel.channel_member_ids.partner_id, self.agent.partner_id
        )

    def test_nobody_else_may_note(self):
        for user in (self.agent_elsewhere, self.other_supervisor, self.outsider):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.note(user)

    def test_unread_conversations_take_notes_of_those_who_may_peek(self):
        waiting = self.write_in(phone="34600000032").channel_id
        values = {"message_type": "comment", "subtype_xmlid": "mail.mt_note"}
        waiting.with_user(self.agent2).message_post(body="known", **values)
        self.queue.allow_peek = False
        with self.assertRaises(AccessError):
            waiting.with_user(self.agent2).message_post(body="known", **values)

    def test_neither_window_nor_closing_keeps_colleagues_from_noting(self):
        self.conversation.window_end = "2020-01-01 00:00:00"
        self.assertTrue(self.note())
        self.conversation.with_user(self.agent).action_close(farewell=False)
        self.assertTrue(self.note())
        self.assertNothingLeaves()

    def test_a_note_is_no_answer(self):
        before = self.conversation.read(
            ["waiting_count", "waiting_since", "answered_at", "last_text"]
        )
        self.note(self.agent2)
        self.note(self.agent)
        self.send_outbox()
        self.env.invalidate_all()
        self.assertEqual(
            self.conversation.read(
                ["waiting_count", "waiting_since", "answered_at", "last_text"]
            ),
            before,
        )

    def test_no_argument_makes_it_leave_or_names_another_author(self):
        mail = self.note(
            author_id=self.agent2.partner_id.id,
            email_from="boss@example.com",
            outgoing_email_to="lucia@example.com",
            subtype_id=self.env.ref("mail.mt_comment").id,
        )
        self.assertEqual(mail.author_id, self.agent.partner_id)
        self.assertEqual(mail.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(mail.outgoing_email_to)
        self.assertFalse(mail.whatsapp_omni_is_whisper)
        self.assertNothingLeaves()

    def test_no_kind_is_a_note(self):
        """What names no kind is Odoo's note, not an answer."""
        self.channel.with_user(self.agent).message_post(
            body=SECRET, message_type="comment"
        )
        self.assertNothingLeaves()

    def test_empty_notes_and_unreadable_files_are_refused(self):
        with self.assertRaises(UserError):
            self.note(body="")
        secret = self.env["ir.attachment"].create({"name": "salaries.pdf", "raw": b"x"})
        with self.assertRaises(AccessError):
            self.note(attachment_ids=secret.ids)

    def test_files_of_a_note_stay_inside(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.agent)
            .create({"name": "invoice.pdf", "raw": b"%PDF"})
        )
        mail = self.note(attachment_ids=file.ids)
        self.assertEqual(mail.attachment_ids, file)
        self.assertNothingLeaves()

    def test_the_outbox_refuses_a_note(self):
        """Whatever code asks: it is the last gate, and the only way out."""
        mail = self.note()
        Message = self.env["whatsapp_omni.message"]
        values = {
            **Message._outbound_values(self.conversation),
            "kind": "text",
            "text": SECRET,
            "mail_message_id": mail.id,
        }
        with self.assertRaises(ValidationError):
            Message.create(values)
        with self.assertRaises(ValidationError):
            Message._queue_answer(self.channel, mail)

    def test_a_note_is_not_quoted_to_the_customer(self):
        mail = self.note()
        with self.assertRaises(UserError):
            self.answer(self.conversation.with_user(self.agent), parent_id=mail.id)
        self.assertNothingLeaves()

    def test_a_note_is_neither_sent_again_nor_reacted_to(self):
        mail = self.note().with_user(self.agent)
        mail.action_whatsapp_omni_retry()
        with self.assertRaises(UserError):
            mail._message_reaction(
                "👍", "add", self.agent.partner_id, self.env["mail.guest"]
            )
        self.assertNothingLeaves()

    def test_no_note_in_what_is_exported_of_the_messages(self):
        self.note()
        Message = self.env["whatsapp_omni.message"].with_user(self.supervisor)
        rows = Message.search([]).read(["preview"])
        self.assertNotIn(SECRET, json.dumps(rows))

    # --- mentions --------------------------------------------------------------------

    def test_mentioned_colleagues_are_notified_in_odoo_only(self):
        """Whatever they prefer: an e-mail would leave the house."""
        self.agent2.notification_type = "email"
        self.agent2.email = "luis@example.com"
        with self.mock_nothing_mailed():
            mail = self.note(partner_ids=self.agent2.partner_id.ids)
        notification = mail.notification_ids
        self.assertEqual(notification.res_partner_id, self.agent2.partner_id)
        self.assertEqual(notification.notification_type, "inbox")
        self.assertTrue(mail.with_user(self.agent2).needaction)

    def test_a_mention_leads_to_the_desk(self):
        """A page that knows nothing but the message learns where its thread opens."""
        mail = self.note(partner_ids=self.agent2.partner_id.ids)
        store = Store().add(mail.with_user(self.agent2))
        (thread,) = store.get_result()["mail.thread"]
        self.assertEqual(thread["id"], self.channel.id)
        self.assertEqual(thread["channel_type"], "whatsapp_omni")
        self.assertEqual(thread["whatsapp_omni_conversation_id"], self.conversation.id)

    def mock_nothing_mailed(self):
        test = self

        class Watch:
            def __enter__(self):
                self.before = test.env["mail.mail"].search_count([])

            def __exit__(self, *exc):
                test.assertEqual(test.env["mail.mail"].search_count([]), self.before)

        return Watch()

    def test_customers_and_strangers_are_never_notified(self):
        customer = self.env["res.partner"].create(
            {"name": "Lucía", "email": "lucia@example.com"}
        )
        self.conversation.customer_id.partner_id = customer
        with self.mock_nothing_mailed():
            mail = self.note(
                partner_ids=[
                    customer.id,
                    self.outsider.partner_id.id,
                    self.agent_elsewhere.partner_id.id,
                    self.other_supervisor.partner_id.id,
                ]
            )
        self.assertFalse(mail.partner_ids)
        self.assertFalse(mail.notification_ids)
        self.assertFalse(self.channel.message_follower_ids)

    def test_a_customer_who_is_a_colleague_is_not_mentioned(self):
        self.conversation.customer_id.partner_id = self.agent2.partner_id
        mail = self.note(partner_ids=self.agent2.partner_id.ids)
        self.assertFalse(mail.partner_ids)

    def test_suggestions_are_those_who_may_read(self):
        def suggested(user, search=""):
            Partner = self.env["res.partner"].with_user(user)
            data = Partner.get_mention_suggestions_from_channel(self.channel.id, search)
            return {row["id"] for row in data.get("res.partner", [])}

        found = suggested(self.agent)
        self.assertIn(self.agent2.partner_id.id, found)
        self.assertIn(self.supervisor.partner_id.id, found)
        for user in (self.agent, self.agent_elsewhere, self.outsider, self.other_agent):
            self.assertNotIn(user.partner_id.id, found)
        self.assertEqual(suggested(self.agent, "Luis"), {self.agent2.partner_id.id})

    # --- typing ----------------------------------------------------------------------

    def test_typing_is_told_to_those_who_take_part_only(self):
        self.conversation._add_guest(self.agent2, "joined")
        member = self.channel.with_user(self.agent).self_member_id
        bus = self.env["bus.bus"].sudo()
        self.env.cr.precommit.run()
        before = bus.search([], order="id desc", limit=1).id or 0
        member._notify_typing(True)
        self.env.cr.precommit.run()
        told = bus.search([("id", ">", before)])
        self.assertEqual(len(told), 1)
        self.assertIn(
            f'"res.partner",{self.agent2.partner_id.id}'.replace(" ", ""),
            told.channel.replace(" ", ""),
        )


@tagged("post_install", "-at_install")
class TestNoteRoutes(NotesCommon, HttpCase):
    """What the web client's own routes let through, which run with all rights."""

    def post(self, user, subtype="mail.mt_note", message_type="comment", **data):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": self.channel.id,
                "post_data": {
                    "body": SECRET,
                    "message_type": message_type,
                    "subtype_xmlid": subtype,
                    **data,
                },
            },
        )

    def edit(self, user, mail, **data):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            "/mail/message/update_content",
            {"message_id": mail.id, "update_data": data},
        )

    def test_readers_post_notes_and_nothing_else(self):
        self.assertTrue(self.post(self.agent2)["message_id"])
        for subtype, message_type in (
            ("mail.mt_comment", "comment"),
            ("mail.mt_comment", "notification"),
            ("mail.mt_note", "notification"),
            ("mail.mt_comment", "auto_comment"),
            ("mail.mt_activities", "comment"),
        ):
            with (
                self.subTest(subtype=subtype, message_type=message_type),
                self.assertRaises(JsonRpcException),
                mute_logger("odoo.http"),
            ):
                self.post(self.agent2, subtype, message_type)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.post(self.agent_elsewhere)
        self.env.invalidate_all()
        self.assertNothingLeaves()

    def test_owners_post_no_notification_in_another_guise(self):
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.post(self.agent, "mail.mt_comment", "notification")

    def test_authors_alone_edit_and_delete_their_notes(self):
        mail = self.note(self.agent2)
        for user in (self.agent, self.administrator, self.agent_elsewhere):
            with (
                self.subTest(user=user.login),
                self.assertRaises(JsonRpcException),
                mute_logger("odoo.http"),
            ):
                self.edit(user, mail, body="Something else")
        self.edit(
            self.agent2,
            mail,
            body="Corrected",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        )
        mail.invalidate_recordset()
        self.assertIn("Corrected", mail.body)
        self.assertEqual(mail.subtype_id, self.env.ref("mail.mt_note"))
        self.edit(self.agent2, mail, body="", attachment_ids=[])
        mail.invalidate_recordset()
        self.assertNotIn("Corrected", mail.body or "")
        self.assertNothingLeaves()

    def test_answers_are_still_not_edited(self):
        mail = self.answer(self.conversation.with_user(self.agent))
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.edit(self.agent, mail, body="Something else")
