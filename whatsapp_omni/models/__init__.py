# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import provider
from . import queue
from . import disposition
from . import line
from . import res_users
