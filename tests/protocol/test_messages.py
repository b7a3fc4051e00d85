# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages of customers, in both versions."""

from datetime import datetime, timezone

import pytest
from bodies import (
    APP_ID,
    GS_ID,
    MEDIA_URL,
    PHONE,
    USER_ID,
    WA_ID,
    v2,
    v2_message,
    v3,
    v3_contact,
    v3_message,
    v3_value,
)

from gupshup import callbacks
from gupshup.values import (
    Answer,
    AppRef,
    CardPhone,
    ContactCard,
    Context,
    FlowAnswer,
    Location,
    Media,
    Message,
    Order,
    OrderItem,
    Reaction,
    Referral,
    Sender,
    Text,
    Unknown,
    Unsupported,
    UserEvent,
    WelcomeRequest,
)

UTC = timezone.utc


def content_of(body):
    return callbacks.parse(body).content


def test_v2_text():
    """A V2 text has GupShup's time, which is not when the customer wrote."""
    message = callbacks.parse(v2_message())
    assert message == Message(
        app=AppRef(name="AcmeSupport"),
        event_time=datetime(2026, 10, 13, 14, 0, 0, 123000, UTC),
        dedupe_key=f"m:{WA_ID}",
        id=WA_ID,
        sender=Sender(phone=PHONE, name="Lucía"),
        kind="text",
        time=datetime(2026, 10, 13, 14, 0, 0, 123000, UTC),
        time_is_exact=False,
        content=Text(body="Hola"),
    )
    assert message.sender.key == f"phone:{PHONE}"


def test_v3_text():
    """A V3 text has Meta's time, the app's id and the customer's user id."""
    message = callbacks.parse(v3_message())
    assert message == Message(
        app=AppRef(app_id=APP_ID, phone="15550100100"),
        event_time=datetime(2026, 10, 13, 14, 0, 0, 0, UTC),
        dedupe_key=f"m:{WA_ID}",
        id=WA_ID,
        sender=Sender(phone=PHONE, user_id=USER_ID, name="Lucía"),
        kind="text",
        time=datetime(2026, 10, 13, 14, 0, 0, 0, UTC),
        time_is_exact=True,
        content=Text(body="Hola"),
    )


def test_both_versions_of_a_message_have_one_key():
    """An app with a V2 and a V3 subscription delivers each message twice."""
    first, second = callbacks.parse(v2_message()), callbacks.parse(v3_message())
    assert first.dedupe_key == second.dedupe_key


def test_message_without_time_takes_the_arrival():
    body = v2_message()
    del body["timestamp"]
    arrived = datetime(2026, 10, 13, 15, tzinfo=UTC)
    assert callbacks.parse(body, arrived).time == arrived
    assert callbacks.parse(body).time is None


@pytest.mark.parametrize(
    "timestamp",
    [1791900000, "1791900000", 1791900000000, "1791900000000", 1791900000000000],
)
def test_unit_of_time_is_told_by_magnitude(timestamp):
    message = callbacks.parse(v2_message() | {"timestamp": timestamp})
    assert message.time == datetime(2026, 10, 13, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "timestamp", [0, -5, 10**30, "soon", None, True, [], float("nan"), "1" * 5000]
)
def test_absurd_time_is_no_time(timestamp):
    assert callbacks.parse(v2_message() | {"timestamp": timestamp}).time is None


# Who


def test_sender_with_user_id_only():
    """A customer who hides the number is known by the business-scoped id."""
    body = v2_message(source="", sender={"name": "L", "userId": USER_ID})
    sender = callbacks.parse(body).sender
    assert sender == Sender(phone=None, user_id=USER_ID, name="L")
    assert sender.key == f"user:{USER_ID}"


def test_user_id_in_place_of_the_number_is_no_number():
    sender = callbacks.parse(v2_message(source=USER_ID, sender={})).sender
    assert (sender.phone, sender.user_id) == (None, USER_ID)


def test_v3_sender_with_user_id_only():
    message = {"from_user_id": USER_ID, "id": "wamid.X", "type": "text"}
    contact = {"profile": {"name": "Lu"}, "user_id": USER_ID}
    value = v3_value(contacts=[contact], messages=[message])
    sender = callbacks.parse(v3(value)).sender
    assert sender == Sender(phone=None, user_id=USER_ID, name="Lu")


@pytest.mark.parametrize("blank", ["", None, "  ", "callbackSetPhone", {}, "0"])
def test_message_of_nobody_is_unknown(blank):
    """Blank senders come from simulators and test code; they must not be stored."""
    body = v2_message(source=blank, sender={"phone": blank, "name": "?"})
    value = callbacks.parse(body)
    assert isinstance(value, Unknown)
    assert "no sender" in value.reason
    assert value.raw == body


def test_v3_message_of_nobody_is_unknown():
    value = v3_value(messages=[{"id": "wamid.X", "type": "text"}])
    assert isinstance(callbacks.parse(v3(value)), Unknown)


@pytest.mark.parametrize("shown", ["+34 600-111-222", 34600111222, "34600111222"])
def test_phone_is_digits_however_it_is_written(shown):
    body = v2_message(source=shown, sender={"phone": shown})
    assert callbacks.parse(body).sender.phone == PHONE


def test_message_without_id_has_a_key_of_its_body():
    body = v2_message(id=None)
    first = callbacks.parse(body)
    other = callbacks.parse(v2_message(inner={"text": "Other"}, id=None))
    assert first.id == ""
    assert first.dedupe_key.startswith("message:")
    assert first.dedupe_key == callbacks.parse(body).dedupe_key != other.dedupe_key


def test_key_of_an_absurd_id_fits_its_column():
    assert len(callbacks.parse(v2_message(id="x" * 5000)).dedupe_key) <= 200


# Taps


@pytest.mark.parametrize("outer", ["quick_reply", "text", "button_reply", "button"])
def test_template_button_whatever_the_outer_type(outer):
    inner = {"text": "Yes, confirm", "type": "button", "postbackText": "confirm:4711"}
    message = callbacks.parse(v2_message(outer, inner))
    assert message.kind == "answer"
    assert message.content == Answer(
        title="Yes, confirm", payload="confirm:4711", origin="template_button"
    )


def test_template_button_without_postback_answers_its_title():
    inner = {"text": "Yes", "type": "button"}
    assert content_of(v2_message("text", inner)).payload == "Yes"


@pytest.mark.parametrize("outer", ["button_reply", "quick_reply"])
def test_session_button_whatever_the_outer_type(outer):
    inner = {
        "title": "Sales",
        "id": "menu-88",
        "reply": "Sales 2",
        "postbackText": "dept:sales",
    }
    assert content_of(v2_message(outer, inner)) == Answer(
        title="Sales",
        payload="dept:sales",
        message_ref="menu-88",
        position=2,
        origin="button",
    )


def test_list_row():
    inner = {
        "title": "Tue 10:00",
        "id": "slots-5",
        "reply": "Tue 10:00 3",
        "postbackText": "slot:20261013T10",
        "description": "Room 2",
    }
    assert content_of(v2_message("list_reply", inner)) == Answer(
        title="Tue 10:00",
        payload="slot:20261013T10",
        description="Room 2",
        message_ref="slots-5",
        position=3,
        origin="list",
    )


@pytest.mark.parametrize(
    ("reply", "position"),
    [("Floor 2 1", 1), ("Floor 2", None), ("", None), ("Other 7", None)],
)
def test_digits_of_the_title_are_no_position(reply, position):
    inner = {"title": "Floor 2", "reply": reply}
    assert content_of(v2_message("button_reply", inner)).position == position


def test_v3_taps():
    template = {"button": {"text": "Yes", "payload": "confirm:1"}}
    assert content_of(v3_message("button", template)) == Answer(
        title="Yes", payload="confirm:1", origin="template_button"
    )
    button = {"interactive": {"button_reply": {"id": "b1", "title": "Sales"}}}
    assert content_of(v3_message("interactive", button)) == Answer(
        title="Sales", payload="b1", origin="button"
    )
    row = {"id": "r1", "title": "Ten", "description": "Room"}
    answer = content_of(v3_message("interactive", {"interactive": {"list_reply": row}}))
    assert answer == Answer(
        title="Ten", payload="r1", description="Room", origin="list"
    )


def test_v3_flow_answer():
    reply = {"name": "flow", "body": "Sent", "response_json": '{"city": "Sol"}'}
    message = callbacks.parse(
        v3_message("interactive", {"interactive": {"nfm_reply": reply}})
    )
    assert message.kind == "flow_answer"
    assert message.content == FlowAnswer(
        name="flow",
        body="Sent",
        response_json='{"city": "Sol"}',
        response={"city": "Sol"},
    )


def test_flow_answer_with_broken_json_keeps_the_text():
    reply = {"nfm_reply": {"name": "flow", "response_json": "{"}}
    content = content_of(v3_message("interactive", {"interactive": reply}))
    assert (content.response_json, content.response) == ("{", {})


# Files, places, people


@pytest.mark.parametrize(
    ("outer", "kind"),
    [
        ("image", "image"),
        ("video", "video"),
        ("audio", "audio"),
        ("sticker", "sticker"),
        ("file", "document"),
    ],
)
def test_v2_media(outer, kind):
    inner = {
        "url": MEDIA_URL,
        "contentType": "image/jpeg",
        "urlExpiry": 1792504800000,
        "caption": "The broken part",
        "name": "part.jpg",
    }
    message = callbacks.parse(v2_message(outer, inner))
    assert message.kind == kind
    assert message.content == Media(
        url=MEDIA_URL,
        mime_type="image/jpeg",
        name="part.jpg",
        caption="The broken part",
        expires_at=datetime(2026, 10, 20, 14, tzinfo=UTC),
    )


def test_v2_media_type_under_its_other_name():
    inner = {"url": MEDIA_URL, "content-type": "image/png"}
    assert content_of(v2_message("image", inner)).mime_type == "image/png"


def test_v3_media():
    source = {
        "document": {
            "id": "1400000000000001",
            "mime_type": "application/pdf",
            "sha256": "abc=",
            "caption": "Invoice",
            "filename": "i.pdf",
            "url": MEDIA_URL,
        }
    }
    message = callbacks.parse(v3_message("document", source))
    assert message.kind == "document"
    assert message.content == Media(
        url=MEDIA_URL,
        mime_type="application/pdf",
        name="i.pdf",
        caption="Invoice",
        media_id="1400000000000001",
        sha256="abc=",
    )


def test_v3_voice_note():
    audio = {"id": "1", "url": MEDIA_URL, "voice": True}
    assert content_of(v3_message("audio", {"audio": audio})).voice is True


@pytest.mark.parametrize("inner", [{}, {"url": ""}, {"url": None}, {"url": []}])
def test_media_without_address_is_a_placeholder(inner):
    message = callbacks.parse(v2_message("image", inner))
    assert message.kind == "unsupported"
    assert message.content == Unsupported(type_name="image")


def test_location_with_coordinates_as_text_or_number():
    inner = {
        "longitude": "-3.7038",
        "latitude": 40.4168,
        "name": "Sol",
        "address": "Madrid",
    }
    expected = Location(
        latitude=40.4168, longitude=-3.7038, name="Sol", address="Madrid"
    )
    assert content_of(v2_message("location", inner)) == expected
    assert content_of(v3_message("location", {"location": inner})) == expected


@pytest.mark.parametrize("latitude", ["north", None, 91, "NaN", "1e999"])
def test_impossible_location_is_a_placeholder(latitude):
    inner = {"longitude": "1", "latitude": latitude}
    assert content_of(v2_message("location", inner)) == Unsupported(
        type_name="location"
    )


def test_contact_cards():
    card = {
        "name": {"first_name": "Ana", "last_name": "Gil", "formatted_name": "Ana Gil"},
        "org": {"company": "Gil SL"},
        "phones": [
            {"phone": "+34 600 22 33 44", "type": "Mobile", "wa_id": "34600223344"}
        ],
        "emails": [{"email": "ana@example.com"}],
        "addresses": [{"street": "Sol 1", "city": "Madrid"}],
        "urls": [],
        "birthday": "1990-01-31",
    }
    expected = ContactCard(
        name="Ana Gil",
        first_name="Ana",
        last_name="Gil",
        company="Gil SL",
        phones=(
            CardPhone(phone="+34 600 22 33 44", type="Mobile", wa_id="34600223344"),
        ),
        emails=("ana@example.com",),
        addresses=("Sol 1, Madrid",),
        birthday="1990-01-31",
    )
    assert content_of(v2_message("contact", {"contacts": [card]})).cards == (expected,)
    assert content_of(v3_message("contacts", {"contacts": [card]})).cards == (expected,)


def test_contact_card_with_nothing_in_it():
    cards = content_of(v2_message("contact", {"contacts": [{}]})).cards
    assert cards == (ContactCard(),)


def test_reaction_and_its_removal():
    inner = {"id": "gBEG1", "gsId": GS_ID, "emoji": "👍"}
    expected = Reaction(wa_id="gBEG1", gs_id=GS_ID, emoji="👍")
    assert content_of(v2_message("reaction", inner)) == expected
    del inner["emoji"]
    assert content_of(v2_message("reaction", inner)).emoji == ""
    source = {"reaction": {"message_id": "gBEG1", "gs_id": GS_ID, "emoji": "👍"}}
    assert content_of(v3_message("reaction", source)) == expected


def test_orders():
    """One hidden page of GupShup shows an order as an event; Meta as a message."""
    item = {"id": "sku1", "currency": "EUR", "amount": "9.5", "quantity": "2"}
    payload = v2_message()["payload"] | {
        "context": {"catalog": {"order": {"items": [item]}}},
        "payload": {},
    }
    expected = (OrderItem(product_id="sku1", quantity=2.0, price=9.5, currency="EUR"),)
    message = callbacks.parse(v2("order", payload))
    assert (message.kind, message.content.items) == ("order", expected)
    product = {
        "product_retailer_id": "sku1",
        "quantity": 2,
        "item_price": 9.5,
        "currency": "EUR",
    }
    order = {"catalog_id": "c1", "text": "Please", "product_items": [product]}
    assert content_of(v3_message("order", {"order": order})) == Order(
        catalog_id="c1", text="Please", items=expected
    )


def test_welcome_request_opens_no_window():
    message = callbacks.parse(v2_message("request_welcome", {}))
    assert message.content == WelcomeRequest()
    assert not message.opens_window
    assert callbacks.parse(v3_message("request_welcome", {})).kind == "welcome_request"


@pytest.mark.parametrize("name", ["poll", "unsupported", "ephemeral", "hologram", ""])
def test_unknown_kind_of_message_is_a_placeholder_and_opens_the_window(name):
    """New types appear without notice; the customer wrote something all the same."""
    for body in (v2_message(name, {"a": 1}), v3_message(name, {})):
        message = callbacks.parse(body)
        assert message.kind == "unsupported"
        assert message.content == Unsupported(type_name=name or "unknown")
        assert message.opens_window


def test_unsupported_tells_what_it_was():
    source = {"errors": [{"code": 131051}], "unsupported": {"type": "poll_creation"}}
    assert content_of(v3_message("unsupported", source)) == Unsupported(
        type_name="poll_creation", reason_code=131051
    )


@pytest.mark.parametrize("inner", [{}, {"text": ""}, {"text": None}, "Hola", None, []])
def test_text_without_text_is_a_placeholder(inner):
    body = v2_message("text")
    body["payload"]["payload"] = inner
    assert content_of(body) == Unsupported(type_name="text")


def test_ordinary_messages_open_the_window():
    assert callbacks.parse(v2_message()).opens_window
    tap = v2_message("quick_reply", {"text": "Yes", "type": "button"})
    assert callbacks.parse(tap).opens_window


# What they refer to


def test_reply_to_one_of_our_messages():
    context = {
        "id": "gBEG1",
        "gsId": GS_ID,
        "forwarded": False,
        "frequently_forwarded": False,
    }
    expected = Context(wa_id="gBEG1", gs_id=GS_ID)
    assert callbacks.parse(v2_message(context=context)).context == expected


def test_v3_reply_has_the_wamid_beside_the_id():
    context = {"from": "1", "id": "c41d", "gs_id": GS_ID, "meta_msg_id": WA_ID}
    assert callbacks.parse(v3_message(context=context)).context == Context(
        wa_id="c41d", gs_id=GS_ID, wamid=WA_ID
    )


@pytest.mark.parametrize(
    "context",
    [None, {}, [], "x", {"id": "", "gsId": None}, {"id": " ", "forwarded": "false"}],
)
def test_context_that_says_nothing_is_none(context):
    assert callbacks.parse(v2_message(context=context)).context is None


def test_forwarded_message_refers_to_nothing():
    context = {"forwarded": True, "frequently_forwarded": "true"}
    assert callbacks.parse(v2_message(context=context)).context == Context(
        forwarded=True, frequently_forwarded=True
    )


def test_referral_of_an_ad():
    referral = {
        "headline": "Autumn sale",
        "body": "Chat with us",
        "source_type": "ad",
        "source_id": 120210000000000000,
        "source_url": "https://fb.me/2aBcDe",
        "media_type": "image",
        "image_url": "https://scontent.example/x.jpg",
        "video_url": None,
        "ctwa_clid": "ARA7",
    }
    expected = Referral(
        headline="Autumn sale",
        body="Chat with us",
        source_type="ad",
        source_id="120210000000000000",
        source_url="https://fb.me/2aBcDe",
        media_type="image",
        image_url="https://scontent.example/x.jpg",
        ctwa_clid="ARA7",
    )
    assert callbacks.parse(v2_message(referral=referral)).referral == expected
    assert callbacks.parse(v3_message(referral=referral)).referral == expected
    assert callbacks.parse(v2_message(referral={})).referral is None


def test_referral_of_the_old_shape():
    referral = callbacks.parse(v2_message(referral={"image": {"id": "77"}})).referral
    assert (referral.media_type, referral.media_id) == ("image", "77")


def test_customer_changed_the_number():
    system = {"type": "user_changed_number", "wa_id": "34600999888"}
    for body in (
        v2_message("system", system),
        v3_message("system", {"system": system}),
    ):
        value = callbacks.parse(body)
        assert isinstance(value, UserEvent)
        assert value.type_name == "number-changed"
        assert (value.phone, value.new_phone) == (PHONE, "34600999888")


# Several in one body


def test_split_gives_each_message_its_own_contact():
    other = "34600999888"
    messages = [
        {"from": PHONE, "id": "wamid.1", "timestamp": "1791900000", "type": "text"},
        {"from": other, "id": "wamid.2", "timestamp": "1791900001", "type": "text"},
    ]
    contacts = [v3_contact(other, "Ana", None), v3_contact()]
    statuses = [{"gs_id": GS_ID, "id": "w", "status": "sent"}]
    body = v3(v3_value(contacts=contacts, messages=messages, statuses=statuses))
    body["entry"].append(v3_message()["entry"][0])
    parts = callbacks.split(body)
    values = [callbacks.parse(part) for part in parts]
    assert [value.dedupe_key for value in values] == [
        "m:wamid.1",
        "m:wamid.2",
        f"r:{GS_ID}:sent",
        f"m:{WA_ID}",
    ]
    assert [value.sender.name for value in values[:2]] == ["Lucía", "Ana"]
    assert all(value.app.app_id == APP_ID for value in values)
    assert all(callbacks.split(part) == [part] for part in parts)


def test_split_leaves_a_single_event_alone():
    for body in (v2_message(), v3_message(), {"entry": []}, {}):
        assert callbacks.split(body) == [body]


def test_split_of_a_huge_envelope_stays_small():
    """Nobody can fill the journal by repeating one long member in every part."""
    messages = [{"from": PHONE, "id": f"wamid.{n}"} for n in range(200)]
    body = v3(v3_value(messages=messages, padding="x" * 10_000)) | {"more": "y" * 9999}
    parts = callbacks.split(body)
    assert len(parts) == 200
    assert max(len(str(part)) for part in parts) < 1000


def test_body_with_several_events_is_not_half_read():
    messages = [{"from": PHONE, "id": "a"}, {"from": PHONE, "id": "b"}]
    value = callbacks.parse(v3(v3_value(messages=messages)))
    assert isinstance(value, Unknown)
