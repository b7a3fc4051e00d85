# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages to send and their limits."""

import inspect
import re

import pytest

from gupshup import limits, outgoing
from gupshup.limits import LIMIT_MESSAGES, LimitError, check_media, media_kind
from gupshup.outgoing import ButtonOption, ListRow, ListSection
from gupshup.values import CardPhone, ContactCard

URL = "https://cdn.example.com/a"
MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        (outgoing.text("Hi"), {"type": "text", "text": "Hi", "previewUrl": True}),
        (
            outgoing.text("Yes", preview_url=False, reply_to="wamid.1"),
            {
                "type": "text",
                "text": "Yes",
                "previewUrl": False,
                "context": {"msgId": "wamid.1"},
            },
        ),
        (
            outgoing.image(URL, caption="Front"),
            {
                "type": "image",
                "originalUrl": URL,
                "previewUrl": URL,
                "caption": "Front",
            },
        ),
        (outgoing.image(media_id="14"), {"type": "image", "id": "14"}),
        (
            outgoing.file(URL, "i.pdf", caption="Invoice"),
            {"type": "file", "url": URL, "filename": "i.pdf", "caption": "Invoice"},
        ),
        (outgoing.audio(URL), {"type": "audio", "url": URL}),
        (outgoing.video(URL), {"type": "video", "url": URL}),
        (outgoing.sticker(URL), {"type": "sticker", "url": URL}),
        (
            outgoing.location(40.4168, -3.7038, "Shop", "Sol 1"),
            {
                "type": "location",
                "longitude": "-3.7038000",
                "latitude": "40.4168000",
                "name": "Shop",
                "address": "Sol 1",
            },
        ),
        (
            outgoing.reaction("wamid.1", "👍"),
            {"type": "reaction", "msgId": "wamid.1", "emoji": "👍"},
        ),
        (
            outgoing.reaction("wamid.1", ""),
            {"type": "reaction", "msgId": "wamid.1", "emoji": ""},
        ),
        (
            outgoing.template("0c7f", ["Lucía", "13 Oct"]),
            {"id": "0c7f", "params": ["Lucía", "13 Oct"]},
        ),
        (
            outgoing.template_media("document", URL, filename="i.pdf"),
            {"type": "document", "document": {"link": URL, "filename": "i.pdf"}},
        ),
        (
            outgoing.template_media("video", media_id="14"),
            {"type": "video", "video": {"id": "14"}},
        ),
        (
            outgoing.template_location(40.41, -3.7)["location"],
            {"longitude": "-3.7000000", "latitude": "40.4100000"},
        ),
        (outgoing.template_postbacks(["yes"]), [{"index": 0, "text": "yes"}]),
    ],
)
def test_shapes(built, expected):
    assert built == expected


def test_contact_card_in_camel_case():
    card = ContactCard(
        name="Ana Gil",
        first_name="Ana",
        last_name="Gil",
        company="Gil SL",
        phones=(CardPhone(phone="+34600223344", wa_id="34600223344"),),
        birthday="1990-01-31",
    )
    assert outgoing.contact(card) == {
        "type": "contact",
        "contact": {
            "name": {
                "formattedName": "Ana Gil",
                "firstName": "Ana",
                "lastName": "Gil",
            },
            "phones": [
                {"phone": "+34600223344", "type": "WORK", "wa_id": "34600223344"}
            ],
            "emails": [],
            "urls": [],
            "addresses": [],
            "org": {"company": "Gil SL", "title": ""},
            "birthday": "1990-01-31",
        },
    }


def test_quick_reply():
    options = [ButtonOption("Billing", "dept:billing"), ButtonOption("Sales")]
    built = outgoing.quick_reply("Which?", options, "Support", "Any time", "menu-88")
    assert built == {
        "type": "quick_reply",
        "msgid": "menu-88",
        "content": {
            "type": "text",
            "header": "Support",
            "text": "Which?",
            "caption": "Any time",
        },
        "options": [
            {"type": "text", "title": "Billing", "postbackText": "dept:billing"},
            {"type": "text", "title": "Sales"},
        ],
    }


def test_quick_reply_with_a_picture_has_no_header():
    media = {"type": "image", "url": URL}
    built = outgoing.quick_reply("Which?", [ButtonOption("A")], "Head", media=media)
    assert built["content"] == {"type": "image", "url": URL, "text": "Which?"}


def test_list_message():
    section = ListSection("Tuesday", [ListRow("10:00", "slot:10", "Room 2")], "13 Oct")
    built = outgoing.list_message(
        "Choose", "See slots", [section], "Slots", "Acme", "s5"
    )
    assert built == {
        "type": "list",
        "title": "Slots",
        "body": "Choose",
        "footer": "Acme",
        "msgid": "s5",
        "globalButtons": [{"type": "text", "title": "See slots"}],
        "items": [
            {
                "title": "Tuesday",
                "subtitle": "13 Oct",
                "options": [
                    {
                        "type": "text",
                        "title": "10:00",
                        "postbackText": "slot:10",
                        "description": "Room 2",
                    }
                ],
            }
        ],
    }


def rows(count):
    return [ListRow(f"Row {number}") for number in range(count)]


def a_list(sections, body="Choose", **texts):
    return outgoing.list_message(body, "Open", sections, **texts)


def a_question(**texts):
    return outgoing.quick_reply("Q", [ButtonOption("a")], **texts)


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: outgoing.text(" \n"), "empty"),
        (lambda: outgoing.text("x" * 4097), "too_long"),
        (lambda: outgoing.image(URL, caption="x" * 1025), "too_long"),
        (lambda: outgoing.image(), "no_source"),
        (lambda: outgoing.video("javascript:x"), "bad_url"),
        (lambda: outgoing.file(URL, ""), "empty"),
        (lambda: outgoing.file(URL, "x" * 241), "too_long"),
        (lambda: outgoing.location(91, 0), "bad_coordinates"),
        (lambda: outgoing.location(float("nan"), 0), "bad_coordinates"),
        (lambda: outgoing.reaction("", "👍"), "empty"),
        (lambda: outgoing.contact(ContactCard()), "empty"),
        (lambda: outgoing.quick_reply("Q", []), "empty"),
        (lambda: outgoing.quick_reply("Q", [ButtonOption("a")] * 4), "too_many"),
        (lambda: outgoing.quick_reply("Q", [ButtonOption("a")] * 2), "not_unique"),
        (lambda: outgoing.quick_reply("Q", [ButtonOption("x" * 21)]), "too_long"),
        (lambda: outgoing.quick_reply("Q" * 1025, [ButtonOption("a")]), "too_long"),
        (lambda: outgoing.quick_reply("Q", [ButtonOption("a", "y" * 257)]), "too_long"),
        (lambda: a_question(header="x" * 61), "too_long"),
        (lambda: a_question(footer="x" * 61), "too_long"),
        (lambda: a_list([]), "empty"),
        (lambda: a_list([ListSection("S", rows(11))]), "too_many"),
        (lambda: a_list([ListSection("S", rows(1))] * 11), "too_many"),
        (lambda: a_list([ListSection("", rows(1))] * 2), "empty"),
        (lambda: a_list([ListSection("", [ListRow("x" * 25)])]), "too_long"),
        (lambda: a_list([ListSection("", [ListRow("x", "y" * 201)])]), "too_long"),
        (lambda: a_list([ListSection("", [ListRow("x", "", "z" * 73)])]), "too_long"),
        (lambda: a_list([ListSection("x" * 25, rows(1))]), "too_long"),
        (lambda: a_list([ListSection("S", rows(1))], title="x" * 61), "too_long"),
        (lambda: a_list([ListSection("S", rows(1))], footer="x" * 61), "too_long"),
        (lambda: a_list([ListSection("S", rows(1))], body="x" * 1025), "too_long"),
        (lambda: outgoing.list_message("C", "x" * 21, []), "too_long"),
        (lambda: outgoing.template(""), "empty"),
        (lambda: outgoing.template("t", ["a", " "]), "empty_parameter"),
        (lambda: outgoing.template("t", ["a\nb"]), "bad_parameter"),
        (lambda: outgoing.template("t", ["a\tb"]), "bad_parameter"),
        (lambda: outgoing.template("t", ["a     b"]), "bad_parameter"),
        (lambda: outgoing.template_media("file", URL), "bad_header_kind"),
        (lambda: outgoing.template_postbacks(["x" * 257]), "too_long"),
    ],
)
def test_limits(build, code):
    with pytest.raises(LimitError) as caught:
        build()
    error = caught.value
    assert error.limit_code == code
    assert str(error) == LIMIT_MESSAGES[code] % error.params
    assert error.params.get("what", "rows") in limits.LIMIT_SUBJECTS


def test_limits_are_exact():
    """What just fits is taken whole; :func:`test_limits` refuses one character more."""
    assert outgoing.text("😀" * 4096)["text"] == "😀" * 4096
    assert outgoing.image(URL, caption="x" * 1024)["caption"] == "x" * 1024
    button = ButtonOption("x" * 20, "y" * 256)
    (option,) = outgoing.quick_reply("Q" * 1024, [button])["options"]
    assert (option["title"], option["postbackText"]) == ("x" * 20, "y" * 256)
    content = a_question(header="x" * 60, footer="y" * 60)["content"]
    assert (content["header"], content["caption"]) == ("x" * 60, "y" * 60)
    question = a_list(
        [ListSection("x" * 24, rows(10))], title="x" * 60, body="z" * 1024
    )
    assert (question["title"], question["body"]) == ("x" * 60, "z" * 1024)
    assert len(question["items"][0]["options"]) == 10
    row = ListRow("x" * 24, "y" * 200, "z" * 72)
    question = a_list([ListSection("", [row])], footer="x" * 60)
    (option,) = question["items"][0]["options"]
    assert (option["title"], option["description"]) == ("x" * 24, "z" * 72)
    assert outgoing.template("t", ["a    b"])["params"] == ["a    b"]


def test_every_subject_is_known_to_translators():
    sources = inspect.getsource(outgoing) + inspect.getsource(limits)
    used = re.findall(r'check_(?:required|length)\("([^"]+)"', sources)
    used += re.findall(r'what="([^"]+)"', sources)
    used += re.findall(r'_check_unique\("([^"]+)"', sources)
    assert set(used) == set(limits.LIMIT_SUBJECTS)


def test_texts_are_fit_to_be_sent():
    assert outgoing.text("a\0b\ud800")["text"] == "ab\ufffd"


# Files


def webp(width, height, animated=False):
    flags = bytes([2 if animated else 0, 0, 0, 0])
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0" + flags + size


def webp_lossless(width, height):
    bits = (width - 1) | (height - 1) << 14
    return b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + bits.to_bytes(4, "little") + b"\0" * 9


def webp_lossy(width, height):
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + size


OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("mime_type", "name", "size", "head", "kind"),
    [
        ("image/jpeg", "a.jpg", 5 * MIB, b"", "image"),
        ("IMAGE/PNG; x=y", "a.png", 1, b"", "image"),
        ("", "photo.JPG", 1, b"", "image"),
        ("application/octet-stream", "a.mp4", 1, b"", "video"),
        ("audio/mpeg", "a.mp3", 16 * MIB, b"", "audio"),
        ("audio/mp3", "a.mp3", 1, b"", "audio"),
        ("audio/ogg; codecs=opus", "a.ogg", 1, b"OggS...OpusHead", "audio"),
        ("audio/ogg", "a.ogg", 1, b"", "audio"),
        ("video/mp4", "a.mp4", 16 * MIB, b"", "video"),
        ("audio/3gpp", "a.3gp", 1, b"", "video"),
        ("image/webp", "s.webp", 100 * 1024, webp(512, 512), "sticker"),
        ("image/webp", "s.webp", 500 * 1024, webp(512, 512, True), "sticker"),
        ("image/webp", "s.webp", 9000, webp_lossless(512, 512), "sticker"),
        ("image/webp", "s.webp", 9000, webp_lossy(512, 512), "sticker"),
        ("application/pdf", "a.pdf", 100 * MIB, b"", "file"),
        ("text/plain; charset=utf-8", "a.txt", 1, b"", "file"),
        ("application/msword", "a.doc", 1, b"", "file"),
        ("application/vnd.ms-excel", "a.xls", 1, b"", "file"),
        ("application/vnd.ms-powerpoint", "a.ppt", 1, b"", "file"),
        (f"{OFFICE}.wordprocessingml.document", "a.docx", 1, b"", "file"),
        (f"{OFFICE}.spreadsheetml.sheet", "a.xlsx", 1, b"", "file"),
        (f"{OFFICE}.presentationml.presentation", "a.pptx", 1, b"", "file"),
        ("application/octet-stream", "A.DOCX", 1, b"", "file"),
    ],
)
def test_kind_of_a_file(mime_type, name, size, head, kind):
    assert media_kind(mime_type, name, size, head) == kind


@pytest.mark.parametrize(
    ("mime_type", "name", "size", "head", "code", "advice"),
    [
        ("image/jpeg", "a.jpg", 5 * MIB + 1, b"", "image_size", "make it smaller"),
        ("image/gif", "a.gif", 1, b"", "image_type", "JPEG or PNG"),
        ("image/heic", "a.heic", 6 * MIB, b"", "image_type", "JPEG or PNG"),
        ("audio/mpeg", "a.mp3", 16 * MIB + 1, b"", "audio_size", "shorter"),
        ("audio/ogg", "a.ogg", 1, b"OggS...vorbis", "audio_type", "Ogg Opus"),
        ("audio/wav", "a.wav", 1, b"", "audio_type", "MP3, M4A"),
        ("video/mp4", "a.mp4", 16 * MIB + 1, b"", "video_size", "shorter"),
        ("video/webm", "a.webm", 1, b"", "video_type", "MP4 or 3GP"),
        ("image/webp", "s.webp", 102401, webp(512, 512), "sticker_type", "100 kB"),
        ("image/webp", "s.webp", 512001, webp(512, 512, True), "sticker_size", "500"),
        ("image/webp", "a.webp", 9000, webp(800, 600), "sticker_type", "JPEG or PNG"),
        ("image/webp", "a.webp", 9000, b"no webp" * 9, "sticker_type", "JPEG or PNG"),
        ("application/pdf", "a.pdf", 100 * MIB + 1, b"", "file_size", "split it"),
        ("application/pdf", "a.pdf", 0, b"", "media_empty", "empty"),
        ("application/zip", "a.zip", 1, b"", "file_type", "PDF, Word"),
        ("text/csv", "a.csv", 1, b"", "file_type", "PDF, Word"),
        ("", "a", 1, b"", "file_type", "PDF, Word"),
    ],
)
def test_file_that_whatsapp_refuses(mime_type, name, size, head, code, advice):
    """It is said what to do instead."""
    with pytest.raises(LimitError, match=advice) as caught:
        media_kind(mime_type, name, size, head)
    assert caught.value.limit_code == code


@pytest.mark.parametrize(
    ("kind", "mime_type", "size", "code"),
    [
        ("file", "application/pdf", 100 * MIB + 1, "file_size"),
        ("file", "application/pdf", 0, "media_empty"),
        ("file", "image/png", 1, "file_type"),
        ("image", "image/jpeg", 5 * MIB + 1, "image_size"),
        ("image", "image/gif", 1, "image_type"),
        ("audio", "", 1, "audio_type"),
    ],
)
def test_file_that_is_none_of_a_kind(kind, mime_type, size, code):
    with pytest.raises(LimitError) as caught:
        check_media(kind, mime_type, size)
    assert caught.value.limit_code == code


@pytest.mark.parametrize(
    ("mime_type", "name", "served"),
    [
        ("application/octet-stream", "a.mp4", "video/mp4"),
        ("audio/mp3", "a.mp3", "audio/mpeg"),
        ("audio/opus", "a.opus", "audio/ogg; codecs=opus"),
        ("application/pdf", "a.pdf", "application/pdf"),
    ],
)
def test_type_under_which_a_file_is_served(mime_type, name, served):
    assert limits.served_type(mime_type, name) == served


def test_size_in_the_message_is_never_shown_as_the_limit():
    with pytest.raises(LimitError) as caught:
        check_media("file", "application/pdf", 100 * MIB + 1)
    assert "100.01 MB" in str(caught.value)
    assert "up to 100 MB" in str(caught.value)
