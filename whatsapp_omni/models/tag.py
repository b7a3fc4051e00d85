# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppTag(models.Model):
    """A word that groups conversations as their agents see fit."""

    _name = "whatsapp_omni.tag"
    _description = "WhatsApp Conversation Tag"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave it empty to offer the tag in every company.",
    )

    _name_unique = models.UniqueIndex(
        "(name, COALESCE(company_id, 0))", "There is a tag of this name already."
    )
