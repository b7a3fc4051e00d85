# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One key for the spellings of a phone number (GupShup's support, 4413210201625).

WhatsApp's id of a customer may lack, or have, a digit that the dialled number has. Use
the key to find who a number belongs to; never send to it.
"""

import re

# Mobile numbers in Brazil: country, area (2 digits), 9, eight digits. The 9 may lack
# before 6 to 9 only: without it, others are somebody else's landline.
_BRAZIL = re.compile(r"(55[1-9]\d)9([6-9]\d{7})")
# Old accounts in Mexico have a 1 between the country and the ten digits.
_MEXICO = re.compile(r"(52)1(\d{10})")
# Mobile numbers in Argentina have a 9 between the country and the ten digits.
_ARGENTINA = re.compile(r"(54)9(\d{10})")


def canonical(digits: str) -> str:
    """The key of an international number; other characters than digits are ignored."""
    number = re.sub(r"\D", "", digits, flags=re.ASCII)
    for pattern in (_BRAZIL, _MEXICO, _ARGENTINA):
        match = pattern.fullmatch(number)
        if match:
            return match.group(1) + match.group(2)
    return number


def spellings(digits: str) -> list[str]:
    """All numbers with the same key as this one, itself first."""
    number = re.sub(r"\D", "", digits, flags=re.ASCII)
    key = canonical(number)
    found = [number, key]
    for country, area, extra in (("55", 4, "9"), ("52", 2, "1"), ("54", 2, "9")):
        longer = key[:area] + extra + key[area:]
        if key.startswith(country) and canonical(longer) == key:
            found.append(longer)
    return list(dict.fromkeys(found))
