# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Templates and parked replies, with people and customers acting in the same moment."""

from functools import partial
from itertools import count

import pytest
from harness.browser import RpcError
from harness.callbacks import new_phone, now_milliseconds, text_message
from harness.waiting import at_once, wait_until

CONVERSATION = "whatsapp_omni.conversation"
OPEN_CONVERSATION = (
    "odoo.addons.whatsapp_omni.models.conversation_outgoing.OpenConversation"
)
PARKED = "whatsapp_omni.parked.reply"
ROUNDS = 6

_numbers = count(1)


@pytest.fixture
def template_id(centre):
    """Return the id of an approved template that the emulator knows as well."""
    return centre.approve_template(f"again_{next(_numbers)}", "May we go on?")


@pytest.fixture
def queue_id(centre):
    """Return the queue of both agents: other tests leave queues without any."""
    return centre.value("SELECT id FROM whatsapp_omni_queue WHERE name = 'Support'")


def test_an_expired_conversation_goes_on_where_it_was_left(centre, template_id):
    """The reply is parked, the template asks, the customer answers, the reply leaves.

    The emulator refuses free text outside the window, as WhatsApp does.
    """
    agent = centre.browser("ana")
    phone, conversation_id = centre.expired(agent)
    agent.call(CONVERSATION, "action_park", [conversation_id], body="It has arrived")
    agent.call(
        CONVERSATION, "action_send_template", [conversation_id], template_id=template_id
    )
    wait_until(lambda: len(centre.emulator.sent(phone)) == 1, what="the template")
    assert centre.emulator.sent(phone)[0]["template"]

    centre.emulator.write(phone, "Yes, please")

    wait_until(lambda: len(centre.emulator.sent(phone)) == 2, what="the parked reply")
    assert centre.emulator.sent(phone)[1]["message"]["text"] == "It has arrived"
    centre.emulator.wait_for_callbacks()
    states = ("read", "delivered", "sent", "submitted")
    wait_until(lambda: all(state in states for state in centre.answers(phone)))
    assert parked_states(centre, conversation_id) == ["queued"]


def test_two_agents_write_first_at_once(centre, template_id, queue_id):
    """One begins it; the other is shown where. The customer is asked once."""
    agents = [centre.browser(login, fresh=True) for login in ("ana", "luis")]
    for _round in range(ROUNDS):
        one_begins_the_other_is_shown_where(centre, agents, queue_id, template_id)


def test_two_agents_begin_their_day_by_writing_first(centre, template_id, queue_id):
    """A session's first click writes before it reads, and so sees an older database."""
    for _round in range(ROUNDS):
        agents = [
            centre.browser(login, fresh=True, has_clicked=False)
            for login in ("ana", "luis")
        ]
        one_begins_the_other_is_shown_where(centre, agents, queue_id, template_id)


def one_begins_the_other_is_shown_where(centre, agents, queue_id, template_id):
    """Let two agents write first to a new customer at once; check what they hear."""
    phone = new_phone()
    outcomes = at_once(lambda agent: start(agent, phone, queue_id, template_id), agents)
    started = [result for result in outcomes if isinstance(result, int)]
    assert centre.conversations(phone) == started, outcomes
    refusals = [result for result in outcomes if isinstance(result, RpcError)]
    assert [refusal.kind for refusal in refusals] == [OPEN_CONVERSATION], refusals
    wait_until(lambda: len(centre.emulator.sent(phone)) == 1)


def test_writing_first_to_whom_writes_in_the_same_moment(centre, template_id, queue_id):
    """There is one conversation and one customer, and the message is in it."""
    agent = centre.browser("ana")
    for _round in range(ROUNDS):
        phone = new_phone()
        acts = [
            partial(centre.deliver, text_message(phone, "Hello")),
            partial(start, agent, phone, queue_id, template_id),
        ]
        at_once(lambda act: act(), acts)
        centre.wait_applied()
        assert len(centre.conversations(phone)) == 1
        assert centre.transcript(phone) == ["Hello"]


def test_a_parked_reply_leaves_once_however_it_is_called_for(centre):
    """Repeated callbacks, further messages, and a change of the reply at once."""
    agent = centre.browser("ana")
    for _round in range(ROUNDS):
        phone, conversation_id, reply_id = parked(centre, agent)
        answer = text_message(phone, "Yes", milliseconds=now_milliseconds())
        another = text_message(phone, "Hello?", milliseconds=now_milliseconds() + 1)
        acts = [
            partial(centre.deliver, answer),
            partial(centre.deliver, answer),
            partial(centre.deliver, another),
            partial(outcome, agent.call, PARKED, "action_edit", [reply_id], body="New"),
        ]
        *_deliveries, edited = at_once(lambda act: act(), acts)
        centre.wait_applied()

        expected = "Old" if isinstance(edited, RpcError) else "New"
        wait_until(partial(centre.emulator.sent, phone))
        assert texts(centre, conversation_id) == [expected]
        assert parked_states(centre, conversation_id) == ["queued"]


def test_what_is_discarded_in_time_never_leaves(centre):
    """Either the agent discards it, or is told that it was sent. Never both."""
    agent = centre.browser("ana")
    for _round in range(ROUNDS):
        phone, conversation_id, reply_id = parked(centre, agent)
        answer = text_message(phone, "Yes", milliseconds=now_milliseconds())
        acts = [
            partial(centre.deliver, answer),
            partial(outcome, agent.call, PARKED, "action_cancel", [reply_id]),
        ]
        _delivery, cancelled = at_once(lambda act: act(), acts)
        centre.wait_applied()

        was_sent = isinstance(cancelled, RpcError)
        assert texts(centre, conversation_id) == (["Old"] if was_sent else [])
        state = "queued" if was_sent else "cancelled"
        assert parked_states(centre, conversation_id) == [state]


def test_parking_twice_at_once_is_parking_once(centre):
    """A double click, from two pages of the same agent."""
    pages = [centre.browser("ana", fresh=True) for _page in range(2)]
    _phone, conversation_id = centre.expired(pages[0])

    at_once(
        lambda page: page.call(
            CONVERSATION, "action_park", [conversation_id], body="Once"
        ),
        pages,
        2,
    )

    assert parked_states(centre, conversation_id) == ["waiting"]


def test_two_agents_park_at_once(centre):
    """A supervisor takes over and parks while the agent does: each is heard, once.

    Either the agent was in time, or is told whose conversation it is by now.
    """
    ana, admin = centre.browser("ana"), centre.browser("admin")
    for _round in range(ROUNDS):
        phone, conversation_id = centre.expired(ana)

        def park(agent, text, conversation_id=conversation_id):
            agent.call(CONVERSATION, "action_park", [conversation_id], body=text)

        def take_over_and_park(conversation_id=conversation_id, park=park):
            admin.call(CONVERSATION, "action_take_over", [conversation_id], ana.user_id)
            park(admin, "Of the supervisor")

        acts = [partial(park, ana, "Of Ana"), take_over_and_park]
        of_ana, of_the_supervisor = at_once(outcome, acts)
        assert of_the_supervisor is None
        expected = ["Of the supervisor"]
        if of_ana is None:
            expected.insert(0, "Of Ana")
        assert parked_states(centre, conversation_id) == ["waiting"] * len(expected)

        centre.emulator.write(phone, "Yes")
        centre.wait_answers(phone, *["delivered"] * len(expected))
        assert sorted(centre.emulator.sent_texts(phone)) == sorted(expected)


def outcome(act, *args, **kwargs):
    """Return what an act returns, or what Odoo raised."""
    try:
        return act(*args, **kwargs)
    except RpcError as error:
        return error


def start(agent, phone, queue_id, template_id):
    """Write first to a number; return the conversation's id, or what Odoo raised."""
    return outcome(
        agent.call,
        CONVERSATION,
        "action_start",
        queue_id=queue_id,
        template_id=template_id,
        who={"number": f"+{phone}"},
    )


def parked(centre, agent):
    """Have a reply wait for an expired customer; return phone and both ids."""
    phone, conversation_id = centre.expired(agent)
    agent.call(CONVERSATION, "action_park", [conversation_id], body="Old")
    reply_id = centre.value(
        "SELECT id FROM whatsapp_omni_parked_reply WHERE conversation_id = %s",
        conversation_id,
    )
    return phone, conversation_id, reply_id


def parked_states(centre, conversation_id):
    rows = centre.query(
        "SELECT state FROM whatsapp_omni_parked_reply WHERE conversation_id = %s"
        " ORDER BY id",
        conversation_id,
    )
    return [state for (state,) in rows]


def texts(centre, conversation_id):
    """Return what we have put into the outbox of this conversation."""
    rows = centre.query(
        "SELECT text FROM whatsapp_omni_message WHERE conversation_id = %s"
        " AND direction = 'outbound' ORDER BY id",
        conversation_id,
    )
    return [text for (text,) in rows]
