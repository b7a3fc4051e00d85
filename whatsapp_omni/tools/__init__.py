# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    background,
    calls,
    journal,
    log_filter,
    masking,
    menu_walk,
    opening_hours,
    phone,
)
