# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Time groups that change: who waits for opening is told at once, not minutes later."""

from odoo import api, models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        """Override: another time zone moves the opening."""
        result = super().write(vals)
        if "tz" in vals:
            self.env["whatsapp_omni.line"]._look_at_openings()
        return result


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: there are new opening hours."""
        attendances = super().create(vals_list)
        self.env["whatsapp_omni.line"]._look_at_openings()
        return attendances

    def write(self, vals):
        """Override: opening hours have changed."""
        result = super().write(vals)
        self.env["whatsapp_omni.line"]._look_at_openings()
        return result

    def unlink(self):
        """Override: opening hours are gone."""
        result = super().unlink()
        self.env["whatsapp_omni.line"]._look_at_openings()
        return result


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: there are new holidays. Absences of single people are none."""
        leaves = super().create(vals_list)
        leaves._look_at_openings()
        return leaves

    def write(self, vals):
        """Override: holidays have changed."""
        result = super().write(vals)
        self._look_at_openings()
        return result

    def unlink(self):
        """Override: holidays are called off."""
        holidays = self.filtered(lambda leave: not leave.resource_id)
        result = super().unlink()
        if holidays:
            self.env["whatsapp_omni.line"]._look_at_openings()
        return result

    def _look_at_openings(self):
        if any(not leave.resource_id for leave in self):
            self.env["whatsapp_omni.line"]._look_at_openings()
