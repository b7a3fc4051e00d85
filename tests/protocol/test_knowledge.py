# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Error codes, statuses, phone keys and templates."""

import json
from datetime import datetime, timezone
from itertools import permutations

import pytest

from gupshup import errors
from gupshup.phones import canonical
from gupshup.status import RANKS, merge
from gupshup.templates import TemplateButton, read_template


@pytest.mark.parametrize(
    ("code", "klass", "action"),
    [
        (131056, "transient", "retry_slowly"),
        (131000, "transient", "retry"),
        (131053, "permanent", "check_media"),
        (1003, "stop", "fill_wallet"),
        (190, "stop", "tell_administrator"),
        (250, "stop", "tell_administrator"),
    ],
)
def test_class_and_action_of_a_code(code, klass, action):
    entry = errors.lookup(code)
    assert (entry.code, entry.klass, entry.action_key) == (code, klass, action)
    assert entry.action == errors.ACTIONS[action]


@pytest.mark.parametrize("code", [470, 1004, 1005, 1006, 1007, 1008, 131047])
def test_codes_that_close_the_window(code):
    entry = errors.lookup(code)
    assert entry.closes_window
    assert entry.action_key == "use_template"


def test_other_flags():
    def flagged(name):
        entries = errors.CODES.values()
        return {entry.code for entry in entries if getattr(entry, name)}

    assert flagged("bad_number") == {1002, 1013, 131026}
    assert flagged("opt_out") == {1012, 131050}
    assert flagged("disable_template") == {4005, 132001, 132015, 132016}
    assert flagged("may_recover") == {131026}


@pytest.mark.parametrize("code", [None, 999999, -1, 10**20])
def test_unknown_code_is_permanent(code):
    entry = errors.lookup(code)
    assert (entry.code, entry.klass) == (code, "permanent")
    assert not entry.closes_window


def test_table_is_consistent():
    entries = (*errors._GUPSHUP, *errors._ON_PREMISES, *errors._CLOUD)
    assert len(errors.CODES) == len(entries)
    assert {entry.klass for entry in entries} == set(errors.CLASSES)
    assert {entry.action_key for entry in entries} == set(errors.ACTIONS)
    assert all(entry.meaning for entry in entries)


# Statuses


def merged(statuses):
    current = "queued"
    for status in statuses:
        current = merge(current, status)
    return current


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        (("submitted", "sent", "delivered", "read"), "read"),
        (("submitted", "sent", "failed"), "failed"),
        (("submitted", "failed", "delivered"), "delivered"),
        (("sending", "unknown", "sent"), "sent"),
        (("submitted", "deleted", "mismatch", "other"), "submitted"),
    ],
)
def test_status_is_the_same_in_every_order_of_the_receipts(receipts, expected):
    assert {merged(order) for order in permutations(receipts)} == {expected}


def test_status_never_goes_down():
    for current in RANKS:
        for incoming in RANKS:
            assert RANKS[merge(current, incoming)] >= RANKS[current]


# Phones


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511987654321", "551187654321"),
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
        ("+34 600 111 222", "34600111222"),
    ],
)
def test_spellings_of_a_number_have_one_key(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    "number",
    [
        "34600111222",
        "5511387654321",
        "5511945678901",  # not the landline +55 11 4567-8901
        "15550100100",
        "4915112345678",
        "",
    ],
)
def test_other_numbers_are_their_own_key(number):
    assert canonical(number) == number
    assert canonical(canonical(number)) == canonical(number)


# Templates

CONTAINER = {
    "data": "Hola {{1}}",
    "header": "Cita",
    "footer": "Acme",
    "buttons": [
        {"type": "QUICK_REPLY", "text": "Confirmar"},
        {
            "type": "url",
            "text": "Ver",
            "url": "https://example.com/{{1}}",
            "example": ["https://example.com/7"],
        },
    ],
    "sampleText": "Hola Lucía",
}
ROW = {
    "id": "0c7f",
    "elementName": "visit_reminder",
    "languageCode": "es",
    "category": "UTILITY",
    "templateType": "TEXT",
    "status": "approved",
    "quality": "GREEN",
    "reason": None,
    "data": "Hola {{1}}\nAcme | [Confirmar]",
    "createdOn": 1791900000000,
    "containerMeta": json.dumps(CONTAINER),
}


@pytest.mark.parametrize(
    "container", [json.dumps(CONTAINER), CONTAINER, json.dumps(json.dumps(CONTAINER))]
)
def test_template_with_nested_json(container):
    template = read_template(ROW | {"containerMeta": container})
    assert (template.header, template.body) == ("Cita", "Hola {{1}}")
    assert (template.footer, template.sample) == ("Acme", "Hola Lucía")
    assert (template.status, template.language) == ("APPROVED", "es")
    assert template.is_complete
    assert template.created == datetime(2026, 10, 13, 14, tzinfo=timezone.utc)
    assert template.buttons == (
        TemplateButton(type="QUICK_REPLY", text="Confirmar"),
        TemplateButton(
            type="URL",
            text="Ver",
            url="https://example.com/{{1}}",
            example="https://example.com/7",
        ),
    )


@pytest.mark.parametrize("container", [None, "", "{}", "{", [], 7])
def test_template_without_nested_json_shows_its_data(container):
    template = read_template(ROW | {"containerMeta": container})
    assert template.body == ROW["data"]
    assert template.buttons == ()
    assert not template.is_complete
