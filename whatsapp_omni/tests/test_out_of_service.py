# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import WhatsAppOmniCommon
from .test_message_template import MessageTemplateCommon


@tagged("post_install", "-at_install")
class TestOutOfService(MessageTemplateCommon):
    """A line, queue or provider goes away while a conversation goes on."""

    def setUp(self):
        super().setUp()
        self.taken = self.capture(self.conversation)

    def archive(self, what):
        if what == "queue":
            self.line.queue_id = self.queue2
            self.queue.with_user(self.administrator).action_archive()
            return
        self.line.with_user(self.administrator).action_archive()
        if what == "provider":
            self.provider.with_user(self.administrator).action_archive()

    def pushed(self, what):
        """Archive it; return what the agent's screen is told of the conversation."""
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.archive(what)
        self.env.cr.precommit.run()
        for row in self.env["bus.bus"].sudo().search([], order="id desc"):
            if f'"out_of_service":"{what}"' in row.message.replace(" ", ""):
                return row.message
        return None

    def test_the_agent_is_told_at_once(self):
        for what in ("line", "queue"):
            with self.subTest(what):
                self.assertTrue(self.pushed(what))
                (self.line | self.queue.line_ids).active = True
                self.queue.active = True

    def test_the_agent_is_told_of_a_provider(self):
        self.assertTrue(self.pushed("provider"))

    def test_nothing_is_sent_any_more_but_it_can_be_closed(self):
        self.line.farewell_template_id = self.make_template("Adiós")
        template = WhatsAppOmniCommon.make_template.__func__(type(self), body="Hola")
        for what in ("line", "queue", "provider"):
            with self.subTest(what):
                self.archive(what)
                for refused in (
                    lambda: self.answer(self.taken),
                    lambda: self.taken.action_send_template(template.id),
                    lambda: self.taken.action_park("later"),
                    self.taken._check_in_service,
                ):
                    with self.assertRaisesRegex(UserError, "was archived"):
                        refused()
                self.assertFalse(self.taken.get_closing()["farewell"])
                self.taken.action_close(self.disposition.id)
                self.assertEqual(self.taken.state, "closed")
                self.send_outbox()
                self.assertFalse(self.provider_double.sent)
                self.provider.active = self.line.active = self.queue.active = True
                self.line.queue_id = self.queue
                self.taken = self.capture(self.write_in())

    def test_a_parked_reply_waits(self):
        self.taken.sudo().window_end = "2020-01-01"
        self.taken.action_park("later")
        self.archive("line")
        self.write_in()
        self.send_outbox()
        self.assertFalse(self.provider_double.sent)
        self.assertEqual(self.taken.parked_count, 1)
        self.taken.action_close(self.disposition.id, discard_parked=True)

    def test_nothing_is_said_by_itself(self):
        content = self.make_template("Are you there?")._content(self.conversation)
        self.archive("queue")
        self.env["whatsapp_omni.message"]._queue_if_possible(
            self.conversation, lambda: content
        )
        self.send_outbox()
        self.assertFalse(self.provider_double.sent)

    def test_restored_it_goes_on(self):
        self.archive("line")
        self.line.active = True
        self.answer(self.taken)
        self.send_outbox()
        self.assertEqual(len(self.provider_double.sent), 1)

    def test_what_is_in_use_is_not_deleted(self):
        for used in (self.line, self.queue, self.provider):
            with self.subTest(used._name), self.assertRaises(UserError):
                used.unlink()
        # A provider and a queue are archived after their lines.
        for used in (self.queue, self.provider):
            with self.subTest(used._name), self.assertRaises(ValidationError):
                used.action_archive()

    def test_what_waits_in_an_archived_queue_can_be_taken_and_closed(self):
        waiting = self.write_in(phone="34600333444")
        self.archive("queue")
        taken = self.capture(waiting)
        taken.action_close(self.disposition.id)
        self.assertEqual(waiting.state, "closed")
