# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppConversationChange(models.Model):
    _inherit = "whatsapp_omni.conversation.change"

    what = fields.Selection(
        selection_add=[("lead", "Lead linked")], ondelete={"lead": "cascade"}
    )
