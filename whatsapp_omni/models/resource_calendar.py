# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Time groups that change: who waits for opening is told at once, not minutes later."""

from odoo import api, models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        """Override: another time zone moves the opening."""
        result = super().write(vals)
        if "tz" in vals:
            self.env["whatsapp_omni.line"]._look_at_openings_of(self)
        return result


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: there are new opening hours."""
        attendances = super().create(vals_list)
        self.env["whatsapp_omni.line"]._look_at_openings_of(attendances.calendar_id)
        return attendances

    def write(self, vals):
        """Override: opening hours have changed, or moved to another time group."""
        calendars = self.calendar_id
        result = super().write(vals)
        calendars |= self.calendar_id
        self.env["whatsapp_omni.line"]._look_at_openings_of(calendars)
        return result

    def unlink(self):
        """Override: opening hours are gone."""
        calendars = self.calendar_id
        result = super().unlink()
        self.env["whatsapp_omni.line"]._look_at_openings_of(calendars)
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
        """Override: holidays have changed, of where they are and of where they were."""
        self._look_at_openings()
        result = super().write(vals)
        self._look_at_openings()
        return result

    def unlink(self):
        """Override: holidays are called off."""
        self._look_at_openings()
        return super().unlink()

    def _look_at_openings(self):
        """Have those looked at who wait for what these close, or no longer close."""
        holidays = self.filtered(lambda leave: not leave.resource_id)
        if holidays:
            self.env["whatsapp_omni.line"]._look_at_openings_of(
                holidays.calendar_id,
                is_for_all=any(not leave.calendar_id for leave in holidays),
            )
