# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What GupShup tells us, as immutable values.

Every callback becomes exactly one of the :class:`Event` classes below. All times are
timezone-aware UTC datetimes, all phone numbers are digits only (the ``wa_id`` form
that GupShup uses in both directions), and no text contains NUL characters or lone
surrogates, so that everything can be stored in PostgreSQL as it is.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_value = dataclass(frozen=True, slots=True, kw_only=True)

#: Kinds of messages that start or extend the 24-hour customer-service window. A
#: reaction is a message by Meta's wording, though no page names it; opening a chat
#: (``welcome_request``) is not counted, as nothing was written.
WINDOW_OPENING_KINDS = frozenset(
    {
        "text",
        "image",
        "video",
        "audio",
        "sticker",
        "document",
        "location",
        "contact",
        "reaction",
        "answer",
        "order",
        "flow_answer",
        "unsupported",
    }
)


@_value
class AppRef:
    """The app of ours that an event is for.

    Version 2 names it (``name``), version 3 gives its UUID (``app_id``); ``phone`` is
    the app's own number when the event carries it.
    """

    name: str | None = None
    app_id: str | None = None
    phone: str | None = None


@_value
class Sender:
    """A customer as WhatsApp shows them.

    ``phone`` is the ``wa_id`` (digits), ``user_id`` the business-scoped user id such as
    ``ES.1187345520091334``. Either may be missing, not both in a :class:`Message`.
    """

    phone: str | None = None
    user_id: str | None = None
    name: str = ""
    username: str = ""

    @property
    def key(self) -> str:
        """Stable key of the customer: ``phone:…``, ``user:…`` or an empty string."""
        if self.phone:
            return f"phone:{self.phone}"
        if self.user_id:
            return f"user:{self.user_id}"
        return ""


@_value
class Context:
    """What a message refers to: the quoted, tapped or forwarded message.

    ``gs_id`` is set when that message was ours. ``wa_id`` is the id that callbacks use
    on WhatsApp's side, ``wamid`` Meta's own id when it is given beside ``wa_id``.
    """

    wa_id: str | None = None
    gs_id: str | None = None
    wamid: str | None = None
    forwarded: bool = False
    frequently_forwarded: bool = False


@_value
class Referral:
    """The ad or post through which a customer came (click to WhatsApp)."""

    headline: str = ""
    body: str = ""
    source_type: str = ""
    source_id: str = ""
    source_url: str = ""
    media_type: str = ""
    media_id: str = ""
    image_url: str = ""
    video_url: str = ""
    thumbnail_url: str = ""
    ctwa_clid: str = ""


@_value
class Text:
    """A text, with WhatsApp's own marks (see :mod:`.markup`)."""

    body: str


@_value
class Media:
    """A file that the customer sent. ``url`` must be fetched with :mod:`.media` only.

    ``voice`` tells a voice note from an audio file, None when the callback does not
    say (version 2 never does).
    """

    url: str = ""
    mime_type: str = ""
    name: str = ""
    caption: str = ""
    expires_at: datetime | None = None
    media_id: str = ""
    sha256: str = ""
    voice: bool | None = None


@_value
class Location:
    """Degrees: latitude in [-90, 90], longitude in [-180, 180]."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@_value
class CardPhone:
    """A phone of a contact card: ``phone`` as written, ``wa_id`` digits if known."""

    phone: str = ""
    type: str = ""
    wa_id: str | None = None


@_value
class ContactCard:
    """One person or company, all texts as the sender wrote them."""

    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    phones: tuple[CardPhone, ...] = ()
    emails: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    birthday: str = ""


@_value
class ContactCards:
    """The cards of one message."""

    cards: tuple[ContactCard, ...] = ()


@_value
class Reaction:
    """An emoji put on a message; an empty ``emoji`` takes it back.

    ``gs_id`` is set when the message is ours.
    """

    wa_id: str | None = None
    gs_id: str | None = None
    emoji: str = ""


@_value
class Answer:
    """A tap on a button or a list row, one type whatever the callback calls it.

    ``payload`` is the postback, or the title when none was given; ``message_ref`` the
    ``msgid`` of the question; ``position`` counts from 1; ``origin`` is one of
    ``template_button``, ``button``, ``list``.
    """

    title: str = ""
    payload: str = ""
    description: str = ""
    message_ref: str | None = None
    position: int | None = None
    origin: str = "button"


@_value
class OrderItem:
    """A product; ``price`` is of one piece, in units of ``currency`` (ISO 4217)."""

    product_id: str = ""
    quantity: float | None = None
    price: float | None = None
    currency: str = ""


@_value
class Order:
    """What a customer chose from a catalogue; ``text`` is what they wrote to it."""

    catalog_id: str = ""
    text: str = ""
    items: tuple[OrderItem, ...] = ()


@_value
class FlowAnswer:
    """The filled-in form of a WhatsApp Flow; ``response`` is its decoded JSON."""

    name: str = ""
    body: str = ""
    response_json: str = ""
    response: dict[str, Any] = field(default_factory=dict)


@_value
class WelcomeRequest:
    """The customer opened the chat for the first time and wrote nothing yet."""


@_value
class Unsupported:
    """Something the customer sent that has no form here (poll, view-once, edit …).

    It still is a customer's message: show a placeholder, count it for the window.
    """

    type_name: str = ""
    reason_code: int | None = None


Content = (
    Text
    | Media
    | Location
    | ContactCards
    | Reaction
    | Answer
    | Order
    | FlowAnswer
    | WelcomeRequest
    | Unsupported
)


@_value
class Event:
    """What all callbacks have in common.

    ``event_time`` is when GupShup produced the event, else when it arrived (as told to
    :func:`.callbacks.parse`), else None. ``dedupe_key`` is at most 200 characters and
    equal for every delivery of the same event; messages and receipts have the same key
    in both versions. It is unique per app, not across apps.
    """

    app: AppRef
    event_time: datetime | None
    dedupe_key: str


@_value
class Message(Event):
    """A message from a customer.

    ``id`` is the id on WhatsApp's side (empty only in broken events). ``time`` is when
    the customer sent it if ``time_is_exact`` (version 3), else when GupShup passed it
    on, seconds to minutes later (version 2).
    """

    id: str
    sender: Sender
    kind: str
    time: datetime | None
    time_is_exact: bool
    content: Content
    context: Context | None = None
    referral: Referral | None = None

    @property
    def opens_window(self) -> bool:
        """Whether it starts or extends the 24-hour customer-service window."""
        return self.kind in WINDOW_OPENING_KINDS


@_value
class Failure:
    """Why a message failed. Decide on ``code`` (:mod:`.errors`), show ``reason``."""

    code: int | None = None
    reason: str = ""


@_value
class Pricing:
    """What a message is charged as; ``billable`` is None when the receipt is silent."""

    model: str = ""
    category: str = ""
    type: str = ""
    billable: bool | None = None
    conversation_id: str = ""
    conversation_type: str = ""
    conversation_expires_at: datetime | None = None


@_value
class Receipt(Event):
    """What became of a message of ours (or, for ``deleted``, of the customer's).

    ``status``: ``submitted`` (GupShup's *enqueued*), ``sent``, ``delivered``, ``read``,
    ``failed``, ``deleted``, ``mismatch`` or ``other``; ``type_name`` is GupShup's own
    word. ``gs_id`` is the id that the send call answered, None when the event does not
    tell. Find the message by ``gs_id == correlation_key``, else by
    ``wa_id == fallback_key``, else park the receipt for a few seconds.
    """

    status: str
    type_name: str = ""
    gs_id: str | None = None
    wa_id: str | None = None
    wamid: str | None = None
    time: datetime | None = None
    destination: str | None = None
    user_id: str | None = None
    error: Failure | None = None
    pricing: Pricing | None = None

    @property
    def correlation_key(self) -> str:
        """The id to look up among the ids that the send call answered."""
        return self.gs_id or self.wa_id or ""

    @property
    def fallback_key(self) -> str:
        """The id to look up among WhatsApp's ids, when the first look-up fails."""
        return self.wa_id or self.gs_id or ""


@_value
class TemplateUpdate(Event):
    """A change of an approved template.

    ``event`` is ``status``, ``category``, ``quality`` or ``other``. ``status`` and
    ``quality`` are upper case. ``category`` is the category in force (or the new one),
    ``correct_category`` the one that Meta will impose later.
    """

    event: str
    template_id: str = ""
    external_id: str = ""
    name: str = ""
    language: str = ""
    status: str = ""
    reason: str = ""
    description: str = ""
    category: str = ""
    old_category: str = ""
    correct_category: str = ""
    quality: str = ""


@_value
class AccountUpdate(Event):
    """News about the business account or number: limits, restrictions, display name.

    ``type_name`` is the name of the event (version 2) or the field (version 3),
    ``details`` the event's own fields.
    """

    type_name: str
    status: str = ""
    reason: str = ""
    old_limit: str = ""
    current_limit: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@_value
class OnboardingUpdate(Event):
    """News about how far the app's registration at WhatsApp has come."""

    type_name: str
    status: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@_value
class Preference:
    """A customer's choice about marketing: ``value`` is ``stop`` or ``resume``."""

    phone: str | None = None
    user_id: str | None = None
    category: str = ""
    value: str = ""
    detail: str = ""
    time: datetime | None = None


@_value
class PreferenceUpdate(Event):
    """Choices that customers made about marketing, in WhatsApp's own settings."""

    preferences: tuple[Preference, ...] = ()


@_value
class UserEvent(Event):
    """Something a customer did without writing.

    ``type_name``: ``sandbox-start``, ``opted-in``, ``opted-out``, ``number-changed``
    (then ``new_phone`` is set) or a name not known yet.
    """

    type_name: str
    phone: str | None = None
    user_id: str | None = None
    new_phone: str | None = None


@_value
class PlatformCheck(Event):
    """GupShup's periodic probe of the callback address: acknowledge, do nothing."""

    type_name: str = ""
    initiator: str = ""


@_value
class ValidationPing(Event):
    """The call that GupShup makes when a subscription is created or changed."""

    version: int


@_value
class BillingEvent(Event):
    """What one message of ours was charged; the ids are those of its receipts."""

    gs_id: str | None = None
    wa_id: str | None = None
    destination: str | None = None
    conversation_id: str = ""
    category: str = ""
    type: str = ""
    model: str = ""
    source: str = ""
    billable: bool | None = None


@_value
class Echo(Event):
    """A message that staff wrote in the phone's own app (coexistence, version 3)."""

    id: str
    destination: str | None
    user_id: str | None
    kind: str
    time: datetime | None
    content: Content
    context: Context | None = None


@_value
class CoexistenceSync(Event):
    """Old messages, or contacts, of a phone's own app (coexistence, version 3).

    ``type_name`` is ``history`` or ``smb_app_state_sync``. It is said once, when the
    app is connected, or when its contacts change: nobody waits for an answer.
    """

    type_name: str


@_value
class Unknown(Event):
    """An event that nobody here understands; ``raw`` is the body, ``reason`` why."""

    type_name: str
    reason: str
    raw: dict[str, Any] = field(default_factory=dict)
