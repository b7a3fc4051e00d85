# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Contents of messages that have the same shape in both versions of the callbacks."""

import json
import math

from .reading import (
    boolean,
    decimal,
    digest,
    first,
    identifier,
    items,
    looks_like_whatsapp_id,
    mapping,
    moment,
    phone,
    storable,
    text,
)
from .values import (
    BillingEvent,
    CardPhone,
    ContactCard,
    ContactCards,
    Context,
    FlowAnswer,
    Location,
    Media,
    Order,
    OrderItem,
    Preference,
    Pricing,
    Reaction,
    Referral,
    Text,
    Unknown,
)


def read_text(body) -> Text | None:
    """A text; None when there is none."""
    found = text(body)
    return Text(body=found) if found else None


def read_media(source: dict) -> Media | None:
    """A file, from the object under ``payload`` (V2) or the type's name (V3)."""
    url = first(source, "url", "link")
    media_id = first(source, "id")
    if not url and not media_id:
        return None
    return Media(
        url=url,
        mime_type=first(source, "contentType", "content-type", "mime_type"),
        name=first(source, "name", "filename", "fileName"),
        caption=first(source, "caption"),
        expires_at=moment(source.get("urlExpiry")),
        media_id=media_id,
        sha256=first(source, "sha256"),
        voice=boolean(source.get("voice")),
    )


def read_location(source: dict) -> Location | None:
    """A place, from decimal degrees; None when they lie beyond the globe."""
    latitude = _degrees(source.get("latitude"), 90)
    longitude = _degrees(source.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    return Location(
        latitude=latitude,
        longitude=longitude,
        name=first(source, "name"),
        address=first(source, "address"),
    )


def _degrees(value, limit: int) -> float | None:
    found = decimal(value)
    return found if found is not None and math.fabs(found) <= limit else None


def read_contacts(cards) -> ContactCards | None:
    """Contact cards, from the list under ``contacts``."""
    found = tuple(_read_card(card) for card in items(cards))
    return ContactCards(cards=found) if found else None


def _read_card(card: dict) -> ContactCard:
    name = mapping(card.get("name"))
    organization = mapping(card.get("org"))
    parts = (first(name, "first_name"), first(name, "last_name"))
    return ContactCard(
        name=first(name, "formatted_name") or " ".join(filter(None, parts)),
        first_name=parts[0],
        last_name=parts[1],
        company=first(organization, "company"),
        job_title=first(organization, "title"),
        phones=tuple(
            CardPhone(
                phone=first(entry, "phone", "wa_id"),
                type=first(entry, "type"),
                wa_id=phone(entry.get("wa_id")),
            )
            for entry in items(card.get("phones"))
        ),
        emails=_members(card.get("emails"), "email"),
        urls=_members(card.get("urls"), "url"),
        addresses=tuple(_address(entry) for entry in items(card.get("addresses"))),
        birthday=first(card, "birthday"),
    )


def _members(entries, name: str) -> tuple[str, ...]:
    return tuple(filter(None, (first(entry, name) for entry in items(entries))))


def _address(entry: dict) -> str:
    names = ("street", "zip", "city", "state", "country")
    return ", ".join(filter(None, (first(entry, name) for name in names)))


def read_reaction(wa_id, gs_id, emoji) -> Reaction | None:
    """An emoji on a message; None when nobody tells on which."""
    if not identifier(wa_id) and not identifier(gs_id):
        return None
    return Reaction(wa_id=identifier(wa_id), gs_id=identifier(gs_id), emoji=text(emoji))


def read_order(source: dict) -> Order | None:
    """An order: Meta's ``product_items``, or GupShup's ``items``."""
    products = items(source.get("product_items")) or items(source.get("items"))
    if not products:
        return None
    return Order(
        catalog_id=first(source, "catalog_id"),
        text=first(source, "text"),
        items=tuple(
            OrderItem(
                product_id=first(product, "product_retailer_id", "id"),
                quantity=decimal(product.get("quantity")),
                price=decimal(product.get("item_price", product.get("amount"))),
                currency=first(product, "currency"),
            )
            for product in products
        ),
    )


def read_flow_answer(source: dict) -> FlowAnswer:
    """A filled-in form; ``response_json`` is an object or its JSON text."""
    answer = source.get("response_json")
    response = answer if type(answer) is dict else _decoded(text(answer))
    return FlowAnswer(
        name=first(source, "name"),
        body=first(source, "body"),
        response_json=text(answer) or json.dumps(response, sort_keys=True),
        response=storable(response),
    )


def _decoded(answer: str) -> dict:
    try:
        return mapping(json.loads(answer))
    except ValueError:
        return {}


def read_context(source) -> Context | None:
    """The quoted message, None when the object says nothing at all."""
    if not source or type(source) is not dict:
        return None
    context = Context(
        wa_id=identifier(source.get("id")),
        gs_id=identifier(source.get("gsId")) or identifier(source.get("gs_id")),
        wamid=identifier(source.get("meta_msg_id")),
        forwarded=boolean(source.get("forwarded")) or False,
        frequently_forwarded=boolean(source.get("frequently_forwarded")) or False,
    )
    return context if context != _NO_CONTEXT else None


def read_referral(source) -> Referral | None:
    """The advertisement or post that led the customer here."""
    if not source or type(source) is not dict:
        return None
    image = mapping(source.get("image"))
    video = mapping(source.get("video"))
    referral = Referral(
        headline=first(source, "headline"),
        body=first(source, "body"),
        source_type=first(source, "source_type", "type"),
        source_id=first(source, "source_id"),
        source_url=first(source, "source_url"),
        media_type=first(source, "media_type")
        or ("image" if image else "video" if video else ""),
        media_id=first(image, "id") or first(video, "id"),
        image_url=first(source, "image_url") or first(image, "url"),
        video_url=first(source, "video_url") or first(video, "url"),
        thumbnail_url=first(source, "thumbnail_url"),
        ctwa_clid=first(source, "ctwa_clid"),
    )
    return referral if referral != _NO_REFERRAL else None


def read_pricing(conversation, pricing) -> Pricing | None:
    """What a message is charged as, from two objects of a receipt, either optional."""
    if not conversation and not pricing:
        return None
    conversation, pricing = mapping(conversation), mapping(pricing)
    origin = mapping(conversation.get("origin"))
    expires = conversation.get("expiresAt", conversation.get("expiration_timestamp"))
    return Pricing(
        model=first(pricing, "policy", "pricing_model"),
        category=first(pricing, "category"),
        type=first(pricing, "type"),
        billable=boolean(pricing.get("billable")),
        conversation_id=first(conversation, "id"),
        conversation_type=first(conversation, "type") or first(origin, "type"),
        conversation_expires_at=moment(expires),
    )


def read_preferences(entries) -> tuple[Preference, ...]:
    """Customers' choices about marketing, from the list ``user_preferences``."""
    return tuple(
        Preference(
            phone=phone(entry.get("wa_id")),
            user_id=identifier(entry.get("user_id")),
            category=first(entry, "category"),
            value=first(entry, "value").lower(),
            detail=first(entry, "detail"),
            time=moment(entry.get("timestamp")),
        )
        for entry in items(entries)
    )


def billing_event(common: dict, deductions: dict, references: dict) -> BillingEvent:
    """What a message was charged; ``common`` holds the members of every event."""
    return BillingEvent(
        **common,
        gs_id=identifier(references.get("gsId")) or identifier(references.get("gs_id")),
        wa_id=identifier(references.get("id")),
        destination=phone(references.get("destination")),
        conversation_id=first(references, "conversationId", "conversation_id"),
        category=first(deductions, "category"),
        type=first(deductions, "type"),
        model=first(deductions, "model"),
        source=first(deductions, "source"),
        billable=boolean(deductions.get("billable")),
    )


def receipt_ids(
    status: str, event_id: str | None, gs_id: str | None
) -> tuple[str | None, str | None]:
    """The pair (GS id, id on WhatsApp's side) of a receipt.

    A receipt that GupShup makes itself, before WhatsApp answered (*enqueued*, a
    refusal), has the GS id as its only id. A refusal by
    WhatsApp more than a week after the send has WhatsApp's id alone; when the form of
    the id does not tell, it is taken for GupShup's: the look-up rule tries both.
    """
    if gs_id:
        return gs_id, event_id if event_id != gs_id else None
    early = status in ("submitted", "failed")
    if early and event_id and not looks_like_whatsapp_id(event_id):
        return event_id, None
    return None, event_id


def unknown(envelope: dict, data: dict, type_name: str, reason: str) -> Unknown:
    """An event that is not understood, with its body and, for people, the reason."""
    return Unknown(
        **envelope,
        dedupe_key=f"unknown:{digest(data)}",
        type_name=type_name,
        reason=reason,
        raw=storable(data),
    )


_NO_CONTEXT = Context()
_NO_REFERRAL = Referral()
