# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    whatsapp_omni_hide_numbers = fields.Boolean(
        related="company_id.whatsapp_omni_hide_numbers", readonly=False
    )
