# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Two agents want the same conversation in the same moment."""

import threading
from collections import Counter

from harness.browser import RpcError
from harness.callbacks import new_phone, now_milliseconds, profile_name, text_message
from harness.waiting import at_once, wait_until
from message_order import overlooked
from screens import CARD, Desk, window

from conftest import in_one_mode

ROUNDS = 10


def test_two_clicks_one_owner(centre):
    """Ana and Luis click at once, ten times: one of them has it, the other is told who.

    Two HTTP sessions, released by a barrier; with workers, two processes.
    """
    sessions = {login: centre.browser(login, fresh=True) for login in ("ana", "luis")}
    names = {"ana": "Ana", "luis": "Luis"}
    user_ids = {login: session.user_id for login, session in sessions.items()}
    phones = [new_phone() for _round in range(ROUNDS)]
    at_once(lambda phone: centre.deliver(text_message(phone, "Hola")), phones, 4)
    centre.wait_applied()

    for phone in phones:
        (conversation_id,) = centre.conversations(phone)
        refusals = race(sessions, conversation_id)

        winners = [login for login in sessions if login not in refusals]
        assert len(winners) == 1, refusals
        (winner,) = winners
        ((loser, refusal),) = refusals.items()
        assert refusal.kind == "odoo.exceptions.UserError"
        assert names[winner] in str(refusal)
        assert owner(centre, conversation_id) == ("attended", user_ids[winner])
        assert members(centre, phone) == [user_ids[winner]]
        assert captures(centre, conversation_id) == [user_ids[winner]]


@in_one_mode
def test_two_desks_take_at_once(centre, chromium):
    """On two screens: one gets the composer, the other is told who, and goes on.

    Both clicks are at Odoo before either is decided.
    """
    user_ids = {login: centre.browser(login).user_id for login in ("ana", "luis")}
    wanted, following = new_phone(), new_phone()
    for phone in (wanted, following):
        centre.emulator.write(phone, "Hola")
        centre.wait_applied()
    (conversation_id,) = centre.conversations(wanted)
    with window(chromium) as first, window(chromium) as second:
        desks = {
            login: RacingDesk(page, centre.odoo.url, login, profile_name(wanted))
            for login, page in (("ana", first), ("luis", second))
        }
        with centre.conversation_held(conversation_id):
            for desk in desks.values():
                desk.press_take()
            wait_until(lambda: centre.waiting_for_locks() >= 2, 60, "both clicks")
        owner_id = wait_until(lambda: owner(centre, conversation_id)[1], 60, "an owner")
        winner, loser = sorted(desks, key=lambda login: user_ids[login] != owner_id)
        # the notice first: it goes away by itself
        desks[loser].is_told(f"{winner.capitalize()} took this conversation first.")
        desks[loser].has_selected(profile_name(following))
        assert not desks[loser].is_listed()
        desks[winner].types_at_once("It is mine")

    centre.wait_answers(wanted, "delivered")
    assert centre.emulator.sent_texts(wanted) == ["It is mine"]
    assert captures(centre, conversation_id) == [owner_id]


class RacingDesk(Desk):
    """One of the desks that want the same customer."""

    def press_take(self):
        """Click, and do not wait for what comes of it."""
        self._card().locator(f"{CARD}-capture").click()

    def types_at_once(self, text):
        """Write without a click: the cursor is in the composer already."""
        self._page.wait_for_selector(".o-mail-Composer-input:focus")
        self._page.keyboard.type(text)
        self._page.wait_for_selector("button[name=send-message]:enabled")
        self._page.keyboard.press("Enter")
        self._message(text).wait_for()

    def is_told(self, text):
        """Return when a notification says so."""
        self._page.locator(".o_notification", has_text=text).wait_for()

    def has_selected(self, name):
        """Return when the card of this customer is the selected one."""
        self._page.locator(f"{CARD}[aria-selected=true]", has_text=name).wait_for()


def test_a_double_click_is_one_capture(centre):
    """One agent clicks twice at once: no complaint, and the timeline shows it once."""
    agent = centre.browser("ana")
    second = centre.browser("ana", fresh=True)
    phone = new_phone()
    centre.deliver(text_message(phone, "Hola"))
    centre.wait_applied()
    (conversation_id,) = centre.conversations(phone)

    refusals = race({"first": agent, "second": second}, conversation_id)

    assert refusals == {}
    assert owner(centre, conversation_id) == ("attended", agent.user_id)
    assert captures(centre, conversation_id) == [agent.user_id]


def test_take_and_close_while_the_customer_goes_on_writing(centre):
    """A customer writes without a pause; an agent takes and closes the case each time.

    Neither has to repeat anything (the centre's log would show it), no message is lost
    or overlooked, and each belongs to the conversation that was open when it came.
    """
    agent = centre.browser("ana")
    phone = new_phone()
    start = now_milliseconds()
    texts = [f"Message {number}" for number in range(80)]
    bodies = [
        text_message(phone, text, milliseconds=start + number)
        for number, text in enumerate(texts)
    ]
    silence = threading.Event()

    def attend():
        while not silence.is_set():
            for conversation_id in open_conversations(centre, phone):
                agent.capture(conversation_id)
                agent.close(conversation_id)

    worker = threading.Thread(target=attend)
    worker.start()
    try:
        deliveries = at_once(centre.deliver, bodies, workers=4)
    finally:
        silence.set()
        worker.join()
    centre.wait_applied()

    assert {delivery.status for delivery in deliveries} == {200}
    assert Counter(centre.transcript(phone)) == Counter(texts)
    answered = dict(zip(texts, (d.ended for d in deliveries), strict=True))
    assert overlooked(centre, phone, answered) == []
    conversation_ids = [
        row[0]
        for row in centre.query(
            "SELECT conversation_id FROM whatsapp_omni_message"
            " WHERE conversation_id = ANY(%s) ORDER BY mail_message_id",
            centre.conversations(phone),
        )
    ]
    assert len(conversation_ids) == len(texts)
    assert conversation_ids == sorted(conversation_ids)
    assert len(set(conversation_ids)) > 2
    assert len(open_conversations(centre, phone)) <= 1


def open_conversations(centre, phone):
    """Return the ids of the customer's conversations that are not closed."""
    rows = centre.query(
        "SELECT id FROM whatsapp_omni_conversation WHERE id = ANY(%s)"
        " AND state != 'closed'",
        centre.conversations(phone),
    )
    return [row[0] for row in rows]


def race(sessions, conversation_id):
    """Let everybody capture at once; return the refusals by who got them."""

    def capture(login):
        try:
            sessions[login].capture(conversation_id)
        except RpcError as error:
            return login, error
        return login, None

    return {login: error for login, error in at_once(capture, sessions) if error}


def owner(centre, conversation_id):
    """Return state and owner of a conversation."""
    ((state, user_id),) = centre.query(
        "SELECT state, user_id FROM whatsapp_omni_conversation WHERE id = %s",
        conversation_id,
    )
    return state, user_id


def members(centre, phone):
    """Return the users who are members of the customer's channel."""
    rows = centre.query(
        "SELECT users.id FROM discuss_channel_member member"
        "  JOIN res_users users ON users.partner_id = member.partner_id"
        " WHERE member.channel_id = %s",
        centre.channel(phone),
    )
    return [row[0] for row in rows]


def captures(centre, conversation_id):
    """Return who took the conversation, according to its timeline."""
    rows = centre.query(
        "SELECT user_id FROM whatsapp_omni_conversation_change"
        " WHERE conversation_id = %s AND what = 'captured'",
        conversation_id,
    )
    return [row[0] for row in rows]
