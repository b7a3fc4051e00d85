# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""GupShup's WhatsApp protocol in plain Python: nothing here knows Odoo.

What the provider's bytes mean is decided in this package alone; the rest of the addon
sees typed values that a second provider could produce as well.

In:

- :mod:`.callbacks`: bytes of a callback to values; one error, :class:`CallbackError`
- :mod:`.values`: these values, from :class:`Message` and :class:`Receipt` to
  :class:`Unknown`
- :mod:`.media`: fetching what customers send, from allowed servers only

Out:

- :mod:`.outgoing`: the JSON of messages and templates; :mod:`.limits` checks it
- :mod:`.client`: the requests, and :mod:`.exceptions` that say what may be repeated
- :mod:`.templates`: the list of approved templates

Knowledge:

- :mod:`.errors`: what a failed message's code means and what the agent can do
- :mod:`.status`: how receipts merge; :mod:`.phones`: one key per number
- :mod:`.markup`: WhatsApp's marks to HTML and back

:mod:`.reading`, :mod:`.contents`, :mod:`.callbacks_v2`, :mod:`.callbacks_v3` and
:mod:`.http` are the package's own tools.
"""

from .callbacks import CallbackError, decode, parse, parse_all, split
from .client import ALL_MODES, Client, Submitted, Subscription
from .errors import ErrorCode, lookup
from .exceptions import (
    Ambiguous,
    GupshupError,
    NotSent,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from .http import new_session
from .limits import (
    LIMIT_MESSAGES,
    LIMIT_SUBJECTS,
    MEDIA_RULES,
    LimitError,
    check_media,
    media_kind,
)
from .markup import html_to_marks, marks_to_html
from .media import Downloaded, MediaError, checked_url, download, safe_name
from .phones import canonical
from .status import merge, rank
from .templates import Template, TemplateButton
from .values import (
    AccountUpdate,
    Answer,
    AppRef,
    BillingEvent,
    ContactCard,
    ContactCards,
    Context,
    Echo,
    Event,
    Failure,
    FlowAnswer,
    Location,
    Media,
    Message,
    OnboardingUpdate,
    Order,
    PlatformCheck,
    Preference,
    PreferenceUpdate,
    Pricing,
    Reaction,
    Receipt,
    Referral,
    Sender,
    TemplateUpdate,
    Text,
    Unknown,
    Unsupported,
    UserEvent,
    ValidationPing,
    WelcomeRequest,
)
