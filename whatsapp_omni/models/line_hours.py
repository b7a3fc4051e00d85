# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..tools import opening_hours

#: Under which a transaction remembers the lines whose openings it has changed.
_CHANGED_OPENINGS = "whatsapp_omni.changed_openings"


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
    def _look_at_openings_of(self, calendars, is_for_all=False):
        """Have those who wait for opening looked at: hours or holidays have changed.

        :param calendars: the ``resource.calendar`` that have changed
        :param bool is_for_all: holidays of no calendar have, which close all of them
        """
        used = Domain("calendar_id", "in", calendars.ids)
        if is_for_all:
            used = Domain("calendar_id", "!=", False)
        # sudo: whatsapp_omni.line - who keeps calendars may see none
        lines = self.sudo().with_context(active_test=False)
        lines.search(used)._look_at_openings()

    def _look_at_openings(self):
        """Have those looked at who wait for these lines to open.

        Asked for once in a transaction, however many hours it changes.
        """
        if not self:
            return
        precommit = self.env.cr.precommit
        changed = precommit.data.setdefault(_CHANGED_OPENINGS, set())
        if not changed:
            precommit.add(self.env["whatsapp_omni.line"]._wake_openings)
        changed.update(self.ids)

    @api.model
    def _wake_openings(self):
        line_ids = self.env.cr.precommit.data.pop(_CHANGED_OPENINGS)
        # sudo: whatsapp_omni.conversation, ir.cron - who keeps calendars may see none
        env = self.sudo().env
        if env["whatsapp_omni.conversation"].search_count(
            [("state", "=", "waiting"), ("line_id", "in", line_ids)], limit=1
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
