# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import test_access
from . import test_configuration
from . import test_content
from . import test_conversation
from . import test_desk
from . import test_js
from . import test_media
from . import test_receiving
from . import test_sending
from . import test_views
