# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .queue_distribution import PRIORITIES


class WhatsAppCustomer(models.Model):
    _inherit = "whatsapp_omni.customer"

    priority = fields.Selection(
        PRIORITIES,
        required=True,
        default="0",
        help="Customers with a higher priority are given to agents first.",
    )
