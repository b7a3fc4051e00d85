# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import provider
from . import queue
from . import disposition
from . import line
from . import line_connection
from . import customer
from . import conversation
from . import conversation_inbox
from . import conversation_change
from . import message
from . import message_format
from . import message_inbound
from . import message_media
from . import message_outbox
from . import message_sending
from . import message_ticks
from . import event
from . import event_applying
from . import discuss_channel
from . import discuss_channel_member
from . import mail_message
from . import ir_attachment
from . import ir_http
from . import ir_websocket
from . import res_partner
from . import res_users
