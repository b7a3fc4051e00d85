# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Conversations are given to agents by several processes at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.browser import RpcError
from harness.callbacks import new_phone, text_message
from harness.databases import AGENT_GROUP
from harness.waiting import at_once, wait_until

AGENTS, CONVERSATIONS, PROCESSES = 10, 200, 4

CONVERSATION = "whatsapp_omni.conversation"
AGENT = "whatsapp_omni.agent"


@pytest.fixture
def team(new_centre):
    """Yield a centre of four workers whose ten agents are away, and their logins.

    Whatever they do, nothing fails and nothing has to be repeated.
    """
    centre = new_centre(PROCESSES)
    admin = centre.browser("admin")
    logins = [f"agent{number}" for number in range(AGENTS)]
    users = [admin.create_user(login, AGENT_GROUP) for login in logins]
    set_queue(centre, agent_ids=[[6, 0, users]])
    yield centre, logins
    log = centre.log()
    assert "could not serialize" not in log
    assert "deadlock" not in log
    assert "is due in vain" not in log
    assert "Background work of whatsapp_omni failed" not in log


def set_queue(centre, **values):
    admin = centre.browser("admin")
    queue_ids = admin.call("whatsapp_omni.queue", "search", [])
    admin.call("whatsapp_omni.queue", "write", queue_ids, values)


def be_available(centre, logins):
    at_once(
        lambda login: centre.browser(login).call(AGENT, "set_state", "available"),
        logins,
        4,
    )


def write_in(centre, count):
    phones = [new_phone() for _customer in range(count)]
    at_once(lambda phone: centre.deliver(text_message(phone, "Hola")), phones, 4)
    centre.wait_applied(60)
    return phones


def states(centre):
    return dict(
        centre.query(
            "SELECT state, count(*) FROM whatsapp_omni_conversation GROUP BY state"
        )
    )


def distribute_at_once(centre, **settings):
    """Set the queue up, and have four processes give out conversations at once.

    All wait for the last one to be there, so nobody is done before others begin.
    """
    distributing = distributors(centre)
    with ThreadPoolExecutor(PROCESSES) as pool:
        with centre.distribution_held():
            # A round follows the setting already, in the first of the processes.
            set_queue(centre, **settings)
            rounds = [pool.submit(distribute) for distribute in distributing]
            wait_until(lambda: centre.count_held_up() >= PROCESSES, 30)
            assert states(centre) == {"new": CONVERSATIONS}
        for finished in rounds:
            finished.result()


def distributors(centre):
    """Return functions that each have a process of its own give out conversations."""
    admin = centre.browser("admin")
    (model,) = admin.search_read("ir.model", [("model", "=", CONVERSATION)], ["id"])
    action = admin.create(
        "ir.actions.server",
        name="Distribute",
        model_id=model["id"],
        state="code",
        code="model._cron_distribute()",
    )
    sessions = [centre.browser("admin", fresh=True) for _session in range(PROCESSES)]
    return [
        lambda session=session: session.call("ir.actions.server", "run", [action])
        for session in sessions
    ]


def test_each_once_and_in_turn(team):
    """Ten agents without limits, two hundred conversations, four processes."""
    centre, logins = team
    write_in(centre, CONVERSATIONS)
    be_available(centre, logins)

    distribute_at_once(centre, strategy="round_robin", capacity=0, offer_seconds=0)

    wait_until(lambda: states(centre) == {"attended": CONVERSATIONS}, 60)
    assert assignments(centre) == {(CONVERSATIONS, CONVERSATIONS)}
    assert members(centre) == {1}
    shares = Counter(held(centre))
    assert len(shares) == AGENTS
    assert max(shares.values()) - min(shares.values()) <= 1


def test_nobody_gets_too_many(team):
    """The same, but ten for each: the other half goes on waiting."""
    centre, logins = team
    write_in(centre, CONVERSATIONS)
    be_available(centre, logins)

    distribute_at_once(centre, strategy="least_busy", capacity=10, offer_seconds=0)

    wait_until(lambda: states(centre) == {"attended": 100, "new": 100}, 60)
    assert assignments(centre) == {(100, 100)}
    assert set(Counter(held(centre)).values()) == {10}


def test_capacity_holds_while_conversations_come_in(team):
    """They arrive while they are given: what nobody has room for goes on waiting."""
    centre, logins = team
    be_available(centre, logins)
    set_queue(centre, strategy="round_robin", capacity=3, offer_seconds=600)

    write_in(centre, 47)
    wait_until(lambda: states(centre) == {"offered": 30, "new": 17}, 60)

    assert set(Counter(held(centre)).values()) == {3}
    assert assignments(centre) == {(30, 30)}

    # Everybody accepts one, closes it, and has the next one at once.
    done = at_once(lambda login: accept_and_close(centre, login), logins, 4)
    assert sum(done) == AGENTS
    wait_until(lambda: states(centre) == {"closed": 10, "offered": 30, "new": 7}, 60)
    assert set(Counter(held(centre)).values()) == {3}


def test_an_offer_ends_once_whoever_is_first(team):
    """Accepting twice, declining, running out and a supervisor's closing, at once."""
    centre, logins = team
    login = logins[0]
    be_available(centre, [login])
    set_queue(centre, strategy="round_robin", capacity=0, offer_seconds=600)
    write_in(centre, 20)
    wait_until(lambda: states(centre) == {"offered": 20}, 60)
    first, second = (centre.browser(login, fresh=True) for _page in range(2))
    admin = centre.browser("admin")
    ids = [row[0] for row in centre.query("SELECT id FROM whatsapp_omni_conversation")]

    for number, conversation_id in enumerate(ids):
        rivals = (
            lambda i=conversation_id: first.call(CONVERSATION, "action_accept", [i]),
            [
                lambda i=conversation_id: second.call(
                    CONVERSATION, "action_accept", [i]
                ),
                lambda i=conversation_id: second.call(
                    CONVERSATION, "action_decline", [i]
                ),
                lambda i=conversation_id: admin.close(i),
                lambda i=conversation_id: run_out(centre, second, i),
            ][number % 4],
        )
        at_once(try_to, rivals)
        if number % 4 == 3:  # who did not answer is set free again
            be_available(centre, [login])

    ended = centre.query(
        "SELECT conversation.state, conversation.user_id IS NOT NULL,"
        "       array_agg(assignment.outcome ORDER BY assignment.id)"
        "  FROM whatsapp_omni_conversation conversation"
        "  JOIN whatsapp_omni_assignment assignment"
        "    ON assignment.conversation_id = conversation.id"
        " GROUP BY conversation.id"
    )
    assert len(ended) == 20
    for state, has_agent, outcomes in ended:
        assert outcomes.count("accepted") <= 1, outcomes
        assert outcomes.count("offered") == (state == "offered"), outcomes
        if state == "attended":
            assert has_agent and outcomes[-1] == "accepted", outcomes
        if state in ("new", "offered"):
            assert not has_agent, outcomes
    both = [ended for ended in ended if ended[0] == "attended"]
    assert len(both) >= 5  # two clicks on the same button always have an owner


def test_who_writes_up_is_given_nothing_however_many_distribute(team):
    """Ten agents close while four processes give out; then each has one more."""
    centre, logins = team
    be_available(centre, logins)
    set_queue(
        centre,
        strategy="round_robin",
        capacity=1,
        offer_seconds=0,
        wrap_up="optional",
        wrap_up_seconds=600,
    )
    write_in(centre, 40)
    wait_until(lambda: states(centre) == {"attended": 10, "new": 30}, 60)

    # Who closes is free of load in the same moment as the wrap-up begins.
    close_while_distributing(centre, logins)
    assert states(centre) == {"closed": 10, "new": 30}
    assert assignments(centre) == {(10, 10)}

    # The time is over: pages that tell so are enough for everybody to have one more.
    let_wrap_up_pass(centre)
    at_once(lambda login: centre.browser(login).call(AGENT, "heartbeat"), logins[:5])
    wait_until(lambda: states(centre).get("attended") == 10, 60)
    # The same once more, and everybody ends it before the time is over.
    close_while_distributing(centre, logins)
    assert states(centre) == {"closed": 20, "new": 20}
    at_once(lambda login: centre.browser(login).call(AGENT, "end_wrap_up"), logins)
    wait_until(lambda: states(centre) == {"closed": 20, "attended": 10, "new": 10}, 60)
    assert set(Counter(held(centre)).values()) == {1}
    assert assignments(centre) == {(30, 30)}


def close_while_distributing(centre, logins):
    """Have all agents close what they attend while four processes distribute."""
    closings = [lambda login=login: close_own(centre, login) for login in logins]
    distributing = distributors(centre)
    rounds = [lambda d=d: [d() for _round in range(5)] for d in distributing]
    at_once(lambda act: act(), [*closings, *rounds])
    # what was asked for meanwhile has its turn
    at_once(lambda distribute: distribute(), distributing)


def close_own(centre, login):
    page = centre.browser(login)
    page.close(
        centre.value(
            "SELECT id FROM whatsapp_omni_conversation"
            " WHERE user_id = %s AND state = 'attended'",
            page.user_id,
        )
    )


def let_wrap_up_pass(centre):
    centre.query(
        "UPDATE whatsapp_omni_agent"
        "   SET wrap_up_until = now() AT TIME ZONE 'UTC' - interval '2 seconds'"
        " WHERE wrap_up_until IS NOT NULL"
    )


def try_to(act):
    """Act; a refusal with an explanation is fine, anything else is not."""
    try:
        act()
    except RpcError as error:
        assert error.kind == "odoo.exceptions.UserError", (error.kind, str(error))


def run_out(centre, page, conversation_id):
    centre.query(
        "UPDATE whatsapp_omni_conversation"
        "   SET offered_until = now() AT TIME ZONE 'UTC' - interval '2 seconds'"
        " WHERE id = %s AND state = 'offered'",
        conversation_id,
    )
    page.call(CONVERSATION, "action_offer_ended", [conversation_id])


def accept_and_close(centre, login):
    page = centre.browser(login)
    conversation_id = centre.value(
        "SELECT min(id) FROM whatsapp_omni_conversation WHERE offered_to_id = %s",
        page.user_id,
    )
    page.call(CONVERSATION, "action_accept", [conversation_id])
    page.close(conversation_id)
    return 1


def held(centre):
    """Return who has or is offered each open conversation."""
    rows = centre.query(
        "SELECT COALESCE(user_id, offered_to_id) FROM whatsapp_omni_conversation"
        " WHERE state IN ('attended', 'offered')"
    )
    return [row[0] for row in rows]


def assignments(centre):
    """Return the number of assignments, and of conversations that have one."""
    return set(
        centre.query(
            "SELECT count(*), count(DISTINCT conversation_id)"
            "  FROM whatsapp_omni_assignment"
        )
    )


def members(centre):
    """Return how many members the channels have."""
    rows = centre.query(
        "SELECT count(*) FROM discuss_channel_member member"
        "  JOIN discuss_channel channel ON channel.id = member.channel_id"
        " WHERE channel.channel_type = 'whatsapp_omni' GROUP BY channel.id"
    )
    return {row[0] for row in rows}
