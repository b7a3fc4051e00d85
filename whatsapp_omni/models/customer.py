# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.phone_validation.tools import phone_validation

from ..gupshup import phones


class WhatsAppCustomer(models.Model):
    """A person as WhatsApp shows them: a number, a business-scoped user id, or both.

    A customer is not a contact. Until somebody identifies them they write as a guest,
    so that unknown numbers do not fill the address book; from then on they write, and
    have always written, as the contact.
    """

    _name = "whatsapp_omni.customer"
    _description = "WhatsApp Customer"
    _order = "name, id"
    _rec_names_search = ["name", "number_display", "business_user_id", "profile_name"]

    # Supervisors look for a part of these in all conversations.
    name = fields.Char(compute="_compute_name", store=True, index="trigram")
    profile_name = fields.Char(
        readonly=True,
        index="trigram",
        help="The name that the customer chose on WhatsApp.",
    )
    wa_id = fields.Char(
        "WhatsApp number",
        readonly=True,
        index="trigram",
        help="The number as WhatsApp knows it, digits only. It may differ from the "
        "number that one would dial.",
    )
    business_user_id = fields.Char(
        "Business-scoped user id",
        readonly=True,
        help="Identifies customers who hide their number, for this business only.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    guest_id = fields.Many2one("mail.guest", readonly=True, ondelete="restrict")
    channel_ids = fields.One2many("discuss.channel", "whatsapp_omni_customer_id")
    conversation_ids = fields.One2many("whatsapp_omni.conversation", "customer_id")
    conversation_count = fields.Integer(compute="_compute_conversation_count")

    _wa_id_unique = models.UniqueIndex(
        "(company_id, wa_id)", "This number is a customer already."
    )
    _business_user_id_unique = models.UniqueIndex(
        "(company_id, business_user_id)", "This user id is a customer already."
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id.name", "profile_name", "wa_id")
    def _compute_name(self):
        for customer in self:
            customer.name = (
                customer.partner_id.name
                or customer.profile_name
                or customer._shared_number()
                or self.env._("WhatsApp customer")
            )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_conversation_count(self):
        counts = dict(
            self.env["whatsapp_omni.conversation"]._read_group(
                [("customer_id", "in", self.ids)], ["customer_id"], ["__count"]
            )
        )
        for customer in self:
            customer.conversation_count = counts.get(customer, 0)

    @api.model
    def _format_number(self, wa_id):
        """Return digits the way people write them, ``+34 600 11 12 22``."""
        number = f"+{wa_id}"
        return phone_validation.phone_format(
            number, None, None, force_format="INTERNATIONAL", raise_exception=False
        )

    # === IDENTITY === #

    @api.model
    def _find_or_create(self, company, senders):
        """Return the customers that wrote, as a dict by :class:`Sender`.

        A number wins over a user id: ids change hands with numbers. Whatever a sender
        tells that was not known yet (number, id, profile name) is kept.
        """
        known = self._find_all(company, senders)
        by_number = {customer.wa_id: customer for customer in known if customer.wa_id}
        dialled = {phones.canonical(c.wa_id): c for c in known if c.is_dialled}
        by_user_id = {c.business_user_id: c for c in known if c.business_user_id}
        found = {}
        for sender in senders:
            customer = (
                (sender.phone and by_number.get(sender.phone))
                or (sender.phone and dialled.get(phones.canonical(sender.phone)))
                or (sender.user_id and by_user_id.get(sender.user_id))
            )
            if customer:
                customer._learn(sender, by_user_id)
            else:
                customer = self._find_just_dialled(
                    company, sender
                ) or self._create_from_sender(company, sender)
            if sender.phone:
                by_number[sender.phone] = customer
            if sender.user_id:
                by_user_id[sender.user_id] = customer
            found[sender] = customer
        return found

    @api.model
    def _find_all(self, company, senders):
        numbers = [sender.phone for sender in senders if sender.phone]
        user_ids = [sender.user_id for sender in senders if sender.user_id]
        return self.search_fetch(
            Domain("company_id", "=", company.id)
            & (
                Domain("wa_id", "in", numbers)
                | Domain("business_user_id", "in", user_ids)
                | self._dialled_domain(numbers)
            )
        )

    @api.model
    def _dialled_domain(self, numbers):
        """Return the domain of whom we dialled by another spelling of these numbers.

        Customers who have written are known by WhatsApp's own spelling and no other.
        """
        spellings = {s for number in numbers for s in phones.spellings(number)}
        others = spellings.difference(numbers)
        if not others:
            return Domain.FALSE
        return Domain("is_dialled", "=", True) & Domain("wa_id", "in", list(others))

    @api.model
    def _find(self, company, sender):
        """Return the customer that ``sender`` is, an empty record for a stranger."""
        known = self._find_all(company, [sender])
        # The number wins.
        return known.sorted(
            lambda customer: (
                customer.wa_id != sender.phone,
                not (sender.phone and customer.is_dialled),
            )
        )[:1]

    @api.model
    def _create_from_sender(self, company, sender):
        name = self._profile_name(sender)
        return self.create(
            {
                "company_id": company.id,
                "wa_id": sender.phone,
                "business_user_id": sender.user_id,
                "profile_name": name or False,
                "guest_id": self.env["mail.guest"]
                # Every employee can list guests: no number in their names.
                .create({"name": name or self.env._("WhatsApp customer")})
                .id,
            }
        )

    def _learn(self, sender, by_user_id):
        """Keep what ``sender`` tells that we did not know of this customer."""
        news = {}
        name = self._profile_name(sender)
        if name and name != self.profile_name:
            news["profile_name"] = name
        if sender.phone and sender.phone != self.wa_id:
            # Answers go to the number exactly as the latest message gave it.
            news["wa_id"] = sender.phone
        if sender.phone and self.is_dialled:
            news["is_dialled"] = False
        if sender.user_id and sender.user_id != self.business_user_id:
            news["business_user_id"] = sender.user_id
            former = by_user_id.get(sender.user_id)
            if former and former != self:
                # It may be left with nothing to write to. What it has stays where it
                # is: ids change hands, and another one's history is nobody's business.
                former.business_user_id = False
                former.flush_recordset(["business_user_id"])
                former.conversation_ids._push()
        if news:
            self.write(news)
            self._rename_guest()
            self._open_conversations()._push()

    def _rename_guest(self):
        if self.profile_name and self.guest_id.name != self.profile_name:
            self.guest_id.name = self.profile_name
            for channel in self.channel_ids:
                Store(bus_channel=channel).add(self.guest_id, ["name"]).bus_send()
        self._rename_channels()

    def _rename_channels(self):
        for customer in self:
            customer.channel_ids.filtered(
                lambda channel, name=customer.name: channel.name != name
            ).name = customer.name

    def write(self, vals):
        """Sign the customer's messages anew when their contact changes.

        Who a customer is on WhatsApp is for WhatsApp to tell: people link the contact.
        """
        if not self.env.su and vals.keys() - self._freely_written():
            raise AccessError(
                self.env._("Who a customer is on WhatsApp cannot be changed.")
            )
        if "partner_id" not in vals:
            return super().write(vals)
        former = {customer: customer.partner_id for customer in self}
        result = super().write(vals)
        for customer in self:
            if customer.partner_id != former[customer]:
                customer._sign_messages()
                customer._log_identified(former[customer])
        return result

    def _freely_written(self):
        """Return the names of the fields that people may change by themselves."""
        return {"partner_id"}

    def _is_reachable(self):
        """Say whether WhatsApp tells how to write to this customer."""
        # sudo: whatsapp_omni.customer - whether there is a number does not tell it
        customer = self.sudo()
        return bool(customer.wa_id or customer.business_user_id)

    def _author_values(self, partner=None):
        """Return who signs this customer's messages, as values of ``mail.message``.

        :param partner: the contact, where the caller knows it better than the cache
        """
        if partner is None:
            partner = self.partner_id
        if partner:
            return {"author_id": partner.id, "author_guest_id": False}
        return {"author_id": False, "author_guest_id": self.guest_id.id}

    def _sign_messages(self):
        """Give all that the customer ever wrote its present author, live."""
        # sudo: mail.message, discuss.channel - whoever may identify a customer changes
        # the author of messages that only code may write to
        self_sudo = self.sudo()
        received = self_sudo.env["whatsapp_omni.message"].search(
            [("customer_id", "=", self.id), ("direction", "=", "inbound")]
        )
        mails_sudo = received.mail_message_id
        mails_sudo.write(self._author_values())
        for channel_sudo in self_sudo.channel_ids:
            Store(bus_channel=channel_sudo).add(
                mails_sudo.filtered(
                    lambda mail, channel=channel_sudo: mail.res_id == channel.id
                ),
                [
                    Store.One("author_id", ["name", "avatar_128"]),
                    Store.One("author_guest_id", ["name", "avatar_128"]),
                ],
            ).bus_send()
        self_sudo._rename_channels()
        self_sudo._open_conversations()._push()

    def _open_conversations(self):
        return self.env["whatsapp_omni.conversation"].search(
            Domain("customer_id", "in", self.ids) & Domain("state", "!=", "closed")
        )
