# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..gupshup import phones
from ..tools import masking, phone

#: Numbers that who must not read them may search for at once.
SEARCHED_NUMBERS = 10


class WhatsAppCustomer(models.Model):
    """The customer's number, and who reads it.

    A company may hide its customers' numbers from agents. Then a number is not merely
    left out of screens: ``wa_id`` is a field that they may not read, and what is shown
    in its place depends on the user, superuser mode or not. Names and what several
    people hear over the bus are the same for everybody, hence hide it from all.
    """

    _inherit = "whatsapp_omni.customer"

    number_display = fields.Char(
        "Number",
        compute="_compute_number_display",
        compute_sudo=True,
        search="_search_number_display",
    )

    @api.depends("wa_id", "company_id")
    @api.depends_context("uid")
    def _compute_number_display(self):
        for customer in self:
            is_hidden = customer._is_number_hidden()
            number = customer._shared_number() if is_hidden else customer._full_number()
            customer.number_display = number or False

    @api.model
    def _search_number_display(self, operator, value):
        """Search by a part of the number; from whom it is hidden, by the whole of it.

        Else it could be found out digit by digit, or by halving a list of guesses.
        """
        if not self._are_numbers_hidden():
            return Domain("wa_id", operator, value)
        if operator in ("ilike", "like", "=ilike", "=like"):
            value = [value]
        elif operator != "in":
            return NotImplemented
        if len(value) > SEARCHED_NUMBERS:
            raise UserError(
                self.env._("Numbers are hidden here. Search for one number at a time.")
            )
        wanted = [False] if False in value else []
        wanted += [spelling for number in value for spelling in self._spell(number)]
        # sudo: whatsapp_omni.customer - a number that the user knows
        found = self.sudo()._search(Domain("wa_id", "in", wanted))
        return Domain("id", "in", found)

    @api.model
    def _spell(self, number):
        """Return the spellings of a whole number, none where it is no such thing."""
        try:
            digits = self._dialled(number or "", self.env.company.country_id)
        except UserError:
            return []
        return phones.spellings(digits)

    # === WHO READS IT === #

    def _is_number_hidden(self):
        """Tell whether the user, with sudo or without, must not read this number."""
        return (
            self.company_id._whatsapp_omni_hides_numbers()
            and not self._may_read_hidden_numbers()
        )

    @api.model
    def _are_numbers_hidden(self):
        """Tell whether the user must not read numbers in one of their companies."""
        return (
            any(
                company._whatsapp_omni_hides_numbers() for company in self.env.companies
            )
            and not self._may_read_hidden_numbers()
        )

    @api.model
    def _may_read_hidden_numbers(self):
        return self.env.user.has_group("whatsapp_omni.group_supervisor")

    @api.model
    def _has_field_access(self, field, operation):
        """Override: agents read no number that is hidden, not by a domain either."""
        return super()._has_field_access(field, operation) and (
            field.name != "wa_id" or self.env.su or not self._are_numbers_hidden()
        )

    # === HOW IT IS WRITTEN === #

    @api.model
    def _profile_name(self, sender):
        """Return the name that a customer chose, without their own number.

        Names are shown to everybody, hidden numbers are not.
        """
        ways = self._ways_to_write(sender.phone or "")
        digits = re.sub(r"[\s().+-]", "", sender.name)
        if digits.isdigit() and digits.removeprefix("00") in ways:
            return ""
        return masking.mask(sender.name, kinds=(), known=ways).text[:120]

    @api.model
    def _ways_to_write(self, wa_id):
        """Return as digits what WhatsApp's number may be written as."""
        numbers = phones.spellings(wa_id)
        return frozenset(
            way for number in numbers for way in phone.ways_to_write(f"+{number}")
        )

    def _full_number(self):
        """Return the number for the customer themselves and for those who may read it.

        ``+34 600 11 12 22``; an empty text when WhatsApp does not tell it.
        """
        # sudo: whatsapp_omni.customer - our own code only, see _is_number_hidden
        number = self.sudo().wa_id
        return self._format_number(number) if number else ""

    def _shared_number(self):
        """Return the number as everybody may read it: ``+34 ••• ••• 222`` if hidden."""
        # sudo: whatsapp_omni.customer - to hide it
        customer = self.sudo()
        if customer.wa_id and customer.company_id._whatsapp_omni_hides_numbers():
            return phone.masked(f"+{customer.wa_id}")
        return self._full_number()

    def _hidden_numbers(self):
        """Return as digits the numbers that no text about this customer may show.

        They are known: a national number of another country than the queue's would
        look like any number.

        :rtype: frozenset[str]
        """
        # sudo: whatsapp_omni.customer, res.partner - to hide them
        customer = self.sudo()
        return self._ways_to_write(customer.wa_id or "").union(
            phone.ways_to_write(customer.partner_id.phone or "")
        )

    @api.model
    def _hide_contact_number(self, number):
        """Return a contact's number as it is offered beside those of customers."""
        if number and self._are_numbers_hidden():
            return phone.masked(number)
        return number
