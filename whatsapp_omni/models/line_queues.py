# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WhatsAppLine(models.Model):
    """Which queues use a line: what rights and choices of their agents follow from."""

    _inherit = "whatsapp_omni.line"

    # Stored, since rights ask for it: menus that change have it computed anew.
    used_by_queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_line_used_by_queue_rel",
        "line_id",
        "queue_id",
        string="Used by Queues",
        compute="_compute_used_by_queue_ids",
        compute_sudo=True,
        store=True,
        context={"active_test": False},
        help="Queues that conversations of this line may come to.",
    )

    @api.depends("queue_id", "destination", "menu_id")
    def _compute_used_by_queue_ids(self):
        for line in self:
            queues = line.queue_id
            if line.destination == "menu":
                queues |= line.menu_id._reachable().option_ids.queue_id
            line.used_by_queue_ids = queues


class WhatsAppMenu(models.Model):
    _inherit = "whatsapp_omni.menu"

    def _recompute_lines(self):
        """Have the lines of these companies find out anew where their menus lead."""
        # sudo: whatsapp_omni.line - a consequence of what the user may change
        Line = self.env["whatsapp_omni.line"].sudo().with_context(active_test=False)
        lines = Line.search(
            [("destination", "=", "menu"), ("company_id", "in", self.company_id.ids)]
        )
        self.env.add_to_compute(Line._fields["used_by_queue_ids"], lines)


class WhatsAppMenuOption(models.Model):
    _inherit = "whatsapp_omni.menu.option"

    @api.model_create_multi
    def create(self, vals_list):
        """Note where lines lead now."""
        options = super().create(vals_list)
        options.menu_id._recompute_lines()
        return options

    def write(self, vals):
        """Note where lines lead now."""
        result = super().write(vals)
        if vals.keys() & {"target_kind", "queue_id", "target_menu_id", "menu_id"}:
            self.menu_id._recompute_lines()
        return result

    def unlink(self):
        """Note where lines lead now."""
        menus = self.menu_id
        result = super().unlink()
        menus.exists()._recompute_lines()
        return result
