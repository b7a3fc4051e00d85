# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Replies that wait for the customer to open the window."""

from unittest.mock import patch

from psycopg2.errors import DeadlockDetected

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import inbound
from .test_outgoing import OutgoingCommon


@tagged("post_install", "-at_install")
class TestParking(OutgoingCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.expired()
        self.Reply = self.env["whatsapp_omni.parked.reply"]

    def park(self, body="Su pedido está listo", **kwargs):
        """Have Ana park a reply; return it as she sees it."""
        self.conversation.action_park(body, **kwargs)
        return self.replies()[-1:].with_user(self.agent)

    def replies(self):
        return self.Reply.search([("conversation_id", "=", self.conversation.id)])

    def texts(self):
        return [sent.get("text") for sent in self.provider_double.sent]

    # --- delivery ------------------------------------------------------------------

    def test_it_leaves_when_the_customer_answers(self):
        reply = self.park()
        self.conversation.action_send_template(self.template.id)
        self.send_outbox()
        self.assertEqual(reply.state, "waiting")
        self.provider_double.forms.clear()

        self.write_in("Sí")
        self.send_outbox()

        self.assertEqual(self.texts(), ["Su pedido está listo"])
        self.assertEqual(reply.state, "queued")
        self.assertEqual(self.conversation.parked_count, 0)
        mail = reply.sudo().message_ids.mail_message_id
        self.assertEqual(mail.author_id, self.agent.partner_id)

    def test_what_the_customer_wrote_still_waits_for_an_answer(self):
        """The parked reply was written before it: somebody has to read it."""
        self.conversation.sudo().write({"waiting_count": 0, "waiting_since": False})
        self.park()
        self.write_in("¿Y la factura?")
        self.send_outbox()
        self.assertEqual(self.conversation.waiting_count, 1)
        self.assertEqual(self.conversation.last_text, "¿Y la factura?")

    def test_it_leaves_once_whatever_is_delivered_twice(self):
        self.park()
        body = inbound(text="Sí", wa_id="wamid.twice")
        self.receive(body, body)
        self.write_in("¿Hola?")
        self.send_outbox()
        self.assertEqual(self.texts(), ["Su pedido está listo"])

    def test_several_leave_in_their_order_with_their_files(self):
        photo = self.upload()
        self.park("Primero")
        self.park("Segundo", attachment_ids=photo.ids)
        self.write_in("Sí")
        self.send_outbox()
        first, second = self.provider_double.sent
        self.assertEqual(first["text"], "Primero")
        self.assertEqual((second["type"], second["caption"]), ("image", "Segundo"))
        self.assertTrue(photo.with_user(self.agent2).has_access("read"))

    def test_an_old_message_that_comes_late_opens_nothing(self):
        self.park()
        old = inbound(text="Hola de ayer", at=self.conversation.opened_at)
        old["timestamp"] -= 26 * 3600 * 1000
        self.receive(old)
        self.assertEqual(self.replies().state, "waiting")
        self.assertEqual(self.conversation.parked_count, 1)

    def test_a_reaction_opens_the_window_as_well(self):
        self.park()
        question = self.conversation.sudo().message_ids[-1:]
        self.receive(
            inbound("reaction", id=question.wa_id, emoji="👍", at=None),
        )
        self.assertEqual(self.replies().state, "queued")

    def test_one_that_cannot_be_sent_keeps_no_other(self):
        """Its text stays in the transcript; the customer's message is there."""
        self.park("Malo")
        self.park("Bueno")
        queue = type(self.Reply)._queue

        def fail_once(reply):
            if reply.body == "Malo":
                raise ValueError("Impossible")
            return queue(reply)

        with (
            patch.object(type(self.Reply), "_queue", fail_once),
            mute_logger("odoo.addons.whatsapp_omni.models.parked_reply"),
        ):
            self.write_in("Sí")
        self.send_outbox()
        self.assertEqual(self.replies().mapped("state"), ["cancelled", "queued"])
        self.assertEqual(self.texts(), ["Bueno"])
        notes = self.conversation.channel_id.sudo().message_ids.mapped("body")
        self.assertTrue(any("Malo" in note for note in notes))

    def test_trouble_of_the_moment_discards_nothing(self):
        """The database gave up a lock: the customer's message comes again, and then."""
        self.park()
        queue, trouble = type(self.Reply)._queue, [DeadlockDetected()]

        def fail_once(reply):
            if trouble:
                raise trouble.pop()
            return queue(reply)

        with (
            patch.object(type(self.Reply), "_queue", fail_once),
            mute_logger("odoo.addons.whatsapp_omni"),
        ):
            self.write_in("Sí")
            self.env["whatsapp_omni.event"].search([]).filtered(
                lambda event: event.state == "pending"
            ).next_try_at = False
            self.receive()
        self.send_outbox()
        self.assertEqual(self.replies().state, "queued")
        self.assertEqual(self.texts(), ["Su pedido está listo"])

    def test_one_whose_only_file_is_gone_is_not_called_sent(self):
        photo = self.upload()
        self.park("", attachment_ids=photo.ids)
        photo.sudo().unlink()
        with mute_logger("odoo.addons.whatsapp_omni.models.parked_reply"):
            self.write_in("Sí")
        self.assertEqual(self.replies().state, "cancelled")

    def test_the_first_answer_costs_no_query_more_where_nothing_is_parked(self):
        """Looking for what is parked is spared: the conversation tells."""
        self.conversation.action_send_template(self.template.id)
        self.send_outbox()
        self.write_in("Sí")
        conversation = self.conversation.sudo().with_env(self.env)
        self.assertTrue(conversation.window_open)  # read as for any message
        with self.assertQueryCount(0):
            self.assertEqual(conversation._answer_values(conversation.opened_at), {})
            conversation._deliver_parked()

    # --- parking -------------------------------------------------------------------

    def test_in_an_open_window_it_leaves_at_once(self):
        """The customer wrote while the agent did: nobody has to write it again."""
        self.write_in("Sigo aquí")
        self.assertEqual(self.conversation.action_park("Voy"), "queued")
        self.assertEqual(self.conversation.action_park("Voy"), "queued")  # two clicks
        self.send_outbox()
        self.assertEqual(self.texts(), ["Voy"])

    def test_two_agents_park_each_their_own(self):
        self.park("De Ana")
        self.conversation.sudo().user_id = self.agent2
        self.conversation.with_user(self.agent2).action_park("De Luis")
        self.assertEqual(self.conversation.parked_count, 2)
        self.write_in("Sí")
        self.send_outbox()
        self.assertEqual(self.texts(), ["De Ana", "De Luis"])
        authors = self.replies().message_ids.mail_message_id.author_id
        self.assertEqual(authors, (self.agent | self.agent2).partner_id)

    def test_a_second_click_parks_nothing(self):
        self.park("Una vez")
        self.park("Una vez")
        self.assertEqual(len(self.replies()), 1)

    def test_only_its_agent_parks(self):
        with self.assertRaisesRegex(UserError, "Take the conversation"):
            self.conversation.with_user(self.agent2).action_park("Hola")
        with self.assertRaises(AccessError):
            self.conversation.with_user(self.agent_elsewhere).action_park("Hola")

    def test_what_whatsapp_would_refuse_is_not_parked(self):
        for body in ("  ", "x" * 4097):
            with self.assertRaises(UserError):
                self.conversation.action_park(body)
        self.assertEqual(self.conversation.parked_count, 0)

    def test_who_may_read_the_conversation_sees_it_and_nobody_else(self):
        reply = self.park()
        self.assertTrue(reply.with_user(self.agent2).has_access("read"))
        self.assertTrue(reply.with_user(self.supervisor).has_access("read"))
        self.assertFalse(reply.with_user(self.agent_elsewhere).has_access("read"))
        self.assertFalse(reply.with_user(self.other_supervisor).has_access("read"))
        for user in (self.agent, self.supervisor, self.administrator):
            with self.assertRaises(AccessError):
                reply.with_user(user).write({"body": "Otra cosa"})

    # --- editing and discarding -----------------------------------------------------

    def test_it_is_changed_until_it_leaves(self):
        reply = self.park()
        reply.action_edit("Su pedido sale mañana")
        self.write_in("Sí")
        self.send_outbox()
        self.assertEqual(self.texts(), ["Su pedido sale mañana"])
        for change in (lambda: reply.action_edit("Tarde"), reply.action_cancel):
            with self.assertRaisesRegex(UserError, "was sent"):
                change()
        self.assertEqual(reply.sudo().body, "Su pedido sale mañana")

    def test_what_is_discarded_never_leaves(self):
        reply = self.park()
        reply.action_cancel()
        self.assertEqual(self.conversation.parked_count, 0)
        self.write_in("Sí")
        self.assertEqual(self.send_outbox(), 0)
        with self.assertRaisesRegex(UserError, "discarded already"):
            reply.action_cancel()

    def test_a_colleague_who_only_reads_changes_nothing(self):
        reply = self.park()
        with self.assertRaises(AccessError):
            reply.with_user(self.agent2).action_cancel()
        with self.assertRaises(AccessError):
            reply.with_user(self.agent_elsewhere).action_edit("Hola")

    def test_closing_asks_first_and_keeps_the_text(self):
        reply = self.park()
        with self.assertRaisesRegex(UserError, "parked"):
            self.conversation.action_close(self.disposition.id)
        self.assertEqual(self.conversation.state, "attended")
        self.conversation.action_close(self.disposition.id, discard_parked=True)
        self.assertEqual(reply.sudo().state, "cancelled")
        notes = self.conversation.channel_id.sudo().message_ids.mapped("body")
        self.assertTrue(any("Su pedido está listo" in note for note in notes))
        self.write_in("Hola")
        self.assertEqual(self.send_outbox(), 0)

    def test_closing_by_the_system_keeps_the_text_too(self):
        self.park()
        self.conversation.sudo()._close(reason="window")
        self.assertEqual(self.replies().state, "cancelled")
        self.assertIn("discarded", self.whats(self.conversation))

    def test_who_does_not_answer_is_not_closed_over_a_parked_reply(self):
        reply = self.park()
        conversation = self.conversation.sudo()
        self.queue.inactivity_close_minutes = 30
        conversation.inactivity_due_at = conversation.opened_at
        conversation._inactivity_round()
        self.assertEqual(conversation.state, "attended")
        self.assertFalse(conversation.inactivity_due_at)
        self.assertEqual(reply.state, "waiting")

    def test_the_inbox_shows_what_is_parked(self):
        self.park()
        (shown,) = self.conversation.sudo()._parked_data()
        self.assertEqual(shown["body"], "Su pedido está listo")
        self.assertEqual(shown["author"], "Ana")
