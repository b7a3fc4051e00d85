# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .agent import LEAST_OFFLINE_MINUTES, MOST_OFFLINE_MINUTES, OFFLINE_MINUTES


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    whatsapp_omni_hide_numbers = fields.Boolean(
        related="company_id.whatsapp_omni_hide_numbers", readonly=False
    )
    whatsapp_omni_offline_minutes = fields.Integer(
        "Offline After",
        config_parameter="whatsapp_omni.offline_minutes",
        default=OFFLINE_MINUTES,
        help="Minutes without an open browser after which an agent is offline.",
    )

    @api.constrains("whatsapp_omni_offline_minutes")
    def _check_offline_minutes(self):
        least, most = LEAST_OFFLINE_MINUTES, MOST_OFFLINE_MINUTES
        for settings in self:
            if not least <= settings.whatsapp_omni_offline_minutes <= most:
                raise ValidationError(
                    self.env._(
                        "Agents without an open browser can be offline after %(least)s "
                        "to %(most)s minutes.",
                        least=least,
                        most=most,
                    )
                )
