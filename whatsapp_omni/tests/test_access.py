# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what. Each test of the locks is a hole that core Discuss would leave."""

import json
from unittest.mock import patch

from odoo import Command, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.ir_attachment import IrAttachment
from .common import WhatsAppOmniCommon, inbound

QUIET = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class AccessCommon(WhatsAppOmniCommon):
    """A conversation that waits, and one that an agent attends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system_administrator = new_test_user(
            cls.env, "wa_system", "base.group_system", name="System"
        )

    def setUp(self):
        super().setUp()
        self.waiting = self.write_in("Hola", phone="34600000010", name="Waiting")
        body = inbound(text="Buenas", phone="34600000011", name="Attended")
        self.receive(body)
        self.customer_mail = self.message_of(body).mail_message_id
        self.attended = self.message_of(body).conversation_id
        self.capture(self.attended, self.agent)
        self.channel = self.attended.channel_id

    def deliver_elsewhere(self):
        """Return a conversation of the other company."""
        line = self.other_line
        self.receive(
            inbound(phone="34600000012", app=line.app_name), token=line.callback_token
        )
        return self.env["whatsapp_omni.conversation"].search(
            [("line_id", "=", line.id)]
        )

    def own_models(self):
        """Return the names of the addon's models that have a table to look into."""
        return [
            name
            for name, model in self.env.items()
            if name.startswith("whatsapp_omni.")
            and not (model._abstract or model._transient)
        ]

    def new_customer(self):
        """Return a customer who has no channel yet."""
        return self.env["whatsapp_omni.customer"].create(
            {"company_id": self.company.id, "wa_id": "34600000099"}
        )

    def answer_as(self, user, conversation):
        """Have an agent answer with no more than their own rights."""
        return conversation.channel_id.with_user(user).message_post(
            body="Hola, dígame",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def assertRefused(self, operation, *args, **kwargs):
        """Check that an operation is refused, and leave nothing of it behind."""
        with (
            mute_logger(*QUIET),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            operation(*args, **kwargs)
            self.env.flush_all()

    @property
    def nobodies(self):
        """Users who must not see the first company's conversations."""
        return (
            self.outsider
            | self.agent_elsewhere
            | self.other_agent
            | self.other_supervisor
            | self.other_administrator
        )


@tagged("post_install", "-at_install")
class TestReading(AccessCommon):
    def _readers(self, conversation):
        """Return the users who can read channel and messages of a conversation."""
        channel = conversation.channel_id
        everybody = (
            self.nobodies
            | self.agent
            | self.agent2
            | self.supervisor
            | self.administrator
        )
        readers = self.env["res.users"]
        for user in everybody:
            self.env.invalidate_all()
            seen = channel.with_user(user)
            can_read = seen.has_access("read")
            found = bool(seen.search([("id", "=", channel.id)]))
            members = (
                bool(
                    seen.env["discuss.channel.member"].search_count(
                        [("channel_id", "=", channel.id)]
                    )
                )
                if conversation.user_id
                else can_read
            )
            mails = bool(
                seen.env["mail.message"].search(
                    [
                        ("model", "=", "discuss.channel"),
                        ("res_id", "=", channel.id),
                        # Who once attended it may go on reading their own words.
                        ("author_guest_id", "!=", False),
                    ]
                )
            )
            self.assertEqual(
                {can_read, found, members, mails},
                {can_read},
                f"{user.login} sees a part of it only",
            )
            if can_read:
                readers |= user
        return readers

    def test_queue_reads_without_membership(self):
        """Agents of the queue look on, everybody else sees nothing at all."""
        allowed = self.agent | self.agent2 | self.supervisor | self.administrator
        self.assertEqual(self._readers(self.waiting), allowed)
        self.assertEqual(self._readers(self.attended), allowed)
        self.assertFalse(self.waiting.channel_id.channel_member_ids)
        self.assertEqual(
            self.channel.channel_member_ids.partner_id, self.agent.partner_id
        )

    def test_queue_may_forbid_to_look_before_taking(self):
        """Then what waits is hidden; what somebody attends is not."""
        self.queue.allow_peek = False
        leaders = self.supervisor | self.administrator
        self.assertEqual(self._readers(self.waiting), leaders)
        self.assertEqual(
            self._readers(self.attended), leaders | self.agent | self.agent2
        )
        for model in ("whatsapp_omni.message", "whatsapp_omni.conversation"):
            seen = self.env[model].with_user(self.agent2)
            field = "conversation_id" if model.endswith("message") else "id"
            found = seen.search([(field, "in", (self.waiting | self.attended).ids)])
            conversations = found if field == "id" else found.conversation_id
            expected = self.attended
            if field == "id":
                # The card in the list shows that somebody waits.
                expected |= self.waiting
            self.assertEqual(conversations, expected)

    def test_agent_who_left_the_queue_sees_it_no_more(self):
        self.queue.agent_ids = [Command.unlink(self.agent2.id)]
        self.assertNotIn(self.agent2, self._readers(self.waiting))
        self.assertNotIn(self.agent2, self._readers(self.attended))

    def test_owner_who_left_the_queue_can_finish(self):
        """A conversation must not be lost because its agent changes teams."""
        self.queue.agent_ids = [Command.unlink(self.agent.id)]
        self.assertNotIn(self.agent, self._readers(self.waiting))
        self.assertIn(self.agent, self._readers(self.attended))
        as_owner = self.attended.with_user(self.agent)
        as_owner.check_access("read")
        self.answer_as(self.agent, self.attended)
        as_owner.action_close()
        self.assertEqual(self.attended.state, "closed")

    def test_customer_who_comes_back_to_another_queue_leaves_the_former(self):
        """The thread follows its latest conversation."""
        self.attended.with_user(self.agent).action_close()
        self.line.queue_id = self.queue2
        back = self.write_in("Otra vez", phone="34600000011")
        self.assertEqual(back.queue_id, self.queue2)
        readers = self._readers(back)
        self.assertIn(self.agent_elsewhere, readers)
        self.assertNotIn(self.agent2, readers)

    def test_conversation_without_queue_is_seen_by_supervisors(self):
        lost = self.write_in(phone="34600000013")
        lost.queue_id = False
        self.assertEqual(self._readers(lost), self.supervisor | self.administrator)

    def test_records_follow_queue_and_company(self):
        """Lists, searches and exports show the own queues, or the own companies."""
        elsewhere = self.deliver_elsewhere()
        ours = self.waiting | self.attended
        for user, expected in (
            (self.agent, ours),
            (self.agent2, ours),
            (self.agent_elsewhere, self.waiting.browse()),
            (self.supervisor, ours),
            (self.administrator, ours),
            (self.other_agent, elsewhere),
            (self.other_supervisor, elsewhere),
        ):
            with self.subTest(user=user.login):
                env = self.env(user=user)
                every = (ours | elsewhere).ids
                for model, field in (
                    ("whatsapp_omni.conversation", "id"),
                    ("whatsapp_omni.conversation.change", "conversation_id"),
                    ("whatsapp_omni.message", "conversation_id"),
                    ("whatsapp_omni.customer", "conversation_ids"),
                ):
                    found = env[model].sudo(False).search([(field, "in", every)])
                    seen = found.ids if field == "id" else found.sudo()[field].ids
                    self.assertEqual(set(seen), set(expected.ids), model)

    def test_outsiders_have_no_part_in_it(self):
        """Neither the lists nor the menu exist for who is no agent."""
        env = self.env(user=self.outsider)
        for model in self.own_models():
            with self.subTest(model=model):
                self.assertRefused(env[model].search, [])
        menu = self.env.ref("whatsapp_omni.menu_root")
        self.assertNotIn(menu.id, env["ir.ui.menu"]._visible_menu_ids())
        agent_menus = self.env(user=self.agent)["ir.ui.menu"]._visible_menu_ids()
        self.assertIn(menu.id, agent_menus)

    def test_no_number_in_the_names_of_guests(self):
        """Every employee can list guests, so a guest's name tells no number."""
        nameless = self.write_in(phone="34600998877", name="")
        guest = nameless.customer_id.guest_id
        self.assertNotIn("600998877", guest.name.replace(" ", ""))


@tagged("post_install", "-at_install")
class TestLocks(AccessCommon):
    """What a reader or an owner could do in core's channels, and cannot here."""

    def test_only_the_owner_posts(self):
        for user in (
            self.agent2,
            self.supervisor,
            self.administrator,
            self.system_administrator,
            self.outsider,
        ):
            with self.subTest(user=user.login):
                channel = self.channel.with_user(user)
                self.assertRefused(
                    channel.message_post,
                    body="Hi",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )
        mail = self.answer_as(self.agent, self.attended)
        self.assertTrue(mail)

    def test_only_readers_are_let_in_to_post_and_upload(self):
        """The web client's routes ask the same question; readers may write notes."""
        operation = "_mail_get_operation_for_mail_message_operation"
        for user, expected in (
            (self.agent, "read"),
            (self.agent2, "read"),
            (self.supervisor, "read"),
            (self.agent_elsewhere, "write"),
            (self.other_supervisor, "write"),
            (self.outsider, "write"),
            (self.system_administrator, "write"),
        ):
            with self.subTest(user=user.login):
                channel = self.channel.with_user(user)
                self.assertEqual(
                    getattr(channel, operation)("create"), {channel: expected}
                )
                self.assertFalse(channel.has_access("write"))

    def test_nobody_creates_a_channel_of_ours(self):
        """Else anybody could put a forged conversation before a queue's agents."""
        values = {
            "name": "Forged",
            "channel_type": "whatsapp_omni",
            "whatsapp_omni_line_id": self.line.id,
            "whatsapp_omni_customer_id": self.new_customer().id,
        }
        for user in (self.outsider, self.agent, self.administrator):
            with self.subTest(user=user.login):
                Channel = self.env["discuss.channel"].with_user(user)
                self.assertRefused(Channel.create, values)

    def test_nobody_changes_a_channel_of_ours(self):
        for user in (
            self.agent,
            self.agent2,
            self.supervisor,
            self.system_administrator,
        ):
            channel = self.channel.with_user(user)
            for values in (
                {"name": "Renamed"},
                {"uuid": "guessed-uuid"},
                {"channel_type": "chat"},
                {"whatsapp_omni_line_id": self.other_line.id},
                {"whatsapp_omni_conversation_id": self.waiting.id},
                {"description": "x"},
            ):
                with self.subTest(user=user.login, values=values):
                    self.assertRefused(channel.write, values)
            self.assertRefused(channel.unlink)

    def test_nobody_turns_another_channel_into_ours(self):
        """A chat of one's own is no back door."""
        chat = (
            self.env["discuss.channel"]
            .with_user(self.agent)
            ._get_or_create_chat([self.agent2.partner_id.id])
        )
        self.assertRefused(
            chat.write,
            {
                "channel_type": "whatsapp_omni",
                "whatsapp_omni_line_id": self.line.id,
                "whatsapp_omni_customer_id": self.new_customer().id,
            },
        )

    def test_owner_invites_nobody_and_does_not_leave(self):
        """Who takes part follows from the conversation alone."""
        as_owner = self.channel.with_user(self.agent)
        self.assertRefused(
            as_owner.add_members, partner_ids=self.outsider.partner_id.ids
        )
        self.assertRefused(as_owner._add_members, users=self.outsider)
        guest = self.env["mail.guest"].create({"name": "Guest"})
        self.assertRefused(as_owner.add_members, guest_ids=guest.ids)
        self.assertRefused(as_owner.action_unfollow)
        self.assertEqual(
            self.channel.channel_member_ids.partner_id, self.agent.partner_id
        )

    def test_nobody_makes_themselves_a_member(self):
        """Typing and joining try to do so on behalf of a peeker."""
        for user in (self.agent2, self.supervisor, self.outsider):
            with self.subTest(user=user.login):
                channel = self.channel.with_user(user)
                self.assertRefused(channel._find_or_create_member_for_self)
                Member = self.env["discuss.channel.member"].with_user(user)
                self.assertRefused(
                    Member.create,
                    {"channel_id": channel.id, "partner_id": user.partner_id.id},
                )
                self.assertFalse(channel.is_member)

    def test_owner_keeps_what_is_theirs(self):
        """Marking as read writes the own membership, which stays possible."""
        member = self.channel.channel_member_ids.with_user(self.agent)
        member._mark_as_read(self.customer_mail.id)
        self.assertEqual(member.seen_message_id, self.customer_mail)
        member._set_new_message_separator(self.customer_mail.id)
        colleague = self.channel.channel_member_ids.with_user(self.agent2)
        self.assertRefused(colleague.write, {"unpin_dt": "2026-01-01 00:00:00"})
        self.assertRefused(member.write, {"channel_id": self.waiting.channel_id.id})
        self.assertRefused(member.unlink)

    def test_transcript_cannot_be_changed(self):
        """What was sent or received stays as it is, whoever asks."""
        own_mail = self.answer_as(self.agent, self.attended)
        for user in (
            self.agent,
            self.agent2,
            self.supervisor,
            self.system_administrator,
        ):
            for mail in (self.customer_mail, own_mail):
                with self.subTest(user=user.login, mail=mail.id):
                    mail_as_user = self.env(user=user)["mail.message"].browse(mail.id)
                    self.assertRefused(mail_as_user.write, {"body": "Changed"})
                    self.assertRefused(mail_as_user.unlink)
                    self.assertRefused(
                        self.channel.with_user(user)._message_update_content,
                        mail_as_user,
                        body="Changed",
                    )

    def test_files_of_the_transcript_cannot_be_changed(self):
        attachment = self.env["ir.attachment"].create(
            {
                "name": "photo.png",
                "raw": b"x",
                "res_model": "discuss.channel",
                "res_id": self.channel.id,
            }
        )
        self.customer_mail.sudo().attachment_ids = attachment
        for user in (self.agent, self.agent2, self.supervisor):
            with self.subTest(user=user.login):
                file = attachment.with_user(user)
                file.check_access("read")
                self.assertRefused(file.write, {"raw": b"y"})
                self.assertRefused(file.unlink)
        self.assertRefused(attachment.with_user(self.outsider).check_access, "read")

    def test_other_channels_work_as_ever(self):
        """The locks hold our channels only."""
        Channel = self.env["discuss.channel"].with_user(self.agent)
        group = Channel._create_group(partners_to=self.agent2.partner_id.ids)
        group.name = "Renamed"
        group.add_members(partner_ids=self.outsider.partner_id.ids)
        mail = group.message_post(body="Hi", message_type="comment")
        group._message_update_content(mail, body="Hello")
        group.action_unfollow()

    def test_conversations_change_by_methods_only(self):
        for user in (self.agent, self.supervisor, self.administrator):
            conversation = self.attended.with_user(user)
            with self.subTest(user=user.login):
                self.assertRefused(conversation.write, {"user_id": self.agent2.id})
                self.assertRefused(conversation.write, {"state": "new"})
                self.assertRefused(conversation.unlink)
                self.assertRefused(
                    conversation.change_ids.write, {"reason": "Something else"}
                )
                self.assertRefused(conversation.change_ids.unlink)
                self.assertRefused(conversation.message_ids.write, {"state": "read"})
                self.assertRefused(conversation.message_ids.unlink)

    def test_nobody_makes_up_what_happened(self):
        """Talks, callbacks and ticks come about by what people do, never by a form."""
        for name in (
            "conversation",
            "conversation.change",
            "message",
            "event",
            "read.receipt",
        ):
            for user in (self.agent, self.supervisor, self.administrator):
                model = self.env[f"whatsapp_omni.{name}"].with_user(user)
                for operation in ("create", "write", "unlink"):
                    with self.subTest(model=name, user=user.login, to=operation):
                        self.assertFalse(model.has_access(operation))

    def test_capture_needs_the_queue(self):
        """Seeing is not taking, and not seeing even less."""
        for user in self.nobodies | self.supervisor | self.administrator:
            with self.subTest(user=user.login):
                self.assertRefused(self.waiting.with_user(user).action_capture)
        self.capture(self.waiting, self.agent2)
        self.assertRefused(self.waiting.with_user(self.agent).action_capture)
        self.assertEqual(self.waiting.user_id, self.agent2)

    def test_close_needs_the_owner_or_a_supervisor(self):
        for user in self.nobodies | self.agent2:
            with self.subTest(user=user.login):
                self.assertRefused(self.attended.with_user(user).action_close)
        self.attended.with_user(self.supervisor).action_close()
        self.assertEqual(self.attended.state, "closed")
        self.assertFalse(self.channel.channel_member_ids)

    def test_panel_shows_readers_only(self):
        self.assertTrue(self.waiting.with_user(self.agent2).get_panel()["customer"])
        for user in self.nobodies:
            with self.subTest(user=user.login):
                self.assertRefused(self.waiting.with_user(user).get_panel)


@tagged("post_install", "-at_install")
class TestSecrets(AccessCommon):
    SECRETS = (
        ("provider", "api_key"),
        ("line", "api_key"),
        ("line", "callback_token"),
        ("line", "callback_url"),
    )

    def test_administrators_alone_read_secrets(self):
        for user in (self.agent, self.supervisor):
            for name, field in self.SECRETS:
                record = getattr(self, name).with_user(user)
                with self.subTest(user=user.login, field=f"{name}.{field}"):
                    self.assertRefused(record.read, [field])
                    self.assertRefused(record.export_data, [field])
                    self.assertRefused(record.search, [(field, "!=", False)])
                    self.assertRefused(record.web_read, {field: {}})
                    self.assertNotIn(field, record.fields_get())
        for name, field in self.SECRETS:
            getattr(self, name).with_user(self.administrator).read([field])

    def test_secrets_are_in_no_export(self):
        """Not even an administrator's export carries them, nor a copy."""
        for name, field in self.SECRETS:
            record = getattr(self, name)
            self.assertFalse(record.fields_get([field])[field].get("exportable", True))
            self.assertFalse(record._fields[field].copy)

    def test_what_agents_get_holds_no_secret(self):
        """Neither the first load of the inbox nor the panel nor plain reading."""
        self.line.api_key = "key-of-the-app"
        secrets = ("secret-key", "key-of-the-app", self.line.callback_token)
        env = self.env(user=self.agent)
        line = env["whatsapp_omni.line"].browse(self.line.id)
        conversation = env["whatsapp_omni.conversation"].browse(self.waiting.id)
        answers = [
            line.read(),
            env["whatsapp_omni.queue"].search_read([]),
            conversation.read(),
            conversation.get_panel(),
            env["whatsapp_omni.message"].search_read([]),
        ]
        text = json.dumps(answers, default=str)
        for secret in secrets:
            self.assertNotIn(secret, text)

    def test_roles_reach_their_part_of_the_settings(self):
        """Agents know lines and dispositions; administrators alone change them."""
        env = self.env(user=self.agent)
        self.assertEqual(
            env["whatsapp_omni.line"].browse(self.line.id).number, "+34911222333"
        )
        self.assertRefused(env["whatsapp_omni.provider"].search, [])
        self.assertRefused(env["whatsapp_omni.event"].search, [])
        self.assertEqual(env["whatsapp_omni.queue"].search([]), self.queue)
        supervised = self.env(user=self.supervisor)
        self.assertTrue(supervised["whatsapp_omni.provider"].search([]))
        self.assertTrue(supervised["whatsapp_omni.event"].search([]))
        for record in (self.provider, self.line, self.queue, self.disposition):
            for user in (self.agent, self.supervisor):
                with self.subTest(record=record._name, user=user.login):
                    self.assertRefused(record.with_user(user).write, {"name": "X"})
                    self.assertRefused(record.with_user(user).create, {"name": "X"})
            record.with_user(self.administrator).name = "Renamed"

    def test_administrators_keep_to_their_companies(self):
        other = self.env(user=self.other_administrator)
        for record in (self.provider, self.line, self.queue):
            with self.subTest(record=record._name):
                self.assertRefused(other[record._name].browse(record.id).read, ["name"])
                self.assertFalse(other[record._name].search([("id", "=", record.id)]))
        event = self.env["whatsapp_omni.event"].search(
            [("line_id", "=", self.line.id)], limit=1
        )
        self.assertTrue(event)
        self.assertRefused(other["whatsapp_omni.event"].browse(event.id).read)
        shared = self.env["whatsapp_omni.disposition"].create({"name": "Shared"})
        self.assertIn(shared, other["whatsapp_omni.disposition"].search([]))

    def test_every_model_keeps_companies_apart(self):
        """A rule that no group escapes, for each model there is; none was forgotten."""
        for model in self.own_models():
            rules = self.env["ir.rule"].search(
                [("model_id.model", "=", model), ("groups", "=", False)]
            )
            domains = " ".join(rules.mapped("domain_force"))
            with self.subTest(model=model):
                self.assertIn("company_ids", domains)

    def test_blue_ticks_of_other_companies_are_not_seen(self):
        message = self.env["whatsapp_omni.message"].search(
            [("conversation_id", "=", self.attended.id), ("direction", "=", "inbound")]
        )
        tick = self.env["whatsapp_omni.read.receipt"].create({"message_id": message.id})
        for user, expected in (
            (self.administrator, tick),
            (self.other_administrator, tick.browse()),
        ):
            found = tick.with_user(user).search([("message_id", "=", message.id)])
            self.assertEqual(found, expected, user.login)

    def test_only_administrators_replay(self):
        event = self.env["whatsapp_omni.event"].search(
            [("line_id", "=", self.line.id)], limit=1
        )
        for user in (self.agent, self.supervisor):
            self.assertRefused(event.with_user(user).action_replay)
        self.assertRefused(event.with_user(self.administrator).unlink)
        event.with_user(self.administrator).action_replay()


@tagged("post_install", "-at_install")
class TestRoutes(AccessCommon, HttpCase):
    """The same through the web client's own routes."""

    def _messages(self, user, channel):
        self.authenticate(user and user.login, user and user.login)
        answer = self.make_jsonrpc_request(
            "/discuss/channel/messages", {"channel_id": channel.id}
        )
        return answer["messages"]

    @mute_logger("odoo.http", *QUIET)
    def test_thread_is_served_to_the_queue_only(self):
        self.assertIn(self.customer_mail.id, self._messages(self.agent2, self.channel))
        for user in (self.outsider, self.agent_elsewhere, self.other_agent):
            with self.subTest(user=user.login), self.assertRaises(JsonRpcException):
                self._messages(user, self.channel)

    @mute_logger("odoo.http", *QUIET)
    def test_peeker_neither_answers_nor_reacts_nor_types(self):
        for user in (self.agent2, self.supervisor, self.outsider):
            self.authenticate(user.login, user.login)
            for route, params in (
                (
                    "/mail/message/post",
                    {
                        "thread_model": "discuss.channel",
                        "thread_id": self.channel.id,
                        "post_data": {
                            "body": "Hi",
                            "message_type": "comment",
                            "subtype_xmlid": "mail.mt_comment",
                        },
                    },
                ),
                (
                    "/mail/message/reaction",
                    {
                        "message_id": self.customer_mail.id,
                        "content": "👍",
                        "action": "add",
                    },
                ),
                (
                    "/discuss/channel/notify_typing",
                    {"channel_id": self.channel.id, "is_typing": True},
                ),
            ):
                with self.subTest(user=user.login, route=route):
                    before = len(self.channel.message_ids)
                    with self.assertRaises(JsonRpcException):
                        self.make_jsonrpc_request(route, params)
                    self.assertEqual(len(self.channel.message_ids), before)
        self.assertFalse(self.customer_mail.reaction_ids)
        self.assertEqual(
            self.channel.channel_member_ids.partner_id, self.agent.partner_id
        )

    def _upload(self, user, **data):
        """Upload a file for the attended customer as the web client does."""
        self.authenticate(user.login, user.login)
        return self.url_open(
            "/mail/attachment/upload",
            data={
                "thread_model": "discuss.channel",
                "thread_id": self.channel.id,
                "csrf_token": http.Request.csrf_token(self),
                **data,
            },
            files=[("ufile", ("price list.txt", b"Bolts 3 EUR", "text/plain"))],
        )

    def test_searching_files_costs_and_finds_others_what_it_does_in_odoo(self):
        """Our override is in everybody's way, whatever they search files for."""
        self.env["ir.attachment"].with_user(self.outsider).create(
            {"name": "own.txt", "raw": b"1"}
        )
        colleague = self.agent2
        self.env["ir.attachment"].with_user(colleague).sudo().create(
            {
                "name": "theirs.txt",
                "raw": b"1",
                "res_model": "res.partner",
                "res_id": self.outsider.partner_id.id,
            }
        )
        colleague.active = False
        partner = Domain("res_model", "=", "res.partner")
        for domain in (
            Domain("name", "like", ".txt"),
            partner & Domain("res_id", "=", self.outsider.partner_id.id),
            Domain("create_uid", "=", self.outsider.id),
            Domain("create_uid.name", "=", "Olivia"),
            partner & Domain("create_uid.name", "=", colleague.name),
            partner & Domain("create_uid", "any", [("name", "=", colleague.name)]),
        ):
            with self.subTest(domain=domain):
                ours = self._search_files(domain)
                with patch.object(IrAttachment, "_search", self._search_as_odoo):
                    self.assertEqual(ours, self._search_files(domain))
                self.assertTrue(ours[0])

    def _search_files(self, domain):
        """Return what a stranger finds, and how many queries it takes."""
        Attachment = self.env["ir.attachment"].with_user(self.outsider)
        Attachment.search(domain)  # reads what is kept, such as rights
        before = self.env.cr.sql_log_count
        return Attachment.search(domain).ids, self.env.cr.sql_log_count - before

    @staticmethod
    def _search_as_odoo(records, *args, **kwargs):
        return super(IrAttachment, records)._search(*args, **kwargs)

    def _uploaded(self):
        return self.env["ir.attachment"].search([("name", "=", "price list.txt")])

    @mute_logger("odoo.http", *QUIET)
    def test_strangers_upload_nothing(self):
        """Neither to the thread itself nor for a message that is still to come."""
        for user in self.nobodies:
            for is_pending in ("true", "false"):
                with self.subTest(user=user.login, is_pending=is_pending):
                    response = self._upload(user, is_pending=is_pending)
                    self.assertEqual(response.status_code, 404)
        self.assertFalse(self._uploaded())

    @mute_logger("odoo.http", *QUIET)
    def test_nobody_uploads_to_what_may_not_be_read_before_taking(self):
        self.queue.allow_peek = False
        waiting = self.waiting.channel_id.id
        response = self._upload(self.agent2, thread_id=waiting, is_pending="true")
        self.assertEqual(response.status_code, 404)
        self.assertFalse(self._uploaded())

    @mute_logger("odoo.http", *QUIET)
    def test_files_of_readers_go_into_notes_and_to_no_customer(self):
        """Who looks on may show a file to colleagues; as an answer it is refused."""
        Message = self.env["whatsapp_omni.message"]
        outbound = [("direction", "=", "outbound")]
        before = Message.search_count(outbound)
        for user in (self.agent2, self.supervisor):
            with self.subTest(user=user.login):
                answer = self._upload(user, is_pending="true").json()["data"]
                file = self.env["ir.attachment"].browse(answer["attachment_id"])
                post = {
                    "thread_model": "discuss.channel",
                    "thread_id": self.channel.id,
                    "post_data": {
                        "body": "The list",
                        "message_type": "comment",
                        "attachment_ids": file.ids,
                        "subtype_xmlid": "mail.mt_comment",
                    },
                }
                with self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request("/mail/message/post", post)
                post["post_data"]["subtype_xmlid"] = "mail.mt_note"
                self.make_jsonrpc_request("/mail/message/post", post)
                note = self.channel.message_ids[0]
                self.assertEqual(note.attachment_ids, file)
                self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.send_outbox()
        self.assertEqual(Message.search_count(outbound), before)
        self.assertFalse(self.provider_double.forms)

    def test_pages_of_who_was_an_agent_learn_that_they_are_none(self):
        self.authenticate(self.outsider.login, self.outsider.login)
        answer = self.make_jsonrpc_request(
            "/mail/data", {"fetch_params": ["whatsapp_omni.agent"]}
        )
        self.assertEqual(answer["Store"]["whatsapp_omni_agent"], {"has_queue": False})

    @mute_logger("odoo.http", *QUIET)
    def test_pages_whose_session_is_over_are_told(self):
        """Odoo would answer them as any visitor, that is nothing."""
        self.authenticate(None, None)
        for wanted in ("whatsapp_omni.inbox", "whatsapp_omni.agent"):
            with self.assertRaises(JsonRpcException) as refusal:
                self.make_jsonrpc_request("/mail/data", {"fetch_params": [wanted]})
            self.assertEqual(refusal.exception.code, 100)

    def test_anonymous_link_leads_nowhere(self):
        """Core lets whoever knows a channel's uuid in as a guest: ours have none."""
        self.assertFalse(self.channel.uuid)
        self.authenticate(None, None)
        for token in ("False", "None", "null", ""):
            response = self.url_open(f"/chat/{self.channel.id}/{token}")
            self.assertEqual(response.status_code, 404, token)
        self.assertEqual(
            self.channel.channel_member_ids.partner_id, self.agent.partner_id
        )

    @mute_logger("odoo.http", *QUIET)
    def test_anonymous_visitors_read_nothing(self):
        self.authenticate(None, None)
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/discuss/channel/messages", {"channel_id": self.channel.id}
            )
