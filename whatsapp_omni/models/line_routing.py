# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class WhatsAppLine(models.Model):
    """Where a line's new conversations go."""

    _inherit = "whatsapp_omni.line"

    destination = fields.Selection(
        [("direct", "Directly to the queue"), ("menu", "Through a menu")],
        required=True,
        default="direct",
    )
    menu_id = fields.Many2one(
        "whatsapp_omni.menu",
        string="First Menu",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    max_wrong_answers = fields.Integer(
        string="Wrong Answers",
        required=True,
        default=3,
        help="So many times a customer who is not understood is asked again. Then the "
        "conversation goes to the queue.",
    )

    _check_max_wrong_answers = models.Constraint(
        "CHECK (max_wrong_answers BETWEEN 0 AND 10)",
        "A customer can be asked again between 0 and 10 times.",
    )

    @api.constrains("destination", "menu_id", "active")
    def _check_menu(self):
        """A line that goes through a menu has one, and it works."""
        for line in self.filtered(lambda line: line.destination == "menu"):
            if not line.menu_id:
                raise ValidationError(
                    self.env._("Choose the first menu of the line “%s”.", line.name)
                )
            if line.active and not line.menu_id.active:
                raise ValidationError(
                    self.env._(
                        "The menu “%(menu)s” is archived. Restore it or choose another "
                        "one for the line “%(line)s”.",
                        menu=line.menu_id.name,
                        line=line.name,
                    )
                )
            line.menu_id._check_tree()

    def action_check_menus(self):
        """Tell what is wrong with the menus of the line."""
        self.ensure_one()
        return self.menu_id.action_check()

    def action_simulate(self):
        """Open the simulator of the line."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "whatsapp_omni.simulator",
            "name": self.env._("Simulator"),
            "target": "new",
            "params": {"line_id": self.id, "line_name": self.name},
        }
