# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

#: How long visits are kept.
KEPT_DAYS = 400


class WhatsAppMenuVisit(models.Model):
    """What a customer did in a menu, for its figures. Append only."""

    _name = "whatsapp_omni.menu.visit"
    _description = "WhatsApp Menu Visit"
    _order = "id desc"
    _log_access = False

    menu_id = fields.Many2one(
        "whatsapp_omni.menu", required=True, readonly=True, ondelete="cascade"
    )
    option_id = fields.Many2one(
        "whatsapp_omni.menu.option", readonly=True, index=True, ondelete="set null"
    )
    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    what = fields.Selection(
        [("entered", "Entered"), ("chose", "Chose"), ("gave_up", "Gave up")],
        required=True,
        readonly=True,
    )

    _menu_date_idx = models.Index("(menu_id, date)")
    _date_idx = models.Index("(date)")

    @api.autovacuum
    def _gc_visits(self):
        """Forget visits that no figure counts any more."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("date", "<", limit)], limit=10_000).unlink()

    @api.model
    def _count_since(self, menus, moment):
        """Return how many entered, chose and gave up since a moment.

        :return: ``{(menu id, option id or False, what): number}``
        :rtype: dict
        """
        groups = self._read_group(
            [("menu_id", "in", menus.ids), ("date", ">=", moment)],
            ["menu_id", "option_id", "what"],
            ["__count"],
        )
        return {
            (menu.id, option.id, what): count for menu, option, what, count in groups
        }
