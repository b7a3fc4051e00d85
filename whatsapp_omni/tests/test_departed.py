# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of the conversations of who is no agent any more."""

import json
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError

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

    def test_who_is_no_agent_any_more_accepts_nothing(self):
        """It rings at them until the next round, which is a moment later."""
        self.queue.write({"strategy": "least_busy", "offer_seconds": 20})
        self.env["whatsapp_omni.agent"].with_user(self.agent2).set_state("available")
        ringing = self.write_in("Hola", phone="34600000052")
        ringing._distribute()
        self.assertEqual(ringing.offered_to_id, self.agent2)
        self.agent2.group_ids -= self.group
        with self.assertRaisesRegex(UserError, "This offer is over"):
            ringing.with_user(self.agent2).action_accept()
        ringing._distribute()
        self.assertEqual(ringing.state, "new")

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

    def told_of_queues(self):
        """Return the names of those whose pages were told to load again."""
        self.env.cr.precommit.run()
        told = [(json.loads(r.channel), json.loads(r.message)) for r in self.new_bus()]
        partners = self.env["res.partner"].browse(
            channel[2]
            for channel, message in told
            if message["type"] == "whatsapp_omni.queues_changed"
        )
        return sorted(partners.mapped("name"))

    def new_bus(self):
        return self.env["bus.bus"].search([("id", ">", self.bus_before)])

    def listen(self):
        self.env.cr.precommit.run()
        self.bus_before = self.env["bus.bus"].search([], order="id desc", limit=1).id

    def test_pages_of_who_is_no_agent_any_more_load_again(self):
        """The bus looks at rights only when a page subscribes."""
        self.listen()
        self.agent.group_ids -= self.group
        self.assertEqual(self.told_of_queues(), ["Ana"])

    def test_pages_of_who_is_in_no_queue_load_again_too(self):
        """What they read may have been handed to them."""
        self.queue.agent_ids -= self.agent
        self.listen()
        self.agent.group_ids -= self.group
        self.assertEqual(self.told_of_queues(), ["Ana"])
        self.listen()
        self.agent.group_ids += self.group
        self.assertEqual(self.told_of_queues(), ["Ana"])

    def test_pages_of_who_was_no_agent_are_left_alone(self):
        self.listen()
        self.outsider.write({"group_ids": [Command.link(self.no_group().id)]})
        self.no_group().user_ids -= self.outsider
        self.assertFalse(self.told_of_queues())

    def no_group(self):
        return self.env.ref("base.group_no_one")

    def test_a_group_takes_the_rights_at_once(self):
        """Not the user's form but the group's."""
        self.be_available()
        self.listen()
        self.group.user_ids -= self.agent
        self.assert_back_in_queue()
        self.assertEqual(self.told_of_queues(), ["Ana"])
        self.assertEqual(self.state_of(self.agent), "offline")

    def hold_by_team(self):
        """Make Ana an agent by another group that implies the agents'."""
        team = self.env["res.groups"].create(
            {"name": "Team", "implied_ids": [Command.link(self.group.id)]}
        )
        team.user_ids += self.agent
        self.group.user_ids -= self.agent
        self.env.invalidate_all()
        self.assertEqual(self.conversation.user_id, self.agent)
        return team

    def test_a_group_that_no_longer_implies_agents_takes_the_rights(self):
        self.hold_by_team().implied_ids -= self.group
        self.assert_back_in_queue()

    def test_a_deleted_group_takes_the_rights_at_once(self):
        team = self.hold_by_team()
        self.listen()
        team.unlink()
        self.assert_back_in_queue()
        self.assertEqual(self.told_of_queues(), ["Ana"])

    def test_a_new_group_gives_the_rights_at_once(self):
        self.listen()
        self.env["res.groups"].create(
            {
                "name": "Team",
                "implied_ids": [Command.link(self.group.id)],
                "user_ids": [Command.link(self.outsider.id)],
            }
        )
        self.assertEqual(self.told_of_queues(), [self.outsider.name])

    def test_who_only_is_no_supervisor_any_more_is_told(self):
        supervisors = self.env.ref("whatsapp_omni.group_supervisor")
        supervisors.user_ids += self.agent
        self.agent.group_ids += self.group
        self.listen()
        supervisors.user_ids -= self.agent
        self.assertEqual(self.told_of_queues(), ["Ana"])
        self.assertEqual(self.conversation.user_id, self.agent)

    def test_who_is_no_agent_any_more_is_offline(self):
        self.be_available()
        self.agent.group_ids -= self.group
        self.assertEqual(self.state_of(self.agent), "offline")

    def be_available(self):
        self.env["whatsapp_omni.agent"].with_user(self.agent).set_state("available")

    def state_of(self, user):
        agents = self.env["whatsapp_omni.agent"]
        return agents.search([("user_id", "=", user.id)]).state

    def test_queues_of_a_lost_company_are_heard_no_longer(self):
        """The queue may still name its former agent."""
        self.agent.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        self.assertIn(self.agent, self.queue.agent_ids)
        Conversation = self.env["whatsapp_omni.conversation"].with_user(self.agent)
        self.assertFalse(Conversation._inbox_queues())

    def test_what_took_the_rights_unseen_is_found_by_the_next_round(self):
        """Whatever went past the models of users and groups."""
        Users = self.registry["res.users"]
        with patch.object(Users, "_whatsapp_omni_rights_changed"):
            self.agent.group_ids -= self.group
        self.assertEqual(self.conversation.user_id, self.agent)
        self.env["whatsapp_omni.conversation"]._release_departed()
        self.assert_back_in_queue()
