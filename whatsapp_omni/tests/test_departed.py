# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of the conversations of who is no agent any more."""

import json

from odoo import Command
from odoo.exceptions import AccessError

from .common import WhatsAppOmniCommon


class TestDeparted(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.write_in("Hola", phone="34600000051")
        self.capture(self.conversation)
        self.channel = self.conversation.channel_id
        self.group = self.env.ref("whatsapp_omni.group_agent")

    def members(self):
        self.env.invalidate_all()
        members = self.channel.with_context(active_test=False).channel_member_ids
        return members.partner_id.with_context(active_test=False).user_ids

    def timeline(self):
        self.env.invalidate_all()
        return [(c.what, c.reason) for c in self.conversation.change_ids]

    def join(self, user):
        invitation = self.env["whatsapp_omni.invitation"].browse(
            self.conversation.with_user(self.agent).action_invite(user_id=user.id)
        )
        invitation.with_user(user).action_join()

    def assert_back_in_queue(self):
        self.env.invalidate_all()
        self.assertEqual(self.conversation.state, "new")
        self.assertFalse(self.conversation.user_id)
        self.assertEqual(self.conversation.queue_id, self.queue)
        self.assertFalse(self.members())
        self.assertEqual(
            self.timeline()[-1],
            ("returned", "Support · Ana is not there any more"),
        )

    def test_who_is_archived_leaves_nothing_stuck(self):
        self.agent.active = False
        self.assert_back_in_queue()
        self.capture(self.conversation, self.agent2)
        self.assertEqual(self.conversation.user_id, self.agent2)

    def test_who_is_no_agent_any_more_reads_no_more(self):
        self.agent.group_ids -= self.group
        self.assert_back_in_queue()
        with self.assertRaises(AccessError):
            self.channel.with_user(self.agent).check_access("read")

    def test_who_works_for_another_company_now(self):
        self.agent.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        self.assert_back_in_queue()

    def test_what_was_parked_waits_again(self):
        self.conversation.with_user(self.agent).action_put_aside()
        self.agent.active = False
        self.assert_back_in_queue()
        self.assertFalse(self.conversation.parked_at)

    def test_colleagues_read_why_in_the_transcript(self):
        self.agent.active = False
        last = self.channel.message_ids.sorted("id")[-1]
        self.assertIn("Ana is not there any more", last.body)

    def test_a_guest_who_is_archived_leaves(self):
        self.join(self.agent2)
        self.agent2.active = False
        self.assertEqual(self.members(), self.agent)
        conversation = self.conversation.with_context(active_test=False)
        self.assertFalse(conversation.guest_ids)
        self.assertFalse(conversation.has_guests)
        self.assertEqual(self.conversation.user_id, self.agent)
        self.assertEqual(self.timeline()[-1], ("left", "Luis"))

    def test_other_changes_of_a_user_change_nothing(self):
        self.agent.write({"group_ids": [Command.link(self.group.id)]})
        self.env.invalidate_all()
        self.assertEqual(self.conversation.user_id, self.agent)

    def test_pages_of_who_is_no_agent_any_more_hear_of_the_queue_no_longer(self):
        """The bus looks at rights only when a page subscribes."""
        self.env.cr.precommit.run()
        before = self.env["bus.bus"].search([], order="id desc", limit=1).id
        self.agent.group_ids -= self.group
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].search([("id", ">", before)])
        self.assertIn(
            (self.agent.partner_id.id, "whatsapp_omni.queues_changed"),
            [(json.loads(r.channel)[2], json.loads(r.message)["type"]) for r in told],
        )

    def test_whatever_way_the_group_was_lost(self):
        """The form of a group, say: the next round of the scheduled action sees it."""
        self.group.user_ids -= self.agent
        self.env["whatsapp_omni.conversation"]._release_departed()
        self.assert_back_in_queue()
