# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Queues that give their conversations to agents."""

import json
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError

from .common import inbound
from .test_offers import OfferCase


class TestDistribution(OfferCase):
    def test_a_manual_queue_gives_nothing(self):
        self.queue.strategy = "manual"
        self.be("available", self.agent)
        self.assertEqual(self.wait().state, "new")

    def test_in_turn_and_never_over_capacity(self):
        self.be("available", self.agent, self.agent2)
        conversations = [self.wait(number) for number in range(5)]
        users = [conversation.offered_to_id for conversation in conversations]
        self.assertEqual(set(users[:2]), {self.agent, self.agent2})
        self.assertEqual(users[:2], users[2:4])
        self.assertEqual(conversations[4].state, "new")

    def test_given_the_moment_somebody_has_room(self):
        self.be("available", self.agent)
        first, _second, third = (self.wait(number) for number in range(3))
        first.with_user(self.agent).action_accept()
        self.assertEqual(third.state, "new")
        first.with_user(self.agent).action_close()
        self.distribute()
        self.assertEqual(third.offered_to_id, self.agent)

    def test_parked_takes_no_place(self):
        self.be("available", self.agent)
        first, _second, third = (self.wait(number) for number in range(3))
        first.with_user(self.agent).action_accept()
        first.parked_at = fields.Datetime.now()
        self.distribute()
        self.assertEqual(third.offered_to_id, self.agent)

    def test_own_capacity_and_weights(self):
        self.row(self.agent).capacity = 3
        self.queue.weight = 1.5
        self.be("available", self.agent)
        states = [self.wait(number).state for number in range(3)]
        self.assertEqual(states, ["offered", "offered", "new"])

    def test_most_urgent_first(self):
        """The priority of the queue, then of the customer, then the longest wait."""
        urgent = self.make_queue(
            "Urgent", self.agent, strategy="round_robin", priority="2", capacity=9
        )
        self.queue.capacity = 9
        old, late, customer, queue = (self.wait(number) for number in range(4))
        now = fields.Datetime.now()
        for conversation, minutes in ((old, 9), (late, 2), (customer, 1), (queue, 1)):
            conversation.waiting_since = now - timedelta(minutes=minutes)
        customer.customer_id.priority = "1"
        queue.queue_id = urgent
        self.be("available", self.agent)
        self.distribute()
        order = self.env["whatsapp_omni.assignment"].search([], order="id")
        self.assertEqual(
            order.conversation_id.ids, [queue.id, customer.id, old.id, late.id]
        )

    def test_a_supervisor_makes_a_customer_more_important(self):
        """And everybody who has their conversation in the inbox sees it at once."""
        conversation = self.wait()
        self.env["bus.bus"].search([]).unlink()
        customer = conversation.customer_id.with_user(self.supervisor)
        customer.priority = "2"
        self.env.cr.precommit.run()
        pushed = " ".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertIn('"customer_priority":"2"', pushed.replace(" ", ""))
        with self.assertRaises(AccessError):
            customer.wa_id = "34600000000"
        with self.assertRaises(AccessError):
            conversation.customer_id.with_user(self.agent).priority = "3"

    def test_last_agent_first(self):
        self.queue.last_agent_first = True
        former = self.capture(self.wait(), self.agent2)
        former.action_close()
        self.be("available", self.agent, self.agent2)
        conversation = self.wait()
        self.assertEqual(conversation.offered_to_id, self.agent2)
        self.assertIn("last agent", conversation.assignment_ids.reason)

    def test_skills_and_relaxing(self):
        skill = self.env["whatsapp_omni.skill"].create({"name": "French"})
        self.queue.write(
            {
                "strategy": "skills",
                "skill_ids": [Command.create({"skill_id": skill.id, "level": "3"})],
            }
        )
        self.be("available", self.agent)
        conversation = self.wait()
        self.assertEqual(conversation.state, "new")
        self.row(self.agent2).skill_ids = [
            Command.create({"skill_id": skill.id, "level": "4"})
        ]
        self.be("available", self.agent2)
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent2)
        skipped = conversation.assignment_ids.skipped_text
        self.assertEqual(skipped, "Ana: lacks French, level 3")
        self.be("paused", self.agent2)
        self.distribute()
        self.assertEqual(conversation.state, "new")
        with self.after_relaxing(conversation):
            self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent)
        self.assertIn("relaxed", conversation.assignment_ids[0].reason)

    def test_the_moment_of_relaxing_is_not_missed(self):
        """The page of who will have it looks again, and the scheduled action does."""
        self.require_skill(relax_seconds=10)
        self.be("available", self.agent)
        self.env["bus.bus"].search([]).unlink()
        conversation = self.wait()
        moment = conversation.queued_at + timedelta(seconds=10)
        self.assertEqual(self.moments_of_distribution(), [moment])
        (call,) = self.calls_to_look_again()
        self.assertTrue(0 < call["seconds"] <= 10)
        self.distribute()
        self.assertEqual(len(self.calls_to_look_again()), 1)
        with self.after_relaxing(conversation):
            with self.asks_for_distribution():
                self.env["whatsapp_omni.agent"].with_user(self.agent).look_again()
            self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent)

    def test_the_earliest_moment_of_relaxing_counts(self):
        """The others are looked for when it has come."""
        self.require_skill(relax_seconds=60)
        self.be("available", self.agent)
        early = self.make_conversation(phone="34600222000")
        late = self.make_conversation(phone="34600222001")
        early.queued_at -= timedelta(seconds=40)
        self.distribute()
        moment = early.queued_at + timedelta(seconds=60)
        self.assertEqual(self.moments_of_distribution(), [moment])
        with self.after_relaxing(early):
            self.distribute()
        moment = late.queued_at + timedelta(seconds=60)
        self.assertIn(moment, self.moments_of_distribution())

    def test_where_relaxing_helps_nobody_no_moment_is_noted(self):
        self.require_skill(relax_seconds=60)
        self.queue.capacity = 1
        self.be("available", self.agent)
        with self.after_relaxing(self.wait()):
            self.distribute()
            known = self.moments_of_distribution()
            self.assertEqual(self.wait(1).state, "new")
            self.assertEqual(self.moments_of_distribution(), known)

    def test_what_is_required_by_now_decides_at_once(self):
        self.require_skill(relax_seconds=60)
        requirement = self.queue.skill_ids
        for change in (
            lambda: self.queue.write({"skill_relax_seconds": 5}),
            lambda: requirement.write({"level": "1"}),
            lambda: self.queue.write({"skill_ids": [Command.clear()]}),
        ):
            with self.asks_for_distribution():
                change()

    def test_skills_of_the_chosen_option(self):
        skill = self.env["whatsapp_omni.skill"].create({"name": "Invoices"})
        self.queue.strategy = "skills"
        menu = self.env["whatsapp_omni.menu"].create(
            {
                "name": "Start",
                "body": "How can we help?",
                "option_ids": [
                    Command.create(
                        {
                            "title": "Invoices",
                            "queue_id": self.queue.id,
                            "skill_ids": [Command.create({"skill_id": skill.id})],
                        }
                    )
                ],
            }
        )
        self.line.write({"destination": "menu", "menu_id": menu.id})
        self.be("available", self.agent)
        conversation = self.wait()
        self.assertEqual(conversation.state, "menu")
        self.wait(text="Invoices")
        self.assertEqual(conversation.menu_option_id, menu.option_ids)
        self.assertEqual(conversation.state, "new")
        self.row(self.agent).skill_ids = [Command.create({"skill_id": skill.id})]
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent)

    def test_nothing_rings_where_no_browser_is_open(self):
        self.be("available", self.agent, self.agent2)
        self.env["mail.presence"].create(
            {"user_id": self.agent.id, "status": "offline"}
        )
        self.row(self.agent2).last_seen_at -= timedelta(minutes=10)
        self.assertEqual(self.wait().state, "new")

    def test_who_is_there_again_is_thought_of_at_once(self):
        """Odoo takes people as offline while they load a page anew."""
        self.be("available", self.agent)
        presence = self.env["mail.presence"].create(
            {"user_id": self.agent.id, "status": "offline"}
        )
        conversation = self.wait()
        self.assertFalse(self.moments_of_distribution())
        presence.status = "online"
        self.assertTrue(self.moments_of_distribution())
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent)

    def test_pages_of_people_who_take_nothing_wake_nobody(self):
        self.be("paused", self.agent)
        for user in self.agent | self.supervisor:
            self.env["mail.presence"].create({"user_id": user.id, "status": "online"})
        self.assertFalse(self.moments_of_distribution())

    def test_nothing_rings_while_writing_up(self):
        self.be("available", self.agent)
        row = self.row(self.agent)
        row.wrap_up_until = fields.Datetime.now() + timedelta(minutes=1)
        self.assertEqual(self.wait().state, "new")

    def test_the_end_of_writing_up_is_not_missed(self):
        """The page tells it, and the scheduled action knows it as well."""
        self.queue.write({"wrap_up": "optional", "wrap_up_seconds": 20})
        self.be("available", self.agent)
        conversation = self.wait()
        conversation.with_user(self.agent).action_accept()
        conversation.with_user(self.agent).action_close()
        row = self.row(self.agent)
        self.assertIn(row.wrap_up_until, self.moments_of_distribution())
        following = self.wait(1)
        self.assertEqual(following.state, "new")
        mine = self.beat()
        self.assertTrue(0 < mine["wrap_up_seconds"] <= 20)
        with freeze_time(row.wrap_up_until):
            with self.asks_for_distribution():
                mine = self.beat()
            self.assertEqual(mine["wrap_up_seconds"], 0)
            self.distribute()
        self.assertFalse(row.wrap_up_until)
        self.assertEqual(following.offered_to_id, self.agent)

    def test_who_ends_writing_up_early_gets_the_next_one_at_once(self):
        self.be("available", self.agent)
        row = self.row(self.agent)
        row.wrap_up_until = fields.Datetime.now() + timedelta(minutes=1)
        conversation = self.wait()
        with self.asks_for_distribution():
            self.env["whatsapp_omni.agent"].with_user(self.agent).end_wrap_up()
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent)

    def test_without_push_queues_no_moment_is_noted(self):
        self.queue.write({"strategy": "manual", "wrap_up": "optional"})
        conversation = self.capture(self.wait())
        conversation.action_close()
        self.assertTrue(self.row(self.agent).wrap_up_until)
        self.assertFalse(self.moments_of_distribution())

    def test_what_was_returned_does_not_come_back_at_once(self):
        self.be("available", self.agent)
        conversation = self.wait()
        conversation.with_user(self.agent).action_accept()
        self.env["whatsapp_omni.agent"].with_user(self.agent).hand_over(
            [{"conversation_id": conversation.id, "choice": "queue"}]
        )
        self.distribute()
        self.assertEqual(conversation.state, "new")

    def test_settings_that_make_no_sense_are_refused(self):
        for values in ({"weight": 0}, {"offer_seconds": 2}, {"capacity": -1}):
            with self.assertRaises(ValidationError):
                self.queue.write(values)

    def test_the_cost_does_not_grow_with_what_is_closed(self):
        def count_queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["whatsapp_omni.conversation"]._distribute()
            return self.env.cr.sql_log_count - before

        self.be("available", self.agent)
        self.wait(9)
        count_queries()
        few = count_queries()
        for number in range(6):
            conversation = self.make_conversation(phone=f"3460033300{number}")
            conversation.with_user(self.supervisor).action_close()
        self.assertEqual(count_queries(), few)

    def test_manual_queues_pay_nothing(self):
        """A message in an attended conversation asks for no distribution."""
        self.queue.strategy = "manual"
        conversation = self.capture(self.wait())

        def cost(text):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.receive(inbound(text=text, phone="34600222000"))
            return self.env.cr.sql_log_count - before

        cost("warm")
        plain = cost("one")
        self.make_queue("Other", self.agent_elsewhere, strategy="least_busy")
        cost("caches")
        self.assertEqual(cost("two"), plain)
        self.assertEqual(conversation.state, "attended")

    # --- helpers ---------------------------------------------------------------------

    def require_skill(self, relax_seconds):
        """Have the queue want what nobody knows, for so long."""
        skill = self.env["whatsapp_omni.skill"].create({"name": "French"})
        self.queue.write(
            {
                "strategy": "skills",
                "skill_relax_seconds": relax_seconds,
                "skill_ids": [Command.create({"skill_id": skill.id, "level": "3"})],
            }
        )

    def after_relaxing(self, conversation):
        seconds = conversation.queue_id.skill_relax_seconds
        return freeze_time(conversation.queued_at + timedelta(seconds=seconds))

    def beat(self):
        return self.env["whatsapp_omni.agent"].with_user(self.agent).heartbeat()

    @contextmanager
    def asks_for_distribution(self):
        """Check that what is done in here asks for a round."""
        Conversation = type(self.env["whatsapp_omni.conversation"])
        with patch.object(Conversation, "_ask_distribution") as ask:
            yield
        self.assertTrue(ask.called)

    def moments_of_distribution(self):
        """Return when the scheduled action is to look again, besides each minute."""
        cron = self.env.ref("whatsapp_omni.ir_cron_distribute")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        return triggers.mapped("call_at")

    def calls_to_look_again(self):
        """Return what pages of Ana were told about when to look again."""
        self.env.cr.precommit.run()
        channel = f'"res.partner",{self.agent.partner_id.id}]'
        rows = self.env["bus.bus"].search([("channel", "like", channel)])
        messages = [json.loads(row.message) for row in rows]
        return [m["payload"] for m in messages if m["type"].endswith("look_again")]
