# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections.abc import Callable
from typing import Any, NamedTuple

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..tools import placeholders

_lt = LazyTranslate(__name__)


class Sources(NamedTuple):
    """The records that placeholders speak of; any may be empty.

    :param number: the customer's, as it is to be read
    :param phone: the contact's, likewise
    """

    customer: Any
    number: str
    phone: str
    contact: Any
    agent: Any
    queue: Any
    line: Any
    company: Any
    conversation: Any


class Placeholder(NamedTuple):
    """One value that a text may mention.

    :param label: what it is, for people
    :param sample: an invented value, for previews
    :param read: takes :class:`Sources`, returns the value
    """

    label: Any
    sample: str
    read: Callable


def _first_word(name):
    return (name or "").split(" ")[0]


def _known_name(customer):
    """Return the name of a customer; a number is none."""
    return customer.partner_id.name or customer.profile_name


#: All that a text can mention. Texts are written by users, some of whom may not read
#: the records: nothing may be added here that a customer or an agent must not know.
PLACEHOLDERS = {
    "customer.name": Placeholder(
        _lt("Customer: name"), "Lucía Gómez", lambda s: _known_name(s.customer)
    ),
    "customer.first_name": Placeholder(
        _lt("Customer: first name"),
        "Lucía",
        lambda s: _first_word(_known_name(s.customer)),
    ),
    "customer.number": Placeholder(
        _lt("Customer: number"), "+34 600 11 12 22", lambda s: s.number
    ),
    "contact.name": Placeholder(
        _lt("Contact: name"), "Lucía Gómez", lambda s: s.contact.name
    ),
    "contact.first_name": Placeholder(
        _lt("Contact: first name"), "Lucía", lambda s: _first_word(s.contact.name)
    ),
    "contact.company": Placeholder(
        _lt("Contact: company"),
        "Azul Interiores",
        lambda s: s.contact.commercial_company_name,
    ),
    "contact.reference": Placeholder(
        _lt("Contact: reference"), "C-1042", lambda s: s.contact.ref
    ),
    "contact.email": Placeholder(
        _lt("Contact: email"), "lucia@example.com", lambda s: s.contact.email
    ),
    "contact.phone": Placeholder(
        _lt("Contact: phone"), "+34 910 00 00 00", lambda s: s.phone
    ),
    "contact.city": Placeholder(
        _lt("Contact: city"), "Madrid", lambda s: s.contact.city
    ),
    "contact.country": Placeholder(
        _lt("Contact: country"), "Spain", lambda s: s.contact.country_id.name
    ),
    "agent.name": Placeholder(_lt("Agent: name"), "Ana Ruiz", lambda s: s.agent.name),
    "agent.first_name": Placeholder(
        _lt("Agent: first name"), "Ana", lambda s: _first_word(s.agent.name)
    ),
    "agent.email": Placeholder(
        _lt("Agent: email"), "ana@example.com", lambda s: s.agent.email
    ),
    "queue.name": Placeholder(_lt("Queue: name"), "Support", lambda s: s.queue.name),
    "line.name": Placeholder(
        _lt("Line: name"), "Customer service", lambda s: s.line.name
    ),
    "line.number": Placeholder(
        _lt("Line: number"), "+34 911 22 23 33", lambda s: s.line.number_display
    ),
    "company.name": Placeholder(
        _lt("Company: name"), "Your Company", lambda s: s.company.name
    ),
    "company.phone": Placeholder(
        _lt("Company: phone"), "+34 910 00 00 01", lambda s: s.company.phone
    ),
    "company.email": Placeholder(
        _lt("Company: email"), "hello@example.com", lambda s: s.company.email
    ),
    "company.website": Placeholder(
        _lt("Company: website"), "https://www.example.com", lambda s: s.company.website
    ),
    "company.city": Placeholder(
        _lt("Company: city"), "Barcelona", lambda s: s.company.city
    ),
}


class WhatsAppPlaceholder(models.AbstractModel):
    """Values of a conversation that texts may mention, as ``{{contact.name|you}}``."""

    _name = "whatsapp_omni.placeholder"
    _description = "WhatsApp Placeholder"

    @api.model
    def _placeholders(self):
        """Return all placeholders, as a dict by name. Addons add those of their own.

        :rtype: dict[str, Placeholder]
        """
        return PLACEHOLDERS

    @api.model
    def _describe(self):
        """Return all placeholders, for those who write texts.

        :return: ``[{"name", "label", "sample"}]``
        :rtype: list[dict]
        """
        return [
            {"name": name, "label": self.env._(known.label), "sample": known.sample}
            for name, known in self._placeholders().items()
        ]

    @api.model
    def _reader(self, conversation, user=None, is_preview=False):
        """Return the function that tells a value of a conversation by its name.

        :param user: who writes; the conversation's agent by default
        :param is_preview: whether the current user reads it, and not the customer
        """
        # sudo: whatsapp_omni.conversation - whoever sends a text may not read every
        # record that it mentions; only what PLACEHOLDERS names is read
        conversation = conversation.sudo()
        customer = conversation.customer_id
        contact = conversation.partner_id
        sources = Sources(
            customer=customer,
            number=customer.number_display if is_preview else customer._full_number(),
            phone=contact.whatsapp_omni_phone if is_preview else contact.phone,
            contact=contact,
            agent=(user or conversation.user_id).sudo(),
            queue=conversation.queue_id,
            line=conversation.line_id,
            company=conversation.company_id,
            conversation=conversation,
        )
        return lambda name: self._read(name, sources)

    @api.model
    def _read(self, name, sources):
        # A name that this version does not know any more has no value.
        known = self._placeholders().get(name)
        return (known and known.read(sources)) or ""

    @api.model
    def _sample(self, name):
        """Return the invented value of a placeholder."""
        known = self._placeholders().get(name)
        return known.sample if known else ""

    @api.model
    def _check_text(self, text):
        """Refuse a text with a placeholder that does not exist.

        :raises ValidationError: which names those that do
        """
        known = self._placeholders()
        unknown = [name for name in placeholders.names(text) if name not in known]
        if unknown:
            raise ValidationError(
                self.env._(
                    "There is no placeholder “%(name)s”. Known are: %(known)s.",
                    name=unknown[0],
                    known=", ".join(known),
                )
            )
        if broken := placeholders.broken(text):
            raise ValidationError(
                self.env._(
                    "“%(text)s” is no placeholder: write {{contact.name}}, or "
                    "{{contact.name|what to say without a name}}.",
                    text=broken,
                )
            )

    @api.model
    def _lang(self, conversation):
        """Return the language for a customer: of their contact, else of the company."""
        conversation = conversation.sudo()
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (
            conversation.partner_id.lang,
            conversation.company_id.partner_id.lang,
        )
        return next((lang for lang in wanted if lang in installed), self.env.lang)
