# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import approved_template_parameter
from . import conversation
from . import conversation_change
from . import conversation_outgoing
from . import crm_lead
from . import placeholder
from . import queue
from . import res_partner
