# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import background
from .opt_change import OPT_ORIGINS


class WhatsAppCustomer(models.Model):
    """Whether a customer wants marketing messages, and how we know."""

    _inherit = "whatsapp_omni.customer"

    opted_out = fields.Boolean(
        "No Marketing",
        readonly=True,
        help="This customer does not want marketing messages: templates of that "
        "category are refused.",
    )
    opt_out_at = fields.Datetime("No Marketing Since", readonly=True)
    opt_out_origin = fields.Selection(OPT_ORIGINS, "How We Know", readonly=True)
    opt_changed_at = fields.Datetime(
        "Latest Choice",
        readonly=True,
        help="What was chosen earlier and becomes known later does not count.",
    )
    opt_change_ids = fields.One2many(
        "whatsapp_omni.opt.change", "customer_id", "Consent", readonly=True
    )

    _opted_out_idx = models.Index("(company_id) WHERE opted_out")

    # === BUSINESS METHODS === #

    def _check_may_get_marketing(self):
        """Refuse marketing to customers who do not want it.

        :raises UserError: with their names
        """
        if refusal := self._marketing_refusal():
            raise UserError(refusal)

    def _marketing_refusal(self):
        """Return the sentence that refuses marketing to these, False if it does not."""
        # sudo: whatsapp_omni.customer - a sender may not see each one's consent
        unwilling = self.sudo().filtered("opted_out")
        return bool(unwilling) and self.env._(
            "No marketing may be sent to %(customers)s, who stopped it."
            " Choose a template of another category, or ask for their consent"
            " first.",
            customers=", ".join(unwilling.mapped("name")),
        )

    def _note_choice(self, opted_out, origin, moment, text=None):
        """Note what this customer chose about marketing, unless they chose since.

        :param bool opted_out: whether they stopped it
        :param str origin: of ``opt_out_origin``
        :param datetime moment: when they chose, naive UTC
        :param str text: in which words
        :return: whether that changed anything
        :rtype: bool
        """
        self.ensure_one()
        moment = moment.replace(microsecond=0)
        # Two choices at once take turns, and the second sees the first.
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_customer WHERE id = %s FOR NO KEY UPDATE",
            (self.id,),
        )
        # sudo: whatsapp_omni.customer - nobody may write it, all may note a choice
        customer = self.sudo()
        customer.invalidate_recordset(["opted_out", "opt_changed_at"])
        if customer.opt_changed_at and moment < customer.opt_changed_at:
            return False
        if customer.opted_out == opted_out:
            customer.opt_changed_at = moment
            return False
        customer.write(
            {
                "opted_out": opted_out,
                "opt_out_at": opted_out and moment,
                "opt_out_origin": opted_out and origin,
                "opt_changed_at": moment,
            }
        )
        customer._log_choice(origin, moment, text)
        customer.conversation_ids.search(
            [("customer_id", "=", self.id), ("state", "!=", "closed")]
        )._push()
        return True

    def _log_choice(self, origin, moment, text):
        self.env["whatsapp_omni.opt.change"].create(
            {
                "customer_id": self.id,
                "date": moment,
                "value": "out" if self.opted_out else "in",
                "origin": origin,
                "user_id": origin == "user" and self.env.uid,
                "text": text and text[:200],
            }
        )

    # === ACTIONS === #

    def action_opt_out(self):
        """Note that these customers do not want marketing, as they told by hand."""
        self._choose_by_hand(opted_out=True)

    def action_opt_in(self):
        """Note that these customers agreed to marketing again."""
        self._choose_by_hand(opted_out=False)

    def _choose_by_hand(self, opted_out):
        self.check_access("read")
        background.read_committed_request(self.env)
        for customer in self.sorted("id"):
            customer._note_choice(opted_out, "user", fields.Datetime.now())
