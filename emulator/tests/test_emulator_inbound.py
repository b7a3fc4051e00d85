# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages of customers, in every type and form that clients may meet."""

import asyncio
import base64

import pytest
from emulator_lab import LUCIA, Lab, asynchronous


async def _v2(lab, kind="text", **spec):
    """Inject a message and return its V2 payload."""
    result = await lab.inbound(kind, **spec)
    assert result["delivered"]
    body = lab.receiver.bodies[-1]
    assert body["payload"]["id"] == result["id"]
    assert body["version"] == 2
    return body["payload"]


async def _v3(lab, kind="text", **spec):
    """Inject a message in Meta's shape and return its value."""
    await lab.inbound(kind, version=3, **spec)
    (entry,) = lab.receiver.bodies[-1]["entry"]
    return entry["changes"][0]["value"]


@asynchronous
async def test_a_text_says_who_wrote_it():
    async with Lab() as lab:
        payload = await _v2(lab, text="¿Abrís hoy?")
        assert payload["type"] == "text"
        assert payload["payload"] == {"text": "¿Abrís hoy?"}
        assert payload["source"] == LUCIA
        assert payload["sender"] == {
            "phone": LUCIA,
            "name": "Lucía (sample)",
            "country_code": "34",
            "dial_code": "600111222",
        }
        assert "context" not in payload
        envelope = lab.receiver.bodies[0]
        assert (envelope["app"], envelope["type"]) == ("DemoSupport", "message")
        assert envelope["timestamp"] > 10**12


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [
        ("image", "image/png"),
        ("video", "video/mp4"),
        ("audio", "audio/ogg; codecs=opus"),
        ("sticker", "image/webp"),
        ("file", "application/pdf"),
    ],
)
@asynchronous
async def test_media_come_with_an_address_that_needs_no_key(kind, mime_type):
    async with Lab() as lab:
        inner = (await _v2(lab, kind))["payload"]
        assert inner["contentType"] == mime_type
        lifetime = inner["urlExpiry"] - lab.receiver.bodies[0]["timestamp"]
        assert abs(lifetime - 7 * 86_400_000) < 5_000
        assert ("name" in inner) == (kind == "file")
        assert "caption" not in inner
        async with lab.session.get(inner["url"]) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == mime_type
            assert answer.headers["Content-Disposition"].startswith("inline")
            assert len(await answer.read()) > 10


@asynchronous
async def test_a_file_of_ones_own_with_caption_and_name(tmp_path):
    async with Lab() as lab:
        media = {
            "content_base64": base64.b64encode(b"hello").decode(),
            "mime_type": "text/plain",
            "name": "año 1.txt",
        }
        payload = await _v2(lab, "file", media=media, caption="Look")
        inner = payload["payload"]
        assert (inner["name"], inner["caption"]) == ("año 1.txt", "Look")
        assert inner["url"].endswith("&fileName=a%C3%B1o%201.txt")
        async with lab.session.get(inner["url"]) as answer:
            assert await answer.read() == b"hello"
        path = tmp_path / "note.txt"
        path.write_bytes(b"from disk")
        payload = await _v2(lab, "file", media={"path_bytes": str(path)})
        async with lab.session.get(payload["payload"]["url"]) as answer:
            assert await answer.read() == b"from disk"
        payload = await _v2(lab, "image", media={"size": 3_000_000})
        async with lab.session.get(payload["payload"]["url"]) as answer:
            assert len(await answer.read()) == 3_000_000


@asynchronous
async def test_location_contact_and_the_rarer_types():
    async with Lab() as lab:
        place = {"latitude": 1.5, "longitude": "2", "name": "Sol"}
        location = (await _v2(lab, "location", location=place))["payload"]
        assert location == {"latitude": "1.5", "longitude": "2", "name": "Sol"}
        contact = (await _v2(lab, "contact"))["payload"]["contacts"][0]
        assert contact["name"]["formatted_name"] == "Ana Gil"
        assert "payload" not in await _v2(lab, "request_welcome")
        unsupported = (await _v2(lab, "unsupported"))["payload"]
        assert unsupported["errors"][0]["code"] == 131051
        assert (await _v2(lab, "unknown"))["type"] == "hologram"
        raw = await _v2(lab, "raw", payload={"type": "dance", "payload": {"a": 1}})
        assert (raw["type"], raw["payload"], raw["source"]) == (
            "dance",
            {"a": 1},
            LUCIA,
        )
        order = await _v2(lab, "order")
        assert lab.receiver.bodies[-1]["type"] == "order"
        assert order["context"]["catalog"]["order"]["items"][0]["quantity"] == 2


@asynchronous
async def test_only_request_welcome_leaves_the_window_shut():
    async with Lab() as lab:
        await lab.inbound("request_welcome")
        await lab.send_text("no")
        await lab.wait("sent", message__text="no", state="failed")
        await lab.inbound("unsupported")
        await lab.send_text("yes")
        await lab.wait("sent", message__text="yes", state="delivered")


@asynchronous
async def test_a_flow_answer_comes_in_metas_shape_even_to_version_2():
    async with Lab() as lab:
        await lab.inbound("flow", response={"rating": 5})
        message = lab.receiver.bodies[0]["entry"][0]["changes"][0]["value"]["messages"]
        reply = message[0]["interactive"]["nfm_reply"]
        assert reply["response_json"] == '{"rating": 5}'


# Contexts, reactions, referrals


async def _our_message(lab):
    await lab.open_window()
    gs_id = await lab.send_text()
    (sent,) = await lab.wait("sent", gs_id=gs_id, state="delivered")
    return sent


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("full", {"id": "WA", "gsId": "GS"}),
        ("no_gsid", {"id": "WA"}),
        ("null_gsid", {"id": "WA", "gsId": None}),
        ("empty", {"id": "", "gsId": ""}),
        ("forwarded_only", {}),
        ("gs_id_key", {"id": "WA", "gs_id": "GS"}),
        ("none", None),
    ],
)
@asynchronous
async def test_a_quote_has_every_form_of_context(form, expected):
    async with Lab() as lab:
        sent = await _our_message(lab)
        payload = await _v2(
            lab, context={"gs_id": sent["gs_id"]}, variant={"context": form}
        )
        if expected is None:
            assert "context" not in payload
            return
        names = {"WA": sent["wa_id"], "GS": sent["gs_id"]}
        flags = {"forwarded": False, "frequently_forwarded": False}
        filled = {key: names.get(value, value) for key, value in expected.items()}
        assert payload["context"] == filled | flags


@asynchronous
async def test_forwarded_and_raw_contexts_and_a_referral():
    async with Lab() as lab:
        payload = await _v2(lab, context={"forwarded": True})
        assert payload["context"] == {"forwarded": True, "frequently_forwarded": False}
        payload = await _v2(
            lab, context={"raw": {"id": 7}}, referral={"ctwa_clid": "x"}
        )
        assert payload["context"] == {"id": 7}
        assert payload["referral"] == {"ctwa_clid": "x"}


@asynchronous
async def test_a_reaction_names_our_message_and_can_be_removed():
    async with Lab() as lab:
        sent = await _our_message(lab)
        context = {"gs_id": sent["gs_id"]}
        payload = await _v2(lab, "reaction", context=context, emoji="❤️")
        assert payload["payload"] == {
            "id": sent["wa_id"],
            "gsId": sent["gs_id"],
            "emoji": "❤️",
        }
        assert "context" not in payload
        removed = await _v2(lab, "reaction", context=context, emoji="")
        assert removed["payload"]["emoji"] == ""
        removed = await _v2(
            lab, "reaction", context=context, emoji="", variant={"removal": "missing"}
        )
        assert "emoji" not in removed["payload"]


# Taps


QUICK = {
    "type": "quick_reply",
    "msgid": "menu-88",
    "content": {"type": "text", "text": "Which department?"},
    "options": [
        {"type": "text", "title": "Billing", "postbackText": "dept:billing"},
        {"type": "text", "title": "Sales", "postbackText": "dept:sales"},
    ],
}
LIST = {
    "type": "list",
    "title": "Slots",
    "body": "Choose",
    "msgid": "slots-5",
    "globalButtons": [{"type": "text", "title": "See"}],
    "items": [
        {"title": "Mon", "options": [{"title": "Mon 9:00", "postbackText": "m9"}]},
        {
            "title": "Tue",
            "options": [{"title": "Tue 10:00", "description": "Room 2"}],
        },
    ],
}


async def _tap(lab, gs_id, option, **spec):
    return await _v2(lab, "tap", context={"gs_id": gs_id}, option=option, **spec)


@asynchronous
async def test_tapping_a_session_button():
    async with Lab() as lab:
        await lab.open_window()
        _status, body = await lab.send(QUICK)
        payload = await _tap(lab, body["messageId"], 1)
        assert payload["type"] == "button_reply"
        assert payload["payload"] == {
            "title": "Sales",
            "id": "menu-88",
            "reply": "Sales 2",
            "postbackText": "dept:sales",
        }
        assert payload["context"]["gsId"] == body["messageId"]
        other = await _tap(lab, body["messageId"], 0, variant={"outer": "quick_reply"})
        assert other["type"] == "quick_reply"
        assert other["payload"]["reply"] == "Billing 1"


@asynchronous
async def test_tapping_a_row_of_a_list():
    async with Lab() as lab:
        await lab.open_window()
        _status, body = await lab.send(LIST)
        payload = await _tap(lab, body["messageId"], 1)
        assert payload["type"] == "list_reply"
        assert payload["payload"] == {
            "title": "Tue 10:00",
            "id": "slots-5",
            "reply": "Tue 10:00 2",
            "description": "Room 2",
        }


@pytest.mark.parametrize("outer", ["quick_reply", "text"])
@asynchronous
async def test_tapping_a_template_button_with_both_outer_types(outer):
    async with Lab() as lab:
        template = await lab.template("visit_reminder", "es")
        gs_id = await lab.send_template(
            template["id"],
            ["Lucía", "lunes"],
            postbackTexts=[{"index": 0, "text": "confirm:4711"}],
        )
        payload = await _tap(lab, gs_id, 0, variant={"outer": outer})
        assert payload["type"] == outer
        assert payload["payload"] == {
            "text": "Confirmar",
            "type": "button",
            "postbackText": "confirm:4711",
        }
        payload = await _tap(lab, gs_id, 1)
        assert payload["payload"] == {"text": "Cambiar", "type": "button"}


@asynchronous
async def test_taps_by_hand_need_no_message():
    async with Lab() as lab:
        payload = await _v2(
            lab, "quick_reply", title="Sales", postback="s", msgid="x", position=3
        )
        assert payload["type"] == "quick_reply"
        assert payload["payload"]["reply"] == "Sales 3"
        nothing = {"phone": LUCIA, "type": "tap"}
        await lab.control("POST", "/inbound", nothing, 400)


# Odd senders


@asynchronous
async def test_senders_without_a_phone():
    async with Lab() as lab:
        payload = await _v2(lab, variant={"blank_phone": True})
        assert payload["source"] == payload["sender"]["phone"] == ""
        scoped = {"phone": None, "user_id": "ES.1187345520091334", "text": "Hola"}
        payload = await _v2(lab, **scoped)
        assert payload["source"] == ""
        assert payload["sender"]["userId"] == "ES.1187345520091334"
        payload = await _v2(lab, **scoped, variant={"bsuid_form": "omit"})
        assert payload["source"] is None
        assert "phone" not in payload["sender"]
        payload = await _v2(lab, **scoped, variant={"bsuid_form": "source"})
        assert payload["source"] == "ES.1187345520091334"


@asynchronous
async def test_a_new_customer_becomes_a_phone():
    async with Lab() as lab:
        payload = await _v2(lab, phone="+44 7700 900999", name="Zoë", text="Hi")
        assert payload["sender"]["name"] == "Zoë"
        assert payload["sender"]["country_code"] == "44"
        state = await lab.control("GET", "/state")
        assert "447700900999" in [phone["key"] for phone in state["phones"]]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"type": "text"}, "phone or user_id"),
        ({"phone": "abc"}, "phone"),
        ({"user_id": "x"}, "user_id"),
        ({"phone": LUCIA, "type": "dance"}, "type"),
        ({"phone": LUCIA, "app": "Nobody"}, "app"),
        ({"phone": LUCIA, "variant": {"odd": 1}}, "variant"),
        ({"phone": LUCIA, "type": "raw"}, "payload"),
        ({"phone": LUCIA, "times": 0}, "times"),
        ({"phone": LUCIA, "version": 1}, "version"),
        ({"phone": LUCIA, "media": "x", "type": "image"}, "media"),
        ({"phone": LUCIA, "timestamp": "now"}, "timestamp"),
        (
            {"phone": LUCIA, "type": "image", "media": {"content_base64": "%"}},
            "content_base64",
        ),
    ],
)
@asynchronous
async def test_a_request_that_makes_no_sense_is_explained(spec, expected):
    async with Lab() as lab:
        answer = await lab.control("POST", "/inbound", spec, 400)
        assert expected in answer["error"]
        assert lab.receiver.bodies == []


# Version 3


@asynchronous
async def test_a_text_in_metas_shape():
    async with Lab() as lab:
        value = await _v3(lab, phone="491701234567", text="Moin")
        body = lab.receiver.bodies[0]
        assert body["gs_app_id"] == "5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa"
        (message,) = value["messages"]
        assert message["text"] == {"body": "Moin"}
        assert message["from"] == "491701234567"
        assert message["timestamp"].isdigit()
        assert len(message["timestamp"]) == 10
        assert value["contacts"][0]["user_id"] == "DE.2090517346620811"


@asynchronous
async def test_a_document_in_metas_shape_has_a_direct_address():
    async with Lab() as lab:
        (message,) = (await _v3(lab, "file", caption="Look"))["messages"]
        document = message["document"]
        assert (message["type"], document["filename"]) == ("document", "sample.pdf")
        async with lab.session.get(document["url"]) as answer:
            assert answer.status == 200


@asynchronous
async def test_taps_and_quotes_in_metas_shape():
    async with Lab() as lab:
        await lab.open_window()
        _status, body = await lab.send(QUICK)
        context = {"gs_id": body["messageId"]}
        value = await _v3(lab, "tap", context=context, option=0)
        (message,) = value["messages"]
        reply = message["interactive"]["button_reply"]
        assert reply == {"id": "dept:billing", "title": "Billing"}
        assert message["context"]["gs_id"] == body["messageId"]
        assert message["context"]["meta_msg_id"].startswith("wamid.")


@asynchronous
async def test_a_customer_without_a_number_in_metas_shape():
    async with Lab() as lab:
        value = await _v3(lab, phone=None, user_id="ES.1187345520091334", text="Hola")
        (message,) = value["messages"]
        assert message["from_user_id"] == "ES.1187345520091334"
        assert "from" not in message


# Many at once


@asynchronous
async def test_one_event_delivered_many_times_at_once():
    async with Lab() as lab:
        lab.receiver.pause = 0.1
        before = asyncio.get_running_loop().time()
        result = await lab.inbound(times=20, parallel=True)
        assert asyncio.get_running_loop().time() - before < 1.5
        ids = {body["payload"]["id"] for body in lab.receiver.bodies}
        assert ids == {result["id"]}
        assert len(result["deliveries"]) == 20


@asynchronous
async def test_bulk_keeps_the_order_of_each_customer():
    async with Lab() as lab:
        messages = [
            {"phone": f"3460000000{number % 3}", "text": str(number)}
            for number in range(60)
        ]
        body = {"messages": messages, "wait": True}
        result = await lab.control("POST", "/inbound/bulk", body)
        assert result["delivered"]
        for digit in range(3):
            texts = [
                int(body["payload"]["payload"]["text"])
                for body in lab.receiver.bodies
                if body["payload"]["source"] == f"3460000000{digit}"
            ]
            assert texts == list(range(digit, 60, 3))


@asynchronous
async def test_who_was_blocked_by_the_business_is_not_heard():
    async with Lab() as lab:
        await lab.open_window()
        users = {"block_users": [{"user": LUCIA}]}
        path = "/wa/app/5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa/user"
        status, body, _headers = await lab.call("POST", path + "/block", json=users)
        added = body["block_users"]["added_users"]
        assert (status, added) == (200, [{"input": LUCIA, "wa_id": LUCIA}])
        assert (await lab.inbound())["deliveries"] == []
        _status, listed, _headers = await lab.call("GET", path + "/blocklist")
        assert [row["wa_id"] for row in listed["data"]] == [LUCIA]
        await lab.call("DELETE", path + "/block", json=users)
        assert len((await lab.inbound())["deliveries"]) == 1
        strangers = {"block_users": [{"user": "447700900111"}]}
        status, body, _headers = await lab.call("POST", path + "/block", json=strangers)
        failed = body["block_users"]["failed_users"][0]
        assert (status, failed["errors"][0]["code"]) == (400, 139100)
