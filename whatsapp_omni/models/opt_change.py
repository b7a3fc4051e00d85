# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

OPT_ORIGINS = [
    ("word", "Word of the customer"),
    ("provider", "Choice in WhatsApp"),
    ("error", "Refused by WhatsApp"),
    ("user", "By hand"),
]


class WhatsAppOptChange(models.Model):
    """One change of a customer's consent to marketing: when, how, by whom. Append only.

    It is the proof of the consent, so it outlives conversations.
    """

    _name = "whatsapp_omni.opt.change"
    _description = "WhatsApp Marketing Consent Change"
    _order = "date desc, id desc"
    _rec_name = "date"
    _log_access = False

    customer_id = fields.Many2one(
        "whatsapp_omni.customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="customer_id.company_id")
    date = fields.Datetime(required=True, readonly=True)
    value = fields.Selection(
        [("out", "Stopped marketing"), ("in", "Allowed marketing")],
        "Change",
        required=True,
        readonly=True,
    )
    origin = fields.Selection(OPT_ORIGINS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")
    text = fields.Char(readonly=True, help="What the customer wrote, or WhatsApp said.")
