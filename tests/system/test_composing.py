# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an agent builds and schedules, seen on the customer's phone."""

from harness.callbacks import new_phone, profile_name
from screens import Desk, Phone, window

from conftest import in_one_mode

pytestmark = in_one_mode


def test_a_list_is_tapped_and_a_scheduled_reply_leaves(centre, chromium):
    """The customer's tap comes back as an answer; the reply leaves at its time."""
    number = new_phone()
    with window(chromium) as screen, window(chromium) as phone_screen:
        desk = Desk(screen, centre.odoo.url, "ana", profile_name(number))
        phone = Phone(phone_screen, centre.emulator.url, number)
        phone.write("Do you have it in blue?")
        desk.capture("Do you have it in blue?")

        desk.ask(
            "Which size do you need?",
            [("Small", "36 to 38"), ("Medium", "40 to 42"), ("Large", "44 to 46")],
            "See sizes",
        )
        phone.choose("Which size do you need?", "See sizes", "Medium")
        desk.wait_for("Medium")

        desk.send_later("It is ready for you")
        assert len(centre.emulator.sent(number)) == 1
        let_it_be_due(centre, number)
        centre.run_job("WhatsApp: send what is scheduled")
        phone.answer("It is ready for you")
        desk.wait_for_leaving("It is ready for you")

    assert [record["message"]["type"] for record in centre.emulator.sent(number)] == [
        "list",
        "text",
    ]


def test_a_photo_is_taken_at_the_desk(centre, chromium):
    """What the computer's camera sees is what the customer gets."""
    number = new_phone()
    with window(chromium) as screen, window(chromium) as phone_screen:
        desk = Desk(screen, centre.odoo.url, "ana", profile_name(number))
        phone = Phone(phone_screen, centre.emulator.url, number)
        phone.write("Which part is it?")
        desk.capture("Which part is it?")
        desk.photograph("This one")
        assert phone.picture_width("This one") >= 640


def test_a_voice_message_is_recorded_at_the_desk(centre, chromium):
    """What the microphone hears can be played by the customer, and by the agent."""
    number = new_phone()
    with window(chromium) as screen, window(chromium) as phone_screen:
        desk = Desk(screen, centre.odoo.url, "ana", profile_name(number))
        phone = Phone(phone_screen, centre.emulator.url, number)
        phone.write("Call me, please")
        desk.capture("Call me, please")
        desk.record()
        assert phone.voice_seconds() >= 1
        desk.play_voice()

    (record,) = centre.emulator.sent(number)
    assert record["message"]["type"] == "audio"
    assert record["media"]["mime_type"] == "audio/mpeg"


def let_it_be_due(centre, number):
    """Move what is scheduled for this customer into the past."""
    centre.query(
        "UPDATE whatsapp_omni_parked_reply"
        "   SET send_at = date_trunc('second', now() AT TIME ZONE 'UTC')"
        " WHERE state = 'waiting' AND conversation_id = ANY(%s) RETURNING id",
        centre.conversations(number),
    )
