# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Receipts and all other events."""

from datetime import datetime, timezone

import pytest
from bodies import (
    APP_ID,
    GS_ID,
    PHONE,
    USER_ID,
    UUID_WA_ID,
    WA_ID,
    v2,
    v2_receipt,
    v3,
    v3_receipt,
    v3_value,
)

from gupshup import callbacks
from gupshup.values import (
    AccountUpdate,
    BillingEvent,
    CoexistenceSync,
    Echo,
    Failure,
    OnboardingUpdate,
    PlatformCheck,
    Preference,
    PreferenceUpdate,
    Pricing,
    Receipt,
    TemplateUpdate,
    Text,
    Unknown,
    UserEvent,
    ValidationPing,
)

UTC = timezone.utc


# Receipts


def test_enqueued_brings_both_ids():
    """`payload.id` of an enqueued event is the id that the send call answered."""
    body = v2_receipt(
        "enqueued", {"whatsappMessageId": WA_ID, "type": "session"}, id=GS_ID
    )
    receipt = callbacks.parse(body)
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.type_name) == ("submitted", "enqueued")
    assert (receipt.gs_id, receipt.wa_id) == (GS_ID, WA_ID)
    assert receipt.correlation_key == GS_ID
    assert receipt.fallback_key == WA_ID
    assert receipt.dedupe_key == f"r:{GS_ID}:submitted"


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_progress(status):
    receipt = callbacks.parse(v2_receipt(status, gsId=GS_ID, userId=USER_ID))
    assert receipt.status == status
    assert (receipt.gs_id, receipt.wa_id) == (GS_ID, UUID_WA_ID)
    assert receipt.time == datetime(2026, 10, 13, 14, 0, 2, tzinfo=UTC)
    assert (receipt.destination, receipt.user_id) == (PHONE, USER_ID)
    assert receipt.error is None


@pytest.mark.parametrize("gs_id", [None, ""])
def test_receipt_a_week_late_has_the_whatsapp_id_only(gs_id):
    receipt = callbacks.parse(v2_receipt("read", gsId=gs_id))
    assert (receipt.gs_id, receipt.wa_id) == (None, UUID_WA_ID)
    assert receipt.correlation_key == receipt.fallback_key == UUID_WA_ID


def test_refusal_by_gupshup_has_the_gs_id_only():
    inner = {"code": 1002, "reason": "No such number"}
    receipt = callbacks.parse(v2_receipt("failed", inner, id=GS_ID))
    assert (receipt.gs_id, receipt.wa_id) == (GS_ID, None)
    assert receipt.error == Failure(code=1002, reason="No such number")
    assert receipt.time == datetime(2026, 10, 13, 14, 0, 0, 123000, UTC)
    assert receipt.dedupe_key == f"r:{GS_ID}:failed:1002"


def test_refusal_by_whatsapp_has_both():
    inner = {"code": "131047", "reason": "Re-engagement message"}
    receipt = callbacks.parse(v2_receipt("failed", inner, gsId=GS_ID))
    assert (receipt.gs_id, receipt.wa_id) == (GS_ID, UUID_WA_ID)
    assert receipt.error.code == 131047


def test_late_refusal_by_whatsapp_is_told_by_the_form_of_its_id():
    receipt = callbacks.parse(v2_receipt("failed", {"code": 131026}, id=WA_ID))
    assert (receipt.gs_id, receipt.wa_id) == (None, WA_ID)


def test_failure_without_a_code():
    receipt = callbacks.parse(v2_receipt("failed", {}, gsId=GS_ID))
    assert receipt.error == Failure(code=None, reason="")
    assert receipt.dedupe_key == f"r:{GS_ID}:failed"


def test_v3_receipts_have_the_keys_of_v2():
    for status in ("sent", "delivered", "read"):
        first = callbacks.parse(v2_receipt(status, gsId=GS_ID))
        second = callbacks.parse(v3_receipt(status))
        assert first.dedupe_key == second.dedupe_key
        assert (first.gs_id, first.wa_id) == (second.gs_id, second.wa_id)
        assert second.wamid == WA_ID
        assert first.time == second.time


def test_v3_enqueued_has_a_number_of_milliseconds():
    receipt = callbacks.parse(
        v3_receipt("enqueued", timestamp=1791900002000, id=GS_ID, meta_msg_id=None)
    )
    assert receipt.status == "submitted"
    assert receipt.time == datetime(2026, 10, 13, 14, 0, 2, tzinfo=UTC)
    assert (receipt.gs_id, receipt.wa_id) == (GS_ID, None)


@pytest.mark.parametrize(
    "told",
    [
        {"errors": [{"code": 131026, "title": "Undeliverable", "href": "https://x"}]},
        {"code": "131026", "reason": "Undeliverable"},
    ],
)
def test_v3_failure_in_both_forms(told):
    receipt = callbacks.parse(v3_receipt("failed", **told))
    assert receipt.error == Failure(code=131026, reason="Undeliverable")
    assert receipt.dedupe_key == f"r:{GS_ID}:failed:131026"


def test_pricing_of_both_versions():
    v2_body = v2_receipt(
        "sent",
        gsId=GS_ID,
        conversation={"id": "0d1e", "expiresAt": 1791986400, "type": "service"},
        pricing={"policy": "PMP", "category": "service", "type": "regular"},
    )
    assert callbacks.parse(v2_body).pricing == Pricing(
        model="PMP",
        category="service",
        type="regular",
        conversation_id="0d1e",
        conversation_type="service",
        conversation_expires_at=datetime(2026, 10, 14, 14, tzinfo=UTC),
    )
    v3_body = v3_receipt(
        "sent",
        conversation={"id": "0d1e", "origin": {"type": "service"}},
        pricing={"billable": False, "category": "service", "pricing_model": "PMP"},
    )
    assert callbacks.parse(v3_body).pricing == Pricing(
        model="PMP",
        category="service",
        billable=False,
        conversation_id="0d1e",
        conversation_type="service",
    )


def test_deleted_names_the_customers_message():
    receipt = callbacks.parse(v2_receipt("deleted", id=WA_ID))
    assert (receipt.status, receipt.gs_id, receipt.wa_id) == ("deleted", None, WA_ID)


def test_mismatch_has_no_message():
    body = v2("message-event", {"type": "mismatch", "payload": {"wa_id": PHONE}})
    receipt = callbacks.parse(body)
    assert (receipt.status, receipt.destination) == ("mismatch", PHONE)
    assert receipt.correlation_key == ""
    assert receipt.dedupe_key.startswith("receipt:")


def test_status_that_nobody_knows():
    receipt = callbacks.parse(v2_receipt("warming", gsId=GS_ID))
    assert (receipt.status, receipt.type_name) == ("other", "warming")
    assert receipt.dedupe_key == f"r:{GS_ID}:other:warming"


# The endpoint itself


def test_validation_pings_of_both_versions():
    payload = {"phone": "callbackSetPhone", "type": "sandbox-start"}
    ping = callbacks.parse(v2("user-event", payload))
    assert isinstance(ping, ValidationPing)
    assert ping.version == 2
    ping = callbacks.parse(v3({"statuses": [{"type": "set-callback"}]}))
    assert isinstance(ping, ValidationPing)
    assert ping.version == 3


def test_platform_checks_of_both_versions():
    payload = {"type": "connectivity-check", "initiator": "gupshup"}
    for body in (v2("platform-event", payload), v3(payload, "platform-event")):
        check = callbacks.parse(body)
        assert isinstance(check, PlatformCheck)
        assert check.initiator == "gupshup"


@pytest.mark.parametrize("name", ["sandbox-start", "opted-in", "opted-out"])
def test_user_events(name):
    event = callbacks.parse(v2("user-event", {"phone": PHONE, "type": name}))
    assert isinstance(event, UserEvent)
    assert (event.type_name, event.phone) == (name, PHONE)


# Templates


def template_event(**members):
    payload = {"id": "0c7f", "elementName": "visit", "languageCode": "es", **members}
    return callbacks.parse(v2("template-event", payload))


@pytest.mark.parametrize("told", [{"type": "status-update"}, {}])
def test_template_status_in_new_and_old_shape(told):
    event = template_event(status="rejected", rejectedReason="TAG", **told)
    assert isinstance(event, TemplateUpdate)
    assert (event.event, event.status, event.reason) == ("status", "REJECTED", "TAG")
    assert (event.template_id, event.name, event.language) == ("0c7f", "visit", "es")


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ({"current": "UTILITY", "correct": "MARKETING"}, ("UTILITY", "", "MARKETING")),
        ({"old": "UTILITY", "new": "MARKETING"}, ("MARKETING", "UTILITY", "")),
        ("marketing", ("MARKETING", "", "")),
    ],
)
def test_template_category_in_its_three_shapes(category, expected):
    event = template_event(type="category-update", category=category)
    assert event.event == "category"
    assert (event.category, event.old_category, event.correct_category) == expected


def test_template_quality_in_any_case():
    event = template_event(type="quality-update", quality="Yellow")
    assert (event.event, event.quality) == ("quality", "YELLOW")


def test_v3_template_fields():
    value = {
        "event": "APPROVED",
        "gs_template_id": "0c7f",
        "message_template_id": 7823,
        "message_template_name": "visit",
        "message_template_language": "es",
        "reason": "NONE",
    }
    event = callbacks.parse(v3(value, "message_template_status_update"))
    assert (event.event, event.status, event.template_id) == (
        "status",
        "APPROVED",
        "0c7f",
    )
    assert event.external_id == "7823"
    changed = callbacks.parse(
        v3({"new_category": "MARKETING"}, "template_category_update")
    )
    assert (changed.event, changed.category) == ("category", "MARKETING")


# The account


def test_account_fields_lie_one_level_deeper():
    inner = {"event": "downgrade", "oldLimit": "TIER_10K", "currentLimit": "TIER_1K"}
    body = v2("account-event", {"type": "tier-event", "payload": inner}, phone="1555")
    event = callbacks.parse(body)
    assert isinstance(event, AccountUpdate)
    assert (event.type_name, event.status) == ("tier-event", "downgrade")
    assert (event.old_limit, event.current_limit) == ("TIER_10K", "TIER_1K")
    assert event.details == inner
    assert event.app.phone == "1555"


def test_account_restriction_keeps_its_details():
    inner = {
        "status": "ACCOUNT_RESTRICTED",
        "restrictionInfo": [{"restrictionType": "RESTRICTED_BIZ_INITIATED_MESSAGING"}],
    }
    event = callbacks.parse(
        v2("account-event", {"type": "status-event", "payload": inner})
    )
    assert event.status == "ACCOUNT_RESTRICTED"
    assert event.details == inner


def test_v3_account_update():
    event = callbacks.parse(v3({"event": "ACCOUNT_VIOLATION"}, "account_update"))
    assert isinstance(event, AccountUpdate)
    assert (event.type_name, event.status) == ("account_update", "ACCOUNT_VIOLATION")


def test_v3_time_of_the_entry_tells_two_equal_updates_apart():
    value = {"event": "ACCOUNT_VIOLATION"}
    first = callbacks.parse(v3(value, "account_update", time=1791900000))
    second = callbacks.parse(v3(value, "account_update", time=1791990000))
    assert first.dedupe_key != second.dedupe_key
    assert first.event_time == datetime(2026, 10, 13, 14, tzinfo=UTC)


@pytest.mark.parametrize("is_nested", [True, False])
def test_onboarding_wherever_its_fields_lie(is_nested):
    inner = {"status": "live", "waId": "15550100100"}
    payload = {"payload": inner} if is_nested else inner
    body = v2(
        "onboarding-event", {"type": "docker-status-event", **payload}, appId=APP_ID
    )
    event = callbacks.parse(body)
    assert isinstance(event, OnboardingUpdate)
    assert (event.status, event.app.app_id) == ("live", APP_ID)


def test_preferences():
    entry = {
        "wa_id": PHONE,
        "detail": "User requested to stop",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": 1791900002,
    }
    payload = {
        "type": "user_preferences",
        "payload": {"user_preferences": [entry, {"value": "resume"}]},
    }
    event = callbacks.parse(v2("preference-event", payload))
    assert isinstance(event, PreferenceUpdate)
    assert event.preferences == (
        Preference(
            phone=PHONE,
            category="marketing_messages",
            value="stop",
            detail="User requested to stop",
            time=datetime(2026, 10, 13, 14, 0, 2, tzinfo=UTC),
        ),
        Preference(value="resume"),
    )
    again = callbacks.parse(v3({"user_preferences": [entry]}, "user_preferences"))
    assert again.preferences == event.preferences[:1]


@pytest.mark.parametrize("billable", [True, "true"])
def test_billing_has_no_type_of_its_own(billable):
    payload = {
        "deductions": {
            "type": "regular",
            "model": "PMP",
            "source": "whatsapp",
            "billable": billable,
            "category": "utility",
        },
        "references": {
            "id": "gBEG1",
            "gsId": GS_ID,
            "conversationId": None,
            "destination": PHONE,
        },
    }
    event = callbacks.parse(v2("billing-event", payload))
    assert isinstance(event, BillingEvent)
    assert (event.gs_id, event.wa_id, event.destination) == (GS_ID, "gBEG1", PHONE)
    assert (event.category, event.billable) == ("utility", True)
    again = callbacks.parse(v3({"billing": payload}, "billing-event"))
    assert (again.gs_id, again.category) == (GS_ID, "utility")


# The phone's own app


def test_echo_of_what_staff_wrote_on_the_phone():
    echo = {
        "from": "15550100100",
        "to": PHONE,
        "id": WA_ID,
        "timestamp": "1791900000",
        "type": "text",
        "text": {"body": "On my way"},
    }
    value = callbacks.parse(v3(v3_value(message_echoes=[echo]), "smb_message_echoes"))
    assert isinstance(value, Echo)
    assert (value.destination, value.kind) == (PHONE, "text")
    assert value.content == Text(body="On my way")
    assert value.dedupe_key == f"echo:{WA_ID}"


OLD_MESSAGE = {
    "from": PHONE,
    "id": WA_ID,
    "timestamp": "1781900000",
    "type": "text",
    "text": {"body": "Last spring"},
    "history_context": {"status": "READ"},
}


@pytest.mark.parametrize(
    ("field", "lists"),
    [
        (
            "history",
            {
                "history": [
                    {
                        "metadata": {"phase": 0, "chunk_order": 1, "progress": 55},
                        "threads": [{"id": PHONE, "messages": [OLD_MESSAGE] * 2}],
                    }
                ]
            },
        ),
        (
            "history",
            {"history": [{"errors": [{"code": 2593109, "title": "Not shared"}]}]},
        ),
        ("history", {"messages": [OLD_MESSAGE]}),
        (
            "smb_app_state_sync",
            {
                "state_sync": [
                    {
                        "type": "contact",
                        "contact": {"full_name": "Lucía", "phone_number": PHONE},
                        "action": "add",
                        "metadata": {"timestamp": "1791900000"},
                    }
                ]
            },
        ),
    ],
    ids=["threads", "not shared", "messages", "contacts"],
)
def test_what_the_phones_app_brings_along(field, lists):
    """It is no news: no old message is taken for one that the customer writes now."""
    body = v3(v3_value(**lists), field)
    (part,) = callbacks.split(body)
    value = callbacks.parse(part)
    assert isinstance(value, CoexistenceSync)
    assert value.type_name == field
    assert value.app.app_id == APP_ID
    assert value.dedupe_key.startswith("coexistence:")
    assert callbacks.parse(body).dedupe_key == value.dedupe_key


def test_several_old_messages_stay_old():
    messages = [OLD_MESSAGE, {**OLD_MESSAGE, "id": "wamid.2"}]
    parts = callbacks.split(v3(v3_value(messages=messages), "history"))
    found = [callbacks.parse(part) for part in parts]
    assert all(isinstance(value, CoexistenceSync) for value in found)
    assert len({value.dedupe_key for value in found}) == len(found)


# The unknown


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "message"},
        {"type": "message", "payload": "x"},
        {"type": "hologram-event", "payload": {}},
        {"type": ["message"], "payload": {}},
        {"type": "system-event", "payload": {"type": "x"}},
        {"entry": []},
        {"entry": ["x"]},
        {"entry": [{"changes": [{"field": "hologram", "value": {}}]}]},
        {"entry": [{"changes": [{"field": "messages", "value": {"messages": ["x"]}}]}]},
        {"entry": [{"changes": [{"field": "messages", "value": []}]}]},
        {"object": "whatsapp_business_account"},
    ],
)
def test_what_nobody_knows_is_said_to_be_unknown(body):
    value = callbacks.parse(body)
    assert isinstance(value, Unknown)
    assert value.raw == body
    assert value.reason
    assert value.dedupe_key.startswith("unknown:")


def test_dispatch_is_on_shape():
    """Flow answers arrive in V3 at addresses that were registered for V2."""
    body = v3_receipt("sent") | {"version": 2, "type": "message"}
    assert isinstance(callbacks.parse(body), Receipt)
