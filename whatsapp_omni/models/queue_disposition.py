# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppQueueDisposition(models.Model):
    """A disposition that a queue offers, in the place where the queue shows it.

    The table is that of the queue's dispositions as well.
    """

    _name = "whatsapp_omni.queue.disposition"
    _description = "WhatsApp Disposition of a Queue"
    _order = "sequence, id"
    _log_access = False
    _rec_name = "disposition_id"

    queue_id = fields.Many2one(
        "whatsapp_omni.queue", required=True, index=True, ondelete="cascade"
    )
    disposition_id = fields.Many2one(
        "whatsapp_omni.disposition",
        required=True,
        index=True,
        domain=[("parent_id", "=", False)],
        ondelete="cascade",
    )
    # NULL, where the disposition was chosen elsewhere, comes last.
    sequence = fields.Integer()

    _once = models.UniqueIndex(
        "(queue_id, disposition_id)", "A queue offers a disposition once."
    )
