# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import test_access
from . import test_approved_template
from . import test_approved_template_editing
from . import test_approved_template_sending
from . import test_approved_template_sync
from . import test_configuration
from . import test_content
from . import test_conversation
from . import test_desk
from . import test_desk_outgoing
from . import test_inactivity
from . import test_js
from . import test_line_queues
from . import test_media
from . import test_menu_walk
from . import test_menus
from . import test_message_template
from . import test_opening_hours
from . import test_opt_out
from . import test_outgoing
from . import test_parking
from . import test_receiving
from . import test_routing
from . import test_sending
from . import test_simulator
from . import test_window
