# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Numbers that states give to persons: how they are written, and which are possible."""

import re
from collections.abc import Callable
from typing import NamedTuple

from stdnum.ar import cuit
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.us import ssn


class Identity(NamedTuple):
    """One kind of number.

    :param pattern: how it is written
    :param is_valid: whether letters and digits, without what separates them, are one
    """

    pattern: re.Pattern
    is_valid: Callable[[str], bool]


def _written(pattern):
    """Return the pattern of a number that is a word of its own."""
    return re.compile(rf"(?<![^\W_])(?<![^\W_][-/])(?:{pattern})(?![^\W_])", re.I)


def _is_nuss(number):
    """Tell whether this is a Spanish social-security number, by its last two."""
    province, serial, check = int(number[:2]), int(number[2:10]), int(number[10:])
    if not (1 <= province <= 53 or province == 66):
        return False
    factor = 10**7 if serial < 10**7 else 10**8
    return (province * factor + serial) % 97 == check


#: Pairs of digits at the beginning of no British number.
_NINO_NEVER = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def _is_nino(number):
    return number[:2] not in _NINO_NEVER


IDENTITIES = {
    "AR": (Identity(_written(r"\d{2}-\d{8}-\d"), cuit.is_valid),),
    "BE": (
        Identity(_written(r"\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[. ]?\d{2}"), nn.is_valid),
    ),
    "BR": (Identity(_written(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"), cpf.is_valid),),
    "CH": (Identity(_written(r"756\.?\d{4}\.?\d{4}\.?\d{2}"), ahv.is_valid),),
    "CL": (Identity(_written(r"\d{1,2}\.?\d{3}\.?\d{3}-[\dK]"), rut.is_valid),),
    "DE": (Identity(_written(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"), idnr.is_valid),),
    "ES": (
        Identity(_written(r"\d{2}\.?\d{3}\.?\d{3}[ -]?[A-Z]"), dni.is_valid),
        Identity(_written(r"[XYZ][ -]?\d{7}[ -]?[A-Z]"), nie.is_valid),
        Identity(_written(r"\d{2}[ /-]?\d{8}[ /-]?\d{2}"), _is_nuss),
    ),
    "FR": (
        Identity(
            _written(r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"),
            nir.is_valid,
        ),
    ),
    "GB": (
        Identity(
            _written(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d{2}){3} ?[A-D]"),
            _is_nino,
        ),
    ),
    "IT": (
        Identity(
            _written(r"[A-Z]{6}[\dL-V]{2}[A-EHLMPRST][\dL-V]{2}[A-Z][\dL-V]{3}[A-Z]"),
            codicefiscale.is_valid,
        ),
    ),
    "MX": (Identity(_written(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d"), curp.is_valid),),
    "US": (Identity(_written(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}"), ssn.is_valid),),
}

#: ISO codes of the countries whose numbers are known.
COUNTRIES = frozenset(IDENTITIES)
