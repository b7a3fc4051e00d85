# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
import re
import zlib
from datetime import UTC
from typing import NamedTuple

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..gupshup import phones, values
from ..gupshup.callbacks import parse
from ..gupshup.reading import event_key
from ..tools import phone
from ..tools.arguments import is_id, is_text, takes

_logger = logging.getLogger(__name__)

_NUMBER_LOCK = zlib.crc32(b"whatsapp_omni.number") & 0x7FFFFFFF

#: Receipts that tell under which number WhatsApp knows the customer.
_TELLING = ("sent", "delivered", "read")

#: What people and pages name a person with, see ``conversation.action_start``.
WHO = {
    "customer_id": is_id,
    "partner_id": is_id,
    "number": is_text,
    "country_id": is_id,
    "name": is_text,
}

#: How many people a search finds.
SEARCH_LIMIT = 8

#: A part of a number that is long enough to look for.
SEARCHED_DIGITS = 3


class Person(NamedTuple):
    """Whom somebody wants to write to, before it is known who that is on WhatsApp.

    :param str digits: the number as one dials it, digits only; empty when WhatsApp
        knows the customer by a user id only
    """

    digits: str = ""
    partner_id: int | bool = False
    customer_id: int | bool = False
    name: str = ""

    @property
    def key(self):
        """Equal for everything that leads to the same customer."""
        return phones.canonical(self.digits) or f"customer {self.customer_id}"


class WhatsAppCustomer(models.Model):
    """Customers to whom we write first: found by any spelling of their number.

    WhatsApp may know a customer by other digits than one dials. The first message goes
    to the dialled number; the receipt or the customer's answer, whichever comes first,
    tells WhatsApp's own, and from then on that is used.
    """

    _inherit = "whatsapp_omni.customer"

    is_dialled = fields.Boolean(
        "Number not confirmed",
        readonly=True,
        help="We dialled this number. WhatsApp has not yet told by which it knows the "
        "customer.",
    )

    # === WHO IT IS === #

    @api.model
    def _resolve_person(self, who, company):
        """Return whom the user means.

        :param dict who: see ``whatsapp_omni.conversation.action_start``
        :raises UserError: when there is no number, or it cannot be one
        :rtype: Person
        """
        if who.get("customer_id"):
            customer = self.browse(who["customer_id"]).exists()
            customer.check_access("read")
            if customer.company_id != company:
                raise UserError(self.env._("This customer belongs to another company."))
            # sudo: whatsapp_omni.customer - it is written to, not shown
            return Person(customer.sudo().wa_id or "", customer_id=customer.id)
        if who.get("partner_id"):
            return self._resolve_partner(who["partner_id"], company)
        country = self.env["res.country"].browse(who.get("country_id") or [])
        digits = self._dialled(who.get("number"), country or company.country_id)
        return Person(digits, name=(who.get("name") or "").strip())

    @api.model
    def _resolve_partner(self, partner_id, company):
        partner = self.env["res.partner"].browse(partner_id).exists()
        partner.check_access("read")
        if not partner:
            raise UserError(self.env._("This contact does not exist any more."))
        if partner.company_id and partner.company_id != company:
            raise UserError(self.env._("This contact belongs to another company."))
        if partner.phone:
            country = partner.country_id or company.country_id
            return Person(self._dialled(partner.phone, country), partner.id)
        # sudo: whatsapp_omni.customer - the contact's own, which the user may read
        known = self.sudo().search(
            Domain("partner_id", "=", partner.id)
            & Domain("company_id", "=", company.id),
            limit=1,
        )
        if not known:
            raise UserError(self.env._("%s has no phone number.", partner.display_name))
        return Person(known.wa_id or "", partner.id, known.id)

    @api.model
    def _dialled(self, number, country):
        """Return the digits of a typed number, with its country's prefix.

        :raises UserError: when it cannot be a phone number
        """
        if not (number or "").strip():
            raise UserError(self.env._("Enter the customer's phone number."))
        # People write the prefix after 00 as well, whatever their own country dials.
        international = re.sub(r"^00", "+", number.strip())
        return phone.normalize(international, country).lstrip("+")

    @api.model
    def _find_or_dial(self, company, person):
        """Return the customer that ``person`` is, a new one if nobody is known.

        :raises UserError: when the contact is somebody else's
        """
        customer = self.browse(person.customer_id or [])
        if not customer:
            customer = self._find_dialled(company, person)
        if not customer:
            sender = values.Sender(phone=person.digits)
            customer = self._create_from_sender(company, sender)
            customer.is_dialled = True
            customer.flush_recordset()
        if not customer.partner_id and (partner := self._partner_of(person, company)):
            customer.partner_id = partner
        return customer

    @api.model
    def _take_number_lock(self, company, key):
        """Let those who write first to a number, or from it, take turns.

        Until they commit.

        :param str key: of a :class:`Person`
        """
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            (_NUMBER_LOCK, f"{company.id}:{key}"),
        )

    @api.model
    def _find_just_dialled(self, company, sender):
        """Return whom a colleague has begun to write to in this very moment."""
        if not sender.phone:
            return self.browse()
        self._take_number_lock(company, phones.canonical(sender.phone))
        customer = self._find(company, sender)
        if customer:
            customer._learn(sender, {})
        return customer

    @api.model
    def _find_dialled(self, company, person):
        """Return who has this number in any spelling: the same one comes first."""
        known = self.search(
            Domain("company_id", "=", company.id)
            & Domain("wa_id", "in", phones.spellings(person.digits))
        )
        return known.sorted(
            lambda customer: (
                customer.wa_id != person.digits,
                customer.partner_id.id != person.partner_id,
                customer.id,
            )
        )[:1]

    @api.model
    def _partner_of(self, person, company):
        """Return the contact of a new customer, created if a name was given for it."""
        Partner = self.env["res.partner"]
        if person.partner_id:
            return Partner.browse(person.partner_id)
        if not person.name:
            return Partner
        # The user's own right, not ours: contacts are everybody's.
        created = Partner.sudo(False).create(
            {
                "name": person.name,
                "phone": self._format_number(person.digits),
                "company_id": company.id,
            }
        )
        return Partner.browse(created.id)

    # === SEARCH === #

    @api.model
    @takes(term=is_text, queue_id=is_id)
    def search_people(self, term, queue_id):
        """Return whom one may mean by a part of a name or of a number, any spelling.

        Contacts and customers, a contact and its customer once.

        :return: ``[{"partner_id", "customer_id", "name", "number", "detail"}]``
        :rtype: list[dict]
        """
        Conversation = self.env["whatsapp_omni.conversation"]
        company = Conversation._check_agent_of(queue_id).company_id
        term = (term or "").strip()
        if not term:
            return []
        partners = self.env["res.partner"].search(
            self._partner_domain(term)
            & Domain("company_id", "in", [False, company.id]),
            limit=SEARCH_LIMIT,
        )
        customers = self.search(
            self._customer_domain(term)
            & Domain("company_id", "=", company.id)
            & Domain("partner_id", "not in", partners.ids),
            limit=SEARCH_LIMIT,
        )
        found = [partner._whatsapp_omni_person() for partner in partners]
        found += [customer._describe_person() for customer in customers]
        return found[:SEARCH_LIMIT]

    @api.model
    def _partner_domain(self, term):
        """Return the domain of the contacts that a term may mean.

        Where numbers are hidden, those with the whole number only. Contacts belong to
        whoever may read them, but the desk shows their phones as it shows customers':
        what it hides it must not give away digit by digit.
        """
        domain = Domain("name", "ilike", term)
        if self._are_numbers_hidden():
            return domain | self._number_domain(self._spell(term))
        digits = re.sub(r"\D", "", term, flags=re.ASCII)
        if len(digits) < SEARCHED_DIGITS:
            return domain
        # Contacts have the prefix or not, and digits in groups of any size.
        for spelling in phones.spellings(digits):
            domain |= Domain("phone_mobile_search", "like", spelling)
            domain |= Domain("phone_sanitized", "like", spelling)
        return domain

    @api.model
    def _customer_domain(self, term):
        domain = Domain("name", "ilike", term)
        if self._are_numbers_hidden():
            return domain | Domain("number_display", "ilike", term)
        digits = re.sub(r"\D", "", term, flags=re.ASCII)
        if len(digits) < SEARCHED_DIGITS:
            return domain
        return domain | Domain.OR(
            Domain("wa_id", "like", spelling) for spelling in phones.spellings(digits)
        )

    def _describe_person(self):
        return {
            "partner_id": self.partner_id.id,
            "customer_id": self.id,
            "name": self.name,
            "number": self.number_display or "",
            "detail": self.partner_id.parent_id.name or "",
        }

    @api.model
    @takes(number=is_text, country_id=is_id)
    def check_number(self, number, country_id=False):
        """Return a typed number as people write it, ``+34 600 11 12 22``.

        :raises UserError: when it cannot be one of that country
        """
        country = self.env["res.country"].browse(country_id or [])
        digits = self._dialled(number, country or self.env.company.country_id)
        return self._format_number(digits)

    # === WHAT WHATSAPP CALLS THEM === #

    def _learn_number(self, number):
        """Keep by which number WhatsApp knows a customer whom we dialled.

        The customer's own messages tell it as well, and better: then nothing is left to
        learn.
        """
        self.ensure_one()
        self.env.cr.execute(
            "SELECT is_dialled FROM whatsapp_omni_customer WHERE id = %s"
            " FOR NO KEY UPDATE",
            (self.id,),
        )
        if not self.env.cr.fetchone()[0]:
            return
        self.invalidate_recordset()
        try:
            with self.env.cr.savepoint():
                self.write({"wa_id": number, "is_dialled": False})
                self.flush_recordset()
        except UniqueViolation:
            _logger.warning(
                "Customer %s is known to WhatsApp by another one's number", self.id
            )
            self.invalidate_recordset()
            self.is_dialled = False
        self._rename_guest()


class WhatsAppMessage(models.Model):
    _inherit = "whatsapp_omni.message"

    def _learn_numbers(self):
        """Have customers whom we dialled known by the number in these receipts.

        The journal has the receipts; whether this is the first of them or a later one,
        and whether a worker died before, they tell the same.
        """
        for message in self:
            customer = message.customer_id
            if customer.is_dialled and message.state in _TELLING:
                number = message._find_destination()
                if number:
                    customer._learn_number(number)

    def _find_destination(self):
        """Return the number that the receipts of this message name, if they do."""
        keys = [
            event_key("r", key, status)
            for key in (self.gs_id, self.wa_id)
            if key
            for status in _TELLING
        ]
        events = self.env["whatsapp_omni.event"].search(
            Domain("line_id", "=", self.line_id.id) & Domain("dedupe_key", "in", keys),
            order="id",
        )
        for event in events:
            receipt = parse(
                json.loads(event.body), event.received_at.replace(tzinfo=UTC)
            )
            if isinstance(receipt, values.Receipt) and receipt.destination:
                return receipt.destination
        return None
