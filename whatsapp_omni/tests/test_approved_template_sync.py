# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Templates here follow those at the provider, whatever goes wrong on the way."""

import time
from datetime import timedelta
from itertools import permutations

import requests

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import APP_ID
from .common_templates import ApprovedTemplateCommon, row, template_event

BUTTON_ROWS = [
    {"type": "QUICK_REPLY", "text": "Sí"},
    {
        "type": "URL",
        "text": "Ver",
        "url": "https://example.com/v/{{1}}",
        "example": ["https://example.com/v/7"],
    },
]


@tagged("post_install", "-at_install")
class TestApprovedTemplateSync(ApprovedTemplateCommon):
    def test_new_template_is_known_in_all_its_parts(self):
        self.double.rows = [
            row(
                "visit",
                header="Cita de {{1}}",
                sample_header="Cita de Ana",
                footer="Acme",
                buttons=BUTTON_ROWS,
            )
        ]
        self.assertTrue(self.sync().succeeded)
        template = self.template_of("visit")
        self.assertEqual(template.display_name, "visit (es)")
        self.assertEqual(template.header_kind, "text")
        self.assertEqual((template.status, template.quality), ("APPROVED", "GREEN"))
        self.assertEqual(template.button_ids.mapped("text"), ["Sí", "Ver"])
        self.assertEqual(
            template.parameter_ids.mapped(lambda p: (p.place, p.name, p.sample)),
            [
                ("header", "1", "Ana"),
                ("body", "1", "Lucía"),
                ("body", "2", "lunes"),
                ("button", "2", "7"),
            ],
        )
        self.assertTrue(template.is_enabled)
        self.assertTrue(template.is_sendable)
        self.assertTrue(self.line.templates_synced_at)
        self.assertEqual(template.preview["header"], "Cita de Ana")
        self.assertEqual(template.preview["body"], "Hola Lucía, hasta el lunes.")
        content = template._template_content(["Eva", "Ana", "martes", "9"])
        self.assertEqual(content.text, "Hola Ana, hasta el martes.")

    def test_each_language_is_a_template_of_its_own(self):
        self.double.rows = [
            row("a", elementName="visit"),
            row("b", elementName="visit", languageCode="en"),
        ]
        self.sync()
        found = self.Template.search([("name", "=", "visit")])
        self.assertEqual(set(found.mapped("language")), {"es", "en"})

    def test_change_keeps_switch_queues_and_sources(self):
        """What a supervisor decided survives whatever the provider tells."""
        self.double.rows = [row("visit", buttons=BUTTON_ROWS)]
        self.sync()
        template = self.template_of("visit")
        template.hidden_queue_ids = self.queue2
        template.is_enabled = False
        template.parameter_ids[0].write({"source": "agent_name", "label": "Quién"})
        template.button_ids[0].payload = "yes"
        self.double.rows = [
            row(
                "visit",
                body="Buenas, {{1}}. Le esperamos.",
                sample="Buenas, Ana. Le esperamos.",
                category="MARKETING",
                oldCategory="UTILITY",
                buttons=[{"type": "QUICK_REPLY", "text": "No"}, *BUTTON_ROWS],
            )
        ]
        self.sync()
        self.assertEqual(template.body, "Buenas, {{1}}. Le esperamos.")
        self.assertEqual(
            (template.category, template.old_category), ("MARKETING", "UTILITY")
        )
        self.assertFalse(template.is_enabled)
        self.assertEqual(template.hidden_queue_ids, self.queue2)
        slots = template.parameter_ids.mapped(lambda p: (p.place, p.name, p.source))
        self.assertEqual(slots, [("body", "1", "agent_name"), ("button", "3", "text")])
        self.assertEqual(template.parameter_ids[0].label, "Quién")
        payloads = template.button_ids.sorted("sequence").mapped("payload")
        self.assertEqual(payloads, [False, "yes", False])

    def test_nothing_new_writes_nothing_but_the_time(self):
        self.double.rows = [row("visit", buttons=BUTTON_ROWS)]
        self.sync()
        template = self.template_of("visit")
        buttons, mails = template.button_ids, template.message_ids
        self.sync()
        self.assertEqual(template.button_ids, buttons)
        self.assertEqual(template.message_ids, mails)

    def test_removed_is_archived_and_comes_back(self):
        self.double.rows = [row("visit"), row("other")]
        self.sync()
        template = self.template_of("visit")
        self.double.rows = [row("other")]
        self.sync()
        self.assertTrue(template.exists())
        self.assertFalse(template.active)
        self.assertFalse(template.is_sendable)
        self.assertIn("does not exist", template.unsendable_reason)
        self.assertTrue(self.template_of("other").active)
        self.double.rows = [row("visit"), row("other")]
        self.sync()
        self.assertTrue(template.active)
        self.assertTrue(template.is_sendable)

    def test_supervisors_are_told_of_what_cannot_be_sent_any_more(self):
        self.double.rows = [row("visit"), row("draft", status="PENDING")]
        self.sync()
        self.double.rows = [
            row("visit", status="PAUSED"),
            row("draft", status="FAILED"),
        ]
        self.sync()
        activity = self.template_of("visit").activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertIn("paused", activity.note)
        self.assertFalse(self.template_of("draft").activity_ids)
        self.double.rows = [row("visit")]
        self.sync()
        self.assertFalse(self.template_of("visit").activity_ids)

    def test_what_cannot_be_sent_is_shown_with_the_reason(self):
        self.double.rows = [
            row("cards", templateType="CAROUSEL"),
            row("coupon", buttons=[{"type": "COPY_CODE", "text": "Copiar"}]),
            row("odd", status="SOMETHING_NEW", templateType="HOLOGRAM"),
            row("old", containerMeta="", data="Hola {{1}}.\nAcme | [Sí]"),
            row("fine", category="NEW_ONE"),
        ]
        self.sync()
        self.assertIn("carousel", self.template_of("cards").unsendable_reason)
        self.assertIn("Copy offer code", self.template_of("coupon").unsendable_reason)
        self.assertEqual(self.template_of("odd").status, "OTHER")
        self.assertIn("does not tell", self.template_of("old").unsendable_reason)
        visible = self.Template.search(self.Template._visible_to(self.queue, self.line))
        self.assertEqual(visible, self.template_of("fine"))

    # --- when it goes wrong --------------------------------------------------------

    def test_listing_that_fails_halfway_changes_nothing(self):
        self.double.rows = [row(f"t-{number}") for number in range(150)]
        self.sync()
        self.double.rows = [
            row(f"t-{number}", status="PAUSED") for number in range(150)
        ]
        self.double.failures = [None, (500, {})]
        outcome = self.sync()
        self.assertFalse(outcome.succeeded)
        found = self.Template.search([("line_id", "=", self.line.id)])
        self.assertEqual(len(found), 150)
        self.assertEqual(set(found.mapped("status")), {"APPROVED"})
        self.assertTrue(all(found.mapped("active")))
        self.assertIn("try again", self.line.templates_error)
        self.sync()
        self.assertFalse(self.line.templates_error)

    def test_answer_without_a_list_is_not_an_empty_list(self):
        self.double.rows = [row("visit")]
        self.sync()
        for answer in (
            (200, {"status": "error", "message": "Try later"}),
            (200, {"status": "success", "templates": None}),
            (200, []),
            (401, {"status": "error", "message": "Authentication Failed"}),
            (429, {"status": "error", "message": "Too Many Requests"}),
        ):
            self.double.failures = [answer]
            with self.subTest(answer):
                self.assertFalse(self.sync().succeeded)
                self.assertTrue(self.template_of("visit").active)
                self.assertNotIn("secret-key", self.line.templates_error)

    def test_page_that_shifts_while_it_is_turned_archives_nothing(self):
        """Of a list that changes meanwhile, one page may miss what is there."""
        rows = [row(f"t-{number}") for number in range(150)]
        self.double.rows = rows
        self.sync()
        calls = []

        def shift():
            calls.append(1)
            # The second page of the first listing begins one row too late.
            self.double.rows = rows[1:] if len(calls) == 2 else rows

        self.double.hook = shift
        self.sync()
        found = self.Template.search([("line_id", "=", self.line.id)])
        self.assertEqual(len(found.filtered("active")), 150)

    def test_two_at_once_end_with_the_later(self):
        """Whoever asked first and writes last must not bring back the past."""
        self.double.rows = [row("visit"), row("gone")]
        self.sync()
        asked = []

        def other_synchronisation():
            if not asked:
                asked.append(1)
                past = self.double.rows
                self.double.rows = [row("visit", status="PAUSED"), row("new")]
                self.sync()
                self.double.rows = past

        self.double.hook = other_synchronisation
        self.sync()
        self.assertEqual(self.template_of("visit").status, "PAUSED")
        self.assertTrue(self.template_of("new").active)

    def test_failing_line_does_not_hold_up_the_others(self):
        self.double.rows = [row("visit")]
        self.double.failures = 2 * [requests.ConnectionError("no route")]
        outcomes = [self.sync(self.line), self.sync(self.other_line)]
        self.assertEqual([o.succeeded for o in outcomes], [False, True])
        self.assertEqual(self.template_of("visit").mapped("line_id"), self.other_line)

    def test_five_hundred_come_in_few_statements(self):
        self.double.rows = [
            row(f"t-{number}", buttons=BUTTON_ROWS) for number in range(500)
        ]
        start = time.monotonic()
        before = self.env.cr.sql_log_count
        self.sync()
        first = self.env.cr.sql_log_count - before
        self.assertEqual(
            self.Template.search_count([("line_id", "=", self.line.id)]), 500
        )
        self.assertLess(first, 500 * 4)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.sync()
        self.assertLess(self.env.cr.sql_log_count - before, 150)
        self.assertLess(time.monotonic() - start, 30)

    # --- who may ------------------------------------------------------------------

    def test_supervisors_synchronise_agents_do_not(self):
        self.double.rows = [row("visit")]
        action = self.line.with_user(self.supervisor).action_sync_templates()
        self.assertEqual(action["params"]["type"], "success")
        self.assertTrue(self.template_of("visit"))
        with self.assertRaises(AccessError):
            self.line.with_user(self.agent).action_sync_templates()

    def test_button_of_the_list_takes_the_own_companies(self):
        self.double.rows = [row("visit")]
        Template = self.Template.with_user(self.supervisor)
        Template.browse().action_sync_all()
        self.assertEqual(self.template_of("visit").line_id, self.line)


@tagged("post_install", "-at_install")
class TestApprovedTemplateEvents(ApprovedTemplateCommon):
    """Callbacks about templates are a reason to ask, whatever their order."""

    def setUp(self):
        super().setUp()
        self.double.rows = [row("visit"), row("other")]
        self.sync()
        self.template = self.template_of("visit")

    def now_is(self, **values):
        """Have the provider tell this of the template from now on."""
        self.double.rows = [row("visit", **values), row("other")]

    def test_every_shape_leads_to_what_the_provider_tells(self):
        shapes = [
            {"type": "status-update", "status": "paused", "description": "Low quality"},
            {"status": "disabled"},
            {"type": "category-update", "category": {"old": "UTILITY", "new": "X"}},
            {"category": {"current": "UTILITY", "correct": "MARKETING"}},
            {"category": "MARKETING"},
            {"type": "quality-update", "quality": "Yellow"},
            {"type": "something-new"},
        ]
        for number, shape in enumerate(shapes):
            self.now_is(vertical=str(number), quality="RED", status="PAUSED")
            with self.subTest(shape):
                (event,) = self.tell(template_event("visit", **shape))
                self.assertEqual((event.kind, event.state), ("template", "applied"))
        self.assertEqual(self.template.status, "PAUSED")
        self.assertEqual(self.template.quality, "RED")
        self.assertEqual(self.template.reason, "Low quality")
        self.assertEqual(self.template.announced_category, "MARKETING")

    def test_version_3_is_understood_as_well(self):
        self.now_is(status="PAUSED")
        value = {"event": "PAUSED", "gs_template_id": "visit"}
        change = {"field": "message_template_status_update", "value": value}
        entry = {"id": "1", "changes": [change]}
        (event,) = self.tell(
            {
                "object": "whatsapp_business_account",
                "gs_app_id": APP_ID,
                "entry": [entry],
            }
        )
        self.assertEqual((event.kind, event.state), ("template", "applied"))
        self.assertEqual(self.template.status, "PAUSED")

    def test_any_order_and_any_number_ends_with_the_truth(self):
        now = fields.Datetime.now()
        stories = [
            template_event("visit", at=now - timedelta(minutes=age), status=status)
            for age, status in ((3, "paused"), (2, "approved"), (1, "disabled"))
        ]
        for order in permutations(stories):
            self.now_is(status="DISABLED")
            self.tell(*order, *order)
            self.assertEqual(self.template.status, "DISABLED")
        states = self.env["whatsapp_omni.event"].search([("kind", "=", "template")])
        self.assertEqual(set(states.mapped("state")), {"applied", "duplicate"})
        self.assertEqual(len(states.filtered(lambda e: e.state == "applied")), 3)

    def test_late_event_does_not_lower_what_is_known(self):
        long_ago = fields.Datetime.now() - timedelta(days=1)
        self.tell(template_event("visit", at=long_ago, status="disabled"))
        self.assertEqual(self.template.status, "APPROVED")
        self.assertTrue(self.template.is_sendable)

    def test_provider_that_cannot_be_asked_is_taken_at_its_word(self):
        down = [(503, {}), (503, {}), (503, {})]
        self.double.failures = [*down]
        soon = fields.Datetime.now() + timedelta(seconds=5)
        (event,) = self.tell(
            template_event("visit", at=soon, status="paused", description="Complaints")
        )
        self.assertEqual(event.state, "applied")
        self.assertIn("could not be asked", event.error)
        self.assertEqual(self.template.status, "PAUSED")
        self.assertEqual(self.template.reason, "Complaints")
        self.assertFalse(self.template.is_sendable)
        self.double.failures = [*down]
        long_ago = fields.Datetime.now() - timedelta(days=1)
        self.tell(template_event("visit", at=long_ago, status="approved"))
        self.assertEqual(self.template.status, "PAUSED")
        self.double.failures = []
        self.sync()
        self.assertEqual(self.template.status, "APPROVED")

    def test_deleted_is_archived(self):
        self.double.rows = [row("other")]
        self.tell(template_event("visit", status="deleted"))
        self.assertFalse(self.template.active)
        self.assertTrue(self.template_of("other").active)

    def test_unknown_template_is_read(self):
        self.double.rows.append(row("brand-new"))
        self.tell(template_event("brand-new", status="approved"))
        self.assertTrue(self.template_of("brand-new").is_sendable)

    def test_many_at_once_ask_for_the_list_once(self):
        refs = [f"t-{number}" for number in range(30)]
        self.double.rows += [row(ref) for ref in refs]
        before = len(self.double.requests)
        self.tell(*(template_event(ref, status="approved") for ref in refs))
        self.assertLessEqual(len(self.double.requests) - before, 2)
        self.assertTrue(all(self.template_of(ref) for ref in refs))

    def test_foreign_app_changes_nothing(self):
        self.now_is(status="PAUSED")
        (event,) = self.tell(
            template_event("visit", app="SomebodyElse", status="paused")
        )
        self.assertEqual(event.state, "failed")
        self.assertEqual(self.template.status, "APPROVED")

    def test_customers_messages_do_not_wait_for_it(self):
        """The journal's worker passes it by, and its own job takes no message."""
        self.now_is(status="PAUSED")
        Event = self.env["whatsapp_omni.event"]
        (event,) = self.receive(template_event("visit", status="paused"))
        self.assertEqual(event.state, "pending")
        conversation = self.write_in("Hola")
        self.assertEqual(conversation.waiting_count, 1)
        self.assertEqual(event.state, "pending")
        self.assertEqual(Event._apply_templates_round(lambda: None), 1)
        self.assertEqual(event.state, "applied")

    @mute_logger("odoo.addons.whatsapp_omni.models.event_applying")
    def test_event_that_cannot_be_applied_is_set_aside_and_harms_no_other(self):
        good = self.other_line
        self.double.rows.append(row("theirs"))
        events = self.receive(template_event("visit", status="paused"))
        token = good.callback_token
        events |= self.receive(
            template_event("theirs", app=good.app_name, status="approved"), token=token
        )
        Line = self.registry["whatsapp_omni.line"]
        apply = Line._apply_templates

        def broken(line, *args):
            if line == self.line:
                raise ValueError("a bug")
            return apply(line, *args)

        self.patch(Line, "_apply_templates", broken)
        # Nothing was written before: the test's transaction must go on.
        self.patch(self.env.cr, "rollback", lambda: None)
        for _try in range(4):
            events.next_try_at = False
            self.deal()
        self.assertEqual(events.mapped("state"), ["failed", "applied"])
        self.assertIn("a bug", events[0].error)
        self.assertTrue(self.template_of("theirs").is_sendable)

    def test_replay_reads_again(self):
        (event,) = self.tell(template_event("visit", status="approved"))
        self.now_is(status="PAUSED")
        event.with_user(self.administrator).action_replay()
        self.deal()
        self.assertEqual(event.state, "applied")
        self.assertEqual(self.template.status, "PAUSED")

    def test_rejected_tells_why(self):
        self.now_is(status="REJECTED", reason="TAG_CONTENT_MISMATCH")
        self.tell(
            template_event(
                "visit", status="rejected", rejectedReason="TAG_CONTENT_MISMATCH"
            )
        )
        self.assertEqual(self.template.reason, "TAG_CONTENT_MISMATCH")
        self.assertIn("rejected", self.template.unsendable_reason)
        self.assertIn("does not fit its category", self.template.unsendable_reason)

    @mute_logger("odoo.addons.whatsapp_omni.models.event_applying")
    def test_announced_category_goes_once_it_has_come(self):
        self.tell(
            template_event(
                "visit", category={"current": "UTILITY", "correct": "MARKETING"}
            )
        )
        self.assertEqual(self.template.announced_category, "MARKETING")
        self.now_is(category="MARKETING", oldCategory="UTILITY")
        self.sync()
        self.assertEqual(self.template.category, "MARKETING")
        self.assertFalse(self.template.announced_category)
