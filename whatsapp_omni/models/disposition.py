# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class WhatsAppDisposition(models.Model):
    """Result that an agent gives to a conversation when closing it."""

    _name = "whatsapp_omni.disposition"
    _description = "WhatsApp Disposition"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave empty to offer the disposition in every company.",
    )
    queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_queue_disposition_rel",
        "disposition_id",
        "queue_id",
        string="Queues",
        check_company=True,
        help="Queues that offer this disposition. A queue without dispositions of "
        "its own offers them all.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Keep the results of closed conversations readable."""
        Conversation = self.env["whatsapp_omni.conversation"].sudo()
        used = Conversation._read_group(
            [("disposition_id", "in", self.ids)], ["disposition_id"], ["__count"]
        )
        if used:
            disposition, count = used[0]
            raise UserError(
                self.env._(
                    "“%(name)s” is the result of %(count)s conversations and cannot "
                    "be deleted. Archive it: agents will no longer see it, and those "
                    "conversations keep their result.",
                    name=disposition.name,
                    count=count,
                )
            )
