# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Conversations are closed, blocked and corrected while their customers go on."""

import threading
from collections import Counter

import pytest
from harness.browser import RpcError
from harness.callbacks import new_phone, now_milliseconds, text_message
from harness.waiting import at_once

ROUNDS = 12


@pytest.fixture
def spam(centre):
    """Return the id of a disposition of the kind spam."""
    return centre.browser("admin").create(
        "whatsapp_omni.disposition", name="Spam", kind="spam"
    )


def test_who_is_blocked_begins_nothing_however_close_the_last_message_is(centre, spam):
    """Block and message meet, a dozen times: the message is kept in what was closed."""
    agent = centre.browser("ana")
    for _round in range(ROUNDS):
        phone = new_phone()
        centre.deliver(text_message(phone, "Buy!"))
        centre.wait_applied()
        (conversation_id,) = centre.conversations(phone)
        agent.capture(conversation_id)

        def block(conversation_id=conversation_id):
            agent.close(conversation_id, disposition_id=spam, block=True)

        def write(phone=phone):
            centre.deliver(text_message(phone, "Buy now!"))

        at_once(lambda act: act(), (block, write))
        centre.wait_applied()

        assert centre.conversations(phone) == [conversation_id]
        assert state(centre, conversation_id) == "closed"
        assert centre.transcript(phone) == ["Buy!", "Buy now!"]


def test_corrections_and_messages_lose_nothing(centre, spam):
    """Agent and supervisor correct at once while the customer begins anew."""
    agent, admin = centre.browser("ana"), centre.browser("admin")
    phone = new_phone()
    start = now_milliseconds()
    texts = [f"Message {number}" for number in range(2 * ROUNDS)]
    centre.deliver(text_message(phone, texts[0], milliseconds=start))
    centre.wait_applied()
    (conversation_id,) = centre.conversations(phone)
    agent.capture(conversation_id)
    agent.close(conversation_id, disposition_id=spam, note="closed")

    def correct(session, who):
        for number in range(ROUNDS):
            session.call(
                "whatsapp_omni.conversation",
                "action_correct",
                [conversation_id],
                disposition_id=spam,
                note=f"{who} {number}",
            )

    workers = [
        threading.Thread(target=correct, args=(session, who))
        for session, who in ((agent, "agent"), (admin, "supervisor"))
    ]
    for worker in workers:
        worker.start()
    for number, text in enumerate(texts[1:], start=1):
        centre.deliver(text_message(phone, text, milliseconds=start + number))
    for worker in workers:
        worker.join()
    centre.wait_applied()

    versions = centre.query(
        "SELECT note, superseded IS TRUE FROM whatsapp_omni_disposition_result"
        " WHERE conversation_id = %s ORDER BY id",
        conversation_id,
    )
    notes = [f"{w} {n}" for w in ("agent", "supervisor") for n in range(ROUNDS)]
    assert Counter(note for note, _old in versions) == Counter(["closed", *notes])
    assert [old for _note, old in versions] == [True] * (2 * ROUNDS) + [False]
    shown = centre.value(
        "SELECT disposition_note FROM whatsapp_omni_conversation WHERE id = %s",
        conversation_id,
    )
    assert shown == versions[-1][0]
    assert centre.transcript(phone) == texts
    assert len(centre.conversations(phone)) == 2


def test_two_who_close_at_once_give_one_result(centre, spam):
    """The agent and a supervisor: one is first, and the other is told so."""
    agent, admin = centre.browser("ana"), centre.browser("admin")
    for _round in range(ROUNDS):
        phone = new_phone()
        centre.deliver(text_message(phone, "Hola"))
        centre.wait_applied()
        (conversation_id,) = centre.conversations(phone)
        agent.capture(conversation_id)

        def close(session, conversation_id=conversation_id):
            """Return whose result was not kept, with the explanation."""
            note = str(session.user_id)
            try:
                session.close(conversation_id, disposition_id=spam, note=note)
            except RpcError as refusal:
                return session.user_id, refusal
            return None

        ((loser_id, error),) = filter(None, at_once(close, (agent, admin)))
        assert error.kind == "odoo.exceptions.UserError", error
        assert "closed meanwhile" in str(error)

        ((note, user_id),) = centre.query(
            "SELECT note, user_id FROM whatsapp_omni_disposition_result"
            " WHERE conversation_id = %s",
            conversation_id,
        )
        assert note == str(user_id) != str(loser_id)


def state(centre, conversation_id):
    return centre.value(
        "SELECT state FROM whatsapp_omni_conversation WHERE id = %s", conversation_id
    )
