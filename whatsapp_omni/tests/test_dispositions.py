# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WhatsAppOmniCommon


class DispositionCommon(WhatsAppOmniCommon):
    """Options with sub-options and forms, and a conversation that can be closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Disposition = cls.env["whatsapp_omni.disposition"]
        cls.sale = Disposition.create(
            {
                "name": "Sale",
                "sequence": 20,
                "field_ids": [
                    Command.create({"name": "Order", "is_required": True}),
                    Command.create({"name": "Items", "kind": "number"}),
                ],
                "child_ids": [
                    Command.create({"name": "Won", "sequence": 1}),
                    Command.create(
                        {
                            "name": "Lost",
                            "sequence": 2,
                            "note_required": True,
                            "field_ids": [
                                Command.create(
                                    {
                                        "name": "Why",
                                        "kind": "choice",
                                        "choices": "Price\n\n Time \nPrice",
                                    }
                                ),
                                Command.create({"name": "Until", "kind": "date"}),
                            ],
                        }
                    ),
                ],
            }
        )
        cls.won, cls.lost = cls.sale.child_ids
        cls.order, cls.items = cls.sale.field_ids
        cls.why, cls.until = cls.lost.field_ids
        cls.spam = Disposition.create({"name": "Spam", "kind": "spam", "sequence": 90})

    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in())

    def close(self, conversation=None, disposition=None, **kwargs):
        conversation = conversation or self.conversation
        conversation.action_close((disposition or self.disposition).id, **kwargs)
        return conversation

    def filled_in(self, conversation=None):
        conversation = conversation or self.conversation
        values = conversation.sudo().disposition_value_ids
        return {value.name: value.value for value in values}


@tagged("post_install", "-at_install")
class TestDispositions(DispositionCommon):
    """What a conversation can be closed with, and what is asked for."""

    def names(self, closing=None):
        closing = closing or self.conversation.get_closing()
        return [(d["option"], d["name"]) for d in closing["dispositions"]]

    def test_an_option_with_sub_options_is_not_chosen_itself(self):
        self.queue.disposition_ids = self.sale | self.spam
        self.assertEqual(
            self.names(), [("Sale", "Won"), ("Sale", "Lost"), (False, "Spam")]
        )
        with self.assertRaisesRegex(UserError, "disposition"):
            self.close(disposition=self.sale, values={self.order.id: "S1"})
        self.close(disposition=self.won, values={self.order.id: "S1"})
        self.assertEqual(self.conversation.disposition_id, self.won)
        self.assertEqual(self.conversation.disposition_id.display_name, "Sale › Won")
        self.assertEqual(self.conversation.sudo().change_ids[-1].reason, "Sale › Won")

    def test_an_archived_sub_option_is_not_offered(self):
        self.queue.disposition_ids = self.sale
        self.won.active = False
        self.assertEqual(self.names(), [("Sale", "Lost")])

    def test_each_queue_has_an_order_of_its_own(self):
        self.queue.disposition_order_ids = [
            Command.create({"disposition_id": self.spam.id, "sequence": 1}),
            Command.create({"disposition_id": self.disposition.id, "sequence": 2}),
        ]
        self.assertEqual(self.names(), [(False, "Spam"), (False, "Solved here")])
        self.assertEqual(self.queue.disposition_ids, self.disposition | self.spam)
        self.queue.disposition_ids |= self.sale
        self.assertEqual(self.names()[-1], ("Sale", "Lost"))

    def test_two_levels_and_no_more(self):
        with self.assertRaisesRegex(ValidationError, "sub-option"):
            self.spam.parent_id = self.won
        with self.assertRaisesRegex(ValidationError, "sub-option"):
            self.sale.parent_id = self.spam
        with self.assertRaisesRegex(ValidationError, "offered wherever"):
            self.queue.disposition_ids = self.won

    def test_a_sub_option_is_of_the_kind_of_its_option(self):
        self.assertEqual(self.won.kind, "normal")
        self.sale.kind = "wrong_number"
        self.assertEqual(self.won.kind, "wrong_number")
        with self.assertRaisesRegex(ValidationError, "kind"):
            self.won.kind = "spam"

    def test_what_can_be_chosen_costs_the_same_however_much_it_is(self):
        costs = []
        for count in (1, 20):
            self.env["whatsapp_omni.disposition"].create(
                [
                    {
                        "name": f"Option {count} {number}",
                        "field_ids": [Command.create({"name": "Reference"})],
                        "child_ids": [Command.create({"name": "Sub-option"})],
                    }
                    for number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.conversation.get_closing()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[0], costs[1])

    def test_form_of_the_option_and_of_the_sub_option(self):
        lost = next(
            d
            for d in self.conversation.get_closing()["dispositions"]
            if d["id"] == self.lost.id
        )
        self.assertTrue(lost["note_required"])
        self.assertEqual(
            [(f["name"], f["kind"], f["required"]) for f in lost["fields"]],
            [
                ("Order", "text", True),
                ("Items", "number", False),
                ("Why", "choice", False),
                ("Until", "date", False),
            ],
        )
        self.assertEqual(lost["fields"][2]["choices"], ["Price", "Time"])

    def test_what_is_missing_keeps_it_open(self):
        with self.assertRaisesRegex(UserError, "needs a note"):
            self.close(disposition=self.lost, note="  ", values={self.order.id: "1"})
        with self.assertRaisesRegex(UserError, "Order"):
            self.close(disposition=self.lost, note="x", values={self.order.id: " "})
        self.assertEqual(self.conversation.state, "attended")

    def test_what_does_not_fit_is_refused_with_its_name(self):
        for field, answer in (
            (self.items, "many"),
            (self.items, "nan"),
            (self.items, True),
            (self.until, "tomorrow"),
            (self.why, "Weather"),
            (self.order, "x" * 1001),
        ):
            with (
                self.subTest(field=field.name, answer=str(answer)[:9]),
                self.assertRaisesRegex(UserError, field.name),
            ):
                self.close(
                    disposition=self.lost,
                    note="x",
                    values={self.order.id: "1", field.id: answer},
                )

    def test_what_was_filled_in_is_kept_by_type_and_found(self):
        self.close(
            disposition=self.lost,
            note="too dear",
            values={
                str(self.order.id): " S00012 ",
                str(self.items.id): "2.50",
                str(self.why.id): "Price",
                str(self.until.id): "2026-12-24",
                str(self.spam.id + 1000): "nobody asked",
            },
        )
        self.assertEqual(
            self.filled_in(),
            {"Order": "S00012", "Items": "2.5", "Why": "Price", "Until": "2026-12-24"},
        )
        values = self.conversation.sudo().disposition_value_ids
        self.assertEqual(values.filtered("number").number, 2.5)
        self.assertEqual(str(values.filtered("date").date), "2026-12-24")
        found = self.env["whatsapp_omni.conversation"].search(
            [("disposition_value_ids.value", "ilike", "s0001")]
        )
        self.assertEqual(found.ids, self.conversation.ids)

    def test_grouped_by_option_and_kind(self):
        self.close(disposition=self.won, values={self.order.id: "1"})
        second = self.close(self.capture(self.write_in()), self.spam)
        Conversation = self.env["whatsapp_omni.conversation"].with_user(self.supervisor)
        domain = [("id", "in", (self.conversation | second).ids)]
        for groupby, expected in (
            ("disposition_option_id", {self.sale: 1, self.spam: 1}),
            ("disposition_kind", {"normal": 1, "spam": 1}),
        ):
            self.assertEqual(
                dict(Conversation._read_group(domain, [groupby], ["__count"])), expected
            )
        self.assertTrue(Conversation.fields_get(["disposition_kind"], ["groupable"]))

    def test_what_was_used_is_archived_instead_of_deleted(self):
        self.close(disposition=self.won, values={self.order.id: "1"})
        for used, hint in (
            (self.won, "1 conversations"),
            (self.sale, "1 conversations"),
            (self.order, "Archive"),
        ):
            with self.assertRaisesRegex(UserError, hint):
                used.unlink()
        self.lost.unlink()

    def test_identification_may_be_wanted_but_not_for_spam(self):
        self.queue.requires_identification = True
        self.assertTrue(self.conversation.get_closing()["must_identify"])
        with self.assertRaisesRegex(UserError, "who it was"):
            self.close()
        with self.assertRaisesRegex(UserError, "who it was"):
            self.conversation.action_close()
        self.close(disposition=self.spam)
        second = self.capture(self.write_in())
        customer = second.sudo().customer_id
        customer.partner_id = self.env["res.partner"].create({"name": "Lucía"})
        self.close(second)
        self.assertEqual(second.state, "closed")


@tagged("post_install", "-at_install")
class TestResults(DispositionCommon):
    """Results are corrected, and every version is kept."""

    def versions(self, conversation=None):
        conversation = conversation or self.conversation
        return [
            (r.disposition_id.name, r.note or "", r.user_id, r.superseded)
            for r in conversation.sudo().result_ids.sorted("id", reverse=True)
        ]

    def test_what_is_said_of_what_others_closed_is_not_lost_in_silence(self):
        """The dialog was open when a supervisor, or nobody, closed it."""
        self.conversation.with_user(self.supervisor).action_close(self.spam.id)
        with self.assertRaisesRegex(UserError, self.supervisor.name):
            self.close(note="Sold")
        second = self.capture(self.write_in())
        second.sudo()._close(reason="inactivity")
        with self.assertRaisesRegex(UserError, "closed meanwhile"):
            self.close(second, note="Sold", follow_up={"date": "2030-01-02"})
        second.action_correct(self.disposition.id, "Sold")
        self.assertEqual(second.disposition_note, "Sold")

    def test_a_second_click_closes_nothing(self):
        for _click in range(2):
            self.close(note="Sold", follow_up={"date": "2030-01-02", "summary": "Go"})
        self.assertEqual(len(self.versions()), 1)
        self.assertEqual(
            self.env["mail.activity"].search_count([("summary", "=", "Go")]), 1
        )

    def test_a_correction_keeps_what_was_said_before(self):
        self.close(disposition=self.won, note="fine", values={self.order.id: "S1"})
        self.conversation.with_user(self.supervisor).action_correct(
            self.lost.id, "they sent it back", {self.order.id: "S2"}
        )
        self.assertEqual(
            self.versions(),
            [
                ("Lost", "they sent it back", self.supervisor, False),
                ("Won", "fine", self.agent, True),
            ],
        )
        self.assertEqual(self.conversation.disposition_id, self.lost)
        self.assertEqual(self.conversation.disposition_note, "they sent it back")
        self.assertEqual(self.filled_in(), {"Order": "S2"})
        first = self.conversation.sudo().result_ids.filtered("superseded")
        self.assertEqual(first.values_text, "Order: S1")
        change = self.conversation.sudo().change_ids[-1]
        self.assertEqual(change.what, "corrected")
        self.assertEqual(change.reason, "Sale › Won → Sale › Lost")

    def test_a_second_click_corrects_nothing(self):
        self.close(disposition=self.won, note="fine", values={self.order.id: "S1"})
        for _click in range(2):
            self.conversation.action_correct(self.spam.id, "was spam")
        self.assertEqual(len(self.versions()), 2)

    def test_a_correction_is_checked_like_a_closing(self):
        self.close()
        with self.assertRaisesRegex(UserError, "note"):
            self.conversation.action_correct(self.lost.id, "", {self.order.id: "1"})
        with self.assertRaisesRegex(UserError, "offer"):
            self.conversation.action_correct(self.sale.id)
        self.assertEqual(self.conversation.disposition_id, self.disposition)

    def test_the_agent_for_some_days_and_nobody_elses(self):
        self.close()
        self.assertTrue(self.conversation.get_closing()["may_correct"])
        with self.assertRaisesRegex(UserError, "supervisors"):
            self.conversation.with_user(self.agent2).action_correct(self.spam.id)
        self.conversation.sudo().closed_at = fields.Datetime.now() - timedelta(days=8)
        self.assertFalse(self.conversation.get_closing()["may_correct"])
        with self.assertRaisesRegex(UserError, "some days"):
            self.conversation.action_correct(self.spam.id)
        self.conversation.with_user(self.supervisor).action_correct(self.spam.id)
        self.assertEqual(self.conversation.disposition_id, self.spam)

    def test_what_is_open_is_not_corrected(self):
        with self.assertRaisesRegex(UserError, "not closed"):
            self.conversation.action_correct(self.spam.id)

    def test_what_the_system_closed_gets_a_result_later(self):
        self.conversation.sudo()._close(reason="inactivity")
        self.assertFalse(self.versions())
        self.conversation.action_correct(self.disposition.id)
        self.assertEqual(self.conversation.disposition_id, self.disposition)
        self.assertEqual(self.conversation.close_reason, "inactivity")

    def test_an_archived_disposition_can_be_kept(self):
        self.close()
        self.disposition.active = False
        self.conversation.action_correct(self.disposition.id, "one word more")
        self.assertEqual(self.conversation.disposition_note, "one word more")

    def test_versions_are_written_by_code_only(self):
        self.close(disposition=self.won, values={self.order.id: "S1"})
        result = self.conversation.result_ids.with_user(self.supervisor)
        for refused in (
            lambda: result.write({"note": "x"}),
            result.unlink,
            lambda: result.value_ids.write({"value": "x"}),
            lambda: result.create(
                {"conversation_id": self.conversation.id, "user_id": self.agent.id}
            ),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_the_database_allows_one_current_version(self):
        self.close()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.conversation.sudo().result_ids.copy({"superseded": False})

    def test_results_are_seen_by_who_sees_the_conversation(self):
        self.close(disposition=self.won, values={self.order.id: "S1"})
        for model in ("disposition.result", "disposition.value"):
            Model = self.env[f"whatsapp_omni.{model}"]
            domain = [("conversation_id", "=", self.conversation.id)]
            seen = {
                user.name: Model.with_user(user).search_count(domain)
                for user in (self.agent2, self.supervisor, self.agent_elsewhere)
            }
            self.assertEqual(seen, {"Luis": 1, "Sofía": 1, "Eva": 0})
            self.assertFalse(Model.with_user(self.other_supervisor).search(domain))


@tagged("post_install", "-at_install")
class TestRecords(DispositionCommon):
    """How the contact's other conversations ended."""

    def test_of_every_number_of_the_contact_and_every_line(self):
        partner = self.env["res.partner"].create({"name": "Lucía"})
        line2 = self.make_line(
            "+34911222444", self.provider, self.queue, callback_token="second"
        )
        self.conversation.sudo().customer_id.partner_id = partner
        self.close(disposition=self.won, note="a", values={self.order.id: "S1"})
        self.conversation.action_correct(
            self.won.id, "b", {self.order.id: "S1", self.items.id: 3}
        )
        other = self.write_in(phone="34600999888", name="Lu")
        other.customer_id.partner_id = partner
        self.close(self.capture(other), self.spam)
        now = self.capture(self.write_in())
        page = now.get_records()
        self.assertEqual(page["total"], 2)
        spam, sale = page["records"]
        self.assertEqual((spam["result"], spam["number"]), ("Spam", "+34 600 99 98 88"))
        self.assertEqual(sale["result"], "Sale › Won")
        self.assertEqual(sale["note"], "b")
        self.assertEqual([v["text"] for v in sale["values"]], ["S1", "3"])
        self.assertEqual([v["note"] for v in sale["earlier"]], ["a"])
        self.assertEqual((sale["agent"], sale["queue"]), ("Ana", "Support"))
        self.assertTrue(sale["may_correct"])
        self.assertTrue(line2)

    def test_of_an_unknown_customer_and_by_pages(self):
        self.close(note="first")
        self.close(self.capture(self.write_in()), note="second")
        stranger = self.capture(self.write_in(phone="34600777666"))
        self.assertEqual(stranger.get_records()["total"], 0)
        now = self.capture(self.write_in())
        page = now.get_records(offset=1, limit=1)
        self.assertEqual(page["total"], 2)
        self.assertEqual([r["note"] for r in page["records"]], ["first"])

    def test_a_page_costs_the_same_however_much_is_on_it(self):
        self.close(disposition=self.won, values={self.order.id: "S1"})
        old = fields.Datetime.now() - timedelta(days=99)
        self.conversation.sudo().closed_at = old
        costs = []
        for count in (1, 6):
            for _more in range(count):
                closed = self.close(
                    self.capture(self.write_in()), self.won, values={self.order.id: "S"}
                )
                closed.sudo().closed_at = old
            now = self.capture(self.write_in())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertGreater(len(now.get_records()["records"]), count)
            costs.append(self.env.cr.sql_log_count - before)
            self.close(now, self.spam)
        self.assertLessEqual(costs[1], costs[0])

    def test_only_what_the_user_may_see(self):
        self.close(note="not for Sales")
        self.line.queue_id = self.queue2
        now = self.capture(self.write_in(), self.agent_elsewhere)
        self.assertEqual(now.get_records(), {"total": 0, "records": []})


@tagged("post_install", "-at_install")
class TestFollowUp(DispositionCommon):
    """What an agent means to do after closing."""

    def plan(self, **follow_up):
        follow_up = {"date": "2030-01-02", "summary": " Call her ", **follow_up}
        self.close(follow_up=follow_up)

    def activity(self):
        return self.env["mail.activity"].search([("summary", "=", "Call her")])

    def test_on_the_contact(self):
        partner = self.env["res.partner"].create({"name": "Lucía"})
        self.conversation.sudo().customer_id.partner_id = partner
        self.plan()
        activity = self.activity()
        self.assertEqual(
            (activity.res_model, activity.res_id), (partner._name, partner.id)
        )
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(str(activity.date_deadline), "2030-01-02")
        self.assertIn("follow_up", self.conversation.sudo().change_ids.mapped("what"))

    def test_for_a_stranger_it_is_a_to_do_that_leads_to_the_conversation(self):
        self.plan()
        activity = self.activity().with_user(self.agent)
        self.assertFalse(activity.res_model)
        self.assertEqual(activity.user_id, self.agent)
        self.assertIn(f'href="/odoo/whatsapp/{self.conversation.id}"', activity.note)
        activity.action_done()
        self.assertFalse(self.activity())

    def test_without_a_date_or_a_word_nothing_is_closed(self):
        for wrong in ({"date": "soon"}, {"date": False}, {"summary": " "}):
            with (
                self.subTest(wrong),
                self.assertRaisesRegex(UserError, "follow-up"),
                self.env.cr.savepoint(),
            ):
                self.plan(**wrong)
        self.env.invalidate_all()
        self.assertEqual(self.conversation.state, "attended")


@tagged("post_install", "-at_install")
class TestWrapUp(DispositionCommon):
    """Time after closing before the next conversation."""

    def agent_row(self):
        return self.env["whatsapp_omni.agent"].search([("user_id", "=", self.agent.id)])

    def end(self):
        return self.env["whatsapp_omni.agent"].with_user(self.agent).end_wrap_up()

    def test_none_unless_the_queue_says_so(self):
        self.close()
        self.assertFalse(self.agent_row().wrap_up_until)

    def test_an_optional_one_can_be_ended(self):
        self.queue.write({"wrap_up": "optional", "wrap_up_seconds": 60})
        before = fields.Datetime.now()
        self.close()
        agent = self.agent_row()
        self.assertGreaterEqual(agent.wrap_up_until, before + timedelta(seconds=60))
        self.assertEqual(agent.wrap_up_conversation_id.id, self.conversation.id)
        mine = self.env["whatsapp_omni.agent"].with_user(self.agent).get_mine()
        self.assertTrue(mine["can_end_wrap_up"])
        self.assertFalse(self.end()["wrap_up_until"])
        self.assertFalse(agent.wrap_up_until)

    def test_a_mandatory_one_ends_by_itself(self):
        self.queue.write({"wrap_up": "mandatory", "wrap_up_seconds": 60})
        self.close()
        mine = self.env["whatsapp_omni.agent"].with_user(self.agent).get_mine()
        self.assertFalse(mine["can_end_wrap_up"])
        with self.assertRaisesRegex(UserError, "Support"):
            self.end()
        self.agent_row().wrap_up_until = fields.Datetime.now() - timedelta(seconds=1)
        self.end()
        self.assertFalse(self.agent_row().wrap_up_conversation_id)

    def test_not_for_what_others_close(self):
        self.queue.wrap_up = "mandatory"
        self.close(self.conversation.with_user(self.supervisor))
        self.assertFalse(self.agent_row().wrap_up_until)
        second = self.capture(self.write_in())
        second.sudo()._close(reason="inactivity")
        self.assertFalse(self.agent_row().wrap_up_until)

    def test_what_is_wrapped_up_may_be_corrected_whatever_the_queue_says(self):
        self.queue.write({"wrap_up": "optional", "correction_days": 0})
        self.close()
        self.conversation.action_correct(self.spam.id)
        self.end()
        with self.assertRaisesRegex(UserError, "supervisors"):
            self.conversation.action_correct(self.disposition.id)

    def test_times_make_sense(self):
        for wrong in (
            {"wrap_up": "optional", "wrap_up_seconds": 0},
            {"wrap_up": "mandatory", "wrap_up_seconds": 3601},
            {"correction_days": -1},
        ):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.queue.write(wrong)
