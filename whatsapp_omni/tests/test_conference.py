# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Conference and supervision: several colleagues, one customer."""

import json
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .common import WhatsAppOmniCommon


class TogetherCommon(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.write_in("Hola", phone="34600000041")
        self.capture(self.conversation)
        self.channel = self.conversation.channel_id

    def invite(self, user=None, **kwargs):
        """Have the agent ask somebody; return the invitation."""
        conversation = self.conversation.with_user(self.agent)
        if user:
            kwargs["user_id"] = user.id
        return self.env["whatsapp_omni.invitation"].browse(
            conversation.action_invite(**kwargs)
        )

    def join(self, user):
        self.invite(user).with_user(user).action_join()

    def timeline(self):
        self.env.invalidate_all()
        return self.conversation.change_ids.mapped("what")

    def reasons(self):
        self.env.invalidate_all()
        return [(c.what, c.reason) for c in self.conversation.change_ids]

    def members(self):
        self.env.invalidate_all()
        return self.channel.channel_member_ids.partner_id.main_user_id


@tagged("post_install", "-at_install")
class TestConference(TogetherCommon):
    def test_asked_joined_and_both_write(self):
        invitation = self.invite(self.agent2, note="She wants a refund")
        self.assertEqual(self.conversation.invitation_count, 1)
        invitation.with_user(self.agent2).action_join()
        self.assertEqual(invitation.state, "joined")
        self.assertEqual(invitation.user_id, self.agent2)
        self.assertEqual(self.conversation.user_id, self.agent)
        self.assertEqual(self.conversation.guest_ids, self.agent2)
        self.assertEqual(self.members(), self.agent | self.agent2)
        self.assertFalse(self.conversation.invitation_count)
        self.answer(self.conversation.with_user(self.agent), "Buenas")
        self.answer(self.conversation.with_user(self.agent2), "Soy *Luis*")
        self.send_outbox()
        self.assertEqual(
            [message["text"] for message in self.provider_double.sent],
            ["*Ana:*\nBuenas", "*Luis:*\nSoy *Luis*"],
        )
        self.assertEqual(self.conversation.last_text, "Luis: Soy Luis")
        self.assertEqual(self.timeline()[-2:], ["invited", "joined"])

    def test_a_guest_sends_whatever_an_agent_sends(self):
        self.join(self.agent_elsewhere)
        as_guest = self.conversation.with_user(self.agent_elsewhere)
        template = self.make_template()
        self.assertIn(template.id, [found["id"] for found in as_guest.get_templates()])
        as_guest.action_send_template(template.id, ["Lucía"])
        place = {"latitude": 40.4168, "longitude": -3.7038}
        as_guest.action_send_built("location", place)
        with self.assertRaises(UserError):
            self.conversation.with_user(self.agent2).action_send_template(
                template.id, ["Lucía"]
            )
        self.send_outbox()
        kinds = self.conversation.message_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds[-2:], ["template", "location"])

    def test_quick_replies_of_the_queue_are_for_guests_of_another(self):
        self.join(self.agent_elsewhere)
        Template = self.env["whatsapp_omni.message.template"]
        reply = Template.create(
            {
                "name": "Where",
                "shortcut": "where",
                "kind": "location",
                "latitude": 40.4168,
                "longitude": -3.7038,
                "queue_ids": [Command.set(self.queue.ids)],
            }
        )
        found = Template.with_user(self.agent_elsewhere).get_quick_replies(
            self.conversation.id
        )
        self.assertIn(reply.id, [row["id"] for row in found])
        Template.with_user(self.agent_elsewhere).send_quick_reply(
            self.channel.id, reply.id
        )
        message = self.conversation.message_ids.sorted("id")[-1]
        self.assertEqual(message.message_template_id, reply)

    def test_a_question_is_signed_as_well(self):
        self.join(self.agent2)
        as_guest = self.conversation.with_user(self.agent2)
        options = {"options": [{"title": "Sí"}, {"title": "No"}]}
        as_guest.action_send_built("quick_reply", options, "¿Le ayudo?")
        self.send_outbox()
        sent = self.provider_double.sent[-1]["content"]["text"]
        self.assertEqual(sent, "*Luis:*\n¿Le ayudo?")
        mail = self.conversation.message_ids.sorted("id")[-1].mail_message_id
        self.assertNotIn("Luis:", mail.body)
        with self.assertRaisesRegex(UserError, "1024|1,024"):
            as_guest.action_send_built("quick_reply", options, "x" * 1020)

    def test_names_are_told_to_customers_only_where_the_queue_wants_it(self):
        self.queue.sign_in_conference = False
        self.join(self.agent2)
        self.answer(self.conversation.with_user(self.agent2), "Buenas")
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["text"], "Buenas")

    def test_what_it_is_about_is_masked_and_short(self):
        invitation = self.invite(self.agent2, note="Card 4111 1111 1111 1111")
        self.assertNotIn("4111 1111 1111", invitation.note)
        with self.assertRaisesRegex(UserError, "1000"):
            self.invite(self.agent_elsewhere, note="x" * 1001)

    def test_nobody_is_asked_through_a_queue_of_another_company(self):
        """Not even who works for both: its name would be in our timeline."""
        self.agent2.company_ids |= self.other_company
        self.other_queue.agent_ids |= self.agent2
        with self.assertRaises(UserError):
            self.invite(queue_id=self.other_queue.id)

    def test_when_one_has_joined_nobody_else_is_asked_any_more(self):
        self.queue2.agent_ids |= self.agent2
        invitation = self.invite(queue_id=self.queue2.id)
        invitation.with_user(self.agent2).action_join()
        pending = self.env["whatsapp_omni.invitation"].with_user(self.agent_elsewhere)
        self.assertFalse(pending._pending_of_user())
        self.env.cr.precommit.run()
        channel = f'"res.partner",{self.agent_elsewhere.partner_id.id}]'
        rows = self.env["bus.bus"].sudo().search([("channel", "like", channel)])
        told = [
            row.message for row in rows if "whatsapp_omni.invitation" in row.message
        ]
        self.assertIn("_DELETE", told[-1])

    def test_alone_nobody_signs(self):
        self.answer(self.conversation.with_user(self.agent), "Buenas")
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["text"], "Buenas")

    def test_a_colleague_of_no_queue_here_reads_after_joining(self):
        as_guest = self.conversation.with_user(self.agent_elsewhere)
        invitation = self.invite(self.agent_elsewhere)
        self.assertFalse(as_guest.has_access("read"))
        invitation.with_user(self.agent_elsewhere).action_join()
        self.assertTrue(as_guest.has_access("read"))
        self.assertTrue(self.channel.with_user(self.agent_elsewhere).has_access("read"))
        as_guest.action_leave()
        self.assertFalse(as_guest.has_access("read"))
        self.assertEqual(self.members(), self.agent)
        self.assertEqual(self.timeline()[-1], "left")

    def test_of_a_queue_the_first_joins(self):
        invitation = self.invite(queue_id=self.queue2.id)
        self.queue2.agent_ids |= self.agent2
        self.assertEqual(invitation.asked_ids, self.agent_elsewhere)
        invitation.with_user(self.agent_elsewhere).action_join()
        other = self.invite(queue_id=self.queue.id)
        self.assertEqual(other.asked_ids, self.agent2)

    def test_second_to_join_is_told_who_was_first(self):
        self.queue2.agent_ids |= self.agent2
        invitation = self.invite(queue_id=self.queue2.id)
        invitation.with_user(self.agent2).action_join()
        with self.assertRaisesRegex(UserError, "Luis"):
            invitation.with_user(self.agent_elsewhere).action_join()
        self.assertEqual(self.conversation.guest_ids, self.agent2)

    def test_refused_by_the_last_who_is_asked(self):
        self.queue2.agent_ids |= self.agent2
        invitation = self.invite(queue_id=self.queue2.id)
        invitation.with_user(self.agent2).action_refuse()
        self.assertEqual(invitation.state, "pending")
        invitation.with_user(self.agent_elsewhere).action_refuse()
        self.assertEqual(invitation.state, "refused")
        self.assertFalse(self.conversation.guest_ids)
        self.assertEqual(self.timeline()[-1], "uninvited")

    def test_not_answered_in_time(self):
        invitation = self.invite(self.agent2)
        invitation.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env["whatsapp_omni.invitation"]._expire_late(lambda: None)
        self.env.invalidate_all()
        self.assertEqual(invitation.state, "expired")
        with self.assertRaises(UserError):
            invitation.with_user(self.agent2).action_join()

    def test_only_those_who_are_asked_join(self):
        invitation = self.invite(self.agent2)
        for user in (self.agent_elsewhere, self.outsider, self.supervisor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                invitation.with_user(user).action_join()
        with self.assertRaises(AccessError):
            invitation.with_user(self.agent2).action_withdraw()

    def test_only_its_agent_asks_and_nobody_strange(self):
        with self.assertRaises(UserError):
            self.conversation.with_user(self.agent2).action_invite(
                user_id=self.agent_elsewhere.id
            )
        for user in (self.agent, self.outsider, self.other_agent):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.invite(user)
        self.invite(self.agent2)
        with self.assertRaises(UserError):
            self.invite(self.agent2)

    def test_withdrawn(self):
        invitation = self.invite(self.agent2)
        invitation.with_user(self.agent).action_withdraw()
        self.assertEqual(invitation.state, "withdrawn")
        with self.assertRaises(UserError):
            invitation.with_user(self.agent2).action_join()

    def test_the_agent_ends_it(self):
        self.join(self.agent2)
        pending = self.invite(self.agent_elsewhere)
        with self.assertRaises(UserError):
            self.conversation.with_user(self.agent2).action_end_conference()
        self.conversation.with_user(self.agent).action_end_conference()
        self.assertEqual(self.members(), self.agent)
        self.assertFalse(self.conversation.has_guests)
        self.assertEqual(pending.state, "withdrawn")
        with self.assertRaises(UserError):
            self.answer(self.conversation.with_user(self.agent2))

    def test_closing_leaves_nobody_behind(self):
        self.join(self.agent2)
        pending = self.invite(self.agent_elsewhere)
        self.conversation.with_user(self.agent).action_close(farewell=False)
        self.assertFalse(self.members())
        self.assertFalse(self.conversation.guest_ids)
        self.assertEqual(pending.state, "withdrawn")

    def test_a_transfer_ends_it_and_guests_are_told(self):
        self.join(self.agent2)
        pending = self.invite(self.agent_elsewhere)
        self.env.cr.precommit.run()
        before = self.env["bus.bus"].search([], order="id desc", limit=1).id
        self.conversation.with_user(self.agent).action_transfer(
            queue_id=self.queue2.id, kind="exclusive"
        )
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].search([("id", ">", before)])
        channel = f'"res.partner",{self.agent2.partner_id.id}]'
        notices = [
            row.message
            for row in told
            if channel in row.channel and "whatsapp_omni.notice" in row.message
        ]
        self.assertEqual(len(notices), 1)
        self.assertIn("You take part no longer", notices[0])
        self.assertFalse(self.members())
        self.assertEqual(pending.state, "withdrawn")
        self.assertIn(("left", "Luis"), self.reasons())

    def notices_to(self, user, action):
        """Return the titles of what ``user`` is told when ``action`` is committed."""
        self.env.cr.precommit.run()
        Bus = self.env["bus.bus"]
        before = Bus.search([], order="id desc", limit=1).id
        action()
        self.env.cr.precommit.run()
        told = [
            (json.loads(row.channel)[1:], json.loads(row.message))
            for row in Bus.search([("id", ">", before)])
        ]
        return [
            message["payload"]["title"]
            for channel, message in told
            if channel == ["res.partner", user.partner_id.id]
            and message["type"] == "whatsapp_omni.notice"
        ]

    def assert_left_as_offline(self):
        self.assertFalse(self.conversation.guest_ids)
        self.assertEqual(self.members(), self.agent)
        self.assertEqual(self.conversation.user_id, self.agent)
        self.assertEqual(self.reasons()[-1], ("left", "Luis · went offline"))

    def test_a_guest_who_goes_offline_leaves(self):
        self.join(self.agent2)
        Agent = self.env["whatsapp_omni.agent"].with_user(self.agent2)
        Agent.set_state("available")
        told = self.notices_to(self.agent, lambda: Agent.set_state("offline"))
        self.assert_left_as_offline()
        self.assertEqual(told, ["Luis went offline and left"])

    def test_a_guest_who_pauses_stays(self):
        self.join(self.agent2)
        reason = self.env["whatsapp_omni.pause.reason"].search([], limit=1)
        agents = self.env["whatsapp_omni.agent"].with_user(self.agent2)
        agents.set_state("paused", reason.id)
        self.assertEqual(self.conversation.guest_ids, self.agent2)

    def test_a_guest_whom_a_supervisor_sends_offline_leaves(self):
        self.join(self.agent2)
        agents = self.env["whatsapp_omni.agent"]
        agents.with_user(self.agent2).set_state("available")
        row = agents.search([("user_id", "=", self.agent2.id)])
        row.with_user(self.supervisor).action_send_offline()
        self.assert_left_as_offline()

    def test_a_guest_who_closed_the_browser_leaves(self):
        self.join(self.agent2)
        agents = self.env["whatsapp_omni.agent"]
        agents.with_user(self.agent2).set_state("available")
        agents._end_absences()
        self.assertEqual(self.conversation.guest_ids, self.agent2)
        row = agents.search([("user_id", "=", self.agent2.id)])
        row.last_seen_at = fields.Datetime.now() - timedelta(minutes=6)
        told = self.notices_to(self.agent, agents._end_absences)
        self.assert_left_as_offline()
        self.assertEqual(told, ["Luis went offline and left"])

    def test_its_agent_who_goes_offline_keeps_it_with_its_guests(self):
        self.join(self.agent2)
        self.env["whatsapp_omni.agent"].with_user(self.agent).set_state("offline")
        self.assertEqual(self.conversation.user_id, self.agent)
        self.assertEqual(self.conversation.guest_ids, self.agent2)

    def test_whoever_gets_it_gets_no_guests(self):
        self.join(self.agent2)
        self.join(self.agent_elsewhere)
        self.conversation.user_id = self.agent2
        self.assertFalse(self.conversation.guest_ids)
        self.assertIn(self.agent2, self.members())
        self.assertNotIn(self.agent_elsewhere, self.members())

    def test_cards_tell_who_takes_part(self):
        self.join(self.agent2)
        self.invite(self.agent_elsewhere)
        store = Store().add(self.conversation.with_user(self.agent)).get_result()
        (data,) = store["whatsapp_omni.conversation"]
        self.assertEqual(data["guests"], [{"id": self.agent2.id, "name": "Luis"}])
        self.assertEqual([row["whom"] for row in data["invitations"]], ["Eva"])

    def test_whom_to_ask(self):
        found = self.conversation.with_user(self.agent).get_colleagues()
        names = {row["name"] for row in found["users"]}
        self.assertEqual(found["users"][0]["state"], "offline")
        self.env["whatsapp_omni.agent"].with_user(self.agent2).set_state("available")
        found = self.conversation.with_user(self.agent).get_colleagues()
        self.assertEqual(
            [(row["name"], row["state"]) for row in found["users"]][:1],
            [("Luis", "available")],
            "who can answer stands first",
        )
        self.assertLessEqual({"Luis", "Eva"}, names)
        self.assertNotIn("Ana", names)
        self.assertNotIn("Otto", names)
        with self.assertRaises(AccessError):
            self.conversation.with_user(self.agent_elsewhere).get_colleagues()


@tagged("post_install", "-at_install")
class TestSupervision(TogetherCommon):
    def test_watching_leaves_no_trace(self):
        before = self.env["whatsapp_omni.read.receipt"].search_count([])
        watched = self.channel.with_user(self.supervisor)
        watched.message_ids.set_message_done()
        self.assertTrue(watched.message_ids.mapped("body"))
        self.assertEqual(self.members(), self.agent)
        self.assertEqual(
            self.env["whatsapp_omni.read.receipt"].search_count([]), before
        )
        self.assertEqual(self.timeline()[-1], "captured")

    def test_whispering_is_for_the_agent_only(self):
        values = {"message_type": "comment", "subtype_xmlid": "mail.mt_note"}
        mail = self.channel.with_user(self.supervisor).message_post(
            body="Offer 10 %", **values
        )
        self.assertTrue(mail.sudo().whatsapp_omni_is_whisper)
        plain = self.channel.with_user(self.agent2).message_post(body="x", **values)
        self.assertFalse(plain.sudo().whatsapp_omni_is_whisper)
        self.send_outbox()
        self.assertFalse(self.provider_double.forms)

    def test_barging_in(self):
        self.conversation.with_user(self.supervisor).action_barge_in()
        self.conversation.with_user(self.supervisor).action_barge_in()
        self.assertEqual(self.conversation.guest_ids, self.supervisor)
        self.assertEqual(self.members(), self.agent | self.supervisor)
        self.assertEqual(self.timeline().count("barged_in"), 1)
        self.answer(self.conversation.with_user(self.supervisor), "Buenas")
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["text"], "*Sofía:*\nBuenas")

    def test_who_barges_in_is_asked_no_more(self):
        invitation = self.invite(self.supervisor)
        self.conversation.with_user(self.supervisor).action_barge_in()
        self.assertEqual(invitation.state, "joined")
        self.assertFalse(self.conversation.invitation_count)
        with self.assertRaises(UserError):
            invitation.with_user(self.supervisor).action_join()
        self.assertEqual(self.timeline()[-1], "barged_in")

    def test_taking_over(self):
        self.join(self.agent2)
        taken = self.conversation.with_user(self.supervisor)
        taken.action_take_over(self.agent.id)
        taken.action_take_over(self.agent.id)
        self.env.invalidate_all()
        self.assertEqual(self.conversation.user_id, self.supervisor)
        self.assertEqual(self.members(), self.supervisor)
        self.assertFalse(self.conversation.guest_ids)
        change = self.conversation.change_ids[-1]
        self.assertEqual((change.what, change.reason), ("taken_over", "Ana"))
        with self.assertRaises(UserError):
            self.answer(self.conversation.with_user(self.agent))

    def test_what_was_parked_is_at_work_again_when_taken_over(self):
        self.conversation.with_user(self.agent).action_put_aside()
        self.conversation.with_user(self.supervisor).action_take_over(self.agent.id)
        self.env.invalidate_all()
        self.assertFalse(self.conversation.parked_at)

    def test_a_supervisor_who_takes_part_takes_over(self):
        supervised = self.conversation.with_user(self.supervisor)
        supervised.action_barge_in()
        supervised.action_take_over(self.agent.id)
        self.assertEqual(self.timeline()[-2:], ["barged_in", "taken_over"])
        self.assertEqual(self.members(), self.supervisor)
        self.assertFalse(self.conversation.guest_ids)

    def test_not_from_somebody_else_than_was_seen(self):
        supervised = self.conversation.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "Ana"):
            supervised.action_take_over(self.agent2.id)
        self.assertEqual(self.conversation.user_id, self.agent)

    def test_supervisors_only_and_attended_only(self):
        for user in (self.agent2, self.agent_elsewhere, self.other_supervisor):
            conversation = self.conversation.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    conversation.action_barge_in()
                with self.assertRaises(AccessError):
                    conversation.action_take_over(self.agent.id)
        waiting = self.write_in(phone="34600000042").with_user(self.supervisor)
        with self.assertRaises(UserError):
            waiting.action_barge_in()
        with self.assertRaises(UserError):
            waiting.action_take_over(self.agent.id)
