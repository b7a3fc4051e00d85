# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a time group is open, and when that changes.

A time group is a ``resource.calendar``; none at all is always open. Attendances cannot
cross midnight, so ranges that touch, such as 22:00 to 24:00 and 00:00 to 06:00 of the
next day, are one. Moments are naive UTC, as Odoo stores them.
"""

from datetime import UTC, timedelta

#: Ranges with a shorter gap are one: 24:00 is a microsecond less, and people write
#: 23:59 as well.
_GAP = timedelta(minutes=1)

#: How far to look at once, and in all: beyond it a group counts as never changing.
_STEP, _HORIZON = timedelta(days=15), timedelta(days=400)


def is_open(calendar, moment):
    """Tell whether the time group is open at ``moment``. No group is always open."""
    if not calendar:
        return True
    # A minute before and after: a gap of seconds at midnight is none.
    ranges = _ranges(calendar, moment - _GAP, moment + _GAP)
    return any(start <= moment < end for start, end in ranges)


def next_change(calendar, moment):
    """Return when the time group closes or opens next after ``moment``.

    :return: a naive UTC datetime, None when it never does (within a year)
    """
    if not calendar:
        return None
    opened, start = is_open(calendar, moment), moment
    while start < moment + _HORIZON:
        end = start + _STEP
        for opens, closes in _ranges(calendar, start - _GAP, end):
            if opened and opens <= start < closes and closes < end:
                return closes
            if not opened and opens > moment:
                return opens
        # An open range reaches the end of what was looked at: look on from there.
        start = end - 2 * _GAP
    return None


def next_opening(calendar, moment):
    """Return when a time group that is closed at ``moment`` opens, None for never."""
    return None if is_open(calendar, moment) else next_change(calendar, moment)


def _ranges(calendar, start, end):
    """Return the open ranges between two moments, in order, those that touch as one."""
    # Holidays of other companies are none of ours.
    holidays = [
        ("time_type", "=", "leave"),
        ("company_id", "in", [False, calendar.company_id.id]),
    ]
    intervals = calendar._work_intervals_batch(
        start.replace(tzinfo=UTC), end.replace(tzinfo=UTC), domain=holidays
    )[False]
    ranges = []
    for opens, closes, _attendances in sorted(intervals, key=lambda i: i[:2]):
        opens, closes = (
            edge.astimezone(UTC).replace(tzinfo=None) for edge in (opens, closes)
        )
        if closes.microsecond:  # 24:00
            closes = closes.replace(microsecond=0) + timedelta(seconds=1)
        if ranges and opens - ranges[-1][1] <= _GAP:
            ranges[-1] = (ranges[-1][0], max(closes, ranges[-1][1]))
        else:
            ranges.append((opens, closes))
    # Holidays end a second before midnight: what is left of the day is no opening.
    return [(opens, closes) for opens, closes in ranges if closes - opens >= _GAP]
