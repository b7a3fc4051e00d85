# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from odoo.addons.whatsapp_omni.models.res_partner_records import RecordKind


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _whatsapp_omni_record_kinds(self):
        """Override: leads, lost and won ones included, come first."""
        own = ("partner_id", "child_of", self.ids)
        leads = RecordKind("crm.lead", self.env._("Leads"), "fa-star", [own])
        return [leads, *super()._whatsapp_omni_record_kinds()]
