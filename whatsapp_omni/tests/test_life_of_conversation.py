# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import WhatsAppOmniCommon

#: What people and time usually do next, by the state of a conversation.
USUAL = {
    "new": (
        "capture",
        "distribute",
        "transfer_ends",
        "withdraw_transfer",
        "refuse_transfer",
        "go_to_work",
    ),
    "offered": (
        "accept",
        "decline",
        "offer_ends",
        "transfer_ends",
        "withdraw_transfer",
        "pause",
    ),
    "attended": (
        "answer",
        "park",
        "resume",
        "return_in_time",
        "transfer_now",
        "transfer_reserved",
        "transfer_to_queue",
        "invite",
        "join",
        "leave",
        "barge_in",
        "take_over",
        "close",
    ),
    "closed": ("write", "correct", "start", "write_up", "stop_writing_up"),
}
#: What may happen at any time.
UNUSUAL = (
    "write",
    "write_elsewhere",
    "go_home",
    "leave_group",
    "come_back_to_group",
    "window_ends",
    "route",
    "identify",
    "unidentify",
    "block",
    "unblock",
    "archive_queue",
    "archive_line",
    "restore",
)
#: Whatever it is, and whether it makes sense then or not.
ANY = tuple(
    dict.fromkeys((*UNUSUAL, *(step for steps in USUAL.values() for step in steps)))
)
LONGEST = 30

#: Stands for whoever has the conversation, or is asked to take it.
CONCERNED = 3


@tagged("post_install", "-at_install")
class TestLifeOfConversation(WhatsAppOmniCommon):
    """Whatever people do in whatever order, a conversation stays whole."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.queue.write(
            {
                "strategy": "least_busy",
                "offer_seconds": 20,
                "capacity": 3,
                "wrap_up": "optional",
            }
        )
        cls.template = cls.make_template(body="Hola de nuevo")
        cls.contact = cls.env["res.partner"].create({"name": "Lucía Gómez"})
        cls.agents_group = cls.env.ref("whatsapp_omni.group_agent")
        cls.people = (cls.agent, cls.agent2, cls.supervisor)

    @settings(
        max_examples=40,
        deadline=None,
        # To explain what it found takes longer than anybody waits.
        phases=set(Phase) - {Phase.explain},
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.integers(1, LONGEST))
    def test_random_walks_keep_the_invariants(self, data, length):
        savepoint = self.env.cr.savepoint()
        try:
            for user in (self.agent, self.agent2):
                self.env["whatsapp_omni.agent"].with_user(user).set_state("available")
            self.conversation = self.write_in()
            for _step in range(length):
                usual = st.sampled_from(USUAL[self.current().state])
                step = data.draw(usual | usual | st.sampled_from(ANY), "step")
                who = data.draw(st.sampled_from([CONCERNED] * 3 + [0, 1, 2]), "who")
                self.take(step, self.find_person(who))
                self.check_invariants(f"after {step} by {who}")
        finally:
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()
            self.env.registry.clear_cache()

    def find_person(self, who):
        if who != CONCERNED:
            return self.people[who]
        conversation = self.current()
        asked = self.invitation(conversation).asked_ids
        return (
            conversation.offered_to_id
            or conversation.reserved_for_id
            or asked[:1]
            or conversation.user_id
            or self.agent
        )

    def take(self, step, user):
        """Do something as ``user``. It may be refused in words, never otherwise."""
        try:
            with self.env.cr.savepoint():
                getattr(self, f"step_{step}")(self.current().with_user(user), user)
                self.env.flush_all()
        except (UserError, AccessError):
            self.env.invalidate_all()

    def current(self):
        """Return the newest conversation of the channel."""
        return self.conversation.channel_id.whatsapp_omni_conversation_id

    # --- steps -----------------------------------------------------------------------

    def step_write(self, _conversation, _user):
        self.write_in("And?")

    def step_write_elsewhere(self, _conversation, _user):
        self.write_in("Me too", phone="34600998877")

    def step_answer(self, conversation, _user):
        self.answer(conversation)

    def step_capture(self, conversation, _user):
        conversation.action_capture()

    def step_accept(self, conversation, _user):
        conversation.action_accept()

    def step_decline(self, conversation, _user):
        conversation.action_decline()

    def step_offer_ends(self, conversation, _user):
        if conversation.state == "offered":
            conversation.sudo().offered_until = fields.Datetime.now()
        conversation.action_offer_ended()

    def step_distribute(self, conversation, _user):
        conversation.sudo()._distribute()

    def step_park(self, conversation, _user):
        later = fields.Datetime.now() + timedelta(hours=1)
        conversation.action_put_aside(fields.Datetime.to_string(later))

    def step_resume(self, conversation, _user):
        conversation.action_resume()

    def step_return_in_time(self, conversation, _user):
        if conversation.parked_until:
            conversation.sudo().parked_until = fields.Datetime.now()
        conversation.sudo()._resume_round()

    def step_transfer_now(self, conversation, user):
        conversation.action_transfer(user_id=self.other_agent_than(user).id)

    def step_transfer_reserved(self, conversation, user):
        conversation.action_transfer(
            user_id=self.other_agent_than(user).id, kind="exclusive"
        )

    def step_transfer_to_queue(self, conversation, _user):
        conversation.action_transfer(queue_id=self.queue.id)

    def step_transfer_ends(self, conversation, _user):
        if conversation.state == "offered":
            conversation.sudo().offered_until = fields.Datetime.now()
        for transfer in self.pending_transfer(conversation).sudo():
            transfer._settle_due()

    def step_withdraw_transfer(self, conversation, _user):
        for transfer in self.pending_transfer(conversation):
            transfer.action_withdraw()

    def step_refuse_transfer(self, conversation, _user):
        for transfer in self.pending_transfer(conversation):
            transfer.action_refuse()

    def step_invite(self, conversation, user):
        conversation.action_invite(user_id=self.other_agent_than(user).id)

    def step_join(self, conversation, _user):
        for invitation in self.invitation(conversation):
            invitation.action_join()

    def step_leave(self, conversation, _user):
        conversation.action_leave()

    def step_barge_in(self, conversation, _user):
        conversation.action_barge_in()

    def step_take_over(self, conversation, _user):
        conversation.action_take_over(conversation.sudo().user_id.id)

    def step_pause(self, _conversation, user):
        self.env["whatsapp_omni.agent"].with_user(user).set_state("paused")

    def step_go_to_work(self, _conversation, user):
        self.env["whatsapp_omni.agent"].with_user(user).set_state("available")

    def step_go_home(self, conversation, user):
        self.env["whatsapp_omni.agent"].with_user(user).hand_over(
            [{"conversation_id": conversation.id, "choice": "queue"}]
        )

    def step_write_up(self, _conversation, user):
        """The time to write up ends."""
        Agent = self.env["whatsapp_omni.agent"]
        agent = Agent.search([("user_id", "=", user.id)])
        if agent.wrap_up_until:
            agent.wrap_up_until = fields.Datetime.now()
        Agent.with_user(user).heartbeat()

    def step_stop_writing_up(self, _conversation, user):
        self.env["whatsapp_omni.agent"].with_user(user).end_wrap_up()

    def step_leave_group(self, _conversation, user):
        if user != self.supervisor:
            user.sudo().group_ids -= self.agents_group

    def step_come_back_to_group(self, _conversation, user):
        user.sudo().group_ids |= self.agents_group

    def step_window_ends(self, conversation, _user):
        conversation.sudo().window_end = fields.Datetime.now()
        conversation.sudo()._expire_round()

    def step_route(self, conversation, _user):
        conversation.action_transfer(queue_id=self.queue2.id)

    def step_identify(self, conversation, _user):
        self.customer_of(conversation).action_identify(self.contact.id)

    def step_unidentify(self, conversation, _user):
        self.customer_of(conversation).action_identify(False)

    def step_block(self, conversation, _user):
        self.customer_of(conversation).with_user(self.supervisor).action_block()

    def step_unblock(self, conversation, _user):
        self.customer_of(conversation).with_user(self.supervisor).action_unblock()

    def step_archive_queue(self, _conversation, _user):
        self.line.queue_id = self.queue2
        self.queue.active = False

    def step_archive_line(self, _conversation, _user):
        self.line.active = False

    def step_restore(self, _conversation, _user):
        self.line.active = self.queue.active = True
        self.line.queue_id = self.queue

    def step_close(self, conversation, _user):
        conversation.action_close(self.disposition.id)

    def step_correct(self, conversation, _user):
        conversation.action_correct(self.disposition.id, note="After all")

    def step_start(self, conversation, _user):
        conversation.action_start(
            self.queue.id,
            self.template.id,
            {"customer_id": self.customer_of(conversation).id},
        )

    def customer_of(self, conversation):
        """Return its customer, for who does something."""
        return conversation.sudo().customer_id.with_user(conversation.env.user)

    def other_agent_than(self, user):
        return self.agent2 if user == self.agent else self.agent

    def pending_transfer(self, conversation):
        return (
            self.env["whatsapp_omni.transfer"]
            .with_user(conversation.env.user)
            .search(
                [("conversation_id", "=", conversation.id), ("state", "=", "pending")]
            )
        )

    def invitation(self, conversation):
        Invitation = self.env["whatsapp_omni.invitation"]
        return Invitation.with_user(conversation.env.user).search(
            [("conversation_id", "=", conversation.id), ("state", "=", "pending")],
            limit=1,
        )

    # --- what holds at any time ------------------------------------------------------

    def check_invariants(self, when):
        self.env.invalidate_all()
        channel = self.conversation.channel_id
        conversations = self.env["whatsapp_omni.conversation"].search(
            [("channel_id", "=", channel.id)]
        )
        is_open = conversations.filtered(lambda c: c.state != "closed")
        self.assertLessEqual(len(is_open), 1, when)
        for conversation in conversations:
            which = f"{when}, conversation {conversation.id} ({conversation.state})"
            self.check_whole(conversation, which)
            self.check_transfer(conversation, which)
            self.check_timeline(conversation, which)
        self.check_members(channel, when)

    def check_whole(self, conversation, when):
        state = conversation.state
        is_offered, is_attended = state == "offered", state == "attended"
        self.assertEqual(bool(conversation.offered_to_id), is_offered, when)
        self.assertEqual(bool(conversation.offered_until), is_offered, when)
        self.assertEqual(
            conversation.assignment_ids.mapped("outcome").count("offered"),
            int(is_offered),
            when,
        )
        if state not in ("attended", "closed"):
            self.assertFalse(conversation.user_id, when)
        if is_attended:
            self.assertTrue(conversation.user_id, when)
            self.assertFalse(conversation.reserved_for_id, when)
            self.assertFalse(conversation._departed(), when)
        else:
            self.assertFalse(conversation.parked_at, when)
            self.assertFalse(conversation.guest_ids, when)
        if state == "closed":
            self.assertFalse(conversation.reserved_for_id, when)
            self.assertTrue(conversation.close_reason, when)
        self.assertNotIn(conversation.user_id, conversation.guest_ids, when)

    def check_transfer(self, conversation, when):
        """What is on its way waits for somebody, and its sender may take it back."""
        pending = self.pending_transfer(conversation)
        self.assertLessEqual(len(pending), 1, when)
        self.assertEqual(conversation.transferred_by_id, pending.sender_id, when)
        if pending:
            self.assertIn(conversation.state, ("new", "offered"), when)
            self.assertEqual(conversation.transfer_id, pending, when)
            self.assertTrue(pending._is_possible(), when)

    def check_timeline(self, conversation, when):
        """Each change begins where the last one ended, and the last one ends here."""
        states = [
            (change.from_state, change.to_state)
            for change in conversation.change_ids.sorted("id")
            if change.to_state
        ]
        for (_before, ended), (begun, _after) in zip(states, states[1:], strict=False):
            self.assertEqual(begun, ended, when)
        self.assertEqual(states[-1][1], conversation.state, when)

    def check_members(self, channel, when):
        """Who writes to the customer is a member, and nobody else."""
        conversation = channel.whatsapp_omni_conversation_id
        writers = self.env["res.users"]
        if conversation.state == "attended":
            writers = conversation._participants()
        members = channel.channel_member_ids.partner_id
        self.assertEqual(members, writers.partner_id, when)
