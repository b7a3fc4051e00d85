# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Nobody has more time than that to write up a conversation.
LONGEST_WRAP_UP = timedelta(hours=1)


class WhatsAppQueue(models.Model):
    """How conversations of a queue are closed, and what comes after."""

    _inherit = "whatsapp_omni.queue"

    disposition_order_ids = fields.One2many(
        "whatsapp_omni.queue.disposition",
        "queue_id",
        string="Dispositions in Order",
        copy=False,
    )
    requires_identification = fields.Boolean(
        "Identify before Closing",
        help="A customer who is not linked to a contact can be closed as spam or wrong "
        "number only.",
    )
    correction_days = fields.Integer(
        "Corrections by Agents",
        default=7,
        required=True,
        help="Days after closing in which the agent may correct the result. "
        "Supervisors always may.",
    )
    wrap_up = fields.Selection(
        [
            ("none", "None"),
            ("optional", "Optional"),
            ("mandatory", "Mandatory"),
        ],
        "Wrap-up Time",
        required=True,
        default="none",
        help="Time after closing in which no conversation is offered to the agent. An "
        "optional one can be ended earlier.",
    )
    wrap_up_seconds = fields.Integer("Seconds of Wrap-up", default=30, required=True)

    @api.constrains("wrap_up", "wrap_up_seconds", "correction_days")
    def _check_times(self):
        for queue in self:
            is_possible = 0 < queue.wrap_up_seconds <= LONGEST_WRAP_UP.total_seconds()
            if queue.wrap_up != "none" and not is_possible:
                raise ValidationError(
                    self.env._("Wrap-up takes between 1 second and 1 hour.")
                )
            if queue.correction_days < 0:
                raise ValidationError(
                    self.env._("The days for corrections cannot be negative.")
                )

    @api.constrains("disposition_ids", "disposition_order_ids")
    def _check_offers_options(self):
        """Queues offer options; the sub-options come with them."""
        self.disposition_ids._check_queues_of_options()

    def _offered_options(self):
        """Return the options that this queue offers, in its order; none: all."""
        return (
            self.env["whatsapp_omni.queue.disposition"]
            .search([("queue_id", "=", self.id), ("disposition_id.active", "=", True)])
            .disposition_id
        )
