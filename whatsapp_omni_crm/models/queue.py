# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppQueue(models.Model):
    _inherit = "whatsapp_omni.queue"

    team_id = fields.Many2one(
        "crm.team",
        "Sales Team",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="Gets the leads that are created in conversations of this queue. Without "
        "one, the salesperson's own team does.",
    )
