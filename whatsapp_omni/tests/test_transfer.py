# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Handing conversations over: to whom, how, and how they come back."""

import json
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WhatsAppOmniCommon


class TransferCommon(WhatsAppOmniCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.be(cls.agent | cls.agent2 | cls.agent_elsewhere, "available")

    @classmethod
    def be(cls, users, state):
        """Have agents in this state."""
        Agent = cls.env["whatsapp_omni.agent"]
        for user in users:
            agent = Agent.search([("user_id", "=", user.id)])
            agent = agent or Agent.create({"user_id": user.id})
            agent.write({"state": state, "last_seen_at": fields.Datetime.now()})

    def setUp(self):
        super().setUp()
        self.conversation = self.make_conversation()
        self.capture(self.conversation, self.agent)

    def transfer(self, to, kind="immediate", user=None, **kwargs):
        """Have somebody, Ana by default, transfer the conversation to ``to``."""
        target = {"user_id" if to._name == "res.users" else "queue_id": to.id}
        transfer_id = self.conversation.with_user(user or self.agent).action_transfer(
            **target, kind=kind, **kwargs
        )
        return self.env["whatsapp_omni.transfer"].browse(transfer_id)

    def run_jobs(self, after=0):
        """Do what the scheduled action does, in so many seconds."""
        Transfer = self.env["whatsapp_omni.transfer"]
        with freeze_time(fields.Datetime.now() + timedelta(seconds=after)):
            for transfer in Transfer.search([("state", "=", "pending")]):
                transfer._settle_due()

    def notices(self, user):
        """Return the events that this user's pages got about settled transfers."""
        self.env.cr.precommit.run()
        channel = f'"res.partner",{user.partner_id.id}]'
        rows = self.env["bus.bus"].sudo().search([("channel", "like", channel)])
        return [row.message for row in rows if "transfer_settled" in row.message]

    def sees(self, user):
        """Tell whether the conversation exists for this user."""
        self.env.invalidate_all()
        Conversation = self.conversation.browse().with_user(user)
        return bool(Conversation.search_count([("id", "=", self.conversation.id)]))

    def members(self):
        channel = self.conversation.channel_id.sudo()
        return channel.channel_member_ids.partner_id.user_ids

    def is_at(self, state, user=None, queue=None):
        """Check where the conversation is now."""
        self.env.invalidate_all()
        conversation = self.conversation
        self.assertEqual(conversation.state, state)
        self.assertEqual(conversation.user_id, user or self.env["res.users"])
        self.assertEqual(conversation.queue_id, queue or self.queue)
        self.assertEqual(self.members(), conversation.user_id)
        if state == "attended" or conversation.transfer_id.state != "pending":
            self.assertFalse(conversation.transferred_by_id)
            self.assertFalse(conversation.offered_to_id | conversation.reserved_for_id)

    def agent_state(self, user):
        return self.env["whatsapp_omni.agent"].search([("user_id", "=", user.id)]).state

    def has_missed(self, user):
        """Check that the transfer that rang at ``user`` counts as not answered."""
        assignment = self.conversation.assignment_ids.filtered(
            lambda assignment: assignment.user_id == user
        )
        self.assertEqual(assignment.outcome, "missed")
        self.assertEqual(self.agent_state(user), "rona")

    def transcript(self):
        return "\n".join(
            self.env["mail.message"]
            .search(
                [
                    ("model", "=", "discuss.channel"),
                    ("res_id", "=", self.conversation.channel_id.id),
                    ("message_type", "=", "notification"),
                ]
            )
            .mapped("body")
        )


@tagged("post_install", "-at_install")
class TestTransferToAgent(TransferCommon):
    """It rings at a colleague, or waits for that one alone."""

    def test_immediate_rings_at_the_colleague(self):
        transfer = self.transfer(self.agent2)
        self.is_at("offered")
        self.assertEqual(self.conversation.offered_to_id, self.agent2)
        self.assertGreater(self.conversation.offered_until, fields.Datetime.now())
        self.assertEqual(
            (transfer.state, transfer.from_user_id), ("pending", self.agent)
        )

    def test_accepting_it(self):
        transfer = self.transfer(self.agent2)
        self.conversation.with_user(self.agent2).action_accept()
        self.is_at("attended", self.agent2)
        self.assertEqual(transfer.state, "accepted")
        self.assertEqual(transfer.settled_by_id, self.agent2)
        self.assertEqual(self.conversation.transfer_id, transfer)

    def test_the_sender_is_told_that_it_was_accepted(self):
        self.transfer(self.agent2)
        self.conversation.with_user(self.agent2).action_accept()
        (notice,) = self.notices(self.agent)
        self.assertIn("accepted", notice)

    def test_declining_it_leaves_it_to_the_queue(self):
        transfer = self.transfer(self.agent2)
        self.conversation.with_user(self.agent2).action_decline()
        self.is_at("new")
        self.assertEqual(transfer.state, "refused")
        self.assertIn("Luis did not want it", self.transcript())
        (notice,) = self.notices(self.agent)
        self.assertIn("refused", notice)

    def test_not_accepted_in_time_it_is_for_the_queue(self):
        transfer = self.transfer(self.agent2)
        self.run_jobs(after=5)
        self.is_at("offered")
        self.run_jobs(after=self.queue.offer_seconds + 1)
        self.is_at("new")
        self.assertEqual(
            (transfer.state, transfer.settled_by_id.id), ("expired", False)
        )
        self.assertEqual(len(self.notices(self.agent)), 1)
        self.capture(self.conversation, self.agent2)
        self.is_at("attended", self.agent2)

    def test_the_desk_tells_that_the_time_is_over(self):
        self.transfer(self.agent2)
        conversation = self.conversation.with_user(self.agent2)
        self.assertGreater(conversation.action_offer_ended(), 0)
        self.is_at("offered")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self.assertEqual(conversation.action_offer_ended(), 0)
        self.is_at("new")
        self.has_missed(self.agent2)

    def test_whoever_settles_it_the_end_is_the_same(self):
        """A queue that gives conversations out rings elsewhere, not there again."""
        self.queue.write(
            {"strategy": "round_robin", "agent_ids": [(4, self.agent2.id)]}
        )
        transfer = self.transfer(self.agent2)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self.be(self.agent | self.agent2, "available")
            self.conversation.with_user(self.agent2).action_offer_ended()
            self.env["whatsapp_omni.conversation"]._distribute()
        self.has_missed(self.agent2)
        self.assertEqual(transfer.state, "expired")
        self.assertEqual(self.conversation.offered_to_id, self.agent2.browse())

    def test_who_went_home_meanwhile_does_not_come_to_work_by_missing_it(self):
        self.transfer(self.agent2)
        self.be(self.agent2, "offline")
        self.run_jobs(after=self.queue.offer_seconds + 1)
        self.is_at("new")
        self.assertEqual(self.agent_state(self.agent2), "offline")

    def test_its_end_is_settled_though_no_page_is_open(self):
        self.transfer(self.agent2)
        cron = self.env.ref("whatsapp_omni.ir_cron_settle_transfers")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(triggers.call_at, self.conversation.offered_until)

    def test_nobody_else_takes_what_rings(self):
        self.transfer(self.agent2)
        self.queue.agent_ids |= self.agent_elsewhere
        with self.assertRaisesRegex(UserError, "(kept for|rings at) Luis"):
            self.capture(self.conversation, self.agent_elsewhere)

    def test_nobody_rings_at_who_is_not_there(self):
        for state in ("paused", "rona", "offline"):
            self.be(self.agent2, state)
            with self.assertRaisesRegex(UserError, "Luis is not available"):
                self.transfer(self.agent2)
        self.is_at("attended", self.agent)

    def test_exclusive_waits_for_one_alone_however_long(self):
        self.be(self.agent2, "offline")
        self.queue.agent_ids |= self.agent_elsewhere
        transfer = self.transfer(self.agent2, "exclusive")
        self.run_jobs(after=3600)
        self.is_at("new")
        self.assertEqual(self.conversation.reserved_for_id, self.agent2)
        with self.assertRaisesRegex(UserError, "(kept for|rings at) Luis"):
            self.capture(self.conversation, self.agent_elsewhere)
        self.capture(self.conversation, self.agent2)
        self.is_at("attended", self.agent2)
        self.assertEqual(transfer.state, "accepted")

    def test_exclusive_comes_back_when_refused(self):
        transfer = self.transfer(self.agent2, "exclusive", note="Es cliente suyo")
        transfer.with_user(self.agent2).action_refuse("Ya no")
        self.is_at("attended", self.agent)
        self.assertEqual((transfer.state, transfer.reason), ("refused", "Ya no"))
        self.assertIn("Luis did not want it · Ya no", self.transcript())
        self.assertEqual(self.conversation.change_ids[-1].what, "transfer_back")
        (notice,) = self.notices(self.agent)
        self.assertTrue(json.loads(notice)["payload"]["is_yours"])

    def test_why_it_came_back_is_read_in_the_language_of_who_reads(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.transfer(self.agent2, "exclusive").with_user(self.agent2).action_refuse(
            "Ya no"
        )
        spanish = self.conversation.with_user(self.agent).with_context(lang="es_ES")
        panel = spanish.get_panel()
        self.assertEqual(
            panel["changes"][-1]["reason"], "Luis no la ha querido · Ya no"
        )

    def test_what_cannot_come_back_is_for_the_queue(self):
        transfer = self.transfer(self.agent2, "exclusive")
        self.agent.active = False
        transfer.with_user(self.agent2).action_refuse()
        self.is_at("new")

    def test_only_who_it_waits_for_may_refuse_it(self):
        transfer = self.transfer(self.agent2, "exclusive")
        for user in (self.agent, self.supervisor):
            with self.assertRaises(AccessError):
                transfer.with_user(user).action_refuse()
        immediate = self.transfer(self.agent2, user=self.supervisor)
        with self.assertRaises(UserError):
            immediate.with_user(self.agent2).action_refuse()

    def test_an_agent_of_another_queue_sees_it_and_takes_it(self):
        """The queue stays the same; colleagues of the agent's own queue see nothing."""
        for kind in ("immediate", "exclusive"):
            with self.subTest(kind):
                conversation = self.conversation.with_user(self.agent_elsewhere)
                self.assertFalse(self.sees(self.agent_elsewhere))
                self.transfer(self.agent_elsewhere, kind)
                self.assertTrue(self.sees(self.agent_elsewhere))
                conversation.action_capture()
                self.is_at("attended", self.agent_elsewhere)
                self.transfer(self.agent, "exclusive", user=self.agent_elsewhere)
                self.capture(self.conversation, self.agent)
                self.assertFalse(self.sees(self.agent_elsewhere))

    def test_the_note_is_for_colleagues(self):
        self.provider_double.forms.clear()
        self.transfer(self.agent2, note="Pide <b>descuento</b>")
        self.send_outbox()
        self.assertEqual(self.provider_double.forms, [])
        self.assertIn("Luis · Pide &lt;b&gt;descuento&lt;/b&gt;", self.transcript())
        self.assertEqual(
            self.conversation._transfer_data()["note"], "Pide <b>descuento</b>"
        )
        with self.assertRaisesRegex(UserError, "1001 characters"):
            self.transfer(self.agent2, user=self.supervisor, note="x" * 1001)

    def test_who_cannot_get_it(self):
        self.agent_elsewhere.active = False
        for nobody in (
            self.agent,  # oneself
            self.outsider,
            self.other_agent,
            self.agent_elsewhere,
        ):
            with self.subTest(nobody.name), self.assertRaises(UserError):
                self.transfer(nobody, "exclusive")
        with self.assertRaisesRegex(UserError, "attends it already"):
            self.transfer(self.agent, "exclusive", user=self.supervisor)
        with self.assertRaises(UserError):
            self.conversation.with_user(self.agent).action_transfer()
        self.is_at("attended", self.agent)

    def test_who_leaves_gives_it_back(self):
        """An archived agent, or one who is no agent any more, keeps nobody waiting."""
        for leave in (
            {"active": False},
            {"group_ids": [(3, self.env.ref("whatsapp_omni.group_agent").id)]},
        ):
            with self.subTest(leave):
                transfer = self.transfer(self.agent2, "exclusive")
                self.agent2.write(leave)
                self.is_at("attended", self.agent)
                self.assertEqual(transfer.state, "expired")
                self.assertIn("Luis is not there any more", transfer.reason)
                self.agent2.write(
                    {
                        "active": True,
                        "group_ids": [
                            (4, self.env.ref("whatsapp_omni.group_agent").id)
                        ],
                    }
                )

    def leave_unnoticed(self, user):
        """Take the group from an agent by a way that tells us nothing."""
        group = self.env.ref("whatsapp_omni.group_agent")
        with patch.object(self.registry["res.users"], "_whatsapp_omni_rights_changed"):
            group.write({"user_ids": [(3, user.id)]})

    def test_whoever_left_unnoticed_is_found_by_the_job(self):
        self.transfer(self.agent2, "exclusive")
        self.leave_unnoticed(self.agent2)
        self.run_jobs()
        self.is_at("attended", self.agent)

    @mute_logger("odoo.addons.whatsapp_omni.tools.background")
    def test_one_that_cannot_be_settled_keeps_no_other_from_coming_back(self):
        other = self.make_conversation(phone="34600999777")
        self.capture(other, self.agent)
        other.with_user(self.agent).action_transfer(
            user_id=self.agent2.id, kind="exclusive"
        )
        self.transfer(self.agent2, "exclusive")
        self.leave_unnoticed(self.agent2)
        give_back = type(other)._give_back

        def fail(conversation, *args):
            if conversation == self.conversation:
                raise ValueError("for the test")
            return give_back(conversation, *args)

        with patch.object(type(other), "_give_back", fail):
            self.env["whatsapp_omni.transfer"]._settle_pending(lambda: None)
        self.env.invalidate_all()
        self.assertEqual((other.state, other.user_id), ("attended", self.agent))
        self.assertEqual(self.conversation.transfer_id.state, "pending")


@tagged("post_install", "-at_install")
class TestTransferToQueue(TransferCommon):
    """It waits for the agents of another queue."""

    def test_it_waits_there_and_is_taken(self):
        for kind in ("immediate", "exclusive"):
            with self.subTest(kind):
                transfer = self.transfer(self.queue2, kind, note="Quiere comprar")
                self.is_at("new", queue=self.queue2)
                self.assertIn(
                    "Transferred to Sales · Quiere comprar", self.transcript()
                )
                with self.assertRaises(AccessError):
                    self.capture(self.conversation, self.agent2)
                self.capture(self.conversation, self.agent_elsewhere)
                self.is_at("attended", self.agent_elsewhere, self.queue2)
                self.assertEqual(transfer.state, "accepted")
                self.transfer(self.queue, user=self.agent_elsewhere)
                self.capture(self.conversation, self.agent)

    def test_the_sender_sees_it_until_it_is_taken(self):
        self.transfer(self.queue2)
        self.assertTrue(self.sees(self.agent))
        Conversation = self.conversation.browse().with_user(self.agent)
        self.assertIn(
            self.conversation, Conversation.search(Conversation._inbox_domain())
        )
        self.capture(self.conversation, self.agent_elsewhere)
        self.assertFalse(self.sees(self.agent))

    def test_an_exclusive_one_may_be_sent_back_an_immediate_one_is_theirs(self):
        transfer = self.transfer(self.queue2, "exclusive")
        transfer.with_user(self.agent_elsewhere).action_refuse("No es nuestro")
        self.is_at("attended", self.agent)
        transfer = self.transfer(self.queue2)
        with self.assertRaises(UserError):
            transfer.with_user(self.agent_elsewhere).action_refuse()
        self.is_at("new", queue=self.queue2)

    def test_back_to_the_own_queue(self):
        self.transfer(self.queue)
        self.is_at("new")
        self.capture(self.conversation, self.agent2)
        self.is_at("attended", self.agent2)

    def test_supervisors_choose_the_kind_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        kind = self.env["ir.model.fields"]._get("whatsapp_omni.transfer", "kind")
        kind.selection_ids[0].with_context(lang="es_ES").name = "Inmediata"
        wizard = self.env["whatsapp_omni.transfer.wizard"]
        found = wizard.with_context(lang="es_ES").fields_get(["kind"])
        self.assertIn(("immediate", "Inmediata"), found["kind"]["selection"])

    def test_queues_that_cannot_get_it(self):
        archived = self.make_queue("Old", self.agent2, active=False)
        empty = self.make_queue("Empty", self.env["res.users"])
        for queue in (archived, empty, self.other_queue):
            with self.subTest(queue.name), self.assertRaises(UserError):
                self.transfer(queue)
        self.is_at("attended", self.agent)

    def test_a_queue_that_goes_gives_it_back(self):
        for kind, state, user in (
            ("exclusive", "attended", self.agent),
            ("immediate", "new", None),
        ):
            for change in ({"active": False}, {"agent_ids": [(5,)]}):
                with self.subTest(kind=kind, change=change):
                    queue = self.make_queue("Short-lived", self.agent2)
                    transfer = self.transfer(queue, kind)
                    queue.write(change)
                    self.is_at(state, user)
                    self.assertEqual(transfer.state, "expired")
                    if not user:
                        self.capture(self.conversation, self.agent)


@tagged("post_install", "-at_install")
class TestTransferEnds(TransferCommon):
    """Who may transfer, take back, and what else may happen meanwhile."""

    def test_taking_it_back(self):
        for to, kind in (
            (self.agent2, "immediate"),
            (self.agent2, "exclusive"),
            (self.queue2, "immediate"),
            (self.queue2, "exclusive"),
        ):
            with self.subTest(to=to.name, kind=kind):
                transfer = self.transfer(to, kind)
                transfer.with_user(self.agent).action_withdraw()
                self.is_at("attended", self.agent)
                self.assertEqual(transfer.state, "withdrawn")

    def test_too_late_to_take_it_back(self):
        transfer = self.transfer(self.agent2)
        self.conversation.with_user(self.agent2).action_accept()
        with self.assertRaisesRegex(UserError, "Luis has taken it already"):
            transfer.with_user(self.agent).action_withdraw()
        self.is_at("attended", self.agent2)

    def test_colleagues_do_not_take_it_back(self):
        transfer = self.transfer(self.agent2, "exclusive")
        with self.assertRaises(AccessError):
            transfer.with_user(self.agent2).action_withdraw()
        transfer.with_user(self.supervisor).action_withdraw()
        self.is_at("attended", self.agent)
        self.assertEqual(len(self.notices(self.agent)), 1)

    def test_only_the_agent_or_a_supervisor_transfers(self):
        with self.assertRaises(AccessError):
            self.transfer(self.queue2, user=self.agent2)
        with self.assertRaises(AccessError):
            self.transfer(self.queue2, user=self.other_supervisor)
        self.transfer(self.agent2, "exclusive", user=self.supervisor)
        self.is_at("new")

    def test_a_supervisors_transfer_comes_back_to_the_agent(self):
        transfer = self.transfer(self.agent2, "exclusive", user=self.supervisor)
        self.assertEqual(self.conversation.transferred_by_id, self.supervisor)
        transfer.with_user(self.agent2).action_refuse()
        self.is_at("attended", self.agent)
        self.assertEqual(len(self.notices(self.agent)), 1)
        self.assertEqual(len(self.notices(self.supervisor)), 1)

    def test_a_supervisor_passes_on_what_is_pending(self):
        first = self.transfer(self.agent2, "exclusive")
        second = self.transfer(self.queue2, user=self.supervisor)
        self.is_at("new", queue=self.queue2)
        self.assertEqual((first.state, second.state), ("withdrawn", "pending"))
        self.assertEqual(second.from_user_id, self.agent)

    def test_a_supervisor_transfers_what_nobody_has(self):
        self.conversation = self.make_conversation(phone="34600111777")
        transfer = self.transfer(self.agent2, "exclusive", user=self.supervisor)
        transfer.with_user(self.agent2).action_refuse()
        self.is_at("new")

    def test_a_second_click_is_one_transfer(self):
        first = self.transfer(self.agent2)
        self.assertEqual(self.transfer(self.agent2), first)
        with self.assertRaisesRegex(UserError, "Ana has transferred it to Luis"):
            self.transfer(self.queue2)

    def test_closing_it_meanwhile(self):
        transfer = self.transfer(self.agent2)
        self.conversation.with_user(self.supervisor).action_close()
        self.is_at("closed")
        self.assertEqual(transfer.state, "withdrawn")
        self.assertEqual(len(self.notices(self.agent)), 1)

    def test_the_window_closes_meanwhile(self):
        """What an agent had is not closed because it waits for another one."""
        self.transfer(self.agent2, "exclusive")
        self.conversation.window_end = fields.Datetime.now() - timedelta(minutes=1)
        self.env["whatsapp_omni.conversation"]._expire_round()
        self.env.invalidate_all()
        self.assertTrue(self.conversation.window_expired)
        self.is_at("new")
        self.capture(self.conversation, self.agent2)

    def test_what_fell_to_the_queue_is_kept_after_the_window_too(self):
        self.transfer(self.agent2)
        self.conversation.with_user(self.agent2).action_decline()
        self.conversation.window_end = fields.Datetime.now() - timedelta(minutes=1)
        self.env["whatsapp_omni.conversation"]._expire_round()
        self.is_at("new")

    def test_after_the_window(self):
        self.conversation.window_end = fields.Datetime.now() - timedelta(minutes=1)
        self.transfer(self.agent2)
        self.conversation.with_user(self.agent2).action_accept()
        self.is_at("attended", self.agent2)

    def test_what_is_parked_and_unanswered_follows(self):
        self.conversation.window_end = fields.Datetime.now() - timedelta(minutes=1)
        self.conversation.with_user(self.agent).action_park("Su pedido llegó")
        self.transfer(self.agent2, "exclusive")
        self.write_in("¿Hola?")
        self.send_outbox()
        self.is_at("new")
        self.assertEqual(self.provider_double.sent[-1]["text"], "Su pedido llegó")
        waiting = self.conversation.waiting_count
        self.assertGreater(waiting, 0)
        self.capture(self.conversation, self.agent2)
        self.assertEqual(self.conversation.waiting_count, waiting)

    def test_guests_leave(self):
        conversation = self.conversation
        conversation._hand_over({"guest_ids": [(4, self.agent_elsewhere.id)]})
        self.assertEqual(self.members(), self.agent | self.agent_elsewhere)
        self.transfer(self.agent2, "exclusive")
        self.assertFalse(conversation.guest_ids)
        self.is_at("new")

    def test_who_is_in_both_queues_does_not_see_it_go(self):
        """Their card changes; only those who lose sight of it lose the card."""
        self.queue2.agent_ids |= self.agent2
        gone = []
        Conversation = self.registry["whatsapp_omni.conversation"]
        with patch.object(
            Conversation, "_take_off", lambda _self, channels: gone.extend(channels)
        ):
            self.transfer(self.queue2)
        self.assertIn(self.supervisor, gone)
        self.assertNotIn(self.agent2, gone)
        self.assertNotIn(self.queue, gone)

    def test_the_former_agent_does_not_write_any_more(self):
        self.transfer(self.agent2, "exclusive")
        with self.assertRaises(UserError):
            self.conversation.channel_id.with_user(self.agent).message_post(
                body="Hola",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def test_history_is_append_only(self):
        transfer = self.transfer(self.agent2)
        for user in (self.agent, self.supervisor, self.administrator):
            with self.subTest(user.name):
                with self.assertRaises(AccessError):
                    transfer.with_user(user).write({"note": "x"})
                with self.assertRaises(AccessError):
                    transfer.with_user(user).unlink()

    def test_who_sees_which_transfers(self):
        transfer = self.transfer(self.queue2)
        for user, sees in (
            (self.agent, True),
            (self.agent_elsewhere, True),
            (self.agent2, False),
            (self.supervisor, True),
            (self.other_supervisor, False),
        ):
            with self.subTest(user.name):
                found = transfer.with_user(user).search([("id", "=", transfer.id)])
                self.assertEqual(bool(found), sees)

    def test_an_ordinary_push_asks_nothing_more(self):
        """Most conversations were never transferred."""
        self.env.invalidate_all()
        self.conversation.read()
        with self.assertQueryCount(0):
            self.assertFalse(self.conversation._transfer_data())


@tagged("post_install", "-at_install")
class TestTransferTargets(TransferCommon):
    def targets(self):
        return self.conversation.with_user(self.agent).get_transfer_targets()

    def test_who_is_free_stands_first(self):
        self.be(self.agent2, "paused")
        agents = self.targets()["agents"]
        names = [agent["name"] for agent in agents]
        self.assertNotIn("Ana", names)
        self.assertNotIn("Otto", names)
        self.assertNotIn("Odile", names)
        self.assertEqual(names[:2], ["Eva", "Luis"])
        self.assertEqual(
            [(a["state"], a["load"], a["is_in_queue"]) for a in agents[:2]],
            [("available", 0, False), ("paused", 0, True)],
        )

    def test_load_and_availability(self):
        other = self.make_conversation(phone="34600111778")
        self.capture(other, self.agent2)
        self.make_conversation(phone="34600111779")
        targets = self.targets()
        (luis,) = [a for a in targets["agents"] if a["id"] == self.agent2.id]
        self.assertEqual(luis["load"], 1)
        support, sales = (
            next(q for q in targets["queues"] if q["id"] == queue.id)
            for queue in (self.queue, self.queue2)
        )
        self.assertEqual(
            (support["available"], support["agents"], support["waiting"]), (2, 2, 1)
        )
        self.assertTrue(support["is_current"])
        self.assertFalse(sales["is_current"])
        self.assertNotIn(self.other_queue.id, [q["id"] for q in targets["queues"]])
