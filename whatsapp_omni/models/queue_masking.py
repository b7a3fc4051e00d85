# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import ormcache

from ..tools import masking

#: What hides each kind of :mod:`..tools.masking`.
_FIELDS = {
    "mask_cards": "card",
    "mask_ibans": "iban",
    "mask_identities": "identity",
    "mask_emails": "email",
    "mask_phones": "phone",
}


class WhatsAppQueue(models.Model):
    """What people do not read in the conversations of a queue."""

    _inherit = "whatsapp_omni.queue"

    mask_cards = fields.Boolean(
        "Card Numbers",
        default=True,
        help="Card numbers with a valid check digit are shown as •••• 4242.",
    )
    mask_ibans = fields.Boolean(
        "Bank Accounts",
        default=True,
        help="Bank accounts (IBAN) with valid check digits.",
    )
    mask_identities = fields.Boolean(
        "Identity Numbers",
        default=True,
        help="Numbers of identity cards and social security of the chosen countries.",
    )
    mask_emails = fields.Boolean("E-mail Addresses", default=True)
    mask_phones = fields.Boolean(
        "Phone Numbers",
        default=True,
        help="Phone numbers with an international prefix, and those of the chosen "
        "countries without.",
    )
    hides_numbers = fields.Boolean(related="company_id.whatsapp_omni_hide_numbers")
    mask_country_ids = fields.Many2many(
        "res.country",
        "whatsapp_omni_queue_mask_country_rel",
        "queue_id",
        "country_id",
        string="Countries",
        help="Whose identity and phone numbers are recognised. Empty: the country of "
        "the company.",
    )

    def write(self, vals):
        """Override: every process forgets what the queue hid."""
        result = super().write(vals)
        if vals.keys() & {*_FIELDS, "mask_country_ids"}:
            self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache("queue_id", "company_id")
    def _get_masking_policy(self, queue_id, company_id):
        """Return what is hidden in a queue, everything where there is none.

        :rtype: masking.Policy
        """
        # sudo: whatsapp_omni.queue, res.company - what is hidden, for whoever reads
        queue = self.sudo().browse(queue_id or [])
        company = self.env["res.company"].sudo().browse(company_id)
        kinds = set(masking.KINDS)
        if queue:
            kinds = {kind for name, kind in _FIELDS.items() if queue[name]}
            if company.whatsapp_omni_hide_numbers:
                kinds.add("phone")  # the customer's own is one of them
        countries = queue.mask_country_ids or company.country_id
        return masking.Policy(
            frozenset(kinds),
            tuple(countries.sorted("code").mapped("code")),
            company._whatsapp_omni_spared(),
        )


class WhatsAppConversation(models.Model):
    _inherit = "whatsapp_omni.conversation"

    def _masking(self):
        """Return what is hidden in this conversation.

        Before it is in a queue, what the queue of its line hides.
        """
        # sudo: whatsapp_omni.conversation - what is hidden, whoever sees the queue
        conversation = self.sudo()
        queue = conversation.queue_id or conversation.line_id.queue_id
        policy = self.env["whatsapp_omni.queue"]._get_masking_policy(
            queue.id, conversation.company_id.id
        )
        if conversation.company_id._whatsapp_omni_hides_numbers():
            known = conversation.customer_id._hidden_numbers()
            return policy._replace(known=known)
        return policy

    def _mask(self, text):
        """Return a text as it may be kept where people read it."""
        if not text or not masking.may_hide(text):
            return text
        return self._masking().mask(text).text
