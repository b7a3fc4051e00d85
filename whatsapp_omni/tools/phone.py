# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Phone numbers of lines: what people type, and what is stored and shown."""

import re

import phonenumbers
from phonenumbers import timezone

from odoo.exceptions import UserError

from odoo.addons.phone_validation.tools import phone_validation


def normalize(number, country):
    """Return a typed number as E.164, ``+34600111222``.

    A number with prefix that is as long as it should be but of no known range is
    accepted: ranges change faster than the library that knows them, and examples such
    as 555-01xx are in none.

    :param str number: with or without its country prefix
    :param country: the ``res.country`` that completes a number without prefix
    :raises UserError: when it cannot be a phone number
    """
    try:
        return phone_validation.phone_format(
            number, country.code, country.phone_code, force_format="E164"
        )
    except UserError:
        possible = _possible(number)
        if not possible:
            raise
        return possible


def _possible(number):
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def international(number):
    """Return an E.164 number as people write it, ``+34 600 11 12 22``.

    What is no number is returned as it is.
    """
    try:
        parsed = phonenumbers.parse(number or "")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(
        parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


def _parse(digits):
    try:
        return phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None


def masked(number):
    """Return what may be read of a hidden number: its prefix and its end.

    :param str number: as somebody wrote it; without ``+`` it has no prefix
    :return: ``+34 ••• ••• 222``
    """
    digits = re.sub(r"\D", "", number)
    parsed = _parse(digits) if number.startswith("+") else None
    prefix = f"+{parsed.country_code} " if parsed else ""
    # Of a short one the end would be nearly all.
    end = digits[-3:] if len(digits) > 6 else "•••"
    return f"{prefix}••• ••• {end}"


def region(digits):
    """Return the code of the country that an international number is of, or None.

    :param str digits: with the country's prefix, digits only
    """
    parsed = _parse(digits)
    return parsed and phonenumbers.region_code_for_number(parsed)


def without_prefix(digits):
    """Return the ways to dial an international number inside its country."""
    parsed = _parse(digits)
    if not parsed:
        return []
    national = phonenumbers.national_significant_number(parsed)
    return [national, f"0{national}"]


def ways_to_write(number):
    """Return as digits what a number may be written as, with its prefix and without.

    None of what is too short to be told from other numbers.

    :param str number: as somebody wrote it; without ``+`` it has no prefix
    """
    digits = re.sub(r"\D", "", number)
    ways = [digits, *(without_prefix(digits) if number.startswith("+") else [])]
    return [way for way in ways if len(way) > 6]


def time_zones(digits):
    """Return the names of the time zones in which a number may be, the likely first."""
    parsed = _parse(digits)
    zones = parsed and timezone.time_zones_for_number(parsed)
    return [zone for zone in zones or () if zone != timezone.UNKNOWN_TIMEZONE]
