# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.whatsapp_omni.models.placeholder import Placeholder

_lt = LazyTranslate(__name__)


def _lead(sources):
    return sources.conversation._latest_open_lead()


#: What texts may tell of a lead: nothing that a customer must not know.
LEAD_PLACEHOLDERS = {
    "lead.name": Placeholder(_lt("Lead: title"), "New roof", lambda s: _lead(s).name),
    "lead.salesperson": Placeholder(
        _lt("Lead: salesperson"), "Luis Soto", lambda s: _lead(s).user_id.name
    ),
}


class WhatsAppPlaceholder(models.AbstractModel):
    _inherit = "whatsapp_omni.placeholder"

    @api.model
    def _placeholders(self):
        """Override: values of the conversation's latest open lead."""
        return {**super()._placeholders(), **LEAD_PLACEHOLDERS}
