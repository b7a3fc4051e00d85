# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from .line_messages import SHARED


class Inactivity(NamedTuple):
    """Minutes of silence before a queue warns, and before it closes; 0 for never."""

    warn: int
    close: int


class WhatsAppQueue(models.Model):
    """How long a queue waits for customers who do not answer."""

    _inherit = "whatsapp_omni.queue"

    inactivity_warn_minutes = fields.Integer(
        "Warn After",
        help="Minutes without an answer of the customer to our last message, after "
        "which the warning is sent. Zero: no warning. It is never sent once the "
        "24-hour window is closed.",
    )
    inactivity_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Warning",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="What the customer is told, such as that the conversation will be closed.",
    )
    inactivity_close_minutes = fields.Integer(
        "Close After",
        help="Minutes without a message of either side, after which the conversation "
        "is closed. They count from our last message, or from the warning if there is "
        "one. Zero: conversations stay open. What waits for our answer is never "
        "closed.",
    )

    @api.constrains("inactivity_warn_minutes", "inactivity_close_minutes")
    def _check_inactivity_minutes(self):
        for queue in self:
            if min(queue.inactivity_warn_minutes, queue.inactivity_close_minutes) < 0:
                raise ValidationError(
                    self.env._("Minutes of inactivity cannot be negative.")
                )

    @api.constrains("inactivity_warn_minutes", "inactivity_template_id")
    def _check_inactivity_template(self):
        for queue in self:
            if queue.inactivity_warn_minutes and not queue.inactivity_template_id:
                raise ValidationError(
                    self.env._(
                        "Choose the message that warns customers of the queue "
                        "“%(queue)s”, or set the minutes to zero.",
                        queue=queue.name,
                    )
                )

    @api.constrains("inactivity_template_id")
    def _check_shared_warning(self):
        for queue in self:
            queue.inactivity_template_id._check_not_private(queue)

    def write(self, vals):
        """Forget what was remembered of the settings."""
        result = super().write(vals)
        if vals.keys() & {"inactivity_warn_minutes", "inactivity_close_minutes"}:
            self.env.registry.clear_cache()  # _inactivity
        return result

    def _inactivity(self):
        """Return how patient this queue is; a conversation without queue waits."""
        return self._cached_inactivity() if self else Inactivity(0, 0)

    @ormcache("self.id")
    def _cached_inactivity(self):
        queue = self.sudo()
        return Inactivity(queue.inactivity_warn_minutes, queue.inactivity_close_minutes)


class WhatsAppMessageTemplate(models.Model):
    _inherit = "whatsapp_omni.message.template"

    def _find_uses(self):
        """Add the queues that warn with it."""
        # sudo: whatsapp_omni.queue - whoever deletes it must know of every queue
        Queue = self.env["whatsapp_omni.queue"].sudo().with_context(active_test=False)
        warning = Queue.search([("inactivity_template_id", "=", self.id)])
        return [*super()._find_uses(), warning]
