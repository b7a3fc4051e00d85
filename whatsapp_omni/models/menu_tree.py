# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models

#: The days that the figures of the picture count.
COUNTED_DAYS = 30


class WhatsAppMenu(models.Model):
    """The picture of a tree of menus, with what customers did there."""

    _inherit = "whatsapp_omni.menu"

    def get_tree(self):
        """Return this menu and what it leads to, with the figures of the last 30 days.

        :return: ``{"id", "name", "body", "entered", "chose", "gave_up", "options":
            [{"id", "title", "kind", "target", "chose", "menu": …}]}``; ``menu`` is
            such a tree again, or None for one that is above it already
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        menus = self._reachable()
        since = fields.Datetime.now() - timedelta(days=COUNTED_DAYS)
        # sudo: whatsapp_omni.menu.visit - figures, for those who see the menu
        counts = self.env["whatsapp_omni.menu.visit"].sudo()._count_since(menus, since)
        return self._draw(counts, set())

    def _draw(self, counts, drawn):
        """Draw each menu once: where it is led to again, its name is enough."""
        drawn.add(self.id)
        return {
            "id": self.id,
            "name": self.name,
            "body": self.body,
            "entered": counts.get((self.id, False, "entered"), 0),
            "gave_up": counts.get((self.id, False, "gave_up"), 0),
            "chose": sum(
                count
                for (menu_id, _option, what), count in counts.items()
                if menu_id == self.id and what == "chose"
            ),
            "options": [option._draw(counts, drawn) for option in self.option_ids],
        }


class WhatsAppMenuOption(models.Model):
    _inherit = "whatsapp_omni.menu.option"

    def _draw(self, counts, drawn):
        target = self._get_target()
        leads_on = self.target_kind == "menu" and target and target.id not in drawn
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.target_kind,
            "target": target.display_name or "",
            "chose": counts.get((self.menu_id.id, self.id, "chose"), 0),
            "menu": target._draw(counts, drawn) if leads_on else None,
        }
