# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from babel.languages import get_official_languages

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..gupshup import phones
from ..tools import background, phone
from ..tools.arguments import is_id, is_text, takes
from .customer_dialling import SEARCH_LIMIT

#: How many contacts are proposed for an unknown customer.
CANDIDATE_LIMIT = 5

#: A name shorter than this says nothing, and no index finds it.
NAME_LENGTH = 3


class WhatsAppCustomer(models.Model):
    """Which contact a customer is: what is proposed, chosen, created and undone."""

    _inherit = "whatsapp_omni.customer"

    # === WHO IT MAY BE === #

    def get_candidates(self):
        """Return the contacts that this customer may be, the likely first.

        Those with the same number, in any spelling, come before those with the same
        name. Costs the same however many contacts there are.

        :return: ``[{"id", "name", "number", "detail", "match": "number" | "name"}]``
        :rtype: list[dict]
        """
        self.ensure_one()
        self.check_access("read")
        by_number = self._find_by_number()
        found = [(partner, "number") for partner in by_number]
        if len(found) < CANDIDATE_LIMIT:
            by_name = self._find_by_name() - by_number
            found += [(partner, "name") for partner in by_name]
        return [
            {**self._describe_contact(partner), "match": match}
            for partner, match in found[:CANDIDATE_LIMIT]
        ]

    @takes(term=is_text)
    def search_contacts(self, term):
        """Return contacts by a part of their name or number, any spelling.

        :return: ``[{"id", "name", "number", "detail"}]``
        :rtype: list[dict]
        """
        self.ensure_one()
        self.check_access("read")
        term = (term or "").strip()
        if not term:
            return []
        partners = self.env["res.partner"].search(
            self._partner_domain(term) & self._contact_domain(), limit=SEARCH_LIMIT
        )
        return [self._describe_contact(partner) for partner in partners]

    @api.model
    def _describe_contact(self, partner):
        person = partner._whatsapp_omni_person()
        return {
            "id": partner.id,
            "name": person["name"],
            "number": person["number"],
            "detail": person["detail"],
        }

    def _contact_domain(self):
        """Return the domain of the contacts that this customer may be at all.

        Besides the one that it is.
        """
        return Domain("company_id", "in", [False, self.company_id.id]) & Domain(
            "id", "!=", self.sudo().partner_id.id
        )

    def _find_by_number(self):
        Partner = self.env["res.partner"]
        # sudo: whatsapp_omni.customer - to compare it, whoever may not read it
        number = self.sudo().wa_id
        if not number:
            return Partner
        spellings = phones.spellings(number)
        domain = self._number_domain(spellings) | Domain(
            "id", "in", self._find_namesakes(spellings).partner_id.ids
        )
        found = Partner.search(
            domain & self._contact_domain(), order="id desc", limit=2 * CANDIDATE_LIMIT
        )
        words = self._name_words()
        return found.sorted(
            lambda partner: (
                not any(word in (partner.name or "").lower() for word in words),
                partner.is_company,
            )
        )

    @api.model
    def _number_domain(self, spellings):
        """Return the domain of the contacts who have this number, however written.

        :param spellings: of one whole number; none finds nobody
        """
        if not spellings:
            return Domain.FALSE
        written = [way for s in spellings for way in (f"+{s}", s)]
        short = [way for s in spellings for way in phone.without_prefix(s)]
        domain = Domain("phone_sanitized", "in", [f"+{s}" for s in spellings]) | Domain(
            "phone_mobile_search", "in", written
        )
        # Without a prefix it is the same number in the same country only.
        if short:
            country = Domain("country_id", "=", False) | Domain(
                "country_id.code", "=", phone.region(spellings[0])
            )
            domain |= Domain("phone_mobile_search", "in", short) & country
        return domain

    def _find_namesakes(self, spellings):
        """Return the identified customers who have this number by another spelling.

        Or in another company of the user.
        """
        # sudo: whatsapp_omni.customer - only their contacts are shown, to who may
        return self.sudo().search(
            Domain("company_id", "in", self.env.companies.ids)
            & Domain("wa_id", "in", spellings)
            & Domain("partner_id", "!=", False)
        )

    def _name_words(self):
        """Return the words of the customer's name on WhatsApp, in lower case."""
        name = (self.profile_name or "").lower()
        return re.findall(r"[^\W\d_]{2,}", name)

    def _find_by_name(self):
        words = self._name_words()
        if not any(len(word) >= NAME_LENGTH for word in words):
            return self.env["res.partner"]
        found = self._find_by_words(words)
        # People add to their names what no address book has.
        return found or (self._find_by_words(words[:2]) if len(words) > 2 else found)

    def _find_by_words(self, words):
        Partner = self.env["res.partner"]
        domain = Domain.AND(Domain("name", "ilike", word) for word in words)
        # Without order: to sort them, all who have a common name would be read, or the
        # whole table in that order where few have it.
        query = Partner._search(domain & self._contact_domain(), limit=CANDIDATE_LIMIT)
        return Partner.browse(query)

    # === A NEW CONTACT === #

    def get_contact_options(self):
        """Return what a new contact of this customer begins with.

        It is linked as it is created: its form saves also when its page is left.

        :return: ``{"can_create", "view_id", "defaults", "former"}``; the form, what its
            context gives it, and the contact that it replaces, ``{"id", "name"}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        values = {**self._contact_values(), "whatsapp_omni_new_of_id": self.id}
        return {
            "can_create": self.env["res.partner"].has_access("create"),
            "view_id": self.env.ref("whatsapp_omni.res_partner_view_create").id,
            "defaults": {f"default_{name}": value for name, value in values.items()},
            "former": self._describe_linked(),
        }

    def _contact_values(self):
        """Return the values of a new contact, as far as WhatsApp tells them.

        And as far as the user may read them: what hides a number is no number.
        """
        # sudo: whatsapp_omni.customer - what follows from a number does not tell it
        number = self.sudo().wa_id
        values = {
            "name": self.profile_name or "",
            "phone": not self._is_number_hidden() and (self._full_number() or False),
            "company_id": self.company_id.id,
            # Odoo's default is the time zone of the agent.
            "tz": False,
        }
        if not number:
            return values
        code = phone.region(number)
        country = self.env["res.country"].search(Domain("code", "=", code), limit=1)
        values["country_id"] = country.id
        if lang := self._lang_of(code):
            values["lang"] = lang
        zones = phone.time_zones(number)
        if len(zones) == 1 and zones[0] in dict(
            self.env["res.partner"]._fields["tz"]._description_selection(self.env)
        ):
            values["tz"] = zones[0]
        return values

    @api.model
    def _lang_of(self, country_code):
        """Return the installed language that is spoken in a country, or None."""
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        spoken = get_official_languages(country_code or "", de_facto=True)
        for language in spoken:
            exact = f"{language}_{country_code}"
            if exact in installed:
                return exact
            for code in installed:
                if code.split("_")[0] == language:
                    return code
        return None

    # === CHOOSING === #

    @takes(partner_id=is_id)
    def action_identify(self, partner_id):
        """Link this customer to a contact, or undo the link with ``False``.

        Open to every agent who can see the customer.

        :return: the former contact, ``{"id", "name"}``, for who wants it back
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        partner = self._check_contact(partner_id)
        # The customer may be writing at this very moment: what they write is signed
        # anew below, or sees the new contact.
        background.read_committed_request(self.env)
        # sudo: whatsapp_omni.customer - agents may identify, not edit customers
        customer = self.sudo()
        customer._open_conversations()._lock()
        customer.invalidate_recordset(["partner_id"])
        former = self._describe_linked()
        customer.partner_id = partner
        return former

    def _describe_linked(self):
        """Return the contact that this customer is, for who wants it back."""
        # sudo: res.partner - who sees the customer sees its name
        partner = self.sudo().partner_id
        return {"id": partner.id, "name": partner.display_name or ""}

    def _check_contact(self, partner_id):
        """Return the contact that this customer shall be, empty for none.

        :raises UserError: why it cannot be that one
        """
        Partner = self.env["res.partner"]
        partner = Partner.browse(partner_id or []).exists()
        if partner_id and not partner:
            raise UserError(self.env._("This contact does not exist any more."))
        partner.check_access("read")
        company = self.sudo().company_id
        if partner.company_id and partner.company_id != company:
            raise UserError(self.env._("This contact belongs to another company."))
        return partner

    def _log_identified(self, former):
        """Tell in what is open, else in what was last, whose customer it is now."""
        # sudo: whatsapp_omni.conversation - whoever identifies may not see all of them
        customer = self.sudo()
        Conversation = customer.env["whatsapp_omni.conversation"]
        concerned = customer._open_conversations() or Conversation.search(
            Domain("customer_id", "=", self.id), order="id desc", limit=1
        )
        what = "identified" if customer.partner_id else "unidentified"
        reason = (customer.partner_id or former.sudo()).display_name
        for conversation in concerned:
            conversation._log_change(
                what, conversation.state, conversation.state, reason
            )
