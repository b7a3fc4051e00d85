# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import WhatsAppOmniCommon

SPAIN, BRAZIL, MEXICO = "34600111222", "5571981234567", "5215512345678"


@tagged("post_install", "-at_install")
class TestIdentifying(WhatsAppOmniCommon):
    """Which contact an unknown customer is: proposed, chosen, created, undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"]
        cls.spain = cls.env.ref("base.es")
        cls.france = cls.env.ref("base.fr")

    def make_contact(self, name, phone=False, **values):
        partner = self.Partner.create({"name": name, "phone": phone, **values})
        self.env.flush_all()
        return partner

    def let_create_contacts(self, user):
        group = self.env.ref("base.group_partner_manager")
        user.group_ids = [Command.link(group.id)]

    def candidates(self, phone=SPAIN, name="Somebody", user=None, **kwargs):
        """Have an unknown customer write; return who is proposed, with the reason."""
        conversation = self.write_in(phone=phone, name=name, **kwargs)
        customer = conversation.customer_id.with_user(user or self.agent)
        return [(c["id"], c["match"]) for c in customer.get_candidates()]

    # --- proposing -------------------------------------------------------------------

    def test_the_same_number_however_it_is_written(self):
        for number in (
            "+34 600 11 12 22",
            "0034600111222",
            "(+34) 600-111-222",
            "34600111222",
        ):
            with self.subTest(number):
                partner = self.make_contact("Ana Gil", number)
                self.assertEqual(self.candidates(), [(partner.id, "number")])
                partner.unlink()

    def test_a_number_without_prefix_counts_in_its_own_country(self):
        here = self.make_contact("Here", "600 11 12 22", country_id=self.spain.id)
        unknown = self.make_contact("Anywhere", "600111222")
        self.make_contact("Elsewhere", "600 111 222", country_id=self.france.id)
        found = {partner_id for partner_id, _match in self.candidates()}
        self.assertEqual(found, {here.id, unknown.id})

    def test_the_spellings_of_other_countries(self):
        """WhatsApp's id has or lacks a digit that people dial."""
        for stored, writes in (
            ("+55 71 98123-4567", "557181234567"),
            ("+55 71 8123-4567", BRAZIL),
            ("+52 55 1234 5678", MEXICO),
            ("+52 1 55 1234 5678", "525512345678"),
            ("+54 11 2233-4455", "5491122334455"),
            ("+54 9 11 2233-4455", "541122334455"),
        ):
            with self.subTest(stored):
                partner = self.make_contact("Marta", stored)
                self.assertEqual(self.candidates(writes), [(partner.id, "number")])
                partner.unlink()

    def test_several_contacts_share_a_number_and_the_namesake_comes_first(self):
        company = self.make_contact("Gil SL", f"+{SPAIN}", is_company=True)
        other = self.make_contact("Pedro Gil", f"+{SPAIN}")
        lucia = self.make_contact("Lucía Gil", f"+{SPAIN}")
        found = self.candidates(name="Lucía")
        self.assertEqual([partner_id for partner_id, _m in found][0], lucia.id)
        self.assertEqual(
            {partner_id for partner_id, _m in found}, {lucia.id, other.id, company.id}
        )

    def test_names_are_proposed_after_numbers(self):
        by_name = self.make_contact("Lucía Gómez", "+34 911 00 00 99")
        by_number = self.make_contact("Pedro", f"+{SPAIN}")
        self.make_contact("Lucía Pérez")
        self.assertEqual(
            self.candidates(name="🌸 lucía gómez 🌸"),
            [(by_number.id, "number"), (by_name.id, "name")],
        )

    def test_what_people_add_to_their_name_does_not_hide_them(self):
        partner = self.make_contact("Lucía Gómez")
        found = self.candidates(name="Lucía Gómez Florista")
        self.assertEqual(found, [(partner.id, "name")])

    def test_nobody_is_proposed_for_a_name_that_says_nothing(self):
        self.make_contact("Jo Al")
        for name in ("🌸", "Al", ".", ""):
            with self.subTest(name):
                self.assertEqual(self.candidates(name=name), [])

    def test_a_customer_without_number_is_proposed_by_name(self):
        partner = self.make_contact("Lucía Gómez")
        found = self.candidates(None, "Lucía Gómez", user_id="US.1234")
        self.assertEqual(found, [(partner.id, "name")])

    def test_a_contact_whose_other_spelling_wrote_before(self):
        partner = self.make_contact("Marta")
        first = self.write_in(phone="557181234567", name="x").customer_id
        first.action_identify(partner.id)
        found = self.candidates(BRAZIL, "x")
        self.assertEqual(found, [(partner.id, "number")])

    def test_contacts_of_other_companies_are_no_candidates(self):
        self.make_contact("Otto", f"+{SPAIN}", company_id=self.other_company.id)
        shared = self.make_contact("Shared", f"+{SPAIN}")
        self.assertEqual(self.candidates(), [(shared.id, "number")])

    def test_candidates_cost_the_same_among_many(self):
        conversation = self.write_in(name="Lucía Gómez")
        customer = conversation.customer_id.with_user(self.agent)

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(customer.get_candidates())
            return self.env.cr.sql_log_count - before

        self.make_contact("Lucía Gómez")
        cost()
        few = cost()
        self.Partner.create([{"name": f"Lucía Gómez {n}"} for n in range(30)])
        self.assertLessEqual(cost(), few)
        self.assertLessEqual(few, 25)

    def test_only_who_sees_the_customer_asks(self):
        customer = self.write_in().customer_id
        for method in ("get_candidates", "get_contact_options"):
            with self.assertRaises(AccessError):
                getattr(customer.with_user(self.agent_elsewhere), method)()
        with self.assertRaises(AccessError):
            customer.with_user(self.other_agent).search_contacts("Ana")

    def test_searching_another_contact(self):
        customer = self.write_in().customer_id.with_user(self.agent)
        parent = self.make_contact("Gil SL", is_company=True)
        partner = self.make_contact("Rosa", "+34 655 00 11 22", parent_id=parent.id)
        for term in ("rosa", "65500", "+34 655 00 11 22"):
            (found,) = customer.search_contacts(term)
            self.assertEqual(found["id"], partner.id)
            self.assertEqual(found["detail"], "Gil SL")
        self.assertEqual(customer.search_contacts("  "), [])

    # --- choosing and undoing --------------------------------------------------------

    def test_the_timeline_tells_who_was_linked_and_unlinked(self):
        conversation = self.write_in()
        customer = conversation.customer_id.with_user(self.agent)
        partner = self.make_contact("Lucía Gómez")
        self.assertFalse(customer.action_identify(partner.id)["id"])
        former = customer.action_identify(False)
        self.assertEqual(former, {"id": partner.id, "name": "Lucía Gómez"})
        changes = conversation.change_ids.filtered(lambda c: "identified" in c.what)
        self.assertEqual(
            [(c.what, c.reason, c.user_id) for c in changes],
            [
                ("identified", "Lucía Gómez", self.agent),
                ("unidentified", "Lucía Gómez", self.agent),
            ],
        )

    def test_linking_twice_is_told_once(self):
        conversation = self.write_in()
        partner = self.make_contact("Lucía Gómez")
        for _click in range(2):
            conversation.customer_id.action_identify(partner.id)
        told = conversation.change_ids.filtered(lambda c: c.what == "identified")
        self.assertEqual(len(told), 1)

    def test_the_timeline_tells_it_whatever_way_it_was_linked(self):
        """In the form of the customer, and after the last conversation has ended."""
        conversation = self.capture(self.write_in())
        conversation.action_close()
        partner = self.make_contact("Lucía Gómez")
        customer = conversation.sudo().customer_id.with_user(self.supervisor)
        customer.sudo(False).partner_id = partner
        last = conversation.sudo().change_ids.sorted("id")[-1]
        self.assertEqual((last.what, last.user_id), ("identified", self.supervisor))

    def test_another_contact_instead_signs_the_transcript_anew(self):
        conversation = self.write_in()
        mail = conversation.message_ids.mail_message_id
        wrong, right = self.make_contact("Wrong"), self.make_contact("Right")
        customer = conversation.customer_id
        customer.action_identify(wrong.id)
        former = customer.action_identify(right.id)
        self.assertEqual((former["id"], mail.author_id), (wrong.id, right))
        self.assertEqual(conversation.partner_id, right)

    def test_one_contact_with_several_numbers(self):
        partner = self.make_contact("Lucía Gómez")
        first = self.write_in()
        second = self.write_in(phone="34600999888")
        for conversation in first | second:
            conversation.customer_id.action_identify(partner.id)
        panel = first.with_user(self.agent).get_panel()["customer"]
        self.assertEqual(panel["partner"]["numbers"], ["+34 600 99 98 88"])
        self.assertEqual(partner.whatsapp_omni_conversation_count, 2)

    def test_a_contact_that_cannot_be_it(self):
        customer = self.write_in().customer_id.with_user(self.agent)
        theirs = self.make_contact("Otto", company_id=self.other_company.id)
        gone = self.make_contact("Gone")
        gone.unlink()
        with self.assertRaises(UserError):
            customer.action_identify(theirs.id)
        with self.assertRaisesRegex(UserError, "does not exist any more"):
            customer.action_identify(gone.id)
        self.assertFalse(customer.partner_id)

    def test_a_message_that_waited_for_the_identification_shows_it(self):
        """Background work reads the customer first, and waits for the lock then."""
        conversation = self.write_in()
        customer = conversation.customer_id
        partner = self.make_contact("Lucía Gómez")
        customer.action_identify(partner.id)
        self.env.flush_all()
        stale = customer.with_env(self.env)
        stale.env.cache.update(stale, stale._fields["partner_id"], [None])
        author = customer._author_values(conversation.partner_id)
        self.assertEqual(author["author_id"], partner.id)

    def test_a_new_name_of_the_contact_is_shown_at_once(self):
        conversation = self.write_in()
        partner = self.make_contact("Lucia")
        conversation.customer_id.action_identify(partner.id)
        partner.name = "Lucía Gómez"
        self.assertEqual(conversation.customer_id.name, "Lucía Gómez")
        self.assertEqual(conversation.channel_id.name, "Lucía Gómez")

    # --- creating --------------------------------------------------------------------

    def test_a_new_contact_is_filled_in_from_the_number(self):
        self.env["res.lang"]._activate_lang("es_ES")
        customer = self.write_in(name="Lucía").customer_id.with_user(self.agent)
        defaults = customer.get_contact_options()["defaults"]
        self.assertEqual(defaults["default_name"], "Lucía")
        self.assertEqual(defaults["default_phone"], "+34 600 11 12 22")
        self.assertEqual(defaults["default_country_id"], self.spain.id)
        self.assertEqual(defaults["default_lang"], "es_ES")
        self.assertFalse(defaults["default_tz"], "Spain has two time zones")

    def test_a_new_contact_is_linked_as_it_is_created(self):
        """Whoever leaves the page with its form open has saved, and sees no answer."""
        conversation = self.write_in(name="Lucía")
        self.let_create_contacts(self.agent)
        customer = conversation.customer_id.with_user(self.agent)
        defaults = customer.get_contact_options()["defaults"]
        Partner = self.Partner.with_user(self.agent).with_context(**defaults)
        saved = Partner.web_save({"email": "lucia@example.com"}, {"name": {}})
        self.assertEqual(customer.partner_id.id, saved[0]["id"])
        self.assertEqual(customer.get_contact_options()["former"]["name"], "Lucía")
        self.assertIn("identified", conversation.change_ids.mapped("what"))

    def test_a_new_contact_takes_no_customer_that_one_may_not_see(self):
        self.let_create_contacts(self.agent_elsewhere)
        customer = self.write_in().customer_id
        Partner = self.Partner.with_user(self.agent_elsewhere)
        self.assertTrue(Partner.create({"name": "Ada"}))
        with self.assertRaisesRegex(AccessError, "WhatsApp Customer"):
            Partner.create({"name": "Eva", "whatsapp_omni_new_of_id": customer.id})

    def test_no_language_is_guessed_that_is_not_installed(self):
        customer = self.write_in(phone="491701234567").customer_id
        defaults = customer.with_user(self.agent).get_contact_options()["defaults"]
        self.assertNotIn("default_lang", defaults)
        self.assertEqual(defaults["default_tz"], "Europe/Berlin")

    def test_a_new_contact_without_number(self):
        customer = self.write_in(phone=None, user_id="US.77", name="Kim").customer_id
        defaults = customer.with_user(self.agent).get_contact_options()["defaults"]
        self.assertEqual(defaults["default_name"], "Kim")
        self.assertFalse(defaults["default_phone"])

    def test_who_may_create_contacts_is_for_odoo_to_say(self):
        customer = self.write_in().customer_id.with_user(self.agent)
        self.agent.group_ids = [
            Command.unlink(self.env.ref("base.group_partner_manager").id)
        ]
        self.assertFalse(customer.get_contact_options()["can_create"])
        self.let_create_contacts(self.agent)
        self.assertTrue(customer.get_contact_options()["can_create"])
