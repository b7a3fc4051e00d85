# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..tools import opening_hours

#: Under which a transaction remembers that openings are to be looked at after it.
_LOOK_AT_OPENINGS = "whatsapp_omni.look_at_openings"


class WhatsAppLine(models.Model):
    """When a line is attended: its time group, a calendar of Odoo."""

    _inherit = "whatsapp_omni.line"

    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Time Group",
        check_company=True,
        ondelete="restrict",
        domain="[('flexible_hours', '=', False)]",
        help="Opening hours and holidays. A line without a time group is always open.",
    )
    hours_text = fields.Char(string="Now", compute="_compute_hours_text")

    @api.depends("calendar_id")
    @api.depends_context("lang")
    def _compute_hours_text(self):
        now = fields.Datetime.now()
        for line in self:
            line.hours_text = line._tell_hours(now)

    def write(self, vals):
        """Override: another time group may open at once."""
        result = super().write(vals)
        if "calendar_id" in vals:
            self._look_at_openings()
        return result

    @api.model
    def _look_at_openings(self):
        """Have those who wait for opening looked at: hours or holidays have changed.

        Asked for once in a transaction, however many hours it changes.
        """
        precommit = self.env.cr.precommit
        if _LOOK_AT_OPENINGS not in precommit.data:
            precommit.data[_LOOK_AT_OPENINGS] = True
            precommit.add(self.env["whatsapp_omni.line"]._wake_openings)

    @api.model
    def _wake_openings(self):
        # sudo: whatsapp_omni.conversation, ir.cron - who keeps calendars may see none
        env = self.sudo().env
        if env["whatsapp_omni.conversation"].search_count(
            [("state", "=", "waiting")], limit=1
        ):
            env.ref("whatsapp_omni.ir_cron_route_conversations")._trigger()

    def _is_open(self, moment):
        """Tell whether the line is open at a naive UTC moment."""
        return opening_hours.is_open(self.sudo().calendar_id, moment)

    def _next_opening(self, moment):
        """Return when the line, closed at ``moment``, opens; None for never."""
        return opening_hours.next_opening(self.sudo().calendar_id, moment)

    def _tell_hours(self, moment):
        """Return how it stands with the opening hours, in the line's time zone."""
        # sudo: resource.calendar - whoever sees the line may know when it is open
        calendar = self.sudo().calendar_id
        opened = opening_hours.is_open(calendar, moment)
        change = opening_hours.next_change(calendar, moment)
        if not change:
            return self.env._("Always open") if opened else self.env._("Closed")
        when = self._tell_moment(change, moment, calendar.tz)
        if opened:
            return self.env._("Open now, closes %(when)s", when=when)
        return self.env._("Closed, opens %(when)s", when=when)

    def _tell_moment(self, moment, now, tz):
        """Return “at 18:00”, “Monday 09:00” or a date, whatever is enough to know."""
        zone = ZoneInfo(tz)
        local, today = (m.replace(tzinfo=UTC).astimezone(zone) for m in (moment, now))
        if local.date() == today.date():
            time = format_datetime(self.env, moment, tz=tz, dt_format="HH:mm")
            return self.env._("at %(time)s", time=time)
        is_soon = local.date() < today.date() + timedelta(days=7)
        shape = "EEEE HH:mm" if is_soon else "d MMM HH:mm"
        return format_datetime(self.env, moment, tz=tz, dt_format=shape)
