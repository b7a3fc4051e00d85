# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from ..models.message_content import Content
from .common import WhatsAppOmniCommon, inbound


@tagged("post_install", "-at_install")
class TestConversation(WhatsAppOmniCommon):
    """The life of a conversation: taken, attended, closed, and who is told."""

    def unread_of(self, conversation, user):
        member = conversation.channel_id.channel_member_ids.filtered(
            lambda member: member.partner_id == user.partner_id
        )
        self.assertTrue(member)
        return member.message_unread_counter

    def test_what_one_takes_is_on_the_screen_and_not_unread(self):
        """Also if the cursor is elsewhere by the time the page hears of it."""
        conversation = self.write_in("Hola")
        self.write_in("¿Hay alguien?")
        self.capture(conversation)
        self.assertEqual(self.unread_of(conversation, self.agent), 0)
        self.write_in("¿Y bien?")
        self.assertEqual(self.unread_of(conversation, self.agent), 1)

    def test_what_the_line_says_by_itself_is_not_unread(self):
        """Its agent is given what the customer has written, and the welcome to it."""
        conversation = self.write_in("Hola").sudo()
        conversation._send_automatic([Content("text", "¡Bienvenida!")])
        conversation._give(self.agent)
        self.assertEqual(self.unread_of(conversation, self.agent), 1)
        conversation._send_automatic([Content("text", "¿Sigue ahí?")])
        self.assertEqual(self.unread_of(conversation, self.agent), 1)
        self.write_in("Sí")
        self.assertEqual(self.unread_of(conversation, self.agent), 2)

    def test_taking_makes_the_agent_the_only_member(self):
        conversation = self.write_in()
        self.assertFalse(conversation.channel_id.channel_member_ids)
        self.capture(conversation)
        self.assertEqual(conversation.state, "attended")
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(
            conversation.channel_id.channel_member_ids.partner_id, self.agent.partner_id
        )

    def test_the_transcript_is_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.line.company_id.partner_id.lang = "es_ES"
        conversation = self.capture(self.write_in())
        conversation.with_context(lang="en_US").action_close(self.disposition.id)
        mails = conversation.channel_id.with_user(self.supervisor).message_ids
        lines = mails.filtered(lambda m: m.message_type == "notification")
        text = " ".join(lines.mapped("body"))
        self.assertIn(f"Conversación n.º {conversation.id}", text)
        self.assertIn("Cerrada · ", text)
        self.assertNotIn("Conversation", text)

    def test_second_click_is_told_who_was_first(self):
        conversation = self.capture(self.write_in())
        with self.assertRaisesRegex(UserError, "Ana"):
            self.capture(conversation, self.agent2)
        self.assertEqual(conversation.user_id, self.agent)

    def test_double_click_of_the_owner_is_harmless(self):
        conversation = self.capture(self.write_in())
        self.capture(conversation)
        captured = conversation.sudo().change_ids.filtered(
            lambda c: c.what == "captured"
        )
        self.assertEqual(len(captured), 1)

    def test_only_agents_of_the_queue_take(self):
        conversation = self.write_in()
        with self.assertRaises(AccessError):
            self.capture(conversation, self.supervisor)
        with self.assertRaises(AccessError):
            self.capture(conversation, self.agent_elsewhere)

    def test_closing_leaves_no_membership_behind(self):
        conversation = self.capture(self.write_in())
        conversation.action_close(self.disposition.id, "  todo bien ")
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(conversation.disposition_id, self.disposition)
        self.assertEqual(conversation.disposition_note, "todo bien")
        self.assertFalse(conversation.channel_id.sudo().channel_member_ids)

    def test_closing_is_for_the_owner_and_supervisors(self):
        conversation = self.capture(self.write_in())
        with self.assertRaises(UserError):
            conversation.with_user(self.agent2).action_close()
        conversation.with_user(self.supervisor).action_close()
        self.assertEqual(conversation.closed_by_id, self.supervisor)

    def test_supervisor_closes_what_nobody_took(self):
        conversation = self.write_in()
        conversation.with_user(self.supervisor).action_close()
        self.assertEqual(conversation.state, "closed")

    def test_queue_offers_its_own_dispositions(self):
        other = self.env["whatsapp_omni.disposition"].create({"name": "Sold"})
        self.queue.disposition_ids = self.disposition
        conversation = self.capture(self.write_in())
        with self.assertRaisesRegex(UserError, "disposition"):
            conversation.action_close(other.id)
        self.queue.disposition_ids = False
        conversation.action_close(other.id)

    @mute_logger("odoo.sql_db")
    def test_database_allows_one_open_conversation_per_channel(self):
        conversation = self.write_in()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            conversation.copy()

    @mute_logger("odoo.sql_db")
    def test_database_allows_one_channel_per_customer_and_line(self):
        channel = self.write_in().channel_id
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            channel.copy()

    def test_timeline_tells_every_step(self):
        conversation = self.capture(self.write_in())
        conversation.action_close(self.disposition.id)
        steps = [
            (c.what, c.from_state, c.to_state, c.user_id.name)
            for c in conversation.sudo().change_ids
        ]
        self.assertEqual(
            steps[1:],
            [
                ("captured", "new", "attended", "Ana"),
                ("closed", "attended", "closed", "Ana"),
            ],
        )
        self.assertEqual(steps[0][:3], ("opened", False, "new"))

    def test_window_survives_closing(self):
        """The window belongs to customer and line, not to one case."""
        now = fields.Datetime.now()
        first = self.capture(self.write_in(at=now))
        end = first.window_end
        first.action_close()
        second = self.write_in(at=now - timedelta(hours=2))
        self.assertNotEqual(first, second)
        self.assertEqual(second.window_end, end)

    # --- who writes ------------------------------------------------------------------

    def test_identifying_signs_all_that_was_written(self):
        conversation = self.write_in()
        customer = conversation.customer_id
        mail = conversation.message_ids.mail_message_id
        self.assertEqual(mail.author_guest_id, customer.guest_id)
        partner = self.env["res.partner"].create({"name": "Lucía Gómez"})
        customer.with_user(self.agent).action_identify(partner.id)
        self.assertEqual((mail.author_id, mail.author_guest_id.id), (partner, False))
        self.assertEqual(customer.name, "Lucía Gómez")
        self.assertEqual(conversation.channel_id.name, "Lucía Gómez")
        later = self.write_in("Soy yo")
        self.assertEqual(later.message_ids[0].mail_message_id.author_id, partner)

    def test_wrong_identification_can_be_undone(self):
        conversation = self.write_in()
        customer = conversation.customer_id
        partner = self.env["res.partner"].create({"name": "Somebody Else"})
        customer.action_identify(partner.id)
        customer.action_identify(False)
        mail = conversation.message_ids.mail_message_id
        self.assertEqual(mail.author_guest_id, customer.guest_id)
        self.assertFalse(mail.author_id)
        self.assertEqual(customer.name, "Lucía")

    def test_no_contact_is_made_for_an_unknown_number(self):
        before = self.env["res.partner"].search_count([])
        self.write_in(phone="34600999888")
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    # --- nobody is there any more ----------------------------------------------------

    def test_what_an_agent_who_left_attended_waits_to_be_taken_or_closed(self):
        taken, closed = (
            self.capture(self.write_in(phone=f"3460000000{n}")) for n in range(2)
        )
        self.agent.active = False
        self.assertEqual((taken | closed).mapped("state"), ["new", "new"])
        self.assertEqual(self.capture(taken, self.agent2).user_id, self.agent2)
        closed.with_user(self.supervisor).action_close(self.disposition.id)
        self.assertEqual(closed.state, "closed")

    def test_an_archived_template_leaves_what_it_was_sent_in(self):
        template = self.make_template("again", body="¿Seguimos?")
        conversation = self.capture(self.write_in())
        conversation.action_send_template(template.id)
        template.active = False
        self.write_in("Sí")
        mails = conversation.channel_id.with_user(self.agent).message_ids
        self.assertIn("¿Seguimos?", "".join(mails.mapped("body")))
        conversation.action_close(self.disposition.id)
        self.assertEqual(conversation.state, "closed")

    # --- what screens are told -------------------------------------------------------

    def inbox_of(self, user):
        store = Store()
        self.env["whatsapp_omni.conversation"].with_user(user)._add_inbox(store)
        return store.get_result()

    def test_inbox_shows_what_waits_and_what_is_mine(self):
        waiting, mine, theirs = (
            self.write_in(phone=f"3460000000{n}") for n in range(3)
        )
        self.capture(mine)
        self.capture(theirs, self.agent2)
        data = self.inbox_of(self.agent)
        cards = data["whatsapp_omni.conversation"]
        shown = {card["id"]: card["state"] for card in cards}
        self.assertEqual(shown[waiting.id], "new")
        self.assertEqual(shown[mine.id], "attended")
        self.assertTrue(data["Store"]["whatsapp_omni_inbox"]["has_queue"])
        elsewhere = self.inbox_of(self.agent_elsewhere)
        self.assertNotIn("whatsapp_omni.conversation", elsewhere)

    def test_inbox_costs_the_same_for_few_and_many(self):
        def cost():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.inbox_of(self.agent)
            return self.env.cr.sql_log_count - before

        self.write_in(phone="34600000000")
        cost()
        few = cost()
        for number in range(1, 12):
            self.write_in(phone=f"346000000{number:02}")
        self.assertLessEqual(cost(), few + 2)

    def test_closed_conversations_cost_the_inbox_nothing(self):
        conversation = self.capture(self.write_in())
        conversation.action_close()
        data = self.inbox_of(self.agent)
        self.assertNotIn("whatsapp_omni.conversation", data)
        self.assertEqual(data["Store"]["whatsapp_omni_inbox"]["today"]["closed"], 1)

    def test_administrator_sees_the_steps_of_setting_up(self):
        setup = self.inbox_of(self.administrator)["Store"]["whatsapp_omni_inbox"][
            "setup"
        ]
        self.assertTrue(setup["line"])
        self.assertFalse(setup["callback"])
        self.assertFalse(
            self.inbox_of(self.agent)["Store"]["whatsapp_omni_inbox"]["setup"]
        )

    def test_panel_tells_who_and_what_happened_before(self):
        first = self.capture(self.write_in())
        first.action_close(self.disposition.id, "vendido")
        second = self.capture(self.write_in())
        panel = second.get_panel()
        self.assertEqual(panel["customer"]["number"], "+34 600 11 12 22")
        self.assertFalse(panel["customer"]["partner"])
        self.assertEqual(panel["previous"][0]["note"], "vendido")
        with self.assertRaises(AccessError):
            second.with_user(self.agent_elsewhere).get_panel()

    def test_list_is_pushed_for_the_users_queues_only(self):
        for user, queues in (
            (self.agent, self.queue),
            (self.supervisor, self.queue),
            (self.agent_elsewhere, self.queue2),
            (self.other_agent, self.other_queue),
            (self.outsider, self.env["whatsapp_omni.queue"]),
        ):
            Conversation = self.env["whatsapp_omni.conversation"].with_user(user)
            self.assertEqual(Conversation._inbox_queues(), queues, user.login)

    def test_panel_hides_what_other_queues_noted(self):
        elsewhere = self.make_line("+34911000999", self.provider, self.queue2)
        body = inbound(app=elsewhere.app_name)
        self.receive(body, token=elsewhere.callback_token)
        secret = self.capture(
            self.message_of(body).conversation_id, self.agent_elsewhere
        )
        secret.action_close(note="only for Sales")
        ours = self.capture(self.write_in())
        self.assertEqual(ours.customer_id, secret.sudo().customer_id)
        self.assertFalse(ours.get_panel()["previous"])

    def test_names_appear_in_the_transcript_as_they_are(self):
        self.queue.name = "VIP <gold> & co"
        heading = self.write_in().channel_id.message_ids.sorted("id")[0]
        self.assertIn("VIP &lt;gold&gt; &amp; co", heading.body)

    def test_archived_queue_keeps_its_waiting_conversations_in_the_inbox(self):
        conversation = self.write_in()
        self.line.queue_id = self.queue2
        self.queue.action_archive()
        cards = self.inbox_of(self.agent)["whatsapp_omni.conversation"]
        self.assertEqual([card["id"] for card in cards], conversation.ids)

    # --- nobody pretends -------------------------------------------------------------

    def test_nobody_puts_words_into_the_customers_mouth(self):
        conversation = self.capture(self.write_in())
        channel = conversation.channel_id
        with self.assertRaises(AccessError):
            self.env["mail.message"].with_user(self.agent).create(
                {
                    "model": "discuss.channel",
                    "res_id": channel.id,
                    "body": "Yes, I agree to pay",
                    "author_guest_id": conversation.sudo().customer_id.guest_id.id,
                }
            )
        with self.assertRaises(AccessError):
            channel.message_post(body="Closed by Odoo", message_type="notification")

    def test_answers_are_signed_by_who_gives_them(self):
        conversation = self.capture(self.write_in())
        mail = conversation.channel_id.message_post(
            body="x",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.agent2.partner_id.id,
        )
        self.assertEqual(mail.author_id, self.agent.partner_id)

    def test_files_that_an_agent_may_not_read_are_not_sent(self):
        secret = self.env["ir.attachment"].create({"name": "salaries.pdf", "raw": b"x"})
        conversation = self.capture(self.write_in())
        with self.assertRaises(AccessError):
            conversation.channel_id.message_post(
                body="x",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                attachment_ids=secret.ids,
            )

    def test_nothing_is_pinned(self):
        conversation = self.capture(self.write_in())
        mail = conversation.channel_id.message_ids[:1]
        for user in (self.agent, self.agent2, self.outsider):
            with self.assertRaises(UserError):
                conversation.channel_id.with_user(user).set_message_pin(mail.id, True)

    def test_web_push_waits_for_its_job(self):
        """The worker that holds everybody's locks calls no browser vendor's server."""
        self.capture(self.write_in())
        self.env["mail.push.device"].create(
            {
                "partner_id": self.agent.partner_id.id,
                "endpoint": "https://push.test/1",
                "keys": "{}",
                "expiration_time": fields.Datetime.now() + timedelta(days=1),
            }
        )
        self.env["ir.config_parameter"].set_param(
            "mail.web_push_vapid_private_key", "k"
        )
        self.env["ir.config_parameter"].set_param("mail.web_push_vapid_public_key", "k")
        self.write_in("¿Hola?")
        pushed = self.env["mail.push"].search([]).mapped("payload")
        self.assertEqual(len(pushed), 1)
        self.assertIn("Lucía", pushed[0].encode().decode("unicode_escape"))
