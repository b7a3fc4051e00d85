# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Templates that are made here: drafts, their review, and how they end."""

import base64
import json

import requests

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common_templates import ApprovedTemplateCommon, row, template_event
from .test_sending import PIXEL

PIXEL_BASE64 = base64.b64encode(PIXEL)


class EditingCommon(ApprovedTemplateCommon):
    def make_draft(self, **values):
        """Return a draft that breaks no rule, as an administrator sees it."""
        samples = values.pop("samples", ["Lucía", "lunes"])
        draft = (
            self.env["whatsapp_omni.approved.template"]
            .with_user(self.administrator)
            .create(
                {
                    "line_id": self.line.id,
                    "name": "visit",
                    "language": "es",
                    "category": "UTILITY",
                    "body": "Hola {{1}}, hasta el {{2}}.",
                    **values,
                }
            )
        )
        for parameter, sample in zip(draft.parameter_ids, samples, strict=False):
            parameter.sample = sample
        return draft


@tagged("post_install", "-at_install")
class TestApprovedTemplateEditing(EditingCommon):
    def test_form_follows_the_text(self):
        form = Form(
            self.env["whatsapp_omni.approved.template"].with_user(self.administrator),
            view="whatsapp_omni.approved_template_view_form",
        )
        form.line_id = self.line
        form.name = "visit"
        form.language = "es"
        form.body = "Hola {{1}}, el {{2}}."
        self.assertEqual(len(form.parameter_ids), 2)
        with form.parameter_ids.edit(0) as parameter:
            parameter.sample = "Lucía"
        form.body = "Hola {{1}}."
        self.assertEqual(len(form.parameter_ids), 1)
        self.assertFalse(form.problems)
        draft = form.save()
        self.assertEqual(draft.parameter_ids.mapped("sample"), ["Lucía"])
        self.assertEqual(draft.status, "DRAFT")
        self.assertIn("draft", draft.unsendable_reason)
        with Form(draft, view="whatsapp_omni.approved_template_view_form") as form:
            form.body = "Hola {{1}}, son {{2}} euros."
            self.assertIn("example", form.problems)
        self.assertEqual(draft.parameter_ids.mapped("sample"), ["Lucía", False])

    def test_submitted_draft_is_reviewed(self):
        draft = self.make_draft(
            header_kind="text",
            header="Cita",
            footer="Acme",
            button_ids=[Command.create({"kind": "QUICK_REPLY", "text": "Sí"})],
        )
        answer = draft.action_submit()
        self.assertEqual(answer["params"]["type"], "success")
        (form,) = self.double.created
        self.assertEqual(form["content"], "Hola {{1}}, hasta el {{2}}.")
        self.assertEqual(form["example"], "Hola Lucía, hasta el lunes.")
        self.assertEqual(json.loads(form["buttons"])[0]["text"], "Sí")
        self.assertEqual((draft.status, draft.provider_ref), ("PENDING", "created-1"))
        self.double.rows[0]["status"] = "APPROVED"
        self.tell(template_event("created-1", elementName="visit", status="approved"))
        self.assertTrue(draft.is_sendable)

    def test_media_header_uploads_its_sample(self):
        draft = self.make_draft(header_kind="image")
        self.assertIn("needs a file", draft.problems)
        draft.header_attachment_id = self.attach(
            "a.pdf", b"%PDF-1.4", "application/pdf", user=self.administrator
        )
        self.assertIn("photos as JPEG or PNG", draft.problems)
        draft.header_attachment_id = self.attach(user=self.administrator)
        draft.action_submit()
        (form,) = self.double.created
        self.assertEqual((form["templateType"], form["mediaId"]), ("IMAGE", "sample-1"))
        self.assertEqual(form["mediaUrl"], "https://example.com/sample.png")

    def test_document_header_takes_the_documents_that_whatsapp_takes(self):
        draft = self.make_draft(header_kind="document")
        draft.header_attachment_id = self.attach(
            "a.zip", b"PK", "application/zip", user=self.administrator
        )
        self.assertIn("PDF, Word", draft.problems)
        draft.header_attachment_id = self.attach(
            "a.pdf", b"%PDF-1.4", "application/pdf", user=self.administrator
        )
        self.assertFalse(draft.problems)

    def test_copy_has_a_sample_of_its_own(self):
        draft = self.make_draft(header_kind="image", header_attachment_id=False)
        draft.write({"header_file": PIXEL_BASE64, "header_file_name": "p.png"})
        copied = draft.copy()
        self.assertEqual(copied.header_file_name, "p.png")
        draft.unlink()
        self.assertEqual(copied.header_attachment_id.raw, PIXEL)

    def test_what_meta_would_reject_is_not_submitted(self):
        draft = self.make_draft(name="Visita médica", body="{{1}}")
        with self.assertRaisesRegex(UserError, "lowercase"):
            draft.action_submit()
        self.assertFalse(self.double.created)
        self.assertEqual(draft.status, "DRAFT")

    def test_name_that_exists_or_was_deleted_lately_is_not_submitted(self):
        twin = self.make_template("visit")
        draft = self.make_draft()
        self.assertIn("exists already", draft.problems)
        twin.active = False
        twin.synced_at = self.env.cr.now()
        draft.invalidate_recordset()
        self.assertIn("deleted lately", draft.problems)
        draft.name = "visit_two"
        self.assertFalse(draft.problems)

    def test_refusal_of_the_provider_is_told_and_nothing_is_lost(self):
        for failure, text in (
            ((400, {"status": "error", "message": "Already exists"}), "Already exists"),
            ((401, {"status": "error", "message": "No"}), "API key"),
            ((503, {}), "try again"),
        ):
            draft = self.make_draft(name=f"visit_{failure[0]}")
            self.double.failures = [failure]
            with self.subTest(text):
                params = draft.action_submit()["params"]
                self.assertEqual(params["type"], "danger")
                self.assertIn(text, params["message"])
                self.assertEqual(draft.status, "DRAFT")
                self.assertIn(text, draft.reason)
                draft.action_submit()
                self.assertEqual(draft.status, "PENDING")

    def test_submission_without_answer_is_found_again(self):
        """Nobody knows whether it arrived: the next synchronisation tells."""
        draft = self.make_draft()
        self.double.failures = [requests.ReadTimeout("too late")]
        params = draft.action_submit()["params"]
        self.assertEqual(params["type"], "warning")
        self.assertEqual(draft.status, "SUBMITTED")
        with self.assertRaises(UserError):
            draft.action_submit()
        self.double.rows = [row("late", elementName="visit", status="PENDING")]
        self.sync()
        self.assertEqual((draft.provider_ref, draft.status), ("late", "PENDING"))
        self.assertEqual(len(self.Template.search([("line_id", "=", self.line.id)])), 1)

    def test_submission_that_never_arrived_is_a_draft_again(self):
        draft = self.make_draft()
        self.double.failures = [requests.ReadTimeout("too late")]
        draft.action_submit()
        self.sync()
        self.assertEqual(draft.status, "SUBMITTED")  # it may still arrive
        draft.sudo().read_at -= 3600
        self.sync()
        self.assertEqual(draft.status, "DRAFT")
        self.assertIn("submit it again", draft.reason)

    def test_draft_of_the_same_name_is_not_taken_for_somebody_elses(self):
        draft = self.make_draft()
        self.double.rows = [row("made-elsewhere", elementName="visit")]
        self.sync()
        self.assertFalse(draft.provider_ref)
        self.assertTrue(self.template_of("made-elsewhere"))

    def test_rejected_is_told_to_whoever_submitted_it_and_corrected_in_a_copy(self):
        draft = self.make_draft(header_kind="text", header="Cita")
        draft.action_submit()
        self.double.rows[0] |= {"status": "REJECTED", "reason": "INVALID_FORMAT"}
        self.tell(template_event("created-1", elementName="visit", status="rejected"))
        activity = draft.activity_ids
        self.assertEqual(activity.user_id, self.administrator)
        self.assertIn("INVALID_FORMAT", activity.note)
        with self.assertRaisesRegex(UserError, "Duplicate"):
            draft.body = "Otra cosa, {{1}}."
        copy = draft.browse(draft.action_correct()["res_id"])
        self.assertEqual((copy.name, copy.status), ("visit_2", "DRAFT"))
        self.assertEqual((copy.body, copy.header), (draft.body, "Cita"))
        self.assertEqual(copy.parameter_ids.mapped("sample"), ["Lucía", "lunes"])
        self.assertFalse(copy.provider_ref)
        copy.body = "Buenas, {{1}}, hasta el {{2}}."
        copy.action_submit()
        self.assertEqual(copy.status, "PENDING")

    def test_deleting_names_all_languages_and_archives_them(self):
        self.double.rows = [
            row("a", elementName="visit"),
            row("b", elementName="visit", languageCode="en"),
            row("c", elementName="other"),
        ]
        self.sync()
        template = self.template_of("a").with_user(self.administrator)
        with self.assertRaisesRegex(UserError, "Delete at WhatsApp"):
            template.unlink()
        action = template.action_delete_everywhere()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.languages, "en, es")
        wizard.with_user(self.administrator).action_delete()
        self.assertEqual(self.double.deleted, ["visit"])
        gone = self.template_of("a") | self.template_of("b")
        self.assertEqual(gone.mapped("active"), [False, False])
        self.assertEqual(set(gone.mapped("status")), {"DELETED"})
        self.assertTrue(self.template_of("c").active)

    def test_deletion_that_is_refused_changes_nothing(self):
        self.double.rows = [row("a", elementName="visit")]
        self.sync()
        template = self.template_of("a").with_user(self.administrator)
        wizard = self.env["whatsapp_omni.approved.template.delete"].create(
            {"template_id": template.id}
        )
        self.double.failures = [(400, {"status": "error", "message": "Not yours"})]
        with self.assertRaisesRegex(UserError, "Not yours"):
            wizard.with_user(self.administrator).action_delete()
        self.assertTrue(template.active)

    def test_drafts_are_deleted_like_anything_else(self):
        draft = self.make_draft()
        draft.unlink()
        self.assertFalse(draft.exists())


@tagged("post_install", "-at_install")
class TestApprovedTemplateAccess(EditingCommon):
    def setUp(self):
        super().setUp()
        self.template = self.make_visit()
        self.foreign = self.make_template("foreign", line=self.other_line)

    def assertMay(self, user, operation, allowed):
        template = self.template.with_user(user)
        if allowed:
            operation(template)
            return
        with self.assertRaises(UserError), self.env.cr.savepoint():
            operation(template)
            self.env.flush_all()

    def test_agents_read_the_templates_of_their_queues_lines(self):
        for user, expected in (
            (self.agent, self.template),
            (self.agent_elsewhere, self.template.browse()),
            (self.supervisor, self.template),
            (self.administrator, self.template),
            (self.other_agent, self.foreign),
            (self.other_supervisor, self.foreign),
        ):
            Template = self.env["whatsapp_omni.approved.template"].with_user(user)
            with self.subTest(user.login):
                self.assertEqual(Template.search([]), expected)
                for part in ("button_ids", "parameter_ids"):
                    found = Template.env[Template._fields[part].comodel_name].search([])
                    self.assertEqual(found, expected[part])
        with self.assertRaises(AccessError):
            self.template.with_user(self.outsider).read(["name"])

    def test_supervisors_switch_administrators_edit_nobody_forges(self):
        draft = self.make_draft(name="my_draft")
        operations = {
            "switch": lambda t: t.write({"is_enabled": False}),
            "hide": lambda t: t.write({"hidden_queue_ids": self.queue.ids}),
            "map": lambda t: t.write(
                {
                    "parameter_ids": [
                        Command.update(
                            t.sudo().parameter_ids[0].id, {"source": "agent_name"}
                        )
                    ]
                }
            ),
            "map directly": lambda t: t.parameter_ids.write({"source": "today"}),
            "own file": lambda t: t.write({"header_attachment_id": False}),
            "edit": lambda t: draft.with_user(t.env.user).write({"footer": "x"}),
            "create": lambda t: t.create(
                {"line_id": self.line.id, "name": "x", "language": "es"}
            ),
            "submit": lambda t: draft.with_user(t.env.user).action_submit(),
            "delete": lambda t: t.action_delete_everywhere(),
        }
        forged = {
            "status": lambda t: t.write({"status": "APPROVED"}),
            "id": lambda t: t.write({"provider_ref": "x"}),
            "archive": lambda t: t.write({"active": False}),
            "body": lambda t: t.write({"body": "x"}),
            "button": lambda t: t.button_ids.write({"url": "https://evil.example"}),
            "new button": lambda t: t.button_ids.create(
                {"template_id": t.id, "text": "x"}
            ),
            "no button": lambda t: t.button_ids.unlink(),
            "place": lambda t: t.parameter_ids[0].write({"name": "9"}),
            "born approved": lambda t: t.create(
                {
                    "line_id": self.line.id,
                    "name": "x",
                    "language": "es",
                    "status": "APPROVED",
                }
            ),
            "unlink": lambda t: t.unlink(),
        }
        for user, allowed in (
            (self.agent, set()),
            (self.supervisor, {"switch", "hide"}),
            (self.administrator, set(operations)),
            (self.other_administrator, {"create of nobody"}),
        ):
            for name, operation in {**operations, **forged}.items():
                with self.subTest(user=user.login, operation=name):
                    self.assertMay(user, operation, name in allowed)

    def test_nobodys_file_is_sent_by_way_of_a_template(self):
        """Whoever sends a template sends its file: its editor has to be able to read
        it."""
        secret = self.attach()
        secret.write({"res_model": "res.users.settings", "res_id": 0})
        draft = self.make_draft(name="my_draft")
        for template, vals in (
            (self.template, {"header_attachment_id": secret.id}),
            (draft, {"header_attachment_id": secret.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                template.with_user(self.administrator).write(vals)
        vals = {"line_id": self.line.id, "name": "x", "language": "es"}
        Template = self.Template.with_user(self.administrator)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Template.create({**vals, "header_attachment_id": secret.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Template.with_context(default_header_attachment_id=secret.id).create(vals)

    def test_queue_of_another_company_cannot_be_named(self):
        with self.assertRaises(UserError):
            self.template.with_user(
                self.administrator
            ).hidden_queue_ids = self.other_queue


@tagged("post_install", "-at_install")
class TestApprovedTemplateTour(ApprovedTemplateCommon, HttpCase):
    def test_from_the_empty_list_to_a_template_under_review(self):
        self.other_line.active = False
        self.double.rows = [row("visit"), row("offer", category="MARKETING")]
        self.start_tour(
            "/odoo/whatsapp-approved-templates",
            "whatsapp_omni.approved_templates",
            login="wa_admin",
        )
        self.assertFalse(self.template_of("visit").is_enabled)
        self.assertTrue(self.template_of("offer").is_enabled)
        (form,) = self.double.created
        self.assertEqual(form["content"], "Your order is *ready*.")
