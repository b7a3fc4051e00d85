# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of agents, and how they go home."""

import json
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.bus.models.ir_websocket import IrWebsocket

from .common import WhatsAppOmniCommon


class TestAgentStates(WhatsAppOmniCommon):
    def mine(self, user=None):
        return self.env["whatsapp_omni.agent"].with_user(user or self.agent)

    def row(self, user=None):
        user = user or self.agent
        return self.env["whatsapp_omni.agent"].search([("user_id", "=", user.id)])

    def test_agents_begin_offline_and_choose(self):
        lunch = self.env["whatsapp_omni.pause.reason"].create({"name": "Lunch"})
        self.assertEqual(self.mine().get_mine()["state"], "offline")
        self.assertEqual(self.mine().set_state("available")["state"], "available")
        state = self.mine().set_state("paused", lunch.id)
        self.assertEqual((state["state"], state["reason"]), ("paused", "Lunch"))
        self.assertIn({"id": lunch.id, "name": "Lunch"}, state["reasons"])

    def test_one_row_for_each_user(self):
        user = new_test_user(self.env, "wa_late", "whatsapp_omni.group_agent")
        self.assertFalse(self.row(user))
        self.mine(user).heartbeat()
        self.mine(user).heartbeat()
        self.assertEqual(len(self.row(user)), 1)
        self.assertTrue(self.row(user).last_seen_at)

    def test_states_are_noted_for_reports(self):
        self.mine().set_state("available")
        row = self.row()
        begun = row.since - timedelta(hours=2)
        row.since = begun
        changes = self.env["whatsapp_omni.agent.state.change"].search(
            [("user_id", "=", self.agent.id)]
        )
        changes.since = begun
        self.mine().set_state("available")  # the same: no change
        self.mine().set_state("paused")
        paused, available = self.env["whatsapp_omni.agent.state.change"].search(
            [("user_id", "=", self.agent.id)]
        )
        self.assertEqual((available.state, available.until), ("available", row.since))
        self.assertAlmostEqual(available.duration, 2, places=2)
        self.assertEqual(paused.from_state, "available")
        self.assertEqual(paused.changed_by_id, self.agent)
        self.assertFalse(paused.until)

    def test_supervisors_change_the_state_of_others(self):
        self.row().with_user(self.supervisor).set_state_of("available")
        self.assertEqual(self.row().state, "available")
        with self.assertRaises(AccessError):
            self.row().with_user(self.agent2).set_state_of("offline")
        with self.assertRaises(AccessError):
            self.row().with_user(self.other_supervisor).set_state_of("offline")
        with self.assertRaises(UserError):
            self.mine().set_state("rona")
        with self.assertRaises(AccessError):
            self.mine(self.outsider).set_state("available")

    def test_nobody_writes_a_state_past_the_methods(self):
        with self.assertRaises(AccessError):
            self.row().with_user(self.supervisor).write({"state": "available"})
        self.row().with_user(self.supervisor).write({"capacity": 3})
        self.assertEqual(self.row().load_limit, 3)

    @mute_logger("odoo.sql_db")
    def test_a_capacity_is_never_negative(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.row().with_user(self.supervisor).write({"capacity": -1})
            self.env.flush_all()

    def test_agents_see_their_colleagues_and_nobody_else(self):
        Agent = self.mine()
        self.assertIn(self.agent2, Agent.search([]).user_id)
        self.assertNotIn(self.agent_elsewhere, Agent.search([]).user_id)
        everybody = Agent.with_user(self.supervisor).search([]).user_id
        self.assertIn(self.agent_elsewhere, everybody)
        self.assertNotIn(self.other_agent, everybody)

    def test_a_closed_browser_is_offline_after_a_while(self):
        self.mine().set_state("available")
        self.mine(self.agent2).set_state("available")
        self.row().last_seen_at = fields.Datetime.now() - timedelta(minutes=6)
        self.env["whatsapp_omni.agent"]._end_absences()
        self.assertEqual(self.row().state, "offline")
        self.assertEqual(self.row(self.agent2).state, "available")

    def set_offline_minutes(self, minutes):
        Settings = self.env["res.config.settings"]
        Settings.create({"whatsapp_omni_offline_minutes": minutes}).execute()

    def test_how_long_a_browser_may_be_closed_is_a_setting(self):
        self.mine().set_state("available")
        self.set_offline_minutes(10)
        for minutes, state in ((6, "available"), (11, "offline")):
            self.row().last_seen_at = fields.Datetime.now() - timedelta(minutes=minutes)
            self.env["whatsapp_omni.agent"]._end_absences()
            self.assertEqual(self.row().state, state, minutes)
        self.assertEqual(
            self.env["res.config.settings"].create({}).whatsapp_omni_offline_minutes, 10
        )

    def test_a_time_that_would_send_everybody_home_is_refused(self):
        """Pages tell once a minute that they are open."""
        for minutes in (-5, 0, 1, 24 * 60 + 1):
            with self.assertRaisesRegex(ValidationError, "2 to 1440"):
                self.set_offline_minutes(minutes)

    def test_who_is_archived_is_offline(self):
        self.mine().set_state("available")
        self.agent.active = False
        self.assertEqual(self.row().state, "offline")

    def test_load_counts_weights_and_leaves_out_what_is_parked(self):
        self.queue.weight = 1.5
        first = self.capture(self.make_conversation())
        self.capture(self.make_conversation(phone="34600111333"))
        self.assertEqual(self.mine().get_mine()["load"], 3)
        first.sudo().parked_at = fields.Datetime.now()
        self.assertEqual(self.mine().get_mine()["load"], 1.5)

    def told(self, kind, action):
        """Return what ``action`` tells pages, once committed: channels and contents."""
        self.env.cr.precommit.run()
        Bus = self.env["bus.bus"]
        last = Bus.search([], order="id desc", limit=1).id
        action()
        self.env.flush_all()
        self.env.cr.precommit.run()
        told = []
        for row in Bus.search([("id", ">", last)], order="id"):
            message = json.loads(row.message)
            if message["type"] == f"whatsapp_omni.{kind}":
                told.append((json.loads(row.channel)[1:], message["payload"]))
        return told

    def loads_told(self, action):
        """Return what pages are told of loads: the ids of partners, and how much."""
        told = self.told("agent_load", action)
        return [(record_id, load) for (_model, record_id), load in told]

    def test_who_sees_every_agent_is_told_of_each(self):
        """Also of those of queues that are not theirs, and once for all who look."""
        company = ["res.company", self.company.id, "whatsapp_omni.agents"]
        conversation = self.make_conversation()
        conversation.queue_id = self.queue2  # which nobody supervises
        elsewhere = self.mine(self.agent_elsewhere)
        for action in (
            lambda: elsewhere.set_state("available"),
            lambda: self.capture(conversation, self.agent_elsewhere),
        ):
            self.assertEqual(self.told("agents_changed", action), [(company, {})])

    def test_lists_of_agents_are_heard_by_who_sees_them_all(self):
        def heard(user):
            Websocket = self.env["ir.websocket"].with_user(user)
            session = SimpleNamespace(session=SimpleNamespace(uid=user.id))
            with patch(f"{IrWebsocket.__module__}.wsrequest", session):
                channels = Websocket._build_bus_channel_list(["whatsapp_omni.agents"])
            return [
                channel[0].id
                for channel in channels
                if isinstance(channel, tuple) and channel[1] == "whatsapp_omni.agents"
            ]

        self.assertEqual(heard(self.supervisor), self.company.ids)
        self.assertEqual(heard(self.administrator), self.company.ids)
        self.assertEqual(heard(self.other_supervisor), self.other_company.ids)
        self.assertEqual(heard(self.agent), [])

    def test_what_somebody_has_is_told_at_once(self):
        conversation = self.make_conversation()
        told = self.loads_told(lambda: self.capture(conversation))
        load = {"load": 1, "capacity": 5}
        self.assertEqual(told, [(self.agent.partner_id.id, load)])
        mine = conversation.with_user(self.agent)
        for action, left in (
            (mine.action_put_aside, 0),
            (mine.action_resume, 1),
            (conversation.sudo()._close, 0),
        ):
            load = {"load": left, "capacity": 5}
            self.assertIn((self.agent.partner_id.id, load), self.loads_told(action))

    def test_messages_change_what_nobody_has(self):
        """They are many: none of them has loads counted and told."""
        mine = self.capture(self.make_conversation())
        self.assertEqual(self.loads_told(lambda: self.write_in("Otra cosa")), [])
        self.assertEqual(self.loads_told(lambda: self.answer(mine)), [])
        self.loads_told(mine.action_put_aside)
        load = {"load": 1, "capacity": 5}
        self.assertIn(
            (self.agent.partner_id.id, load),
            self.loads_told(lambda: self.write_in("¿Sigue ahí?")),
            "what was parked is back",
        )

    def test_who_loses_a_conversation_and_who_gets_it_are_told(self):
        conversations = self.make_conversation() + self.make_conversation(
            phone="34600111333"
        )
        for conversation in conversations:
            self.capture(conversation)

        def hand_over():
            self.mine().hand_over(
                [
                    {
                        "conversation_id": conversation.id,
                        "choice": "user",
                        "user_id": self.agent2.id,
                    }
                    for conversation in conversations
                ]
            )

        loads = self.loads_told(hand_over)
        for user, left in ((self.agent, 0), (self.agent2, 2)):
            mine = [load for who, load in loads if who == user.partner_id.id]
            self.assertEqual(mine[-1], {"load": left, "capacity": 5})

    def test_what_somebody_may_have_is_told_at_once(self):
        """A supervisor changes it while the agent looks at their bar."""
        elsewhere = self.capture(self.make_conversation())
        elsewhere.sudo().user_id = self.agent_elsewhere  # of another queue
        self.capture(self.make_conversation(phone="34600111333"))

        def told(records, values):
            loads = self.loads_told(lambda: records.write(values))
            users = self.agent | self.agent_elsewhere
            return {
                user: (load["load"], load["capacity"])
                for who, load in loads
                for user in users
                if who == user.partner_id.id
            }

        row = self.row().with_user(self.supervisor)
        self.assertEqual(told(row, {"capacity": 7}), {self.agent: (1, 7)})
        self.assertEqual(
            told(self.queue, {"weight": 2}),
            {self.agent: (2, 7), self.agent_elsewhere: (2, 5)},
        )
        self.assertEqual(told(row, {"capacity": 0}), {self.agent: (2, 5)})
        capacities = told(self.queue, {"capacity": 3})
        self.assertEqual(capacities[self.agent], (2, 3))
        self.assertFalse(told(self.queue, {"name": "Help"}))

    def test_going_home(self):
        """Keep one, return one, hand one over: each does what was chosen."""
        kept, returned, given = (
            self.capture(self.make_conversation(phone=f"3460011100{n}"))
            for n in range(3)
        )
        work = self.mine().get_open_work()
        self.assertEqual(
            {c["id"] for c in work["conversations"]},
            {kept.id, returned.id, given.id},
        )
        (targets,) = work["targets"]
        colleagues = {u["id"]: u["queue_ids"] for u in targets["users"]}
        self.assertEqual(colleagues[self.agent2.id], self.queue.ids)
        self.assertNotIn(self.agent.id, colleagues)
        errors = self.mine().hand_over(
            [
                {"conversation_id": kept.id, "choice": "keep"},
                {"conversation_id": returned.id, "choice": "queue"},
                {
                    "conversation_id": given.id,
                    "choice": "user",
                    "user_id": self.agent2.id,
                },
            ]
        )
        self.assertEqual(errors, [])
        self.assertEqual((kept.state, kept.user_id), ("attended", self.agent))
        self.assertEqual((returned.state, returned.user_id.id), ("new", False))
        self.assertEqual(given.user_id, self.agent2)
        member = given.channel_id.sudo().channel_member_ids.partner_id
        self.assertEqual(member, self.agent2.partner_id)
        self.assertFalse(returned.channel_id.sudo().channel_member_ids)
        self.assertEqual(returned.sudo().change_ids[-1].what, "returned")
        self.assertEqual(given.sudo().change_ids[-1].what, "handed_over")

    def test_who_goes_home_has_the_same_choice_as_who_transfers(self):
        """Also who is not of the queue, and another queue, of the own company."""
        given, moved = (
            self.capture(self.make_conversation(phone=f"3460011100{n}"))
            for n in range(2)
        )
        (targets,) = self.mine().get_open_work()["targets"]
        as_transfer = given.get_transfer_targets()
        for kind, names in (("users", "agents"), ("queues", "queues")):
            self.assertEqual(
                {target["id"] for target in targets[kind]},
                {target["id"] for target in as_transfer[names]},
            )
        (eva,) = [u for u in targets["users"] if u["id"] == self.agent_elsewhere.id]
        self.assertEqual(
            (eva["state"], eva["load"], eva["capacity"]), ("offline", 0, 5)
        )
        choices = [
            {"choice": "user", "user_id": eva["id"], "conversation_id": given.id},
            {
                "choice": "queue",
                "queue_id": self.queue2.id,
                "conversation_id": moved.id,
            },
        ]
        self.assertEqual(self.mine().hand_over(choices), [])
        self.assertEqual(given.sudo().user_id, self.agent_elsewhere)
        moved = moved.sudo()
        self.assertEqual((moved.state, moved.queue_id), ("new", self.queue2))
        self.assertFalse(moved.user_id)
        last = moved.change_ids[-1]
        self.assertEqual((last.what, last.reason), ("handed_over", "Sales"))

    def test_who_goes_home_is_told_of_all_who_wait_in_other_queues(self):
        self.capture(self.make_conversation(phone="34600111000"))
        elsewhere = self.make_conversation(phone="34600111001")
        elsewhere.sudo().queue_id = self.queue2
        (targets,) = self.mine().get_open_work()["targets"]
        waiting = {queue["id"]: queue["waiting"] for queue in targets["queues"]}
        self.assertEqual(waiting, {self.queue.id: 0, self.queue2.id: 1})

    def test_a_queue_of_another_company_is_no_choice(self):
        conversation = self.capture(self.make_conversation())
        choice = {"conversation_id": conversation.id, "choice": "queue"}
        (error,) = self.mine().hand_over([{**choice, "queue_id": self.other_queue.id}])
        self.assertIn("Choose a queue", error["error"])
        self.assertEqual(conversation.user_id, self.agent)

    def test_who_is_handed_a_conversation_is_told(self):
        """They were not asked: without a word it would lie there unseen."""
        conversation = self.capture(self.make_conversation())
        self.env.cr.precommit.run()
        before = self.env["bus.bus"].search([], order="id desc", limit=1).id
        self.mine().hand_over(
            [
                {
                    "conversation_id": conversation.id,
                    "choice": "user",
                    "user_id": self.agent2.id,
                }
            ]
        )
        self.env.cr.precommit.run()
        notices = [
            json.loads(row.message)["payload"]
            for row in self.env["bus.bus"].search([("id", ">", before)])
            if "whatsapp_omni.notice" in row.message
            and json.loads(row.channel)[2] == self.agent2.partner_id.id
        ]
        self.assertEqual(
            [(notice["conversation_id"], notice["title"]) for notice in notices],
            [(conversation.id, "Ana handed this conversation over to you")],
        )
        last = conversation.channel_id.sudo().message_ids.sorted("id")[-1]
        self.assertIn("Handed over to Luis", last.body)

    def test_what_cannot_be_handed_over_is_told(self):
        conversation = self.capture(self.make_conversation())
        choice = {"conversation_id": conversation.id, "choice": "user"}
        (error,) = self.mine().hand_over([{**choice, "user_id": self.outsider.id}])
        self.assertIn("agent", error["error"])
        self.assertEqual(conversation.user_id, self.agent)
        (error,) = self.mine(self.agent2).hand_over(
            [{"conversation_id": conversation.id, "choice": "queue"}]
        )
        self.assertIn("do not attend", error["error"])
