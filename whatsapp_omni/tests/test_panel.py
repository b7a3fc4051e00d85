# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..models.conversation_panel import FILES_LIMIT, PREVIOUS_LIMIT
from ..models.res_partner_records import RecordKind
from .common import WhatsAppOmniCommon


@tagged("post_install", "-at_install")
class TestPanel(WhatsAppOmniCommon):
    """What stands beside a conversation: the contact, their records, their past."""

    def identified(self, **values):
        """Return an attended conversation whose customer is a contact."""
        conversation = self.capture(self.write_in())
        partner = self.env["res.partner"].create({"name": "Lucía Gómez", **values})
        conversation.sudo().customer_id.action_identify(partner.id)
        return conversation

    def cost_of(self, method, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        method(*args)
        return self.env.cr.sql_log_count - before

    # --- local time ------------------------------------------------------------------

    def local_time(self, phone, tz=None):
        customer = self.write_in(phone=phone).customer_id
        if tz is not None:
            customer.partner_id = self.env["res.partner"].create(
                {"name": "x", "tz": tz}
            )
        return customer._local_time()

    @freeze_time("2026-01-15 12:00:00")
    def test_local_time_by_the_number(self):
        known = {"zones": ["Europe/Berlin"], "is_sure": True}
        self.assertEqual(self.local_time("491701234567"), known)
        spain = {"zones": ["Atlantic/Canary", "Europe/Madrid"], "is_sure": False}
        self.assertEqual(self.local_time("34600111222"), spain)

    @freeze_time("2026-01-15 12:00:00")
    def test_local_time_by_the_contact(self):
        time = self.local_time("34600111222", "Europe/Madrid")
        self.assertEqual(time, {"zones": ["Europe/Madrid"], "is_sure": True})

    @freeze_time("2026-01-15 12:00:00")
    def test_a_time_zone_that_the_number_contradicts_does_not_count(self):
        time = self.local_time("491701234567", "America/New_York")
        self.assertEqual(time, {"zones": ["Europe/Berlin"], "is_sure": False})

    def test_nothing_is_said_where_nothing_is_known(self):
        customer = self.write_in(phone=None, user_id="US.9").customer_id
        self.assertEqual(customer._local_time(), {"zones": [], "is_sure": False})

    # --- contact ---------------------------------------------------------------------

    def test_an_unknown_customer_is_told_apart_from_an_unreadable_one(self):
        unknown = self.write_in(phone="34600000001").with_user(self.agent)
        customer = unknown.get_panel()["customer"]
        self.assertFalse(customer["is_identified"])
        conversation = self.identified()
        self.env["ir.rule"].create(
            {
                "name": "Nobody reads this contact",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", conversation.sudo().partner_id.id)],
            }
        )
        customer = conversation.get_panel()["customer"]
        self.assertTrue(customer["is_identified"])
        self.assertFalse(customer["partner"])
        self.assertEqual(conversation.get_panel_records(), {"kinds": []})

    def test_the_form_of_the_panel_is_editable_by_who_may_write(self):
        view_id = self.identified().get_panel()["customer"]["partner"]["view_id"]
        Partner = self.env["res.partner"].with_user(self.agent)

        def arch():
            return Partner.get_view(view_id, "form")["arch"]

        for name in ("email", "phone", "parent_id", "lang", "category_id", "city"):
            self.assertIn(f'name="{name}"', arch())
        self.assertIn('edit="False"', arch())
        manager = self.env.ref("base.group_partner_manager")
        self.agent.group_ids = [Command.link(manager.id)]
        self.assertNotIn('edit="False"', arch())

    # --- records ---------------------------------------------------------------------

    def test_records_of_other_apps_are_counted_for_who_may_read_them(self):
        conversation = self.identified()
        partner = conversation.sudo().partner_id

        def kinds(partner_self):
            return [
                RecordKind(
                    "res.partner", "Twins", "fa-user", [("id", "=", partner.id)]
                ),
                RecordKind("res.partner", "None", "fa-user", [("id", "=", 0)]),
                RecordKind("not.installed", "Gone", "fa-user", []),
                RecordKind("whatsapp_omni.provider", "Secret", "fa-user", []),
            ]

        self.patch(self.registry["res.partner"], "_whatsapp_omni_record_kinds", kinds)
        (found,) = conversation.get_panel_records()["kinds"]
        self.assertEqual((found["name"], found["count"]), ("Twins", 1))
        self.assertEqual(found["domain"], [("id", "=", partner.id)])

    def test_records_without_such_apps(self):
        self.assertEqual(self.identified().get_panel_records(), {"kinds": []})
        unknown = self.write_in(phone="34600000001").with_user(self.agent)
        self.assertEqual(unknown.get_panel_records(), {"kinds": []})

    # --- earlier conversations -------------------------------------------------------

    def test_earlier_conversations_come_by_the_page(self):
        for _n in range(PREVIOUS_LIMIT + 2):
            self.capture(self.write_in()).action_close(self.disposition.id)
        now = self.capture(self.write_in())
        panel = now.get_panel()
        self.assertEqual(len(panel["previous"]), PREVIOUS_LIMIT)
        self.assertTrue(panel["has_more_previous"])
        rest = now.get_previous(panel["previous"][-1]["id"])
        self.assertEqual(len(rest["conversations"]), 2)
        self.assertFalse(rest["has_more"])

    def test_earlier_conversations_are_corrected_by_who_may(self):
        self.capture(self.write_in()).action_close(self.disposition.id)
        now = self.capture(self.write_in(), self.agent2)
        for user, may in (
            (self.agent, True),
            (self.agent2, False),
            (self.supervisor, True),
        ):
            (earlier,) = now.with_user(user).get_previous()["conversations"]
            self.assertIs(earlier["may_correct"], may, user.name)

    def test_earlier_conversations_are_those_of_the_person(self):
        """On each of a contact's numbers, as the records are when one closes."""
        now = self.identified()
        other = self.capture(self.write_in(phone="34600999888", name="Lu"))
        stranger = self.capture(self.write_in(phone="34600777666"))
        other.action_close(self.disposition.id)
        stranger.action_close(self.disposition.id)
        self.assertEqual(now.get_panel()["previous"], [])
        other.sudo().customer_id.partner_id = now.sudo().partner_id
        (earlier,) = now.get_panel()["previous"]
        self.assertEqual(
            (earlier["id"], earlier["number"]), (other.id, "+34 600 99 98 88")
        )
        self.assertEqual(
            [record["id"] for record in now.get_records()["records"]], [other.id]
        )
        now.action_close(self.disposition.id)
        again = self.capture(self.write_in())
        numbers = [earlier["number"] for earlier in again.get_panel()["previous"]]
        self.assertEqual(numbers, ["+34 600 99 98 88", False])

    def test_an_earlier_conversation_leads_to_its_first_message(self):
        first = self.capture(self.write_in("Hola"))
        self.write_in("¿Hay alguien?")
        first.action_close()
        self.assertEqual(
            first.get_first_message(),
            first.sudo().message_ids.sorted("id")[0].mail_message_id.id,
        )
        with self.assertRaises(AccessError):
            first.with_user(self.agent_elsewhere).get_first_message()

    # --- files -----------------------------------------------------------------------

    def make_files(self, conversation, number):
        return self.env["ir.attachment"].create(
            [
                {
                    "name": f"{n}.txt",
                    "raw": base64.b64encode(b"x"),
                    "res_model": "discuss.channel",
                    "res_id": conversation.sudo().channel_id.id,
                }
                for n in range(number)
            ]
        )

    def test_files_of_all_conversations_come_by_the_page(self):
        first = self.capture(self.write_in())
        self.make_files(first, FILES_LIMIT)
        first.action_close()
        second = self.capture(self.write_in())
        newest = self.make_files(second, 2)[-1]
        page = second.get_files()
        self.assertEqual((page["ids"][0], len(page["ids"])), (newest.id, FILES_LIMIT))
        self.assertTrue(page["has_more"])
        self.assertEqual(len(page["store_data"]["ir.attachment"]), FILES_LIMIT)
        rest = second.get_files(page["ids"][-1])
        self.assertEqual((len(rest["ids"]), rest["has_more"]), (2, False))

    def test_files_of_private_notes_are_told_apart(self):
        conversation = self.capture(self.write_in())
        sent, noted = self.make_files(conversation, 2)
        channel = conversation.channel_id
        self.answer(conversation, "Su factura", attachment_ids=sent.ids)
        channel.message_post(
            body="Su DNI",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            attachment_ids=noted.ids,
        )
        page = conversation.get_files()
        self.assertEqual(page["ids"], [noted.id, sent.id])
        self.assertEqual(page["note_ids"], noted.ids)

    def test_files_are_for_who_may_read_the_transcript(self):
        conversation = self.write_in()
        self.make_files(conversation, 1)
        with self.assertRaises(AccessError):
            conversation.with_user(self.agent_elsewhere).get_files()
        self.queue.allow_peek = False
        with self.assertRaises(AccessError):
            conversation.with_user(self.agent).get_files()

    # --- what it costs ---------------------------------------------------------------

    def test_the_panel_costs_the_same_after_many_conversations(self):
        def pages():
            conversation.get_panel()
            conversation.get_panel_records()
            conversation.get_files()

        conversation = self.identified(tz="Europe/Madrid")
        pages()
        few = self.cost_of(pages)
        conversation.action_close()
        for n in range(PREVIOUS_LIMIT + 2):
            with freeze_time(f"2026-12-01 10:{n:02}:00"):
                self.capture(self.write_in()).action_close(self.disposition.id)
        conversation = self.capture(self.write_in())
        self.make_files(conversation, FILES_LIMIT)
        pages()
        self.assertLessEqual(self.cost_of(pages), few + 6)
        self.assertLessEqual(self.cost_of(conversation.get_panel), 30)
