# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subscriptions, callbacks, media downloads, templates, the control side."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from emulator_lab import APP_ID, LUCIA, Lab, asynchronous

SUBSCRIPTIONS = f"/wa/app/{APP_ID}/subscription"
TEMPLATES = f"/wa/app/{APP_ID}/template"
PACKAGE_FOLDER = Path(__file__).resolve().parent.parent


async def _subscribe(lab, **changes):
    form = {
        "modes": "ALL",
        "tag": "main",
        "url": lab.receiver.hook,
        "version": "2",
    } | changes
    status, body, _headers = await lab.call("POST", SUBSCRIPTIONS, data=form)
    return status, body


# Subscriptions


@pytest.mark.parametrize("version", ["2", "3"])
@asynchronous
async def test_a_subscription_is_tried_before_it_is_stored(version):
    async with Lab(subscribed=False) as lab:
        status, body = await _subscribe(lab, version=version)
        assert (status, body["status"]) == (200, "success")
        (ping,) = lab.receiver.bodies
        if version == "2":
            assert ping["type"] == "user-event"
            assert ping["payload"]["type"] == "sandbox-start"
        else:
            value = ping["entry"][0]["changes"][0]["value"]
            assert value["statuses"] == [{"type": "set-callback"}]
        lab.receiver.statuses.append(500)
        status, body = await _subscribe(lab, tag="other", version=version)
        assert (status, body["message"]) == (400, "Invalid URL Passed")
        _status, listed, _headers = await lab.call("GET", SUBSCRIPTIONS)
        assert [sub["tag"] for sub in listed["subscriptions"]] == ["main"]


@asynchronous
async def test_an_address_that_nobody_serves_needs_do_check_false():
    async with Lab(subscribed=False) as lab:
        url = "http://127.0.0.1:9/hook"
        status, body = await _subscribe(lab, url=url)
        assert (status, body["message"]) == (400, "Invalid URL Passed")
        assert (await _subscribe(lab, url="nonsense", doCheck="false"))[0] == 400
        assert (await _subscribe(lab, url=url, doCheck="false"))[0] == 200


@asynchronous
async def test_a_change_of_address_is_tried_as_well():
    """What does not answer is not stored, unless one asks for no check."""
    async with Lab(subscribed=False) as lab:
        _status, body = await _subscribe(lab)
        path = f"{SUBSCRIPTIONS}/{body['subscription']['id']}"
        changes = {"url": lab.receiver.hook + "/new", "tag": "new"}

        async def stored():
            _status, answer, _headers = await lab.call("GET", path)
            return answer["subscription"]["url"], answer["subscription"]["tag"]

        lab.receiver.statuses.append(500)
        status, body, _headers = await lab.call("PUT", path, data=changes)
        refused = {"status": "error", "message": "Invalid URL Passed"}
        assert (status, body) == (400, refused)
        assert await stored() == (lab.receiver.hook, "main")

        pings = len(lab.receiver.bodies)
        unchecked = changes | {"doCheck": "false"}
        status, _body, _headers = await lab.call("PUT", path, data=unchecked)
        assert status == 200
        assert len(lab.receiver.bodies) == pings
        assert await stored() == (changes["url"], "new")


@asynchronous
async def test_there_are_at_most_five_subscriptions_with_unique_tags():
    async with Lab(subscribed=False) as lab:
        for number in range(5):
            assert (await _subscribe(lab, tag=f"tag{number}"))[0] == 200
        assert (await _subscribe(lab, tag="tag5"))[0] == 400
        status, _body, _headers = await lab.call("DELETE", SUBSCRIPTIONS)
        assert status == 204
        assert (await _subscribe(lab))[0] == 200
        assert (await _subscribe(lab))[1]["message"] == "Tag Already Exists"
        assert (await _subscribe(lab, tag=""))[0] == 400
        assert (await _subscribe(lab, tag="x", modes="NOPE"))[0] == 400
        assert (await _subscribe(lab, tag="x", version="1"))[0] == 400


@asynchronous
async def test_a_subscription_can_be_read_changed_and_removed():
    async with Lab(subscribed=False) as lab:
        _status, body = await _subscribe(lab, modes="MESSAGE,DELETE")
        sub = body["subscription"]
        assert sub["modes"] == ["MESSAGE", "DELETED"]
        path = f"{SUBSCRIPTIONS}/{sub['id']}"
        changes = {"modes": "ALL", "active": "false"}
        await lab.call("PUT", path, data=changes)
        assert len(lab.receiver.bodies) == 2
        _status, body, _headers = await lab.call("GET", path)
        assert body["subscription"]["active"] is False
        assert (await lab.inbound())["deliveries"] == []
        await lab.call("DELETE", path)
        status, body, _headers = await lab.call("GET", path)
        assert (status, body["message"]) == (400, "Subscription Does Not Exist")


@asynchronous
async def test_subscriptions_get_what_their_modes_say():
    async with Lab(subscribed=False) as lab:
        for tag, modes in (("a", "MESSAGE"), ("b", "DELIVERED,BILLING"), ("c", "NONE")):
            url = f"{lab.receiver.hook}/{tag}"
            await _subscribe(lab, tag=tag, modes=modes, url=url, doCheck="false")
        await lab.inbound()
        await lab.send_text()
        await lab.control("POST", "/platform-check", {})
        records = (await lab.control("GET", "/callbacks"))["callbacks"]
        got = {(row["url"][-1], row["event"]) for row in records}
        assert got == {
            ("a", "text"),
            ("b", "delivered"),
            ("b", "billing-event"),
            ("a", "platform-event"),
            ("b", "platform-event"),
            ("c", "platform-event"),
        }


@asynchronous
async def test_receipts_in_metas_shape():
    async with Lab(subscribed=False) as lab:
        await _subscribe(lab, version="3", doCheck="false")
        await lab.open_window()
        gs_id = await lab.send_text()
        events = await lab.receiver.wait(4)
        values = [event["entry"][0]["changes"][0]["value"] for event in events]
        statuses = [value["statuses"][0] for value in values[:3]]
        names = [status["status"] for status in statuses]
        assert names == ["enqueued", "sent", "delivered"]
        assert {status["gs_id"] for status in statuses} == {gs_id}
        assert isinstance(statuses[0]["timestamp"], int)
        assert isinstance(statuses[1]["timestamp"], str)
        await lab.faults(fail_code=131026)
        await lab.send_text()
        failed = (await lab.receiver.wait(6))[5]
        status = failed["entry"][0]["changes"][0]["value"]["statuses"][0]
        assert status["errors"][0]["code"] == 131026


@pytest.mark.parametrize(
    ("form", "meta", "arrives"),
    [
        ("flat", '{"X-Secret": "s"}', True),
        ("flat", '{"headers": {"X-Secret": "s"}}', False),
        ("wrapped", '{"headers": {"X-Secret": "s"}}', True),
        ("never", '{"X-Secret": "s"}', False),
    ],
)
@asynchronous
async def test_headers_of_a_subscription(form, meta, arrives):
    async with Lab(subscribed=False) as lab:
        await lab.faults(meta_headers=form)
        await _subscribe(lab, meta=meta)
        await lab.inbound()
        ping, message = lab.receiver.headers
        assert "X-Secret" not in ping
        assert (message.get("X-Secret") == "s") is arrives


@asynchronous
async def test_subscription_calls_can_be_limited():
    async with Lab(subscribed=False) as lab:
        await lab.faults(subscription_rate_limit=1)
        assert (await _subscribe(lab))[0] == 200
        assert (await _subscribe(lab, tag="x"))[0] == 429


# Delivery


@asynchronous
async def test_what_is_refused_is_delivered_again():
    async with Lab() as lab:
        await lab.faults(redeliver_pause=0.05)
        lab.receiver.statuses.extend([500, 401])
        result = await lab.inbound()
        (delivery,) = result["deliveries"]
        assert (delivery["state"], delivery["attempts"]) == ("delivered", 3)
        (record,) = await lab.wait("callback", state="delivered")
        statuses = [attempt["status"] for attempt in record["attempts"]]
        assert statuses == [500, 401, 200]
        assert {body["payload"]["id"] for body in lab.receiver.bodies} == {result["id"]}


@asynchronous
async def test_what_is_refused_can_be_lost_for_good():
    async with Lab() as lab:
        await lab.faults(redeliver=False)
        lab.receiver.statuses.append(500)
        result = await lab.inbound()
        assert result["deliveries"][0]["state"] == "failed"
        await lab.inbound(text="next")
        assert len(lab.receiver.bodies) == 2


@asynchronous
async def test_a_callback_that_takes_too_long_counts_as_failed():
    async with Lab() as lab:
        await lab.faults(callback_timeout=0.1, redeliver=False)
        lab.receiver.pause = 0.5
        (delivery,) = (await lab.inbound())["deliveries"]
        assert delivery["error"] == "no answer within 0.1 s"


@asynchronous
async def test_a_retry_does_not_hold_up_what_follows():
    async with Lab() as lab:
        await lab.faults(redeliver_pause=0.2)
        lab.receiver.statuses.append(503)
        messages = [{"phone": LUCIA, "text": text} for text in ("first", "second")]
        body = {"messages": messages, "wait": True}
        await lab.control("POST", "/inbound/bulk", body)
        texts = [body["payload"]["payload"]["text"] for body in lab.receiver.bodies]
        assert texts == ["first", "second", "first"]


@asynchronous
async def test_callbacks_can_be_held_back_and_released():
    async with Lab() as lab:
        await lab.faults(hold=True)
        sent = asyncio.create_task(lab.inbound())
        await lab.wait("callback", state="pending")
        assert lab.receiver.bodies == []
        await lab.faults()
        assert (await sent)["delivered"]


@asynchronous
async def test_callbacks_can_come_shuffled_and_twice():
    async with Lab() as lab:
        await lab.faults(shuffle=True, duplicate_callbacks=1)
        messages = [{"phone": LUCIA, "text": str(number)} for number in range(20)]
        body = {"messages": messages, "wait": True}
        await lab.control("POST", "/inbound/bulk", body)
        texts = [body["payload"]["payload"]["text"] for body in lab.receiver.bodies]
        assert sorted(texts, key=int) == [str(n // 2) for n in range(40)]
        assert texts != sorted(texts, key=int)


@asynchronous
async def test_any_body_can_be_posted():
    async with Lab() as lab:
        answer = await lab.control("POST", "/callback", {"body": {"odd": [1]}})
        assert answer["statuses"] == [200]
        assert lab.receiver.bodies == [{"odd": [1]}]
        broken = await lab.control("POST", "/callback", {"body": "{broken"})
        assert broken["statuses"] == [500]


@asynchronous
async def test_platform_account_and_preference_events():
    async with Lab() as lab:
        for name, extra in (
            ("platform-check", {}),
            ("account-event", {}),
            ("preference-event", {"phone": LUCIA, "value": "stop"}),
        ):
            answer = await lab.control("POST", f"/{name}", extra)
            assert answer["delivered"]
        platform, account, preference = lab.receiver.bodies
        assert platform["payload"] == {
            "type": "connectivity-check",
            "initiator": "gupshup",
        }
        assert account["payload"]["payload"]["event"] == "downgrade"
        row = preference["payload"]["payload"]["user_preferences"][0]
        assert (row["wa_id"], row["value"]) == (LUCIA, "stop")


@asynchronous
async def test_the_platform_check_comes_by_itself():
    async with Lab() as lab:
        await lab.faults(platform_check_interval=0.5)
        await lab.receiver.wait(1, "platform-event")


# Media of customers


async def _media_url(lab):
    await lab.inbound("image")
    return lab.receiver.bodies[-1]["payload"]["payload"]["url"]


@asynchronous
async def test_media_are_gone_after_seven_days():
    async with Lab() as lab:
        url = await _media_url(lab)
        await lab.control("POST", "/clock", {"advance": 7 * 86_400 - 60})
        async with lab.session.get(url) as answer:
            assert answer.status == 200
        await lab.control("POST", "/clock", {"advance": 61})
        async with lab.session.get(url) as answer:
            body = await answer.json()
            assert (answer.status, body["message"]) == (404, "Invalid Media Id")


@asynchronous
async def test_twenty_invalid_fetches_lock_the_app_out_for_an_hour():
    async with Lab() as lab:
        good = await _media_url(lab)
        bad = f"{lab.url}/wa/{APP_ID}/wa/media/none"
        statuses = []
        for _again in range(21):
            async with lab.session.get(bad) as answer:
                statuses.append(answer.status)
        assert statuses == [404] * 20 + [429]
        async with lab.session.get(good) as answer:
            body = await answer.json()
            assert answer.status == 429
            assert "New quota will be available on" in body["message"]
        await lab.control("POST", "/clock", {"advance": 3601})
        async with lab.session.get(good) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("switches", "status", "size"),
    [
        ({"media_gone": True}, 404, None),
        ({"media_status": 503}, 503, None),
        ({"media_size": 1_000_000}, 200, 1_000_000),
        ({"media_redirect": "http://127.0.0.1:9/"}, 302, None),
    ],
)
@asynchronous
async def test_faults_of_downloads(switches, status, size):
    async with Lab() as lab:
        url = await _media_url(lab)
        await lab.faults(**switches)
        async with lab.session.get(url, allow_redirects=False) as answer:
            assert answer.status == status
            data = await answer.read()
            assert size in (None, len(data))


@asynchronous
async def test_a_download_can_break_off_and_lie_about_its_type():
    async with Lab() as lab:
        url = await _media_url(lab)
        await lab.faults(media_cut=True, media_content_type="text/html")
        async with lab.session.get(url) as answer:
            assert answer.content_type == "text/html"
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()


# Templates


FIELDS = {
    "elementName": "visit_moved",
    "languageCode": "es",
    "category": "UTILITY",
    "templateType": "TEXT",
    "content": "Hola {{1}}",
    "example": "Hola Ana",
    "enableSample": "true",
    "vertical": "Visit",
    "buttons": '[{"type":"QUICK_REPLY","text":"Vale"}]',
}


@asynchronous
async def test_a_template_lives_from_pending_to_deleted():
    async with Lab() as lab:
        status, body, _headers = await lab.call("POST", TEMPLATES, data=FIELDS)
        template = body["template"]
        assert (status, template["status"]) == (200, "PENDING")
        again, _body, _headers = await lab.call("POST", TEMPLATES, data=FIELDS)
        assert again == 400
        gs_id = await lab.send_template(template["id"], ["Ana"])
        (early,) = await lab.wait("sent", gs_id=gs_id, state="failed")
        assert early["error"]["code"] == 132001
        path = f"/template/{template['id']}/status"
        for status, code in (("approved", None), ("paused", 132015)):
            lab.receiver.bodies.clear()
            await lab.control("POST", path, {"status": status, "wait": True})
            (event,) = lab.receiver.of_type("template-event")
            assert event["payload"]["status"] == status
            assert event["payload"]["id"] == template["id"]
            gs_id = await lab.send_template(template["id"], ["Ana"])
            wanted = "failed" if code else "delivered"
            (sent,) = await lab.wait("sent", gs_id=gs_id, state=wanted)
            assert code == (sent["error"] or {}).get("code")
        one = f"{TEMPLATES}/visit_moved"
        assert (await lab.call("DELETE", one))[0] == 200
        assert (await lab.call("DELETE", one))[0] == 400
        status, _body, _headers = await lab.call("GET", f"{TEMPLATES}/{template['id']}")
        assert status == 400


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"example": ""}, "example is required"),
        ({"enableSample": ""}, "example is required"),
        ({"example": "Adiós Ana"}, "does not match"),
        ({"header": "Cita {{1}}"}, "exampleHeader is required"),
        ({"templateType": "IMAGE"}, "mediaId is required"),
    ],
)
@asynchronous
async def test_a_template_needs_examples_for_its_review(changes, message):
    async with Lab() as lab:
        status, body, _headers = await lab.call(
            "POST", TEMPLATES, data=FIELDS | changes
        )
        assert status == 400
        assert message in body["message"]


@asynchronous
async def test_samples_of_templates_can_be_fetched_without_a_key():
    async with Lab() as lab:
        form = aiohttp.FormData()
        form.add_field("file_type", "image/png")
        form.add_field("file", b"bytes", filename="h.png", content_type="image/png")
        _status, body, _headers = await lab.call(
            "POST", f"/wa/{APP_ID}/wa/media/v2", data=form
        )
        _status, listed, _headers = await lab.call("GET", TEMPLATES)
        row = next(r for r in listed["templates"] if r["elementName"] == "order_ready")
        sample = json.loads(row["containerMeta"])["mediaUrl"]
        for url, start in ((body["media"]["url"], b"bytes"), (sample, b"\x89PNG")):
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                assert answer.status == 200
                assert (await answer.read()).startswith(start)


@pytest.mark.parametrize("verdict", ["approve", "reject"])
@asynchronous
async def test_a_review_can_end_by_itself(verdict):
    async with Lab() as lab:
        await lab.faults(template_review=verdict)
        await lab.call("POST", TEMPLATES, data=FIELDS)
        (event,) = await lab.receiver.wait(1, "template-event")
        assert (
            event["payload"]["status"]
            == {
                "approve": "approved",
                "reject": "rejected",
            }[verdict]
        )
        assert ("rejectedReason" in event["payload"]) == (verdict == "reject")


@pytest.mark.parametrize(
    ("category", "after"),
    [
        ({"current": "UTILITY", "correct": "MARKETING"}, "UTILITY"),
        ({"old": "UTILITY", "new": "MARKETING"}, "MARKETING"),
        ("MARKETING", "MARKETING"),
    ],
)
@asynchronous
async def test_the_three_shapes_of_a_category_change(category, after):
    async with Lab() as lab:
        template = await lab.template("visit_reminder")
        path = f"/template/{template['id']}/status"
        body = {"category": category, "wait": True, "omit_type": True}
        await lab.control("POST", path, body)
        (event,) = lab.receiver.bodies
        assert event["payload"]["category"] == category
        assert "type" not in event["payload"]
        assert (await lab.template("visit_reminder"))["category"] == after


@asynchronous
async def test_quality_updates_and_unknown_changes():
    async with Lab() as lab:
        template = await lab.template("visit_reminder")
        path = f"/template/{template['id']}/status"
        await lab.control("POST", path, {"quality": "Yellow", "wait": True})
        assert lab.receiver.bodies[0]["payload"]["quality"] == "Yellow"
        await lab.control("POST", path, {"status": "odd"}, 400)


@asynchronous
async def test_templates_are_listed_with_filters_and_pages():
    async with Lab() as lab:
        _status, body, _headers = await lab.call("GET", TEMPLATES)
        assert len(body["templates"]) == 8
        query = "?templateStatus=APPROVED&languageCode=en&pageNo=2&pageSize=2"
        _status, body, _headers = await lab.call("GET", TEMPLATES + query)
        assert len(body["templates"]) == 1
        row = body["templates"][0]
        assert (row["status"], row["languageCode"]) == ("APPROVED", "en")


@pytest.mark.parametrize(
    ("name", "params", "header", "code"),
    [
        ("visit_reminder", ["Ben"], None, 132000),
        ("visit_reminder", ["Ben", "a\nb"], None, 132018),
        ("visit_reminder", ["Ben", ""], None, 132012),
        ("order_ready", ["4711", "4711"], None, 132012),
        (
            "order_ready",
            ["4711", "4711"],
            {"type": "image", "image": {"link": "http://127.0.0.1:9/a.png"}},
            131052,
        ),
        ("survey_draft", [], None, 132001),
        ("no-such-id", [], None, 132001),
    ],
)
@asynchronous
async def test_templates_are_checked_when_sent(name, params, header, code):
    async with Lab() as lab:
        known = name != "no-such-id"
        template_id = (await lab.template(name))["id"] if known else name
        fields = {"message": header} if header else {}
        await lab.send_template(template_id, params, **fields)
        (sent,) = await lab.wait("sent", state="failed")
        assert sent["error"]["code"] == code


@asynchronous
async def test_the_phone_shows_a_template_with_its_values():
    async with Lab() as lab:
        template = await lab.template("order_ready")
        lab.receiver.files["a.png"] = (b"\x89PNG", "image/png")
        image = {"type": "image", "image": {"link": lab.receiver.url + "/files/a.png"}}
        gs_id = await lab.send_template(template["id"], ["4711", "x7"], message=image)
        await lab.wait("sent", gs_id=gs_id, state="delivered")
        view = lab.emulator.state.message_of(gs_id).view
        assert view["text"] == "Your order 4711 is ready to be picked up."
        assert view["buttons"][0]["url"] == "https://example.com/orders/x7"


# Reading


@asynchronous
async def test_marking_a_message_read_marks_the_earlier_ones_too():
    async with Lab() as lab:
        first, second, third = [(await lab.inbound())["id"] for _again in range(3)]
        path = f"/wa/app/{APP_ID}/msg/{second.replace('=', '%3D')}/read"
        status, body, _headers = await lab.call("PUT", path)
        assert (status, body) == (202, "")
        (read,) = await lab.wait("read", wa_id=second)
        assert read["marked"] == [first, second]
        assert lab.emulator.state.message_of(third).state == "delivered"
        status, _body, _headers = await lab.call("PUT", f"/wa/app/{APP_ID}/msg/no/read")
        assert status == 400


@asynchronous
async def test_customers_read_what_their_phone_shows():
    async with Lab() as lab:
        await lab.open_window()
        gs_id = await lab.send_text("before")
        await lab.wait("sent", gs_id=gs_id, state="delivered")
        async with lab.session.ws_connect(lab.url + "/phone/events") as socket:
            await socket.send_json({"app_id": APP_ID, "phone": LUCIA})
            await lab.wait("sent", gs_id=gs_id, state="read")
            gs_id = await lab.send_text("while open")
            await lab.wait("sent", gs_id=gs_id, state="read")
            await socket.send_json({})
            (state,) = await asyncio.gather(lab.control("GET", "/state"))
            assert state["counts"]["sent"] == 2
        gs_id = await lab.send_text("closed")
        await lab.wait("sent", gs_id=gs_id, state="delivered")
        await lab.faults(auto_read=True)
        gs_id = await lab.send_text("by switch")
        await lab.wait("sent", gs_id=gs_id, state="read")


# The control side


@asynchronous
async def test_unknown_and_wrong_switches_are_refused_with_the_known_ones():
    async with Lab() as lab:
        answer = await lab.control("PUT", "/faults", {"htpp_status": 1}, 400)
        assert "htpp_status" in answer["error"]
        assert "http_status" in answer["error"]
        await lab.control("PUT", "/faults", {"latency": -1}, 400)
        await lab.control("PUT", "/faults", {"receipt_order": ["gone"]}, 400)
        await lab.control("PUT", "/faults", {"drop": "sometimes"}, 400)
        assert (await lab.control("GET", "/faults"))["latency"] == 0


@asynchronous
async def test_put_replaces_and_patch_adds():
    async with Lab() as lab:
        await lab.faults(latency=1, sent_only=True)
        await lab.control("PATCH", "/faults", {"latency": None, "http_status": 500})
        switches = await lab.control("GET", "/faults")
        assert (switches["latency"], switches["sent_only"]) == (0, True)
        switches = await lab.faults(omit_gs_id=True)
        assert (switches["sent_only"], switches["http_status"]) == (False, None)
        described = await lab.control("GET", "/faults?describe=1")
        assert all(row["help"] for row in described["switches"])


@asynchronous
async def test_waiting_ends_with_the_last_match_or_with_408():
    async with Lab() as lab:
        body = {"what": "sent", "count": 2, "timeout": 5}
        waiting = asyncio.create_task(lab.control("POST", "/wait", body))
        await lab.send_text("one")
        assert not waiting.done()
        await lab.send_text("two")
        assert (await waiting)["count"] == 2
        body = {"what": "sent", "match": {"message.text": "three"}, "timeout": 0.05}
        late = await lab.control("POST", "/wait", body, 408)
        assert late["matched"] == []
        assert len(late["there"]) == 2
        await lab.control("POST", "/wait", {"what": "luck"}, 400)


@asynchronous
async def test_reset_keeps_what_the_command_line_said():
    async with Lab() as lab:
        await lab.control("POST", "/apps", {"name": "SecondApp", "number": "4930123"})
        await lab.control("POST", "/phones", {"phone": "447700900123", "name": "Al"})
        await lab.control("POST", "/clock", {"advance": 100})
        await lab.faults(http_status=500)
        await _subscribe(lab)
        await lab.inbound()
        await lab.control("POST", "/reset", {})
        state = await lab.control("GET", "/state")
        assert [app["name"] for app in state["apps"]] == ["DemoSupport"]
        assert [sub["url"] for sub in state["subscriptions"]] == [lab.receiver.hook]
        assert len(state["phones"]) == 3
        assert state["faults_changed"] == {}
        assert state["clock"]["offset"] == 0
        assert state["counts"]["messages"] == 0
        assert state["counts"]["requests"] == 0


@asynchronous
async def test_reset_stops_what_is_under_way():
    async with Lab() as lab:
        await lab.open_window()
        delays = dict.fromkeys(("enqueued", "sent", "delivered"), 0.3)
        await lab.faults(receipt_delays=delays)
        await lab.send_text()
        await lab.control("POST", "/reset", {})
        await lab.inbound(text="after")
        assert [body["type"] for body in lab.receiver.bodies] == ["message"]


@asynchronous
async def test_bodies_need_not_be_recorded():
    async with Lab() as lab:
        await lab.control("POST", "/recording", {"bodies": False})
        await lab.inbound()
        (record,) = await lab.wait("callback", state="delivered")
        assert record["body"] is None
        assert len(lab.receiver.bodies) == 1


@asynchronous
async def test_pages_of_other_sites_are_refused():
    async with Lab() as lab:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            async with lab.session.post(
                lab.url + "/control/reset", headers=headers
            ) as answer:
                assert answer.status == 403
        own = {"Origin": lab.url, "Sec-Fetch-Site": "same-origin"}
        async with lab.session.get(lab.url + "/control/state", headers=own) as answer:
            assert answer.status == 200


@asynchronous
async def test_bodies_have_a_limit():
    async with Lab() as lab:
        status, _body = await lab.send({"type": "text", "text": "x" * 1_100_000})
        assert status == 413


@asynchronous
async def test_the_page_and_its_parts_are_served():
    async with Lab() as lab:
        for path in ("/", "/phone/app.js", "/phone/style.css"):
            async with lab.session.get(lab.url + path) as answer:
                assert answer.status == 200
                assert len(await answer.read()) > 1000
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@asynchronous
async def test_a_file_that_could_run_is_never_shown_inline():
    async with Lab() as lab:
        page = base64_of(b"<script>alert(1)</script>")
        for mime_type in ("text/html", "image/svg+xml"):
            media = {"content_base64": page, "mime_type": mime_type, "name": "x.html"}
            await lab.inbound("file", media=media)
            url = lab.receiver.bodies[-1]["payload"]["payload"]["url"]
            media_id = url.split("/media/")[1].split("?")[0]
            async with lab.session.get(f"{lab.url}/phone/media/{media_id}") as answer:
                assert answer.content_type == "application/octet-stream"
                assert "attachment" in answer.headers["Content-Disposition"]
                assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("wanted", "status", "expected"),
    [
        (None, 200, b"0123456789"),
        ("bytes=0-", 206, b"0123456789"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=-3", 206, b"789"),
        ("bytes=20-30", 416, b""),
        ("nonsense", 200, b"0123456789"),
    ],
)
@asynchronous
async def test_players_can_ask_for_a_part_of_a_file(wanted, status, expected):
    async with Lab() as lab:
        media = {"content_base64": base64_of(b"0123456789"), "mime_type": "audio/ogg"}
        await lab.inbound("audio", media=media)
        (message,) = lab.emulator.state.messages.values()
        url = f"{lab.url}/phone/media/{message.media['id']}"
        headers = {"Range": wanted} if wanted else {}
        async with lab.session.get(url, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (status, expected)
            if status == 206:
                assert answer.headers["Content-Range"].endswith("/10")


def base64_of(data):
    """Return bytes as base64 text."""
    return base64.b64encode(data).decode()


# The state file


@asynchronous
async def test_the_state_survives_a_restart(tmp_path):
    path = tmp_path / "state.json"
    async with Lab(state_file=path) as lab:
        await lab.inbound("image", phone="447700900123", name="Al")
        await lab.send_text(destination="447700900123")
        await lab.wait("sent", state="delivered")
        await lab.control("POST", "/clock", {"advance": 50})
        await lab.faults(sent_only=True)
        url = lab.receiver.bodies[0]["payload"]["payload"]["url"]
    async with Lab(state_file=path) as lab:
        state = await lab.control("GET", "/state")
        assert state["clock"]["offset"] == 50
        assert state["faults_changed"] == {"sent_only": True}
        assert [sub["url"] for sub in state["subscriptions"]] == [lab.receiver.hook]
        assert len((await lab.control("GET", "/sent"))["sent"]) == 1
        moved = lab.url + url[url.index("/wa/") :]
        async with lab.session.get(moved) as answer:
            assert answer.status == 200
        await lab.faults()
        gs_id = await lab.send_text(destination="447700900123")
        await lab.wait("sent", gs_id=gs_id, state="delivered")


# The command line


async def _process(*arguments):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gupshup_emulator",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(PACKAGE_FOLDER)},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@asynchronous
async def test_the_program_says_when_it_is_ready_and_ends_on_a_signal(number):
    process = await _process("--port", "0", "--app", "SalesDesk::4930123")
    line = (await process.stdout.readline()).decode()
    assert line.startswith("emulator ready on http://127.0.0.1:")
    process.send_signal(number)
    _out, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


@asynchronous
async def test_a_taken_port_is_explained():
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await _process("--port", str(port))
        _out, errors = await process.communicate()
    assert process.returncode == 2
    assert f"port {port} on 127.0.0.1 is taken" in errors.decode()
    assert "Traceback" not in errors.decode()


@asynchronous
async def test_a_wrong_app_is_explained():
    process = await _process("--app", "nonsense")
    _out, errors = await process.communicate()
    assert process.returncode == 2
    assert "NAME:APPID:NUMBER" in errors.decode()


@asynchronous
async def test_a_broken_state_file_is_explained(tmp_path):
    path = tmp_path / "state.json"
    path.write_text("{broken")
    process = await _process("--port", "0", "--state", str(path))
    _out, errors = await process.communicate()
    assert process.returncode == 2
    assert f"the state file {path} cannot be read" in errors.decode()
    assert "Traceback" not in errors.decode()


@asynchronous
async def test_a_call_that_is_not_known_is_on_record():
    async with Lab() as lab:
        status, body, _headers = await lab.call("POST", "/sm/api/v1/msg", data={"a": 1})
        assert (status, body["message"]) == (404, "Not Found")
        (request,) = await lab.wait("request", scope="unknown")
        assert (request["path"], request["form"]) == ("/sm/api/v1/msg", {"a": "1"})


# Recordings


def _element(identity, content):
    """Return a WebM element with a size of eight bytes."""
    size = len(content) | 1 << 56
    return bytes.fromhex(identity) + size.to_bytes(8, "big") + content


@asynchronous
async def test_a_recording_of_the_browser_becomes_a_voice_note():
    head = b"OpusHead\x01\x01" + bytes(9)
    # 60 packets of 20 ms (configuration 31, one frame), sizes around Ogg's lacing.
    packets = [b"\xf8" + bytes([number]) * (number * 9) for number in range(60)]
    blocks = b"".join(_element("a3", b"\x81\0\0\x80" + packet) for packet in packets)
    track = _element("1654ae6b", _element("ae", _element("63a2", head)))
    unknown_size = b"\x01" + b"\xff" * 7
    cluster = bytes.fromhex("1f43b675") + unknown_size + blocks
    segment = bytes.fromhex("18538067") + unknown_size + track + cluster
    recording = _element("1a45dfa3", b"webm") + segment
    async with Lab() as lab:
        async with lab.session.post(
            lab.url + "/phone/upload?name=voice",
            data=recording,
            headers={"Content-Type": "audio/webm;codecs=opus"},
        ) as answer:
            stored = await answer.json()
        assert stored["mime_type"] == "audio/ogg; codecs=opus"
        data = lab.emulator.media.get(stored["id"]).data
    found_head, _tags, *found = _ogg_packets(data)
    assert found_head == head
    assert found == packets


def _ogg_packets(data):
    """Return the packets of an Ogg file, checking its page numbers and length."""
    packets, number, samples = [], 0, 0
    while data:
        assert data[:4] == b"OggS"
        samples = int.from_bytes(data[6:14], "little")
        assert int.from_bytes(data[18:22], "little") == number
        lacing = data[27 : 27 + data[26]]
        data, part = data[27 + data[26] :], b""
        for size in lacing:
            part, data = part + data[:size], data[size:]
            if size < 255:
                packets.append(part)
                part = b""
        number += 1
    assert samples == 60 * 960
    return packets
