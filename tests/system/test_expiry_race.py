# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Windows expire in several workers at once, while customers go on writing."""

import threading

from harness.callbacks import new_phone, text_message
from harness.waiting import at_once

CUSTOMERS = 40


def test_two_workers_expire_each_window_once(centre):
    """Each conversation is dealt with once: the agent's are kept, the others closed."""
    admin = centre.browser("admin")
    agent = centre.browser("ana")
    phones = [new_phone() for _customer in range(CUSTOMERS)]
    at_once(lambda phone: centre.deliver(text_message(phone, "Hola")), phones, 4)
    centre.wait_applied()
    ids = [
        conversation for phone in phones for conversation in centre.conversations(phone)
    ]
    attended = ids[::4]
    for conversation_id in attended:
        agent.capture(conversation_id)
    let_windows_end(centre, ids)

    expire_at_once(centre, make_expiring_action(admin))

    assert states(centre, attended) == {("attended", True, None)}
    assert states(centre, set(ids) - set(attended)) == {("closed", True, "window")}
    assert changes(centre, attended, "window") == {1}
    assert changes(centre, set(ids) - set(attended), "closed") == {1}


def test_a_customer_who_writes_while_the_window_expires_loses_nothing(centre):
    """The message belongs to the conversation that was open, or begins the next one."""
    admin = centre.browser("admin")
    phones = [new_phone() for _customer in range(CUSTOMERS)]
    at_once(lambda phone: centre.deliver(text_message(phone, "Hola")), phones, 4)
    centre.wait_applied()
    ids = [
        conversation for phone in phones for conversation in centre.conversations(phone)
    ]
    action = make_expiring_action(admin)
    let_windows_end(centre, ids)

    expiring = threading.Thread(target=expire_at_once, args=(centre, action))
    expiring.start()
    at_once(lambda phone: centre.deliver(text_message(phone, "¿Hola?")), phones, 4)
    expiring.join()
    centre.wait_applied()

    for phone in phones:
        assert centre.transcript(phone) == ["Hola", "¿Hola?"]
    assert open_windows(centre, phones) == CUSTOMERS


def let_windows_end(centre, ids):
    centre.query(
        "UPDATE whatsapp_omni_conversation SET window_end = now() AT TIME ZONE 'UTC'"
        " WHERE id = ANY(%s) RETURNING id",
        ids,
    )


def make_expiring_action(admin):
    """Return an action that does what the scheduled one does, for many at a time."""
    (model,) = admin.search_read(
        "ir.model", [("model", "=", "whatsapp_omni.conversation")], ["id"]
    )
    return admin.create(
        "ir.actions.server",
        name="Expire",
        model_id=model["id"],
        state="code",
        code="model._cron_expire()",
    )


def expire_at_once(centre, action):
    """Run the action in four sessions, released by a barrier."""
    sessions = [centre.browser("admin", fresh=True) for _session in range(4)]
    at_once(lambda s: s.call("ir.actions.server", "run", [action]), sessions, 4)


def states(centre, ids):
    return set(
        centre.query(
            "SELECT state, window_expired, close_reason FROM whatsapp_omni_conversation"
            " WHERE id = ANY(%s)",
            list(ids),
        )
    )


def changes(centre, ids, what):
    """Return how many changes of that kind the conversations have."""
    counted = centre.query(
        "SELECT count(change.id) FROM whatsapp_omni_conversation conversation"
        "  LEFT JOIN whatsapp_omni_conversation_change change"
        "    ON change.conversation_id = conversation.id AND change.what = %s"
        " WHERE conversation.id = ANY(%s) GROUP BY conversation.id",
        what,
        list(ids),
    )
    return {count for (count,) in counted}


def open_windows(centre, phones):
    """Return how many of these customers have one open conversation, with a window."""
    return centre.value(
        "SELECT count(*) FROM whatsapp_omni_conversation conversation"
        "  JOIN whatsapp_omni_customer customer ON customer.id = customer_id"
        " WHERE customer.wa_id = ANY(%s) AND conversation.state != 'closed'"
        "   AND window_end > now() AT TIME ZONE 'UTC' AND window_expired IS NOT TRUE",
        phones,
    )
