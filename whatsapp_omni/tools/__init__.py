# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import background, journal, log_filter, menu_walk, opening_hours, phone
