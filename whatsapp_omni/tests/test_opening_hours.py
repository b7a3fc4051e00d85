# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import TransactionCase

from ..tools import opening_hours
from .common import WhatsAppOmniCommon

#: Monday to Friday, twice a day.
OFFICE = [(day, *hours) for day in range(5) for hours in ((9, 13), (15, 19))]


def make_calendar(env, ranges, tz="Europe/Madrid", **values):
    """Return a time group with ranges of (day of week, from, to, week)."""
    return env["resource.calendar"].create(
        {
            "name": "Hours",
            "tz": tz,
            "attendance_ids": [
                (5, 0, 0),
                *(
                    (
                        0,
                        0,
                        {
                            "name": "Open",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "week_type": str(week[0]) if week else False,
                        },
                    )
                    for day, start, end, *week in ranges
                ),
            ],
            **values,
        }
    )


class TestOpeningHours(TransactionCase):
    """A time group is open when any of its ranges says so, in its own time zone."""

    def assertOpen(self, calendar, *moments):
        for moment in moments:
            self.assertTrue(opening_hours.is_open(calendar, moment), moment)

    def assertClosed(self, calendar, *moments):
        for moment in moments:
            self.assertFalse(opening_hours.is_open(calendar, moment), moment)

    def test_no_time_group_is_always_open(self):
        nothing = self.env["resource.calendar"]
        self.assertOpen(nothing, datetime(2026, 12, 25, 3))
        self.assertIsNone(opening_hours.next_change(nothing, datetime(2026, 12, 25)))

    def test_any_range_of_the_day_opens(self):
        """Monday 2026-01-12 in Madrid is an hour ahead of UTC."""
        calendar = make_calendar(self.env, OFFICE)
        self.assertOpen(
            calendar,
            datetime(2026, 1, 12, 8),
            datetime(2026, 1, 12, 11, 59, 59),
            datetime(2026, 1, 12, 14),
        )
        self.assertClosed(
            calendar,
            datetime(2026, 1, 12, 7, 59, 59),
            datetime(2026, 1, 12, 12),
            datetime(2026, 1, 12, 18),
            datetime(2026, 1, 17, 10),
        )

    def test_next_change_of_office_hours(self):
        calendar = make_calendar(self.env, OFFICE)
        for moment, change in (
            (datetime(2026, 1, 12, 8, 30), datetime(2026, 1, 12, 12)),
            (datetime(2026, 1, 12, 12), datetime(2026, 1, 12, 14)),
            (datetime(2026, 1, 16, 18), datetime(2026, 1, 19, 8)),  # over the weekend
        ):
            self.assertEqual(opening_hours.next_change(calendar, moment), change)

    def test_daylight_saving_moves_the_hours(self):
        """On 2026-03-29 Madrid goes from UTC+1 to UTC+2, on 2026-10-25 back."""
        calendar = make_calendar(self.env, OFFICE)
        for friday, opening in (
            (datetime(2026, 3, 27, 20), datetime(2026, 3, 30, 7)),
            (datetime(2026, 10, 23, 20), datetime(2026, 10, 26, 8)),
        ):
            self.assertEqual(opening_hours.next_opening(calendar, friday), opening)
            self.assertClosed(calendar, opening - timedelta(seconds=1))
            self.assertOpen(calendar, opening)

    def test_open_through_the_night_of_the_change(self):
        """Saturday 22:00 to Sunday 6:00 is seven hours in March, nine in October."""
        calendar = make_calendar(self.env, [(5, 22, 24), (6, 0, 6)])
        for start, end in (
            (datetime(2026, 3, 28, 21), datetime(2026, 3, 29, 4)),
            (datetime(2026, 10, 24, 20), datetime(2026, 10, 25, 5)),
        ):
            self.assertEqual(opening_hours.next_change(calendar, start), end)
            self.assertOpen(calendar, start, end - timedelta(seconds=1))
            self.assertClosed(calendar, start - timedelta(seconds=1), end)

    def test_past_midnight_is_one_range(self):
        for evening in (24, 23.99):  # people write 23:59, too
            calendar = make_calendar(self.env, [(0, 22, evening), (1, 0, 6)], tz="UTC")
            monday = datetime(2026, 1, 12, 22)
            self.assertEqual(
                opening_hours.next_change(calendar, monday), datetime(2026, 1, 13, 6)
            )
            self.assertOpen(
                calendar, datetime(2026, 1, 12, 23, 59, 59), datetime(2026, 1, 13)
            )

    def test_two_weeks_take_turns(self):
        """ISO parity has nothing to do with it: Odoo counts weeks from year 1."""
        Attendance = self.env["resource.calendar.attendance"]
        calendar = make_calendar(
            self.env, [(0, 9, 17, 0)], tz="UTC", two_weeks_calendar=True
        )
        monday = datetime(2026, 1, 12, 10)
        if Attendance.get_week_type(monday.date()):
            monday += timedelta(days=7)
        self.assertOpen(calendar, monday, monday + timedelta(days=14))
        self.assertClosed(calendar, monday + timedelta(days=7))
        self.assertEqual(
            opening_hours.next_opening(calendar, monday.replace(hour=17)),
            monday.replace(hour=9) + timedelta(days=14),
        )

    def test_holidays_close(self):
        calendar = make_calendar(self.env, OFFICE)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": datetime(2026, 1, 11, 23),
                "date_to": datetime(2026, 1, 12, 22, 59, 59),
            }
        )
        self.assertClosed(calendar, datetime(2026, 1, 12, 9))
        self.assertEqual(
            opening_hours.next_opening(calendar, datetime(2026, 1, 10)),
            datetime(2026, 1, 13, 8),
        )

    def test_holidays_of_another_company_do_not_close(self):
        calendar = make_calendar(self.env, OFFICE)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Their holiday",
                "date_from": datetime(2026, 1, 11),
                "date_to": datetime(2026, 1, 20),
            }
        )
        self.env.flush_all()
        holiday.company_id = other
        self.assertOpen(calendar, datetime(2026, 1, 12, 9))

    def test_two_holidays_in_a_row_have_no_second_in_between(self):
        calendar = make_calendar(self.env, [(day, 0, 24) for day in range(7)], tz="UTC")
        for day in (12, 13):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": datetime(2026, 1, day),
                    "date_to": datetime(2026, 1, day, 23, 59, 59),
                }
            )
        last_second = datetime(2026, 1, 12, 23, 59, 59)
        self.assertClosed(calendar, last_second)
        self.assertEqual(
            opening_hours.next_opening(calendar, datetime(2026, 1, 12, 1)),
            datetime(2026, 1, 13, 23, 59, 59),
        )

    def test_around_the_clock_never_closes(self):
        calendar = make_calendar(self.env, [(day, 0, 24) for day in range(7)])
        self.assertOpen(calendar, datetime(2026, 3, 29, 0, 59, 59, 500000))
        self.assertIsNone(
            opening_hours.next_change(calendar, datetime(2026, 1, 12, 10))
        )

    def test_without_ranges_it_never_opens(self):
        calendar = make_calendar(self.env, [])
        self.assertClosed(calendar, datetime(2026, 1, 12, 10))
        self.assertIsNone(
            opening_hours.next_opening(calendar, datetime(2026, 1, 12, 10))
        )


class TestHoursOfALine(WhatsAppOmniCommon):
    """A line tells whether it is open."""

    def test_what_the_line_shows(self):
        self.line.calendar_id = make_calendar(self.env, OFFICE)
        for moment, text in (
            ("2026-01-12 09:00:00", "Open now, closes at 13:00"),
            ("2026-01-12 12:30:00", "Closed, opens at 15:00"),
            ("2026-01-16 18:00:00", "Closed, opens Monday 09:00"),
            ("2026-03-27 20:00:00", "Closed, opens Monday 09:00"),
        ):
            with freeze_time(moment):
                self.line.invalidate_recordset(["hours_text"])
                self.assertEqual(self.line.hours_text, text)

    def test_a_night_shift_closes_the_next_morning(self):
        self.line.calendar_id = make_calendar(
            self.env, [(0, 22, 24), (1, 0, 6)], tz="UTC"
        )
        with freeze_time("2026-01-12 23:00:00"):
            self.assertEqual(self.line.hours_text, "Open now, closes Tuesday 06:00")

    def test_a_line_without_time_group(self):
        self.assertEqual(self.line.hours_text, "Always open")

    def test_an_opening_far_away_has_a_date(self):
        calendar = make_calendar(self.env, OFFICE, tz="UTC")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed for works",
                "calendar_id": calendar.id,
                "date_from": datetime(2026, 1, 12),
                "date_to": datetime(2026, 2, 2),
            }
        )
        self.line.calendar_id = calendar
        with freeze_time("2026-01-12 10:00:00"):
            self.assertEqual(self.line.hours_text, "Closed, opens 2 Feb 09:00")

    def test_hours_of_another_company_are_refused(self):
        calendar = make_calendar(self.env, OFFICE, company_id=self.other_company.id)
        with self.assertRaisesRegex(UserError, "company"):
            self.line.calendar_id = calendar
