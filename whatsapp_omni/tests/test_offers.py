# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A conversation rings: accepted, declined, missed, withdrawn."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError

from .common import WhatsAppOmniCommon


class OfferCase(WhatsAppOmniCommon):
    heard = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.queue.write({"strategy": "round_robin", "capacity": 2})

    def be(self, state, *users):
        for user in users:
            self.env["whatsapp_omni.agent"].with_user(user).set_state(state)

    def row(self, user):
        return self.env["whatsapp_omni.agent"].search([("user_id", "=", user.id)])

    def distribute(self):
        """Give out all that can be given, as a process would after an answer."""
        without = []
        while self.env["whatsapp_omni.conversation"]._distribute(without=without):
            continue

    def wait(self, number=0, **kwargs):
        """Have a customer write; return the conversation, given out if possible."""
        conversation = self.make_conversation(phone=f"3460022200{number}", **kwargs)
        self.distribute()
        return conversation

    def let_time_pass(self, conversation):
        conversation.offered_until = fields.Datetime.now() - timedelta(seconds=1)


class TestOffers(OfferCase):
    def flush_bus(self):
        """Return the kinds and payloads on the bus since the last call."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([("id", ">", self.heard)], order="id")
        self.heard = max(rows.ids, default=self.heard)
        messages = [json.loads(row.message) for row in rows]
        return [(message["type"], message["payload"]) for message in messages]

    def test_strangers_learn_nothing_of_a_conversation_by_answering_it(self):
        self.be("available", self.agent)
        conversation = self.wait()
        conversation.with_user(self.agent).action_accept()
        for user in (self.outsider, self.other_agent, self.agent_elsewhere):
            for answer in ("action_accept", "action_decline"):
                with self.subTest(user=user.login, answer=answer):
                    with self.assertRaisesRegex(UserError, "This offer is over"):
                        getattr(conversation.with_user(user), answer)()

    def test_ringing_and_accepted(self):
        self.be("available", self.agent)
        conversation = self.wait()
        self.assertEqual(conversation.state, "offered")
        self.assertEqual(conversation.offered_to_id, self.agent)
        left = conversation.with_user(self.agent).action_offer_ended()
        self.assertTrue(0 < left <= 30)
        conversation.with_user(self.agent).action_accept()
        conversation.with_user(self.agent).action_accept()  # a double click
        self.assertEqual(conversation.state, "attended")
        self.assertEqual(conversation.user_id, self.agent)
        self.assertFalse(conversation.offered_to_id or conversation.offered_until)
        self.assertEqual(conversation.assignment_ids.outcome, "accepted")
        self.assertEqual(
            conversation.change_ids.mapped("what"), ["opened", "offered", "accepted"]
        )
        self.assertEqual(
            conversation.channel_id.channel_member_ids.partner_id,
            self.agent.partner_id,
        )

    def test_the_reason_is_kept_and_read_in_the_timeline(self):
        self.be("available", self.agent)
        self.be("paused", self.agent2)
        conversation = self.wait()
        assignment = conversation.assignment_ids
        self.assertEqual(assignment.strategy, "round_robin")
        self.assertEqual(assignment.candidates[0]["user_id"], self.agent.id)
        self.assertEqual(assignment.candidates[0]["capacity"], 2)
        (skipped,) = assignment.skipped
        self.assertEqual(
            (skipped["user_id"], skipped["why"]), (self.agent2.id, "paused")
        )
        opened, offered = conversation.with_user(self.agent).get_panel()["changes"]
        self.assertEqual(offered["reason"], "Ana · in turn · 1 of 2 agents free")
        self.assertEqual(offered["candidates"], "Ana: 0 of 2, idle for 0 min")
        self.assertEqual(offered["skipped"], "Luis: paused")
        self.assertFalse(opened["candidates"] or opened["skipped"])

    def test_the_reason_is_read_in_the_language_of_who_reads(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.be("available", self.agent)
        self.be("paused", self.agent2)
        conversation = self.wait()
        spanish = conversation.with_user(self.agent).with_context(lang="es_ES")
        panel = spanish.get_panel()
        self.assertEqual(
            panel["changes"][-1]["reason"],
            "Ana · por turnos · 1 de 2 agentes libres",
        )
        assignment = conversation.assignment_ids.with_context(lang="es_ES")
        self.assertEqual(assignment.explanation, "por turnos · 1 de 2 agentes libres")
        self.assertEqual(assignment.skipped_text, "Luis: en pausa")

    def test_declined_rings_at_the_next_one_and_not_again(self):
        self.be("available", self.agent, self.agent2)
        conversation = self.wait()
        first = conversation.offered_to_id
        other = (self.agent | self.agent2) - first
        conversation.with_user(first).action_decline()
        self.distribute()
        self.assertEqual(conversation.offered_to_id, other)
        conversation.with_user(other).action_decline()
        self.distribute()
        self.assertEqual(conversation.state, "new")
        self.assertEqual(self.row(first).state, "available")
        self.assertEqual(
            set(conversation.assignment_ids.mapped("outcome")), {"declined"}
        )
        self.capture(conversation, other)  # nobody hinders them to think again
        self.assertEqual(conversation.user_id, other)

    def test_missed_makes_rona_and_rings_at_the_next_one(self):
        self.be("available", self.agent)
        conversation, second = self.wait(), self.wait(1)
        self.assertEqual(second.offered_to_id, self.agent)
        self.be("available", self.agent2)
        self.let_time_pass(conversation)
        self.assertEqual(conversation.with_user(self.agent).action_offer_ended(), 0)
        self.distribute()
        self.assertEqual(self.row(self.agent).state, "rona")
        self.assertEqual(conversation.offered_to_id, self.agent2)
        self.assertEqual(second.offered_to_id, self.agent2)
        self.assertIn("missed", conversation.assignment_ids.mapped("outcome"))
        self.assertIn("withdrawn", second.assignment_ids.mapped("outcome"))
        with self.assertRaisesRegex(UserError, "over"):
            conversation.with_user(self.agent).action_accept()
        self.be("available", self.agent)
        self.assertEqual(self.row(self.agent).state, "available")

    def test_late_but_not_settled_yet_is_in_time(self):
        self.be("available", self.agent)
        conversation = self.wait()
        self.let_time_pass(conversation)
        conversation.with_user(self.agent).action_accept()
        self.distribute()
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(self.row(self.agent).state, "available")

    def test_nobody_there_leaves_it_for_whoever_comes(self):
        conversation = self.wait()
        self.assertEqual(conversation.state, "new")
        self.be("available", self.agent2)
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent2)

    def test_pausing_withdraws_what_rings(self):
        self.be("available", self.agent)
        conversation = self.wait()
        self.be("paused", self.agent)
        self.distribute()
        self.assertEqual(conversation.state, "new")
        self.assertEqual(conversation.assignment_ids.outcome, "withdrawn")

    def test_transferred_while_it_rings_it_rings_there_instead(self):
        self.be("available", self.agent)
        conversation = self.wait()
        self.be("available", self.agent2)
        conversation.with_user(self.supervisor).action_transfer(user_id=self.agent2.id)
        self.assertEqual(conversation.offered_to_id, self.agent2)
        self.assertEqual(
            conversation.assignment_ids.sorted("id").mapped("outcome"),
            ["withdrawn", "offered"],
        )

    def test_ringing_is_nobody_elses(self):
        self.be("available", self.agent)
        conversation = self.wait()
        with self.assertRaisesRegex(UserError, "rings at Ana"):
            self.capture(conversation, self.agent2)
        with self.assertRaises(UserError):
            conversation.with_user(self.agent2).action_accept()
        with self.assertRaises(UserError):
            conversation.with_user(self.agent2).action_decline()
        self.capture(conversation, self.agent)  # another way to accept
        self.assertEqual(conversation.assignment_ids.outcome, "accepted")

    def test_closing_what_rings_ends_the_offer(self):
        self.be("available", self.agent)
        conversation = self.wait()
        conversation.with_user(self.supervisor).action_close()
        self.assertEqual(conversation.assignment_ids.outcome, "withdrawn")
        self.assertFalse(conversation.offered_to_id)
        with self.assertRaisesRegex(UserError, "closed"):
            conversation.with_user(self.agent).action_accept()

    def test_given_without_asking(self):
        self.queue.offer_seconds = 0
        self.be("available", self.agent)
        conversation = self.wait()
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(conversation.assignment_ids.outcome, "given")
        self.assertEqual(conversation.change_ids[-1].what, "given")

    def test_an_agent_who_leaves_the_queue_strands_nothing(self):
        self.be("available", self.agent)
        conversation = self.wait()
        self.queue.agent_ids -= self.agent
        self.distribute()
        self.assertEqual(conversation.state, "new")

    def test_an_archived_agent_strands_nothing(self):
        self.be("available", self.agent)
        conversation, kept = self.wait(), self.wait(1)
        kept.write({"state": "new", "reserved_for_id": self.agent.id})
        self.agent.active = False
        self.distribute()
        self.assertEqual((conversation.state, kept.state), ("new", "new"))
        self.assertFalse(kept.reserved_for_id)

    def test_who_is_no_agent_any_more_is_offered_nothing(self):
        """Their pages say nothing about it, and their queues still name them."""
        changes = (
            {"group_ids": [(3, self.env.ref("whatsapp_omni.group_agent").id)]},
            {
                "company_id": self.other_company.id,
                "company_ids": [(6, 0, self.other_company.ids)],
            },
        )
        for number, change in enumerate(changes):
            user = self._create_user(f"wa_leaving{number}", "Leo", "group_agent")
            self.queue.agent_ids = user
            self.be("available", user)
            ringing, kept = self.wait(2 * number), self.wait(2 * number + 1)
            self.assertEqual(ringing.offered_to_id, user)
            kept.write({"state": "new", "reserved_for_id": user.id})
            user.write(change)
            self.distribute()
            self.assertEqual((ringing.state, kept.state), ("new", "new"), change)
            self.assertFalse(kept.reserved_for_id)
            for conversation in ringing | kept:  # leave nothing to the next one
                conversation._close()

    def test_what_is_held_by_others_counts_as_nothing_done(self):
        """A round that could do nothing says so: who calls it would go in circles."""
        kept = self.wait()
        kept.reserved_for_id = self.agent
        self.agent.active = False
        Conversation = self.env["whatsapp_omni.conversation"]
        nothing = patch.object(type(kept), "_lock_free", lambda c: c.browse())
        with nothing:
            self.assertEqual(Conversation._distribute(), 0)
        self.assertTrue(kept.reserved_for_id)
        self.assertEqual(Conversation._distribute(), 1)
        self.assertFalse(kept.reserved_for_id)

    def test_an_archived_queue_goes_on_until_it_is_empty(self):
        queue = self.make_queue("Old", self.agent, strategy="round_robin")
        conversation = self.wait()
        conversation.queue_id = queue
        queue.active = False
        self.be("available", self.agent)
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent)

    def test_kept_for_one_agent(self):
        conversation = self.wait()
        conversation.reserved_for_id = self.agent_elsewhere
        self.be("available", self.agent)
        self.distribute()
        self.assertEqual(conversation.state, "new")
        with self.assertRaisesRegex(UserError, "kept for Eva"):
            self.capture(conversation, self.agent)
        self.be("available", self.agent_elsewhere)
        self.distribute()
        self.assertEqual(conversation.offered_to_id, self.agent_elsewhere)
        conversation.with_user(self.agent_elsewhere).action_accept()
        self.assertEqual(conversation.user_id, self.agent_elsewhere)
        self.assertFalse(conversation.reserved_for_id)

    def test_who_reads_why(self):
        self.be("available", self.agent)
        assignment = self.wait().assignment_ids
        for user in (self.agent, self.agent2, self.supervisor):
            self.assertTrue(assignment.with_user(user).has_access("read"), user.name)
            self.assertFalse(assignment.with_user(user).has_access("write"), user.name)
        for user in (self.agent_elsewhere, self.other_supervisor, self.outsider):
            self.assertFalse(assignment.with_user(user).has_access("read"), user.name)

    def test_the_screens_are_told(self):
        self.be("available", self.agent)
        self.flush_bus()
        conversation = self.wait()
        conversation.with_user(self.agent).action_decline()
        heard = self.flush_bus()
        kinds = [kind for kind, _payload in heard]
        self.assertIn("whatsapp_omni.offered", kinds)
        self.assertIn("whatsapp_omni.offer_ended", kinds)
        payloads = dict(heard)
        self.assertEqual(
            payloads["whatsapp_omni.offered"],
            {"conversation_id": conversation.id, "seconds": 30},
        )
        self.assertEqual(
            payloads["whatsapp_omni.offer_ended"],
            {"conversation_id": conversation.id, "why": "declined"},
        )
