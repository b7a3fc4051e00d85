# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from ..tools import phone
from .common import WhatsAppOmniCommon, receipt

DIGITS = "34600111222"
SHOWN = "+34 600 11 12 22"
HIDDEN = "+34 ••• ••• 222"

#: The phone of the contact: of another country than the queue's, without its prefix.
PHONE = "(212) 736-5000"
PHONE_DIGITS = "2127365000"
PHONE_HIDDEN = "••• ••• 000"


class HiddenNumberCommon(WhatsAppOmniCommon):
    """A customer without a name, attended by an agent."""

    def setUp(self):
        super().setUp()
        self.company.country_id = self.env.ref("base.es")
        self.company.whatsapp_omni_hide_numbers = True
        self.conversation = self.capture(self.write_in(name="", phone=DIGITS)).sudo()
        self.customer = self.conversation.customer_id
        exports = self.env.ref("base.group_allow_export")
        exports.user_ids = self.agent | self.supervisor

    def as_user(self, user, record=None):
        """Return the customer, or another record, as a user's request finds it."""
        self.env.invalidate_all()
        return (record or self.customer).with_user(user).sudo(False)

    def forget_pushed(self):
        self.env.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()

    def pushed(self):
        """Return all that was sent to browsers since :meth:`forget_pushed`."""
        self.env.cr.precommit.run()
        return [json.loads(m) for m in self.env["bus.bus"].search([]).mapped("message")]

    def assertHidden(self, data):
        text = json.dumps(data, default=str, ensure_ascii=False)
        digits = "".join(filter(str.isdigit, text))
        self.assertNotIn(DIGITS[2:], digits)
        return text


@tagged("post_install", "-at_install")
class TestHiddenNumber(HiddenNumberCommon):
    """Where a company hides its customers' numbers, no agent finds them out."""

    # --- reading ---------------------------------------------------------------------

    @mute_logger("odoo.orm.models", "odoo.models")
    def test_an_agent_reads_what_is_left_of_it(self):
        customer = self.as_user(self.agent)
        self.assertEqual(customer.number_display, HIDDEN)
        self.assertEqual(customer.name, HIDDEN)
        self.assertEqual(customer.display_name, HIDDEN)
        self.assertHidden(customer.read())
        self.assertHidden(customer.web_read({"number_display": {}, "name": {}}))
        self.assertHidden(
            customer.export_data(["name", "number_display", "conversation_ids/name"])
        )
        self.assertNotIn("wa_id", customer.fields_get())
        conversation = self.as_user(self.agent, self.conversation)
        self.assertHidden(conversation.read())
        self.assertHidden(
            conversation.export_data(["display_name", "customer_id/number_display"])
        )
        self.assertHidden(self.as_user(self.agent, self.conversation.channel_id).read())

    @mute_logger("odoo.orm.models", "odoo.models")
    def test_the_number_itself_is_closed_to_agents(self):
        customer = self.as_user(self.agent)
        conversation = self.as_user(self.agent, self.conversation)
        customers, conversations = customer.browse(), conversation.browse()
        for attempt in (
            lambda: customer.wa_id,
            lambda: customer.read(["wa_id"]),
            lambda: customer.web_read({"wa_id": {}}),
            lambda: customer.export_data(["wa_id"]),
            lambda: customer.search([("wa_id", "like", "600")]),
            lambda: customer.search([], order="wa_id"),
            lambda: customer.filtered_domain([("wa_id", "like", "600")]),
            lambda: customers.formatted_read_group([], ["wa_id"], []),
            lambda: customers.search_read([], ["wa_id"]),
            lambda: conversation.export_data(["customer_id/wa_id"]),
            lambda: conversation.web_read({"customer_id": {"fields": {"wa_id": {}}}}),
            lambda: conversations.search([("customer_id.wa_id", "like", "600")]),
            lambda: conversations.formatted_read_group([], ["customer_id.wa_id"], []),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_a_warm_cache_tells_an_agent_nothing(self):
        self.assertEqual(self.customer.wa_id, DIGITS)
        own = self.customer.with_user(self.agent).sudo(False)
        self.assertEqual(own.with_user(self.supervisor).number_display, SHOWN)
        self.assertEqual(own.number_display, HIDDEN)
        self.assertEqual(own.sudo().number_display, HIDDEN)
        with self.assertRaises(AccessError), mute_logger("odoo.orm.models"):
            self.assertFalse(own.wa_id)

    def test_supervisors_and_administrators_read_it(self):
        for user in (self.supervisor, self.administrator):
            with self.subTest(user=user.name):
                customer = self.as_user(user)
                self.assertEqual(customer.number_display, SHOWN)
                self.assertEqual(customer.wa_id, DIGITS)
                self.assertIn(customer, customer.search([("wa_id", "like", "60011")]))
                conversation = self.as_user(user, self.conversation)
                self.assertEqual(conversation.get_panel()["customer"]["number"], SHOWN)

    # --- searching -------------------------------------------------------------------

    def test_an_agent_finds_a_customer_by_the_whole_number_only(self):
        customer = self.as_user(self.agent)
        for term in (SHOWN, DIGITS, f"+{DIGITS}", "600 111 222", "0034600111222"):
            with self.subTest(term):
                domain = [("number_display", "ilike", term)]
                self.assertEqual(customer.search(domain), customer)
                self.assertEqual(
                    dict(customer.name_search(term)), {customer.id: HIDDEN}
                )
        for term in ("600", "60011122", "3460011122", "%", "_" * 11, "34600111%"):
            with self.subTest(term):
                for operator in ("ilike", "like", "=like", "=ilike", "="):
                    self.assertFalse(
                        customer.search([("number_display", operator, term)])
                    )
        for term in ("600", "60011122", "3460011122", "111"):
            self.assertFalse(customer.name_search(term))
        self.assertFalse(customer.search([("number_display", "=", False)]))
        self.assertEqual(customer.search([("number_display", "!=", False)]), customer)
        self.assertEqual(
            customer.search([("number_display", "not ilike", "600")]), customer
        )

    def test_an_agent_does_not_halve_a_list_of_numbers_until_one_is_left(self):
        customer = self.as_user(self.agent)
        guesses = [f"3460011{n:04}" for n in range(2000)]
        self.assertIn(DIGITS, guesses)
        for own, path in (
            (customer, "number_display"),
            (customer.conversation_ids, "customer_id.number_display"),
        ):
            with self.assertRaisesRegex(UserError, "one number"):
                own.search([(path, "in", guesses)])
            with self.assertRaisesRegex(UserError, "one number"):
                own.search([(path, "not in", guesses)])
            self.assertEqual(own.search([(path, "in", [SHOWN, "34600999888"])]), own)
        found = self.as_user(self.supervisor).search([("wa_id", "in", guesses)])
        self.assertIn(self.customer, found)

    def test_conversations_are_found_by_the_whole_number_only(self):
        conversation = self.as_user(self.agent, self.conversation)
        for term, found in ((SHOWN, True), ("60011", False)):
            domain = Domain("customer_id.number_display", "ilike", term)
            self.assertEqual(bool(conversation.search(domain)), found)
            self.assertEqual(bool(conversation.name_search(term)), found)
        own = self.as_user(self.supervisor, self.conversation)
        self.assertTrue(own.name_search("60011"))

    def test_the_desk_finds_by_the_whole_number_only(self):
        """The cards that an agent sees show no number to compare with."""
        conversation = self.as_user(self.agent, self.conversation)
        for term in (SHOWN, "600 111 222"):
            self.assertEqual(conversation.find_by_number(term), conversation.ids)
        for term in ("60011", "", "Ana"):
            self.assertEqual(conversation.find_by_number(term), [])
        stranger = self.as_user(self.agent_elsewhere, self.conversation)
        self.assertEqual(stranger.find_by_number(SHOWN), [])

    def test_whom_to_write_to_is_found_by_the_whole_number_only(self):
        customer = self.as_user(self.agent)
        self.assertFalse(customer.search_people("60011", self.queue.id))
        (person,) = customer.search_people("600 111 222", self.queue.id)
        self.assertEqual(person["customer_id"], customer.id)
        self.assertHidden(person)

    def test_contacts_are_found_by_the_whole_number_only(self):
        partner = self.env["res.partner"].create({"name": "Ana", "phone": SHOWN})
        abroad = self.env["res.partner"].create(
            {
                "name": "Bea",
                "phone": "600 111 222",
                "country_id": self.env.ref("base.us").id,
            }
        )
        self.env.flush_all()
        customer = self.as_user(self.agent)
        for term in ("60011", "60011122", "3460011122", "111 222"):
            with self.subTest(term):
                self.assertFalse(customer.search_people(term, self.queue.id))
                self.assertFalse(customer.search_contacts(term))
        for term in (SHOWN, DIGITS, "600 111 222", "0034600111222"):
            with self.subTest(term):
                found = customer.search_people(term, self.queue.id)
                self.assertIn(partner.id, [person["partner_id"] for person in found])
                self.assertNotIn(abroad.id, [person["partner_id"] for person in found])
                (contact,) = customer.search_contacts(term)
                self.assertEqual(contact["id"], partner.id)
                self.assertHidden([found, contact])
        own = self.as_user(self.supervisor)
        self.assertIn(partner.id, [c["id"] for c in own.search_contacts("60011")])

    def test_a_number_that_the_customer_is_called_by_is_hidden(self):
        for name in (DIGITS, f"+{DIGITS}", SHOWN):
            with self.subTest(name):
                self.write_in(name=name, phone=DIGITS)
                self.assertHidden(self.as_user(self.agent).read())
                self.assertHidden(
                    self.as_user(self.agent, self.conversation.channel_id).read()
                )
                self.assertHidden(
                    self.as_user(self.agent, self.conversation).get_panel()
                )

    # --- screens ---------------------------------------------------------------------

    def test_screens_get_it_hidden_whoever_causes_it(self):
        self.forget_pushed()
        self.conversation.with_user(self.supervisor)._push()
        self.write_in("Otra vez", name="", phone=DIGITS)
        self.assertIn(HIDDEN, self.assertHidden(self.pushed()))

    def test_the_desk_and_its_panel_get_it_hidden(self):
        conversation = self.as_user(self.agent, self.conversation)
        self.assertIn(HIDDEN, self.assertHidden(Store().add(conversation).get_result()))
        panel = conversation.get_panel()
        self.assertEqual(panel["customer"]["number"], HIDDEN)
        self.assertHidden(panel)
        store = Store()
        conversation._add_inbox(store)
        self.assertHidden(store.get_result())

    def test_the_other_numbers_of_a_contact_are_hidden(self):
        partner = self.env["res.partner"].create({"name": "Lucía Gómez"})
        other = self.capture(self.write_in(name="", phone="34600999888")).sudo()
        (self.customer | other.customer_id).partner_id = partner
        panel = self.as_user(self.agent, self.conversation).get_panel()
        self.assertEqual(panel["customer"]["partner"]["numbers"], ["+34 ••• ••• 888"])

    def test_proposed_contacts_do_not_tell_it(self):
        partner = self.env["res.partner"].create({"name": "Ana", "phone": SHOWN})
        self.env.flush_all()
        customer = self.as_user(self.agent)
        (candidate,) = customer.get_candidates()
        self.assertEqual((candidate["id"], candidate["match"]), (partner.id, "number"))
        self.assertEqual(candidate["number"], HIDDEN)
        self.assertHidden(customer.search_contacts("Ana"))
        self.assertHidden(customer.search_people("Ana", self.queue.id))
        (candidate,) = self.as_user(self.supervisor).get_candidates()
        self.assertEqual(candidate["number"], SHOWN)

    def identify(self, **values):
        """Make the customer a contact, with a phone of their own; return it."""
        values = {"name": "Lucía Gómez", "phone": PHONE, **values}
        partner = self.env["res.partner"].create(values)
        self.customer.partner_id = partner
        return partner

    def assertPhoneHidden(self, data):
        text = json.dumps(data, default=str, ensure_ascii=False)
        self.assertNotIn(PHONE_DIGITS, "".join(filter(str.isdigit, text)))
        return text

    def test_the_panel_shows_the_phone_of_the_contact_hidden(self):
        partner = self.identify()
        panel = self.as_user(self.agent, self.conversation).get_panel()
        self.assertEqual(panel["customer"]["partner"]["phone"], PHONE_HIDDEN)
        self.assertPhoneHidden(panel)
        panel = self.as_user(self.supervisor, self.conversation).get_panel()
        self.assertEqual(panel["customer"]["partner"]["phone"], PHONE)
        self.company.whatsapp_omni_hide_numbers = False
        panel = self.as_user(self.agent, self.conversation).get_panel()
        self.assertEqual(panel["customer"]["partner"]["phone"], PHONE)
        self.assertEqual(partner.phone, PHONE)

    def form_of(self, user):
        """Return what the form beside the conversation loads of the contact."""
        panel = self.as_user(user, self.conversation).get_panel()
        shown = panel["customer"]["partner"]
        partner = self.customer.partner_id.with_user(user)
        view = partner.get_view(shown["view_id"], "form")
        names = [
            node.get("name") for node in etree.fromstring(view["arch"]).iter("field")
        ]
        return partner.web_read({name: {} for name in names})[0]

    def test_the_contact_is_edited_without_the_phone_by_who_may_not_see_it(self):
        self.identify()
        loaded = self.form_of(self.agent)
        self.assertNotIn("phone", loaded)
        self.assertEqual(loaded["whatsapp_omni_phone"], PHONE_HIDDEN)
        self.assertPhoneHidden(loaded)
        self.assertEqual(self.form_of(self.supervisor)["phone"], PHONE)
        self.company.whatsapp_omni_hide_numbers = False
        self.assertEqual(self.form_of(self.agent)["phone"], PHONE)

    # --- records that are made of it --------------------------------------------------

    def test_a_new_contact_of_an_agent_begins_without_it(self):
        options = self.as_user(self.agent).get_contact_options()
        self.assertIs(options["defaults"]["default_phone"], False)
        self.assertEqual(
            options["defaults"]["default_country_id"], self.env.ref("base.es").id
        )
        self.assertHidden(options)
        options = self.as_user(self.supervisor).get_contact_options()
        self.assertEqual(options["defaults"]["default_phone"], SHOWN)

    # --- messages ---------------------------------------------------------------------

    def test_it_is_hidden_in_messages_whatever_the_queue_hides(self):
        self.queue.mask_phones = False
        mail = self.message_of_text(f"Llámeme al {SHOWN}")
        self.assertHidden(mail.preview)
        self.assertHidden(self.conversation.last_text)

    def message_of_text(self, text):
        self.write_in(text, name="", phone=DIGITS)
        return self.conversation.message_ids.sorted("id")[-1:].mail_message_id

    def test_a_quick_reply_shows_it_hidden_and_says_it_to_the_customer(self):
        template = self.env["whatsapp_omni.message.template"].create(
            {
                "name": "Number",
                "body": "¿Es {{customer.number}} su número?",
                "queue_ids": [Command.set(self.queue.ids)],
            }
        )
        own = self.as_user(self.agent, template)
        (reply,) = own.get_quick_replies(self.conversation.id)
        self.assertIn(HIDDEN, self.assertHidden(reply))
        self.assertFalse(reply["text"], "from the composer it would leave hidden")
        own.send_quick_reply(self.conversation.channel_id.id, template.id)
        self.send_outbox()
        self.assertIn(SHOWN, self.provider_double.sent[-1]["text"])
        mail = self.conversation.message_ids.sorted("id")[-1:].mail_message_id
        self.assertHidden(self.as_user(self.agent, mail).read(["body", "preview"]))

    def private_reply(self, body, **values):
        """Return a quick reply that the agent has written for themselves."""
        return (
            self.env["whatsapp_omni.message.template"]
            .with_user(self.agent)
            .create({"name": "Mine", "body": body, "user_id": self.agent.id, **values})
        )

    def test_a_quick_reply_with_the_contacts_phone_shows_it_hidden(self):
        self.identify()
        template = self.private_reply("¿Llamo al {{contact.phone}}?")
        own = self.as_user(self.agent, template)
        (reply,) = own.get_quick_replies(self.conversation.id)
        self.assertIn(PHONE_HIDDEN, self.assertPhoneHidden(reply))
        self.assertFalse(reply["text"], "from the composer it would leave hidden")
        own.send_quick_reply(self.conversation.channel_id.id, template.id)
        self.send_outbox()
        self.assertIn(PHONE, self.provider_double.sent[-1]["text"])
        mail = self.conversation.message_ids.sorted("id")[-1:].mail_message_id
        self.assertPhoneHidden(self.as_user(self.agent, mail).read(["body", "preview"]))

    def test_no_way_to_write_a_quick_reply_tells_a_number(self):
        # With a longer name than the samples', what comes after it is cut.
        self.identify(name="Lucía de la Fuente y Ortega", phone=f"+1{PHONE_DIGITS}")
        for body in (
            "https://wa.me/{{contact.phone}}",
            "x9{{contact.phone}}9x",
            "https://wa.me/{{customer.number}}",
            "-".join(["{{customer.number}}"] * 3),
            "Z" * 4058 + "{{contact.name}} {{contact.phone}}",
            "Z" * 4056 + "{{contact.name}} {{customer.number}}",
        ):
            with self.subTest(body[-40:]):
                template = self.private_reply(body)
                own = self.as_user(self.agent, template)
                self.assertHidden(reply := own.get_quick_replies(self.conversation.id))
                self.assertPhoneHidden(reply)
                own.send_quick_reply(self.conversation.channel_id.id, template.id)
                mail = self.conversation.message_ids.sorted("id")[-1:].mail_message_id
                told = self.as_user(self.agent, mail).read(["body", "preview"])
                for digits in (DIGITS[2:6], PHONE_DIGITS[:4]):
                    text = "".join(filter(str.isdigit, str(told[0]["body"])))
                    self.assertNotIn(digits, text)
                template.unlink()

    def test_a_contact_card_shows_a_phone_hidden_and_tells_it_the_customer(self):
        partner = self.env["res.partner"].create(
            {"name": "Bea", "phone": "+34 600 99 88 77"}
        )
        shown = self.as_user(self.agent, partner).whatsapp_omni_phone
        self.assertEqual(shown, "+34 ••• ••• 877")
        conversation = self.as_user(self.agent, self.conversation)
        card = {"name": "Bea", "phones": [shown], "partner_id": partner.id}
        conversation.action_send_built("contact", card)
        self.send_outbox()
        sent = self.provider_double.sent[-1]["contact"]
        self.assertEqual(sent["phones"][0]["phone"], "+34 600 99 88 77")
        mail = self.conversation.message_ids.sorted("id")[-1:].mail_message_id
        self.assertNotIn("99 88", mail.body)

    def test_what_is_hidden_is_revealed_like_anything_else(self):
        mail = self.message_of_text("Mi WhatsApp: https://wa.me/34600111222")
        self.assertHidden(mail.body)
        self.assertEqual(mail.whatsapp_omni_hidden, "phone")
        self.agent.group_ids = [
            Command.link(self.env.ref("whatsapp_omni.group_sensitive").id)
        ]
        revealed = self.as_user(self.agent, mail).action_whatsapp_omni_reveal()
        self.assertIn(DIGITS, revealed["body"])

    def test_an_approved_template_shows_it_hidden_and_says_it_to_the_customer(self):
        template = self.make_template("number", body="¿Es {{1}} su número?")
        template.parameter_ids.source = "customer_number"
        conversation = self.as_user(self.agent, self.conversation)
        (offered,) = conversation.get_templates()
        self.assertEqual(offered["parameters"][0]["value"], HIDDEN)
        for params in ([HIDDEN], [False]):
            conversation.action_send_template(template.id, params)
            self.send_outbox()
            sent = json.loads(self.provider_double.forms[-1]["template"])
            self.assertEqual(sent["params"], [SHOWN])
        mail = self.conversation.message_ids.sorted("id")[-1:].mail_message_id
        self.assertHidden(self.as_user(self.agent, mail).read(["body", "preview"]))

    def test_why_a_message_failed_does_not_tell_it(self):
        """GupShup writes numbers without +, and from whatever country."""
        abroad = "12127365000"
        conversation = self.capture(self.write_in(name="", phone=abroad))
        (message,) = self.outbound_of(self.answer(conversation))
        self.send_outbox()
        told = receipt(
            "failed", message.gs_id, phone=abroad, code=470, reason=f"No {abroad}."
        )
        self.receive(told)
        self.assertEqual(message.error_reason, "No ••• 00.")

    # --- switching --------------------------------------------------------------------

    def test_the_switch_changes_names_at_once_and_back(self):
        self.forget_pushed()
        named = self.write_in(name="Marta", phone="34600555444").customer_id
        self.company.whatsapp_omni_hide_numbers = False
        self.assertEqual(self.customer.name, SHOWN)
        self.assertEqual(self.conversation.channel_id.name, SHOWN)
        self.assertEqual(named.name, "Marta")
        self.assertIn(SHOWN, json.dumps(self.pushed(), ensure_ascii=False))
        customer = self.as_user(self.agent)
        self.assertEqual(customer.number_display, SHOWN)
        self.assertEqual(customer.wa_id, DIGITS)
        self.assertEqual(
            customer.search([("number_display", "like", "6001112")]), customer
        )
        self.company.whatsapp_omni_hide_numbers = True
        self.assertEqual(self.customer.name, HIDDEN)
        self.assertEqual(self.conversation.channel_id.name, HIDDEN)
        self.assertEqual(self.as_user(self.agent).number_display, HIDDEN)

    def test_administrators_of_the_system_switch_it(self):
        Settings = self.env["res.config.settings"]
        Settings.create({"whatsapp_omni_hide_numbers": False}).execute()
        self.assertFalse(self.company.whatsapp_omni_hide_numbers)

    def test_another_company_decides_for_itself(self):
        self.agent.company_ids = self.company | self.other_company
        self.other_queue.agent_ids = self.agent
        customer = self.env["whatsapp_omni.customer"].create(
            {"company_id": self.other_company.id, "wa_id": "34600333444"}
        )
        own = customer.with_user(self.agent)
        self.assertEqual(own.number_display, "+34 600 33 34 44")
        elsewhere = own.with_context(allowed_company_ids=self.other_company.ids)
        self.assertFalse(elsewhere._are_numbers_hidden())
        both = (self.company | self.other_company).ids
        self.assertTrue(
            own.with_context(allowed_company_ids=both)._are_numbers_hidden()
        )


@tagged("post_install", "-at_install")
class TestShownNumber(WhatsAppOmniCommon):
    """Nothing changes, and nothing is asked, where numbers are not hidden."""

    def test_agents_read_and_search_it_by_default(self):
        conversation = self.capture(self.write_in(name="", phone=DIGITS))
        customer = conversation.customer_id
        self.assertEqual(customer.number_display, SHOWN)
        self.assertEqual(customer.wa_id, DIGITS)
        self.assertEqual(customer.name, SHOWN)
        self.assertEqual(customer.search([("wa_id", "like", "6001")]), customer)
        found = customer.search_people("6001112", self.queue.id)
        self.assertEqual([person["number"] for person in found], [SHOWN])
        options = customer.get_contact_options()
        self.assertEqual(options["defaults"]["default_phone"], SHOWN)

    def test_it_costs_no_query(self):
        conversation = self.capture(self.write_in(name="", phone=DIGITS))
        customer = conversation.customer_id
        customer.fetch(["wa_id", "company_id"])
        customer.invalidate_recordset(["number_display"])
        self.company.invalidate_recordset()
        with self.assertQueryCount(0):
            self.assertEqual(customer.number_display, SHOWN)
            self.assertEqual(customer.sudo()._shared_number(), SHOWN)

    def test_what_is_left_of_a_number(self):
        for number, shown in (
            ("+34600111222", HIDDEN),
            (SHOWN, HIDDEN),
            ("+12025550123", "+1 ••• ••• 123"),
            ("600 11 12 22", "••• ••• 222"),
            ("112", "••• ••• •••"),
        ):
            self.assertEqual(phone.masked(number), shown)
