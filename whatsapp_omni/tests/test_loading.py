# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Pages load for everybody, whatever is around a conversation that they see.

A card tells names of what its reader may not open: a colleague's queue, a contact of
another company, an archived provider. One that cannot be read would cost the page the
whole inbox.
"""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .common import WhatsAppOmniCommon

CONVERSATION = "whatsapp_omni.conversation"


@tagged("post_install", "-at_install")
class TestLoading(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.write_in("Hola", phone="34600000071")
        self.as_agent = self.capture(self.conversation)
        self.agent3 = self._create_user("wa_third", "Tomás", "group_agent")
        self.back_office = self.make_queue("Back Office", self.agent3)

    def load_inbox(self, user):
        """Return what the inbox of ``user`` loads, by model, as their page asks."""
        self.env.flush_all()
        self.env.invalidate_all()  # what others have read is not there yet
        store = Store()
        companies = {"allowed_company_ids": user.company_ids.ids}
        Conversation = self.env[CONVERSATION].with_user(user)
        Conversation.with_context(**companies)._add_inbox(store)
        return store.get_result()

    def card(self, user):
        """Return the card of the conversation in the inbox of ``user``, if any."""
        cards = self.load_inbox(user).get(CONVERSATION, [])
        return next(
            (card for card in cards if card["id"] == self.conversation.id), None
        )

    def join(self, user):
        """Have ``user`` join the conversation beside its agent."""
        invitation_id = self.as_agent.action_invite(user_id=user.id)
        invitation = self.env["whatsapp_omni.invitation"].browse(invitation_id)
        invitation.with_user(user).action_join()

    def surround(self):
        """Put around the conversation what not everybody may read."""
        restricted = self.env["res.partner"].create(
            {"name": "Restricted", "company_id": self.company.id}
        )
        self.conversation.customer_id.partner_id = restricted
        # Moved since, as contacts are.
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            (self.other_company.id, restricted.id),
        )
        tag = self.env["whatsapp_omni.tag"].create(
            {"name": "VIP", "company_id": self.company.id}
        )
        self.conversation.tag_ids = [Command.set(tag.ids)]
        self.as_agent.action_invite(queue_id=self.back_office.id)

    def test_whoever_takes_part_whatever_their_queues(self):
        self.join(self.agent_elsewhere)
        self.surround()
        for user in (self.agent, self.agent2, self.agent_elsewhere, self.supervisor):
            with self.subTest(user=user.login):
                card = self.card(user)
                self.assertEqual(card["name"], "Restricted")
                self.assertEqual(card["owner_user_id"], self.agent.id)
                self.assertEqual([guest["name"] for guest in card["guests"]], ["Eva"])
                whom = [invitation["whom"] for invitation in card["invitations"]]
                self.assertEqual(whom, ["Back Office"])
                self.assertEqual([tag["name"] for tag in card["tags"]], ["VIP"])

    def test_whoever_is_asked_to_join(self):
        self.surround()
        (asked,) = self.load_inbox(self.agent3)["whatsapp_omni.invitation"]
        self.assertEqual(asked["inviter_name"], "Ana")
        self.assertEqual(asked["customer_name"], "Restricted")
        self.assertEqual(asked["queue_name"], "Support")

    def test_who_transferred_it_and_whom_it_waits_for(self):
        self.surround()
        self.as_agent.action_transfer(queue_id=self.queue2.id, kind="exclusive")
        for user in (self.agent, self.agent_elsewhere):
            with self.subTest(user=user.login):
                card = self.card(user)
                self.assertEqual(card["transfer"]["target"], "Sales")
                self.assertEqual(card["transfer"]["sender"], "Ana")

    def test_agents_who_see_no_provider_when_one_is_archived(self):
        self.join(self.agent_elsewhere)
        self.line.action_archive()
        self.provider.action_archive()
        for user in (self.agent, self.agent2, self.agent_elsewhere):
            with self.subTest(user=user.login):
                self.assertEqual(self.card(user)["out_of_service"], "provider")

    def test_a_guest_of_an_archived_queue_that_is_not_theirs(self):
        self.join(self.agent_elsewhere)
        self.conversation.queue_id = self.back_office
        self.back_office.action_archive()
        self.assertEqual(self.card(self.agent_elsewhere)["out_of_service"], "queue")

    def test_nobody_else_is_shown_a_card(self):
        self.join(self.agent_elsewhere)
        self.as_agent.action_end_conference()
        for user in (
            self.agent_elsewhere,
            self.agent3,
            self.other_agent,
            self.other_supervisor,
            self.other_administrator,
        ):
            with self.subTest(user=user.login):
                self.assertIsNone(self.card(user))

    def test_the_thread_of_each_reader(self):
        self.join(self.agent_elsewhere)
        self.surround()
        channel = self.conversation.channel_id
        for user in (self.agent, self.agent2, self.agent_elsewhere, self.supervisor):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(user=user.login):
                store = Store().add(channel.with_user(user))
                store.add(channel.with_user(user).message_ids)
                data = store.get_result()
                (thread,) = data["discuss.channel"]
                self.assertEqual(
                    thread["whatsapp_omni_conversation_id"], self.conversation.id
                )
                self.assertEqual(thread["whatsapp_omni_customer_name"], "Restricted")
                self.assertTrue(data["mail.message"])
