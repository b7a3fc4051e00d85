# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending: what is accepted, what is refused, and which receipts follow."""

import asyncio
import copy
import itertools
import json

import aiohttp
import pytest
from emulator_lab import APP_ID, LUCIA, Lab, asynchronous

from gupshup_emulator import samples

TEXT = {"type": "text", "text": "Hello"}


@asynchronous
async def test_an_accepted_message_gets_a_uuid_and_its_receipts_in_order():
    async with Lab() as lab:
        await lab.open_window()
        status, body = await lab.send(TEXT)
        assert status == 202
        assert body["status"] == "submitted"
        enqueued, sent, delivered, billing = await lab.receiver.wait(4)
        gs_id = body["messageId"]
        assert enqueued["payload"]["id"] == gs_id
        assert "gsId" not in enqueued["payload"]
        wa_id = enqueued["payload"]["payload"]["whatsappMessageId"]
        for event, kind in ((sent, "sent"), (delivered, "delivered")):
            assert event["version"] == 2
            assert event["app"] == "DemoSupport"
            payload = event["payload"]
            assert (payload["type"], payload["id"], payload["gsId"]) == (
                kind,
                wa_id,
                gs_id,
            )
            assert payload["destination"] == LUCIA
            assert payload["payload"]["ts"] == event["timestamp"] // 1000
        assert sent["payload"]["pricing"]["policy"] == "PMP"
        assert billing["type"] == "billing-event"
        assert "type" not in billing["payload"]
        assert billing["payload"]["references"]["gsId"] == gs_id


@asynchronous
async def test_the_key_is_checked_and_both_forms_of_refusal_exist():
    async with Lab() as lab:
        status, body = await lab.send(TEXT, key="wrong")
        assert (status, body["message"]) == (401, "Authentication Failed")
        await lab.faults(auth_error_form="nested")
        status, body = await lab.send(TEXT, key="wrong")
        assert body["message"] == {"message": "Authentication Failed"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"src.name": "Other"}, "Invalid App Details"),
        ({"src.name": None}, "Invalid App Details"),
        ({"source": "1"}, "Invalid App Details"),
        ({"destination": "+34600111222"}, "Invalid Destination"),
        ({"destination": ""}, "Invalid Destination"),
        ({"channel": "sms"}, "Invalid channel"),
        ({"message": None}, "Missing required parameter: message"),
        ({"message": "{broken"}, "Invalid message: not a JSON object"),
        ({"message": "[1]"}, "Invalid message: not a JSON object"),
        ({"message": "{}"}, "Invalid message: type is missing"),
        (
            {"message": '{"type":"image","caption":null}'},
            "Invalid message: caption is null",
        ),
    ],
)
@asynchronous
async def test_a_wrong_form_is_refused_at_once(changes, expected):
    async with Lab() as lab:
        status, body = await lab.send(TEXT, **changes)
        assert (status, body) == (400, {"status": "error", "message": expected})
        assert (await lab.control("GET", "/sent"))["sent"] == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"template": None}, "Missing required parameter: template"),
        ({"template": "{broken"}, "Invalid template: not a JSON object"),
        ({"template": "[1]"}, "Invalid template: not a JSON object"),
        ({"template": "{}"}, "Invalid template"),
        ({"template": '{"id":"x","params":"Ben"}'}, "Invalid template"),
        ({"message": "{broken"}, "Invalid message: not a JSON object"),
        ({"message": "[1]"}, "Invalid message: not a JSON object"),
        ({"postbackTexts": "{broken"}, "Invalid postbackTexts"),
        ({"postbackTexts": '{"index":0}'}, "Invalid postbackTexts"),
        ({"destination": ""}, "Invalid Destination"),
        ({"source": "1"}, "Invalid App Details"),
    ],
)
@asynchronous
async def test_a_wrong_form_of_a_template_is_refused_at_once(changes, expected):
    async with Lab() as lab:
        template = {"id": "x", "params": []}
        form = lab.form(TEXT, template=json.dumps(template), message=None) | changes
        form = {name: value for name, value in form.items() if value is not None}
        status, body, _headers = await lab.call(
            "POST", "/wa/api/v1/template/msg", data=form
        )
        assert (status, body) == (400, {"status": "error", "message": expected})
        assert (await lab.control("GET", "/sent"))["sent"] == []


@asynchronous
async def test_only_the_form_encoding_is_taken():
    async with Lab() as lab:
        status, _body, _headers = await lab.call(
            "POST", "/wa/api/v1/msg", json=lab.form(TEXT)
        )
        assert status == 400


@asynchronous
async def test_an_accepted_send_can_look_different():
    async with Lab() as lab:
        await lab.faults(accept_status=200, answer_content_type="text/html")
        status, body, headers = await lab.call(
            "POST", "/wa/api/v1/msg", data=lab.form(TEXT)
        )
        assert (status, body["status"]) == (200, "submitted")
        assert headers["Content-Type"] == "text/html"


# Receipts


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["enqueued", "sent", "delivered", "read"]))
)
@asynchronous
async def test_receipts_come_in_any_order_that_is_asked_for(order):
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(receipt_order=list(order), billing_events=False)
        await lab.send_text()
        events = await lab.receiver.wait(4)
        assert tuple(event["payload"]["type"] for event in events) == order


@asynchronous
async def test_receipts_can_come_before_the_answer():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(receipts_before_answer=True)
        gs_id = await lab.send_text()
        kinds = [body["payload"].get("type") for body in lab.receiver.bodies]
        assert kinds == ["enqueued", "sent", "delivered", None]
        assert lab.receiver.bodies[0]["payload"]["id"] == gs_id


@asynchronous
async def test_receipts_can_come_twice():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(duplicate_receipts=1, billing_events=False)
        await lab.send_text()
        events = await lab.receiver.wait(6)
        kinds = [event["payload"]["type"] for event in events]
        assert kinds == ["enqueued"] * 2 + ["sent"] * 2 + ["delivered"] * 2


@asynchronous
async def test_delays_are_kept():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(receipt_delays={"delivered": 0.05, "sent": 0.2})
        await lab.send_text()
        events = await lab.receiver.wait(4)
        kinds = [event["payload"].get("type") for event in events]
        assert kinds == ["enqueued", "delivered", None, "sent"]
        sent = (await lab.wait("sent", state="delivered"))[0]
        times = {row["status"]: row["time"] for row in sent["history"]}
        assert times["sent"] - times["enqueued"] >= 0.19


@asynchronous
async def test_the_form_of_receipts_can_vary():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(
            omit_gs_id=True, uuid_wa_id=True, ts_as_string=True, billing_events=False
        )
        await lab.send_text()
        _enqueued, sent, _delivered = await lab.receiver.wait(3)
        assert "gsId" not in sent["payload"]
        assert "wamid" not in sent["payload"]["id"]
        assert isinstance(sent["payload"]["payload"]["ts"], str)


@asynchronous
async def test_sent_can_be_the_last_receipt():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(sent_only=True)
        await lab.send_text()
        await lab.receiver.wait(2)
        kinds = [event["payload"]["type"] for event in lab.receiver.bodies]
        assert kinds == ["enqueued", "sent"]


@asynchronous
async def test_a_refusal_by_gupshup_carries_the_gs_id_as_id():
    async with Lab() as lab:
        await lab.faults(fail_code=1003)
        gs_id = await lab.send_text()
        (event,) = await lab.receiver.wait(1)
        assert event["payload"]["id"] == gs_id
        assert "gsId" not in event["payload"]
        assert event["payload"]["payload"]["code"] == 1003


@asynchronous
async def test_a_refusal_by_whatsapp_carries_both_ids_and_can_have_a_text_code():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(fail_code=131049, code_as_string=True, fail_after="sent")
        gs_id = await lab.send_text()
        events = await lab.receiver.wait(3)
        kinds = [event["payload"]["type"] for event in events]
        assert kinds == ["enqueued", "sent", "failed"]
        failed = events[2]["payload"]
        assert failed["gsId"] == gs_id
        assert failed["id"] not in ("", gs_id)
        assert failed["payload"]["code"] == "131049"


@asynchronous
async def test_failures_can_be_limited_to_a_number_of_times_and_a_phone():
    async with Lab() as lab:
        await lab.open_window()
        await lab.inbound(phone="491701234567")
        await lab.faults(fail_code=1002, fail_times=1, fail_phone=LUCIA)
        await lab.send_text(destination="491701234567")
        await lab.send_text()
        await lab.send_text()
        await lab.wait("sent", state="delivered", count=2)
        failed = await lab.wait("sent", state="failed")
        assert [row["destination"] for row in failed] == [LUCIA]


@asynchronous
async def test_delivered_can_follow_failed():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(fail_then_delivered=True, billing_events=False)
        await lab.send_text()
        events = await lab.receiver.wait(3)
        kinds = [event["payload"]["type"] for event in events]
        assert kinds == ["enqueued", "failed", "delivered"]
        assert events[1]["payload"]["payload"]["code"] == 131026
        await lab.wait("sent", state="delivered")


@asynchronous
async def test_receipts_by_hand():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(receipt_order=[])
        gs_id = await lab.send_text()
        body = {"gs_id": gs_id, "status": "failed", "code": 131026, "wait": True}
        await lab.control("POST", "/receipt", body)
        await lab.control("POST", "/receipt", {"gs_id": gs_id, "status": "read"})
        failed, read = await lab.receiver.wait(2)
        assert failed["payload"]["payload"]["code"] == 131026
        assert read["payload"]["type"] == "read"
        await lab.control("POST", "/receipt", {"gs_id": "no", "status": "read"}, 404)


# Faults of the answer


@asynchronous
async def test_http_errors_for_some_requests_then_normal_again():
    async with Lab() as lab:
        await lab.faults(http_status=429, http_status_times=2)
        answers = [await lab.send(TEXT) for _again in range(3)]
        assert [status for status, _body in answers] == [429, 429, 202]
        assert answers[0][1]["message"] == "Too Many Requests"
        await lab.faults(http_status=503)
        status, body = await lab.send(TEXT)
        assert (status, body[:6]) == (503, "<html>")
        assert len((await lab.control("GET", "/sent"))["sent"]) == 1


@pytest.mark.parametrize(("moment", "count"), [("before", 0), ("after", 1)])
@asynchronous
async def test_a_dropped_connection_is_ambiguous_for_the_client(moment, count):
    async with Lab() as lab:
        await lab.faults(drop=f"{moment}_accept", drop_times=1)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await lab.send(TEXT)
        assert len((await lab.control("GET", "/sent"))["sent"]) == count
        (request,) = await lab.wait("request", dropped=f"{moment}_accept")
        assert request["status"] is None
        assert (await lab.send(TEXT))[0] == 202


@asynchronous
async def test_a_slow_answer_comes_after_the_message_was_accepted():
    async with Lab() as lab:
        await lab.open_window()
        await lab.faults(latency=5)
        task = asyncio.create_task(lab.send(TEXT))
        await lab.wait("sent", state="delivered")
        assert not task.done()
        task.cancel()


@asynchronous
async def test_a_rate_limit_answers_429():
    async with Lab() as lab:
        await lab.faults(rate_limit=3)
        statuses = [(await lab.send(TEXT))[0] for _again in range(5)]
        assert statuses == [202, 202, 202, 429, 429]


# The window


@asynchronous
async def test_free_text_outside_the_window_fails_later_and_templates_pass():
    async with Lab() as lab:
        gs_id = await lab.send_text()
        (failed,) = await lab.receiver.wait(1, "failed")
        assert failed["payload"]["gsId"] == gs_id
        assert failed["payload"]["payload"]["code"] == 131047
        await lab.inbound()
        await lab.send_text("inside")
        await lab.wait("sent", message__text="inside", state="delivered")
        await lab.control("POST", "/clock", {"advance": 24 * 3600 + 1})
        await lab.send_text("too late")
        (late,) = await lab.wait("sent", message__text="too late", state="failed")
        assert late["error"]["code"] == 131047
        template = await lab.template("visit_reminder")
        await lab.send_template(template["id"], ["Ben", "Monday"])
        await lab.wait("sent", type="template", state="delivered")


@asynchronous
async def test_windows_belong_to_the_pair_of_number_and_customer():
    async with Lab() as lab:
        await lab.control("POST", "/apps", {"name": "SecondApp", "number": "4930123"})
        await lab.inbound(app="SecondApp")
        await lab.send_text()
        await lab.wait("sent", state="failed")
        await lab.send_text(source="4930123", **{"src.name": "SecondApp"})
        await lab.wait("sent", state="delivered")


# Limits


BUTTON = {"type": "text", "title": "Yes"}
QUICK = {"type": "quick_reply", "content": {"type": "text", "text": "?"}}
LIST = {
    "type": "list",
    "title": "Slots",
    "body": "Choose",
    "globalButtons": [{"type": "text", "title": "See"}],
}


def _rows(count):
    return [{"type": "text", "title": f"Row {number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "text", "text": "x" * 4097}, 131009),
        ({"type": "text"}, 1009),
        ({"type": "dance"}, 131051),
        ({"type": "audio", "url": "http://h/a", "caption": "no"}, 131009),
        ({"type": "file", "url": "ftp://h/a"}, 1010),
        ({"type": "video", "url": "http://h/a", "caption": "x" * 1025}, 131009),
        ({"type": "image", "id": "unknown"}, 131009),
        ({"type": "location", "latitude": "91", "longitude": "0"}, 131009),
        ({"type": "contact", "contact": {}}, 1009),
        (QUICK | {"options": [BUTTON] * 2}, 131009),
        (QUICK | {"options": _rows(4)}, 131009),
        (QUICK | {"options": [{"title": "x" * 21}]}, 131009),
        (LIST | {"items": [{"title": "A", "options": _rows(11)}]}, 131009),
        (LIST | {"items": []}, 1009),
        (LIST | {"items": [{"options": [{"title": "x" * 25}]}]}, 131009),
    ],
)
@asynchronous
async def test_what_is_beyond_a_limit_is_accepted_and_fails(message, code):
    async with Lab() as lab:
        await lab.open_window()
        status, _body = await lab.send(message)
        assert status == 202
        (sent,) = await lab.wait("sent", state="failed")
        assert sent["error"]["code"] == code


#: As long as everything may be.
FULL_QUICK = {
    "type": "quick_reply",
    "msgid": "m" * 256,
    "content": {
        "type": "text",
        "header": "h" * 60,
        "text": "t" * 1024,
        "caption": "c" * 60,
    },
    "options": [
        {"type": "text", "title": f"{number}" * 20, "postbackText": "p" * 256}
        for number in range(3)
    ],
}
FULL_LIST = {
    "type": "list",
    "title": "h" * 60,
    "body": "b" * 1024,
    "footer": "f" * 60,
    "globalButtons": [{"type": "text", "title": "o" * 20}],
    "items": [
        {
            "title": "s" * 24,
            "options": [
                {
                    "type": "text",
                    "title": "r" * 24,
                    "description": "d" * 72,
                    "postbackText": "p" * 200,
                }
            ],
        }
        for _number in range(10)
    ],
}


def _longer(message, *path):
    """Return a copy of the message in which the text at the end of the path is longer.

    The end may be a list as well: then it has its last entry twice.
    """
    changed = copy.deepcopy(message)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] += place[path[-1]][-1:]
    return changed


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (FULL_QUICK, ("msgid",)),
        (FULL_QUICK, ("content", "header")),
        (FULL_QUICK, ("content", "text")),
        (FULL_QUICK, ("content", "caption")),
        (FULL_QUICK, ("options",)),
        (FULL_QUICK, ("options", 0, "title")),
        (FULL_QUICK, ("options", 0, "postbackText")),
        (FULL_LIST, ("title",)),
        (FULL_LIST, ("body",)),
        (FULL_LIST, ("footer",)),
        (FULL_LIST, ("globalButtons",)),
        (FULL_LIST, ("globalButtons", 0, "title")),
        (FULL_LIST, ("items",)),
        (FULL_LIST, ("items", 0, "title")),
        (FULL_LIST, ("items", 0, "options")),
        (FULL_LIST, ("items", 0, "options", 0, "title")),
        (FULL_LIST, ("items", 0, "options", 0, "description")),
        (FULL_LIST, ("items", 0, "options", 0, "postbackText")),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
@asynchronous
async def test_one_more_than_a_question_may_have_fails(message, path):
    async with Lab() as lab:
        await lab.open_window()
        status, _body = await lab.send(_longer(message, *path))
        assert status == 202
        (sent,) = await lab.wait("sent", state="failed")
        assert sent["error"]["code"] == 131009


@asynchronous
async def test_a_list_of_eleven_sections_fails_for_its_sections():
    """There are eleven rows as well; the reason names what is looked at first."""
    async with Lab() as lab:
        await lab.open_window()
        await lab.send(_longer(FULL_LIST, "items"))
        (sent,) = await lab.wait("sent", state="failed")
        assert "more than 10 sections" in sent["error"]["reason"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": "x" * 4096},
        FULL_QUICK,
        FULL_LIST,
        QUICK | {"options": [BUTTON]},
        LIST | {"items": [{"title": "A", "options": _rows(10)}]},
        {"type": "location", "latitude": "40.4", "longitude": "-3.7"},
        {"type": "contact", "contact": {"name": {"formattedName": "Ana"}}},
        {
            "type": "cta_url",
            "body": "Track",
            "display_text": "Go",
            "url": "https://example.com/t",
        },
        {"type": "location_request_message", "body": {"text": "Where?"}},
    ],
)
@asynchronous
async def test_what_is_within_the_limits_is_delivered(message):
    async with Lab() as lab:
        await lab.open_window()
        await lab.send(message)
        await lab.wait("sent", state="delivered")


# Files of the client


PNG = samples.png(8, 8)


@pytest.mark.parametrize(
    ("message", "file", "code"),
    [
        ({"type": "image", "originalUrl": "a.png"}, (PNG, "image/png"), None),
        ({"type": "image", "originalUrl": "a.png"}, (PNG, "text/html"), 131053),
        ({"type": "image", "originalUrl": "b.png"}, (PNG, "image/png"), 131052),
        (
            {"type": "image", "originalUrl": "a.png"},
            (b"0" * (5 * 1024 * 1024 + 1), "image/png"),
            131053,
        ),
        ({"type": "audio", "url": "a.png"}, (b"OggS", "audio/ogg"), 131053),
        ({"type": "audio", "url": "a.png"}, (samples.voice(), "audio/ogg"), None),
        ({"type": "sticker", "url": "a.png"}, (samples.webp(), "image/webp"), None),
        (
            {"type": "sticker", "url": "a.png"},
            (samples.webp(100, 100), "image/webp"),
            131053,
        ),
        (
            {"type": "file", "url": "a.png", "filename": "offer.pdf"},
            (samples.pdf(), "application/pdf"),
            None,
        ),
        ({"type": "file", "url": "a.png"}, (b"MZ", "application/x-msdownload"), 131053),
    ],
)
@asynchronous
async def test_files_are_fetched_and_judged(message, file, code):
    async with Lab() as lab:
        await lab.open_window()
        lab.receiver.files["a.png"] = file
        field = "originalUrl" if "originalUrl" in message else "url"
        address = f"{lab.receiver.url}/files/{message[field]}"
        await lab.send(message | {field: address})
        if code:
            (sent,) = await lab.wait("sent", state="failed")
            assert sent["error"]["code"] == code
            assert sent["media"]["status"] == "failed"
            return
        (sent,) = await lab.wait("sent", state="delivered")
        assert sent["media"]["size"] == len(file[0])
        assert sent["media"]["mime_type"] == file[1]
        assert sent["media"]["name"] == message.get("filename", "a.png")
        fetched = f"{lab.url}/phone/media/{sent['media']['id']}"
        async with lab.session.get(fetched) as answer:
            assert await answer.read() == file[0]


@asynchronous
async def test_an_uploaded_file_is_sent_by_its_id():
    async with Lab() as lab:
        await lab.open_window()
        form = aiohttp.FormData()
        form.add_field("file", PNG, filename="front.png", content_type="image/png")
        form.add_field("file_type", "image/png")
        status, body, _headers = await lab.call(
            "POST", f"/wa/{APP_ID}/wa/media/", data=form
        )
        assert (status, body["status"]) == (200, "success")
        await lab.send({"type": "image", "id": body["mediaId"]})
        (sent,) = await lab.wait("sent", state="delivered")
        assert sent["media"]["name"] == "front.png"
        # What a client uploaded is no customer's file.
        path = f"/wa/{APP_ID}/wa/media/{body['mediaId']}"
        assert (await lab.call("GET", path))[0] == 404


# Reactions, quotes, unknown numbers


@asynchronous
async def test_a_reaction_gets_only_sent_and_marks_its_target():
    async with Lab() as lab:
        wa_id = (await lab.inbound())["id"]
        await lab.send({"type": "reaction", "msgId": wa_id, "emoji": "👍"})
        (sent,) = await lab.wait("sent", type="reaction", state="sent")
        assert [row["status"] for row in sent["history"]] == ["enqueued", "sent"]
        message = lab.emulator.state.message_of(wa_id)
        assert message.reactions == {"business": "👍"}
        await lab.send({"type": "reaction", "msgId": wa_id, "emoji": ""})
        await lab.wait("sent", 2, type="reaction", state="sent")
        assert message.reactions == {}


@asynchronous
async def test_quotes_are_kept():
    async with Lab() as lab:
        wa_id = (await lab.inbound())["id"]
        context = {"msgId": wa_id}
        await lab.send({"type": "text", "text": "That one", "context": context})
        (sent,) = await lab.wait("sent", state="delivered")
        assert sent["context"]["msgId"] == wa_id
        assert sent["context"]["key"] == lab.emulator.state.message_of(wa_id).key


@asynchronous
async def test_an_unknown_number_becomes_a_phone_or_fails():
    async with Lab() as lab:
        await lab.send_text(destination="447700900123")
        phones = (await lab.control("GET", "/phones"))["phones"]
        assert "447700900123" in [phone["key"] for phone in phones]
        await lab.faults(unknown_phones="fail")
        await lab.send_text(destination="447700900124")
        (sent,) = await lab.wait("sent", destination="447700900124", state="failed")
        assert sent["error"]["code"] == 131026


@asynchronous
async def test_whatsapp_may_know_a_number_by_another_one():
    async with Lab() as lab:
        phone = {"phone": "5544987654321", "wa_id": "554487654321", "name": "Rui"}
        await lab.control("POST", "/phones", phone)
        await lab.inbound(phone="5544987654321", text="Oi")
        assert lab.receiver.bodies[0]["payload"]["source"] == "554487654321"
        lab.receiver.bodies.clear()
        await lab.send_text(destination="5544987654321")
        events = await lab.receiver.wait(3)
        assert events[1]["payload"]["destination"] == "554487654321"


@asynchronous
async def test_a_customer_without_a_number_can_be_answered():
    async with Lab() as lab:
        await lab.inbound(phone=None, user_id="ES.1187345520091334", text="Hola")
        lab.receiver.bodies.clear()
        await lab.send_text(destination="ES.1187345520091334")
        events = await lab.receiver.wait(3)
        assert events[1]["payload"]["userId"] == "ES.1187345520091334"


@asynchronous
async def test_who_blocked_the_business_gets_nothing():
    async with Lab() as lab:
        await lab.open_window()
        blocking = {"phone": LUCIA, "blocked_apps": ["DemoSupport"]}
        await lab.control("POST", "/phones", blocking)
        await lab.send_text()
        (sent,) = await lab.wait("sent", state="sent")
        assert [row["status"] for row in sent["history"]] == ["enqueued", "sent"]


@asynchronous
async def test_the_status_of_a_message_can_be_looked_up():
    async with Lab() as lab:
        await lab.open_window()
        gs_id = await lab.send_text()
        await lab.wait("sent", state="delivered")
        path = f"/wa/app/{APP_ID}/msg/{gs_id}"
        status, body, _headers = await lab.call("GET", path)
        assert (status, body["message"]["status"]) == (200, "delivered")


@asynchronous
async def test_requests_are_recorded_without_the_key():
    async with Lab() as lab:
        await lab.open_window()
        await lab.send_text("on record")
        (request,) = await lab.wait("request", form__message__text="on record")
        assert request["path"] == "/wa/api/v1/msg"
        assert request["answer"]["status"] == "submitted"
        assert "emulator-key" not in json.dumps(request)
