# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What must not be sent is refused when it is queued, when it leaves, and again."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import receipt
from .common_templates import ApprovedTemplateCommon, row, template_event


@tagged("post_install", "-at_install")
class TestApprovedTemplateSending(ApprovedTemplateCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in()).sudo()
        self.template = self.make_template("visit", body="Hola {{1}}.")

    def post(self, template=None, params=("Lucía",), author=None):
        content = (template or self.template)._template_content(list(params))
        return self.Message._queue_contents(
            self.conversation, [content], author or self.agent
        )

    def report_failure(self, message, code):
        """Have WhatsApp tell that a message that was sent failed."""
        self.receive(receipt("failed", message.gs_id, code=code, reason="x"))

    def close_window(self):
        self.conversation.window_end = fields.Datetime.now() - timedelta(hours=1)

    def test_template_leaves_with_what_was_chosen(self):
        message = self.post()
        self.assertEqual(message.approved_template_id, self.template)
        self.send_outbox()
        (form,) = self.double.forms
        self.assertEqual(
            json.loads(form["template"]), {"id": "visit", "params": ["Lucía"]}
        )
        self.assertEqual(message.state, "submitted")

    def test_sample_of_the_provider_goes_above_the_text(self):
        template = self.make_template(
            "offer",
            header_kind="image",
            template_type="IMAGE",
            body="Oferta",
            media_url="https://example.com/s.png",
        )
        self.post(template, [])
        self.send_outbox()
        self.assertEqual(
            json.loads(self.double.forms[0]["message"]),
            {"type": "image", "image": {"link": "https://example.com/s.png"}},
        )

    def test_only_what_is_approved_and_enabled_is_queued(self):
        statuses = [
            status
            for status, _label in self.template._fields["status"].selection
            if status != "APPROVED"
        ]
        content = self.template._template_content(["Lucía"])
        for vals in (
            *({"status": status} for status in statuses),
            {"is_enabled": False},
            {"active": False},
            {"template_type": "CAROUSEL"},
        ):
            before = {name: self.template[name] for name in vals}
            self.template.write(vals)
            with self.subTest(vals):
                self.assertFalse(self.template.is_sendable)
                self.assertTrue(self.template.unsendable_reason)
                # Whether the screen has an old content, or makes a new one.
                with self.assertRaisesRegex(UserError, "visit.*cannot be sent"):
                    self.Message._queue_contents(
                        self.conversation, [content], self.agent
                    )
                with self.assertRaisesRegex(UserError, "visit.*cannot be sent"):
                    self.post()
                self.assertFalse(
                    self.Template.search(
                        self.Template._visible_to(self.env["whatsapp_omni.queue"])
                        & fields.Domain("id", "=", self.template.id)
                    )
                )
            self.template.write(before)
        self.assertFalse(self.Message.search([("kind", "=", "template")]))

    def test_template_of_another_line_is_not_sent(self):
        foreign = self.make_template("foreign", line=self.other_line, body="Hola")
        with self.assertRaisesRegex(UserError, "no such template"):
            self.post(foreign, [])

    def test_what_changes_while_it_waits_is_not_sent(self):
        for vals in ({"status": "PAUSED"}, {"is_enabled": False}, {"active": False}):
            before = {name: self.template[name] for name in vals}
            message = self.post()
            self.template.write(vals)
            with self.subTest(vals):
                self.send_outbox()
                self.assertEqual(message.state, "failed")
                self.assertIn("cannot be sent", message.error_reason)
                self.assertFalse(message.can_retry)
            self.template.write(before)
            self.env.invalidate_all()
            self.assertTrue(message.can_retry)
        self.assertFalse(self.double.forms)

    def test_answer_of_whatsapp_about_the_template_switches_it_off(self):
        for code in (132001, 132015, 132016, 4005):
            self.template.write({"is_enabled": True})
            self.template.activity_ids.unlink()
            message = self.post()
            self.send_outbox()
            with self.subTest(code):
                self.report_failure(message, code)
                self.assertFalse(self.template.is_enabled)
                self.assertIn(str(code), self.template.unsendable_reason)
                activity = self.template.activity_ids
                self.assertEqual(activity.user_id, self.supervisor)
                self.assertIn(str(code), activity.note)
                self.assertFalse(message.can_retry)
                with self.assertRaisesRegex(UserError, str(code)):
                    self.post()

    def test_refusal_with_such_a_code_switches_it_off_as_well(self):
        message = self.post()
        self.double.answers = [
            (400, {"status": "error", "message": "Template is paused", "code": 132015})
        ]
        self.send_outbox()
        self.assertEqual((message.state, message.error_code), ("failed", 132015))
        self.assertFalse(self.template.is_enabled)

    def test_other_failures_leave_it_alone(self):
        for code in (131026, 131047, 132000, 131049):
            message = self.post()
            self.send_outbox()
            self.report_failure(message, code)
        self.assertTrue(self.template.is_sendable)
        self.assertFalse(self.template.activity_ids)

    def test_switched_off_by_itself_comes_back_when_it_is_approved_again(self):
        message = self.post()
        self.send_outbox()
        self.report_failure(message, 132015)
        # The provider may be slow to tell.
        self.double.rows = [row("visit", body="Hola {{1}}.")]
        self.sync()
        self.assertFalse(self.template.is_enabled)
        self.double.rows = [row("visit", body="Hola {{1}}.", status="PAUSED")]
        self.tell(template_event("visit", status="paused"))
        self.double.rows = [row("visit", body="Hola {{1}}.")]
        self.tell(template_event("visit", status="approved"))
        self.assertTrue(self.template.is_sendable)

    def test_switched_off_by_hand_stays_off(self):
        self.template.with_user(self.supervisor).is_enabled = False
        for status in ("PAUSED", "APPROVED"):
            self.double.rows = [row("visit", body="Hola {{1}}.", status=status)]
            self.tell(template_event("visit", status=status.lower()))
        self.assertFalse(self.template.is_enabled)
        self.assertIn("supervisor", self.template.unsendable_reason)

    def test_failed_template_is_sent_again_though_the_window_is_closed(self):
        message = self.post()
        self.send_outbox()
        self.report_failure(message, 131000)
        self.close_window()
        message.with_user(self.agent).action_retry()
        self.send_outbox()
        again = message.search([("kind", "=", "template")], order="id desc", limit=1)
        self.assertNotEqual(again, message)
        self.assertEqual(again.state, "submitted")
        self.assertEqual(again.approved_template_id, self.template)

    def test_sending_again_is_refused_as_well(self):
        message = self.post()
        self.send_outbox()
        self.report_failure(message, 131000)
        self.template.status = "DISABLED"
        self.env.invalidate_all()
        self.assertFalse(message.can_retry)
        message.with_user(self.agent).action_retry()
        self.assertFalse(message.superseded)

    def test_queues_see_what_is_not_hidden_from_them(self):
        hidden = self.make_template("hidden", hidden_queue_ids=self.queue2.ids)
        other = self.make_template("other", line=self.other_line)
        everything = self.template | hidden

        def visible(queue, line=self.line):
            return self.Template.search(self.Template._visible_to(queue, line))

        self.assertEqual(visible(self.queue2), self.template)
        self.assertEqual(visible(self.queue), everything)
        self.assertEqual(visible(self.queue2.browse()), everything)
        self.assertIn(other, visible(self.queue2, None))
