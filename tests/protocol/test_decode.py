# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nothing that arrives can break the parser, or what stores its values."""

import dataclasses
import json
import random
from datetime import datetime

import pytest
from bodies import (
    GS_ID,
    MEDIA_URL,
    PHONE,
    v2,
    v2_message,
    v2_receipt,
    v3,
    v3_message,
    v3_receipt,
    v3_value,
)
from hypothesis import given
from hypothesis import strategies as st

from gupshup import callbacks
from gupshup.callbacks import CallbackError
from gupshup.values import Event, Message, Unknown

REAL_BODIES = [
    v2_message(context={"id": "a", "gsId": GS_ID}, referral={"source_id": "1"}),
    v2_message("image", {"url": MEDIA_URL, "urlExpiry": 1792504800000}),
    v2_message("location", {"longitude": "-3.7", "latitude": "40.4"}),
    v2_message("list_reply", {"title": "Ten", "id": "s", "reply": "Ten 3"}),
    v2_message("contact", {"contacts": [{"phones": [{"phone": PHONE}]}]}),
    v2_receipt("sent", gsId=GS_ID, pricing={"policy": "PMP"}),
    v2_receipt("failed", {"code": 131047, "reason": "late"}, gsId=GS_ID),
    v2("template-event", {"id": "1", "category": {"old": "A", "new": "B"}}),
    v2("account-event", {"type": "tier-event", "payload": {"oldLimit": "T"}}),
    v2("billing-event", {"deductions": {"billable": True}, "references": {"id": "1"}}),
    v2("preference-event", {"payload": {"user_preferences": [{"wa_id": PHONE}]}}),
    v2("user-event", {"phone": PHONE, "type": "opted-in"}),
    v3_message(),
    v3_message("order", {"order": {"product_items": [{"quantity": 2}]}}),
    v3_message("interactive", {"interactive": {"nfm_reply": {"response_json": "{}"}}}),
    v3_receipt("failed", errors=[{"code": 131026, "title": "No"}]),
    v3(v3_value(message_echoes=[{"id": "1", "type": "text"}]), "smb_message_echoes"),
    v3(v3_value(history=[{"threads": [{"id": PHONE}]}]), "history"),
    v3(v3_value(state_sync=[{"type": "contact"}]), "smb_app_state_sync"),
    v3({"event": "PAUSED"}, "message_template_status_update"),
]


def parse_all(raw):
    """Go the whole way of a callback; return each event with the body of its own."""
    return [
        (data, callbacks.parse(data)) for data in callbacks.split(callbacks.decode(raw))
    ]


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -1, 0, 1791900000, 1e308, float("nan"), float("inf")]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["\0", "\ud800", "a\udfffb\0", "wamid.X", PHONE, "text", "1e999"]),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
    ),
    max_leaves=8,
)


def member_paths(value, path=()):
    """The way to every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in inner:
        yield (*path, name)
        if isinstance(member, (dict, list)):
            yield from member_paths(member, (*path, name))


def replaced(body, path, value):
    copy = json.loads(json.dumps(body))
    holder = copy
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    return copy


mutations = st.sampled_from(REAL_BODIES).flatmap(
    lambda body: st.builds(
        replaced,
        st.just(body),
        st.sampled_from(sorted(member_paths(body), key=repr)),
        json_values,
    )
)


def assert_storable(value):
    """PostgreSQL takes every text, and every raw body as ``jsonb``."""
    if isinstance(value, str):
        assert "\0" not in value
        value.encode()
    elif isinstance(value, (list, tuple)):
        for member in value:
            assert_storable(member)
    elif isinstance(value, dict):
        assert_storable(list(value))
        assert_storable(list(value.values()))
        json.dumps(value, allow_nan=False)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            assert_storable(getattr(value, field.name))
    elif isinstance(value, datetime):
        assert value.utcoffset().total_seconds() == 0


def assert_sound(event):
    assert isinstance(event, Event)
    assert 0 < len(event.dedupe_key) <= 200
    assert_storable(event)
    if isinstance(event, Message):
        assert event.sender.key


@given(mutations)
def test_no_damaged_body_breaks_the_parser(body):
    for part in callbacks.split(body):
        assert_sound(callbacks.parse(part))


@given(mutations)
def test_no_damaged_bytes_break_the_way_in(body):
    for part, event in parse_all(json.dumps(body)):
        assert_storable(part)
        assert_sound(event)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_no_object_breaks_the_parser(body):
    assert_sound(callbacks.parse(body))


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_no_bytes_raise_anything_but_the_documented_error(raw):
    try:
        parsed = parse_all(raw)
    except CallbackError as error:
        assert str(error)
    else:
        assert parsed


def shuffled(value, chooser):
    if isinstance(value, dict):
        names = list(value)
        chooser.shuffle(names)
        return {name: shuffled(value[name], chooser) for name in names}
    if isinstance(value, list):
        return [shuffled(member, chooser) for member in value]
    return value


@given(st.sampled_from(REAL_BODIES), st.randoms(use_true_random=False))
def test_order_of_members_does_not_matter(body, chooser: random.Random):
    assert callbacks.parse(shuffled(body, chooser)) == callbacks.parse(body)


def worded(value):
    """Every number as a text."""
    if isinstance(value, dict):
        return {name: worded(member) for name, member in value.items()}
    if isinstance(value, list):
        return [worded(member) for member in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value


def numbered(value):
    """Every text that is a number as a number."""
    if isinstance(value, dict):
        return {name: numbered(member) for name, member in value.items()}
    if isinstance(value, list):
        return [numbered(member) for member in value]
    is_number = isinstance(value, str) and value.isdigit() and not value.startswith("0")
    return int(value) if is_number else value


@pytest.mark.parametrize("body", REAL_BODIES)
def test_numbers_may_be_texts_and_texts_numbers(body):
    expected = callbacks.parse(body)
    assert callbacks.parse(worded(body)) == expected
    assert callbacks.parse(numbered(body)) == expected


@pytest.mark.parametrize("body", REAL_BODIES)
def test_real_bodies_are_understood(body):
    assert not isinstance(callbacks.parse(body), Unknown)


# By example


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  \n",
        b"[]",
        b'"x"',
        b"null",
        b"{",
        b"app=x&type=message",
        b"<html></html>",
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        '{"type": "message"}'.encode("utf-16"),
    ],
)
def test_what_is_no_callback_raises_the_documented_error(raw):
    with pytest.raises(CallbackError):
        callbacks.decode(raw)


@pytest.mark.parametrize("data", [None, [], "x", 1])
def test_only_objects_are_parsed(data):
    with pytest.raises(CallbackError):
        callbacks.parse(data)
    with pytest.raises(CallbackError):
        callbacks.split(data)


def test_object_too_deep_for_python_raises_the_documented_error():
    deep = {}
    for _level in range(5000):
        deep = {"type": "x", "payload": deep}
    with pytest.raises(CallbackError):
        callbacks.parse(deep)


def test_wide_bodies_are_not_deep():
    body = v2_message(
        "contact", {"contacts": [{"emails": [{}] * 5} for _ in range(99)]}
    )
    assert len(callbacks.parse(callbacks.decode(json.dumps(body))).content.cards) == 99


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb"Hola\u0000mundo", "Holamundo"),
        (b"Hola\0mundo", "Holamundo"),
        (rb"a\ud83d\ude00b", "a😀b"),
        (rb"a\ud83db", "a�b"),
        (rb"a\uDE00b", "a�b"),
        (b"a\xffb", "a�b"),
        ("ñandú".encode(), "ñandú"),
        (b"line\nbreak", "line\nbreak"),
    ],
)
def test_texts_are_fit_for_postgresql(raw, text):
    body = json.dumps(v2_message(inner={"text": "@"})).encode().replace(b"@", raw)
    data, message = parse_all(body)[0]
    assert message.content.body == text
    assert_storable(data)


def test_byte_order_mark_is_no_obstacle():
    assert callbacks.decode("\ufeff{}") == {}


def test_numbers_that_json_does_not_know_are_null():
    raw = '{"a": NaN, "b": [-Infinity], "c": 1e999, "d": 1.5}'
    assert callbacks.decode(raw) == {"a": None, "b": [None], "c": None, "d": 1.5}


@pytest.mark.parametrize(
    "build",
    [
        lambda found: v2_message(id=found),
        lambda found: v2_receipt("sent", id=found, gsId=found),
    ],
)
def test_no_id_is_too_long_for_an_index(build):
    """Ids of any length have 200 characters at most, and stay different."""
    ids = ["a" * 200, "a" * 201, "a" * 5000, "a" * 4999 + "b", "é" * 5000]
    keys, found = set(), set()
    for wa_id in ids:
        event = callbacks.parse(build(wa_id))
        known = event.id if isinstance(event, Message) else event.gs_id
        assert len(known) <= 200
        assert len(event.dedupe_key) <= 200
        found.add(known)
        keys.add(event.dedupe_key)
    assert len(found) == len(keys) == len(ids)
    assert callbacks.parse(build("a" * 200)).dedupe_key in keys
