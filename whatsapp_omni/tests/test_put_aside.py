# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import WhatsAppOmniCommon, inbound


@tagged("post_install", "-at_install")
class TestPutAside(WhatsAppOmniCommon):
    """Parked conversations, and how they come back."""

    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in())

    def later(self, **kwargs):
        return fields.Datetime.to_string(fields.Datetime.now() + timedelta(**kwargs))

    def changes(self):
        return self.conversation.change_ids.mapped("what")

    def test_comes_back_when_the_customer_writes(self):
        self.conversation.action_put_aside()
        self.assertTrue(self.conversation.parked_at)
        self.receive(inbound(text="And now?"))
        self.assertFalse(self.conversation.parked_at)
        self.assertEqual(self.changes()[-2:], ["aside", "resumed"])

    def test_customer_who_writes_ends_it_before_its_time(self):
        self.conversation.action_put_aside(self.later(hours=2))
        self.receive(inbound(text="And now?"))
        self.assertFalse(self.conversation.parked_until)
        self.env["whatsapp_omni.conversation"]._resume_round()
        self.assertEqual(self.changes().count("resumed"), 1)

    def test_comes_back_at_its_time(self):
        self.conversation.action_put_aside(self.later(minutes=3))
        Conversation = self.env["whatsapp_omni.conversation"]
        self.assertEqual(Conversation._resume_round(), 0)
        self.conversation.sudo().parked_until = fields.Datetime.now()
        self.assertEqual(Conversation._resume_round(), 1)
        self.assertFalse(self.conversation.parked_at)
        self.assertEqual(self.conversation.user_id, self.agent)
        self.assertEqual(Conversation._resume_round(), 0)

    def test_scheduled_action_is_there_in_time(self):
        cron = self.env.ref("whatsapp_omni.ir_cron_resume_parked")
        self.conversation.action_put_aside(self.later(minutes=2))
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertGreaterEqual(triggers.call_at, self.conversation.parked_until)

    def test_by_hand_before_its_time(self):
        self.conversation.action_put_aside(self.later(hours=2))
        self.conversation.action_resume()
        self.assertFalse(self.conversation.parked_until)
        self.conversation.action_resume()  # a double click
        self.assertEqual(self.changes().count("resumed"), 1)

    def test_silence_is_not_counted(self):
        self.conversation.sudo().inactivity_due_at = fields.Datetime.now()
        self.conversation.action_put_aside(self.later(hours=2))
        self.assertFalse(self.conversation.inactivity_due_at)

    def test_closing_ends_it(self):
        self.conversation.action_put_aside(self.later(hours=2))
        self.conversation.action_close(self.disposition.id)
        self.assertFalse(self.conversation.parked_at)
        self.assertEqual(self.env["whatsapp_omni.conversation"]._resume_round(), 0)

    def test_only_its_agent_parks(self):
        for user in (self.agent2, self.supervisor):
            with self.assertRaisesRegex(UserError, "Only the agent"):
                self.conversation.with_user(user).action_put_aside()

    def test_time_has_to_be_one_that_is_to_come(self):
        with self.assertRaisesRegex(UserError, "still to come"):
            self.conversation.action_put_aside(self.later(minutes=-1))
        for nonsense in ("tomorrow", [1], {"a": 1}):
            with self.assertRaisesRegex(UserError, "no date"):
                self.conversation.action_put_aside(nonsense)

    def test_ordinary_message_pays_nothing(self):
        """Customers who write in conversations that are not parked."""
        self.receive(inbound(text="warm"))
        with self.assertQueryCount(0):
            self.conversation.sudo()._come_back_from_parking()


@tagged("post_install", "-at_install")
class TestMarks(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.conversation = self.capture(self.write_in())
        self.tag = self.env["whatsapp_omni.tag"].create({"name": "Refund"})

    def test_star_and_tags_are_seen_by_everybody(self):
        self.conversation.action_star(True)
        self.conversation.action_set_tags(self.tag.ids)
        seen = self.conversation.with_user(self.agent2)
        self.assertTrue(seen.starred)
        self.assertEqual(seen.tag_ids, self.tag)
        self.assertEqual(
            seen.sudo()._get_tags_data(),
            [{"id": self.tag.id, "name": "Refund", "color": 0}],
        )

    def test_star_twice_is_one(self):
        self.conversation.action_star(True)
        self.conversation.action_star(True)
        self.assertTrue(self.conversation.starred)

    def test_tags_can_be_taken_off(self):
        self.conversation.action_set_tags(self.tag.ids)
        self.conversation.action_set_tags([])
        self.assertFalse(self.conversation.has_tags)

    def test_colleagues_only_look(self):
        other = self.conversation.with_user(self.agent2)
        with self.assertRaises(AccessError):
            other.action_star(True)
        with self.assertRaises(AccessError):
            other.action_set_tags(self.tag.ids)
        self.conversation.with_user(self.supervisor).action_star(True)

    def test_tags_of_another_company_are_left_out(self):
        foreign = self.tag.create(
            {"name": "Foreign", "company_id": self.other_company.id}
        )
        self.conversation.action_set_tags((self.tag | foreign).ids)
        self.assertEqual(self.conversation.sudo().tag_ids, self.tag)


@tagged("post_install", "-at_install")
class TestSearch(WhatsAppOmniCommon):
    """Searching what was said in all own conversations."""

    def find(self, term, user=None):
        Conversation = self.env["whatsapp_omni.conversation"]
        return Conversation.with_user(user or self.agent).search_own_messages(term)

    def test_finds_open_and_closed_ones(self):
        closed = self.capture(self.write_in("My parcel is broken"))
        closed.action_close(self.disposition.id)
        again = self.capture(self.write_in("The new parcel too"))
        found = self.find("PARCEL")
        self.assertEqual(
            [row["conversation_id"] for row in found], [again.id, closed.id]
        )
        self.assertEqual(found[1]["snippet"], "My parcel is broken")

    def test_finds_own_answers(self):
        conversation = self.capture(self.write_in())
        self.answer(conversation, "We refund the parcel")
        self.assertEqual(len(self.find("refund")), 1)

    def test_finds_what_is_long_ago(self):
        """Years of work: nothing is left out without a word."""
        old = self.capture(self.write_in("My parcel is broken"))
        old.action_close(self.disposition.id)
        other = self.write_in(phone="34600111333").sudo()
        values = {
            "channel_id": other.channel_id.id,
            "customer_id": other.customer_id.id,
            "line_id": other.line_id.id,
            "company_id": other.company_id.id,
            "user_id": self.agent.id,
            "state": "closed",
            "last_message_at": fields.Datetime.now() + timedelta(hours=1),
        }
        other.create([values] * 2100)
        self.assertEqual(
            [row["conversation_id"] for row in self.find("parcel")], old.ids
        )

    def test_shows_some_words_around(self):
        self.capture(self.write_in("a " * 100 + "needle" + " b" * 100))
        (row,) = self.find("needle")
        self.assertIn("a needle b", row["snippet"])
        self.assertTrue(row["snippet"].startswith("…") and row["snippet"].endswith("…"))

    def test_conversations_of_others_are_not_searched(self):
        self.capture(self.write_in("My parcel is broken"), self.agent2)
        self.assertEqual(self.find("parcel"), [])
        self.assertEqual(self.find("parcel", self.other_agent), [])

    def test_what_messages_hide_is_neither_found_nor_told(self):
        """Nor to those who may reveal it: a reveal is noted, a search is not."""
        self.company.whatsapp_omni_hide_numbers = True
        conversation = self.capture(
            self.write_in("Card 4111 1111 1111 1111, me: +34 600 111 222, a@b.es")
        )
        self.answer(conversation, "Is it 4111-1111-1111-1111 and 600111222?")
        sensitive = self.env.ref("whatsapp_omni.group_sensitive")
        for groups in (self.env["res.groups"], sensitive):
            self.agent.group_ids |= groups
            for term in (
                "4111 1111 1111 1111",
                "4111-1111-1111-1111",
                "4111",
                "1111 1111",
                "600 111 222",
                "600111222",
                "+34",
                "600",
                "a@b.es",
                "a@b",
                "b.es",
            ):
                with self.subTest(term, groups=groups.name):
                    self.assertEqual(self.find(term), [])
        told = [row["snippet"] for row in self.find("•••• 1111")]
        self.assertEqual(
            told,
            [
                "Is it •••• 1111 and ••• 22 ?",
                "Card •••• 1111 , me: ••• 22 , a•••@b•••.es",
            ],
        )
        self.assertFalse(self.env["whatsapp_omni.reveal"].search([]))

    def test_short_term_is_refused(self):
        with self.assertRaisesRegex(UserError, "at least 3"):
            self.find("  a ")

    def test_signs_of_patterns_are_plain_text(self):
        self.capture(self.write_in("100% sure"))
        self.assertEqual(len(self.find("100%")), 1)
        self.assertEqual(self.find("1_0%"), [])
