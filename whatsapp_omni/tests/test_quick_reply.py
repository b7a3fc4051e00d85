# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_message_template import MessageTemplateCommon
from .test_sending import PIXEL


@tagged("post_install", "-at_install")
class TestQuickReply(MessageTemplateCommon):
    """What agents send by a shortcut."""

    def setUp(self):
        super().setUp()
        self.text = self.make_template(
            "Abrimos a las 9, {{customer.first_name}}",
            name="Hours",
            shortcut="/Hours ",
            category_id=self.env["whatsapp_omni.message.template.category"]
            .create({"name": "Shop"})
            .id,
            queue_ids=self.queue.ids,
        )
        self.question = self.make_template(
            "¿Cómo?",
            name="Shipping",
            kind="quick_reply",
            option_ids=self.make_options("A casa", "Tienda"),
            queue_ids=self.queue.ids,
        )
        self.elsewhere = self.make_template(name="Sales", queue_ids=self.queue2.ids)
        self.taken = self.capture(self.conversation)
        self.channel = self.conversation.channel_id

    def listed(self, user=None):
        Template = self.Template.with_user(user or self.agent)
        return {
            reply["name"]: reply
            for reply in Template.get_quick_replies(self.conversation.id)
        }

    def send_as(self, user, template):
        Template = self.Template.with_user(user)
        return Template.send_quick_reply(self.channel.id, template.id)

    def make_private(self, user=None, **values):
        return self.Template.with_user(user or self.agent).create(
            {"name": "Mine", "body": "Un momento", "user_id": (user or self.agent).id}
            | values
        )

    def test_those_of_the_queue_and_the_own(self):
        self.make_private()
        self.make_private(self.agent2, name="Of Luis")
        self.make_template(name="Of nobody")
        replies = self.listed()
        self.assertEqual(set(replies), {"Hours", "Shipping", "Mine"})
        self.assertEqual(replies["Hours"]["shortcut"], "hours")
        self.assertEqual(replies["Hours"]["category"], "Shop")
        self.assertEqual(replies["Hours"]["text"], "Abrimos a las 9, Lucía")
        self.assertIs(replies["Shipping"]["text"], False)
        self.assertEqual(
            [button["title"] for button in replies["Shipping"]["preview"]["buttons"]],
            ["A casa", "Tienda"],
        )

    def test_private_ones_are_nobody_elses(self):
        private = self.make_private()
        self.assertIn("Mine", self.listed())
        self.assertFalse(private.with_user(self.agent2).has_access("read"))
        self.assertFalse(private.with_user(self.supervisor).has_access("read"))
        with self.assertRaises(UserError):
            self.send_as(self.agent2, private)

    def test_sent_as_it_is(self):
        self.send_as(self.agent, self.question)
        self.send_outbox()
        (sent,) = self.provider_double.sent
        self.assertEqual(sent["options"][1]["title"], "Tienda")
        mail = self.channel.message_ids[0]
        self.assertEqual(mail.author_id, self.agent.partner_id)
        member = self.channel.channel_member_ids
        self.assertEqual(member.seen_message_id, mail)
        self.assertFalse(self.conversation.waiting_count)
        self.assertTrue(self.conversation.answered_at)

    def test_checked_like_any_answer(self):
        for user, template, reason in (
            (self.agent2, self.question, "Take the conversation"),
            (self.agent, self.elsewhere, "not one of this queue"),
        ):
            with self.assertRaisesRegex(UserError, reason):
                self.send_as(user, template)
        self.conversation.window_end = "2020-01-01"
        with self.assertRaisesRegex(UserError, "window is closed"):
            self.send_as(self.agent, self.question)
        self.taken.action_close(self.disposition.id)
        with self.assertRaisesRegex(UserError, "is closed"):
            self.send_as(self.agent, self.question)
        self.assertFalse(self.provider_double.sent)

    def test_outsiders_learn_nothing(self):
        for user in (self.agent_elsewhere, self.other_agent, self.outsider):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self.listed(user)
            with self.subTest(user.name), self.assertRaises(AccessError):
                self.send_as(user, self.question)

    def test_answer_made_from_one_is_counted(self):
        """The composer tells; the agent may have edited the text."""
        self.assertEqual(self.text.use_count, 0)
        channel = self.channel.with_user(self.agent)
        self.answer(channel.whatsapp_omni_conversation_id, "Abrimos a las 10")
        self.post(self.text.id, "Abrimos a las 9")
        self.post(self.elsewhere.id, "Hola")
        self.post("nonsense", "Hola")
        self.text.invalidate_recordset(["use_count"])
        self.assertEqual(self.text.use_count, 1)
        self.assertEqual(self.elsewhere.use_count, 0)

    def post(self, template_id, body):
        """Post an answer the way the web client's request does."""
        return self.channel.with_user(self.agent).message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            whatsapp_omni_template_id=template_id,
        )

    def test_most_used_come_first(self):
        self.send_as(self.agent, self.question)
        self.env.invalidate_all()
        self.assertEqual(list(self.listed()), ["Shipping", "Hours"])

    def test_reading_many_costs_no_more_queries(self):
        def count_queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.listed()
            return self.env.cr.sql_log_count - before

        count_queries()  # what is asked for once: rights, rules
        few = count_queries()
        for number in range(10):
            self.make_template(name=f"More {number}", queue_ids=self.queue.ids)
        self.assertEqual(count_queries(), few)

    def test_file_of_a_quick_reply_can_be_looked_at(self):
        template = self.make_file_template(
            "image", "shop.png", PIXEL, name="Photo", queue_ids=self.queue.ids
        )
        self.assertTrue(template.attachment_id.with_user(self.agent).has_access("read"))
        self.assertFalse(
            template.attachment_id.with_user(self.agent_elsewhere).has_access("read")
        )
        url = self.listed()["Photo"]["preview"]["mediaUrl"]
        self.assertEqual(url, f"/web/content/{template.attachment_id.id}")
        self.send_as(self.agent, template)
        copy = self.channel.message_ids[0].attachment_ids
        self.assertTrue(copy.with_user(self.agent).has_access("read"))

    def test_no_file_of_others_by_way_of_a_template(self):
        secret = self.env["ir.attachment"].create(
            {"name": "key.png", "raw": PIXEL, "res_model": "res.users", "res_id": 1}
        )
        secret.res_model, secret.res_id = self.line._name, self.other_line.id
        with self.assertRaises(AccessError):
            self.make_private(kind="image", attachment_id=secret.id)

    def test_no_file_of_others_by_way_of_a_default(self):
        secret = self.env["ir.attachment"].create({"name": "key.png", "raw": PIXEL})
        defaults = {"default_attachment_id": secret.id}
        for kind in ("image", "text"):
            # What was read for others must not count.
            self.assertEqual((secret.name, secret.res_id), ("key.png", 0))
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                Template = self.env["whatsapp_omni.message.template"]
                Template.with_user(self.agent).with_context(**defaults).create(
                    {
                        "name": "x",
                        "body": "x",
                        "kind": kind,
                        "user_id": self.agent.id,
                    }
                )

    def test_a_file_of_another_template_is_copied(self):
        """Or who made the other could neither change nor delete it any more."""
        shared = self.make_file_template("image", "shop.png", PIXEL)
        shared.queue_ids = self.queue
        file = shared.attachment_id
        private = self.make_private(kind="image", attachment_id=file.id)
        self.assertNotEqual(private.attachment_id, file)
        self.assertEqual(private.attachment_id.raw, PIXEL)
        shared.queue_ids = False
        shared.unlink()
        self.env.flush_all()
        self.assertEqual(private.attachment_id.raw, PIXEL)

    def test_agents_change_their_own_only(self):
        shared = self.text.with_user(self.agent)
        self.assertEqual(shared.name, "Hours")
        own_option = self.make_private(
            kind="quick_reply", option_ids=self.make_options("Sí")
        ).option_ids
        for action in (
            lambda: shared.write({"body": "Cerrado"}),
            shared.unlink,
            lambda: self.make_private(user_id=False),
            lambda: self.make_private(user_id=self.agent2.id),
            lambda: self.make_private().write({"user_id": False}),
            lambda: self.make_private().write({"user_id": self.agent2.id}),
            lambda: self.make_private().write({"queue_ids": self.queue.ids}),
            lambda: own_option.write({"template_id": self.question.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                action()
        private = self.make_private(
            kind="quick_reply", option_ids=self.make_options("Sí")
        )
        private.write(
            {"option_ids": [Command.update(private.option_ids.id, {"title": "No"})]}
        )
        private.unlink()
        with self.assertRaises(AccessError):
            self.question.option_ids.with_user(self.agent).write({"title": "Nada"})

    def test_supervisors_manage_shared_ones(self):
        self.text.with_user(self.supervisor).body = "Cerrado"
        created = self.Template.with_user(self.supervisor).create(
            {"name": "New", "body": "Hola", "queue_ids": self.queue.ids}
        )
        created.queue_ids = False
        created.unlink()

    def test_other_companies_see_nothing(self):
        for user in (self.other_agent, self.other_supervisor, self.other_administrator):
            self.assertFalse(self.text.with_user(user).has_access("read"))
            self.assertFalse(
                self.question.option_ids.with_user(user).has_access("read")
            )

    def test_private_one_belongs_to_no_queue(self):
        with self.assertRaisesRegex(ValidationError, "private"):
            self.make_private().sudo().queue_ids = self.queue

    def test_shortcut_is_one_word(self):
        for shortcut in ("two words", "x" * 33, "a/b"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.make_template(shortcut=shortcut)

    @mute_logger("odoo.sql_db")
    def test_shortcut_leads_to_one(self):
        """Agents may have their own for what the queue calls the same."""
        self.make_private(shortcut="hours")
        for make in (
            lambda: self.make_template(shortcut="hours"),
            lambda: self.make_private(shortcut="hours"),
        ):
            with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
                make()
                self.env.flush_all()
            self.assertIn("shortcut_unique", str(caught.exception))
