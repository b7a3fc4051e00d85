# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Conversations go from one agent to another: two desks, and clicks at once."""

from contextlib import contextmanager

import pytest
from harness.browser import RpcError
from harness.callbacks import new_phone, profile_name
from harness.waiting import at_once
from screens import Desk, window

from conftest import in_one_mode

ROUNDS = 6
CONVERSATION, TRANSFER = "whatsapp_omni.conversation", "whatsapp_omni.transfer"


@pytest.fixture
def luis_available(centre):
    """Have Luis at work."""
    be_available(centre, "luis")


def be_available(centre, login):
    user_id = centre.browser(login).user_id
    centre.query(
        "INSERT INTO whatsapp_omni_agent (user_id, state, since, last_seen_at)"
        " VALUES (%s, 'available', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
        " ON CONFLICT (user_id) DO UPDATE SET state = 'available'",
        user_id,
    )


@in_one_mode
def test_two_desks(centre, chromium, luis_available):
    """Ana hands over to Luis in both ways and to a queue; he takes, refuses, undoes.

    Neither page is loaded anew.
    """
    sales = make_queue(centre, "Sales", "luis")
    phone = new_phone()
    centre.emulator.write(phone, "Hello")
    with desks(centre, chromium, profile_name(phone)) as (ana, luis):
        ana.capture("Hello")

        ana.transfer("Luis", "immediate", "Asks for a discount")
        luis.take("Transferred by Ana", note="Asks for a discount")
        ana.is_told("Luis took")
        luis.write("I am Luis")

        luis.transfer("Sales", "exclusive")
        luis.undo()
        luis.write("Here again")

        luis.transfer("Support", "immediate")
        ana.take("Transferred by Luis")
        ana.transfer("Luis", "exclusive", "Yours, I think")
        luis.refuse("Not mine")
        ana.is_told("Luis did not want")
        ana.write("So I help you")

        ana.transfer("Luis", "exclusive", "Really yours")
        luis.take("Transferred by Ana", note="Really yours")
        ana.is_gone()

        luis.transfer("Support", "immediate")
        ana.take("Transferred by Luis")
        ana.transfer("Sales", "exclusive")
        luis.take("Transferred by Ana")
        ana.is_gone()

    (conversation_id,) = centre.conversations(phone)
    assert owner(centre, conversation_id) == (
        "attended",
        user_id(centre, "luis"),
        sales,
    )
    assert transfers(centre, conversation_id) == [
        "accepted",
        "withdrawn",
        "accepted",
        "refused",
        "accepted",
        "accepted",
        "accepted",
    ]


@in_one_mode
def test_what_rings_in_vain_is_for_the_queue_again(centre, chromium, luis_available):
    """Luis looks on: it is *New* for both, Ana is told, and he counts as away."""
    phone = new_phone()
    centre.emulator.write(phone, "Is anybody there?")
    with (
        ring_for(centre, "Support", 5),
        desks(centre, chromium, profile_name(phone)) as (ana, luis),
    ):
        ana.capture("Is anybody there?")
        ana.transfer("Luis", "immediate")
        luis.hears_it_ring()
        ana.is_told("Luis did not take")
        luis.has_missed_it()
        for desk in (luis, ana):
            desk.wait_for_new("Is anybody there?")
        ana.capture("Is anybody there?")

    (conversation_id,) = centre.conversations(phone)
    assert transfers(centre, conversation_id) == ["expired"]
    assert agent_state(centre, "luis") == "rona"


def test_two_transfers_at_once(centre, luis_available):
    """Two pages of Ana transfer to different targets: one does, the other is told."""
    sales = make_queue(centre, "Sales race", "luis")
    for _round in range(ROUNDS):
        conversation_id = attended(centre)
        choices = [
            {"user_id": user_id(centre, "luis"), "kind": "exclusive"},
            {"queue_id": sales, "kind": "immediate"},
        ]
        refusals = race(
            *(
                (centre.browser("ana", fresh=True), "action_transfer", values)
                for values in choices
            ),
            ids=[conversation_id],
        )
        assert len(refusals) == 1, refusals
        assert transfers(centre, conversation_id) == ["pending"]
        assert members(centre, conversation_id) == []


def test_taking_refusing_withdrawing_closing_at_once(centre, luis_available):
    """Whoever comes first decides; there is one end, and one who has it."""
    admin = centre.browser("admin", fresh=True)
    ana, luis = (centre.browser(login, fresh=True) for login in ("ana", "luis"))
    for others in (
        [(ana, "action_withdraw")],
        [(ana, "action_withdraw"), (luis, "action_refuse")],
        [(admin, "action_close")],
        [(ana, "action_withdraw"), (admin, "action_close")],
    ):
        for _round in range(2):
            conversation_id = attended(centre)
            transfer_id = ana.call(
                CONVERSATION,
                "action_transfer",
                [conversation_id],
                user_id=luis.user_id,
                kind="exclusive",
            )
            calls = [(luis, "action_capture", {})]
            calls += [(session, method, {}) for session, method in others]
            race(*calls, ids=[conversation_id], transfer_ids=[transfer_id])

            state, owner_id, _queue = owner(centre, conversation_id)
            (end,) = transfers(centre, conversation_id)
            assert end != "pending"
            if state == "attended":
                expected = luis if end == "accepted" else ana
                assert owner_id == expected.user_id, (end, others)
                assert members(centre, conversation_id) == [expected.user_id]
            else:
                assert state == "closed"
                assert members(centre, conversation_id) == []
            ((pending, reserved),) = centre.query(
                "SELECT transferred_by_id, reserved_for_id"
                " FROM whatsapp_omni_conversation WHERE id = %s",
                conversation_id,
            )
            assert (pending, reserved) == (None, None)


def test_accepting_in_the_moment_when_the_time_is_over(centre, luis_available):
    """The scheduled action and Luis at once: it is his, or it is for the queue."""
    admin, ana = centre.browser("admin"), centre.browser("ana")
    luis = centre.browser("luis", fresh=True)
    job = expiring_action(admin)
    for _round in range(ROUNDS):
        be_available(centre, "luis")
        conversation_id = attended(centre)
        ana.call(
            CONVERSATION, "action_transfer", [conversation_id], user_id=luis.user_id
        )
        centre.query(
            "UPDATE whatsapp_omni_conversation SET offered_until = now() AT TIME ZONE"
            " 'UTC' - interval '1 second' WHERE id = %s",
            conversation_id,
        )
        sessions = [luis, centre.browser("admin", fresh=True)]
        at_once(
            lambda session, conversation_id=conversation_id: quietly(
                session.call, CONVERSATION, "action_accept", [conversation_id]
            )
            if session is luis
            else session.call("ir.actions.server", "run", [job]),
            sessions,
            2,
        )
        state, owner_id, _queue = owner(centre, conversation_id)
        (end,) = transfers(centre, conversation_id)
        assert (state, owner_id, end, agent_state(centre, "luis")) in (
            ("attended", luis.user_id, "accepted", "available"),
            ("new", None, "expired", "rona"),
        )


# --- what happens ---------------------------------------------------------------------


def race(*calls, ids, transfer_ids=()):
    """Call these methods at once; return who was refused, by method."""
    refusals = {}

    def call(item):
        number, (session, method, values) = item
        is_transfers = method in ("action_withdraw", "action_refuse")
        model, records = (
            (TRANSFER, transfer_ids) if is_transfers else (CONVERSATION, ids)
        )
        try:
            session.call(model, method, list(records), **values)
        except RpcError as error:
            assert error.kind.startswith("odoo.exceptions."), error
            refusals[number, method] = error

    at_once(call, list(enumerate(calls)), len(calls))
    return refusals


def quietly(call, *args):
    try:
        call(*args)
    except RpcError as error:
        assert error.kind.startswith("odoo.exceptions."), error


def expiring_action(admin):
    """Return an action that does what the scheduled one does, for many at a time."""
    (model,) = admin.search_read("ir.model", [("model", "=", TRANSFER)], ["id"])
    return admin.create(
        "ir.actions.server",
        name="Settle",
        model_id=model["id"],
        state="code",
        code="model._cron_settle()",
    )


def attended(centre):
    """Return a conversation of a new customer that Ana attends."""
    phone, _channel = centre.attended(centre.browser("ana"))
    (conversation_id,) = centre.conversations(phone)
    return conversation_id


def make_queue(centre, name, login):
    return centre.browser("admin").create(
        "whatsapp_omni.queue",
        name=f"{name}",
        agent_ids=[[6, 0, [user_id(centre, login)]]],
    )


@contextmanager
def ring_for(centre, queue, seconds):
    """Have what is transferred ring for so long."""
    admin = centre.browser("admin")
    (found,) = admin.search_read(
        "whatsapp_omni.queue", [("name", "=", queue)], ["offer_seconds"]
    )

    def write(value):
        admin.call(
            "whatsapp_omni.queue", "write", [found["id"]], {"offer_seconds": value}
        )

    write(seconds)
    try:
        yield
    finally:
        write(found["offer_seconds"])


def agent_state(centre, login):
    return centre.value(
        "SELECT state FROM whatsapp_omni_agent WHERE user_id = %s",
        user_id(centre, login),
    )


def user_id(centre, login):
    return centre.browser(login).user_id


def owner(centre, conversation_id):
    (row,) = centre.query(
        "SELECT state, user_id, queue_id FROM whatsapp_omni_conversation WHERE id = %s",
        conversation_id,
    )
    return row


def transfers(centre, conversation_id):
    rows = centre.query(
        "SELECT state FROM whatsapp_omni_transfer"
        " WHERE conversation_id = %s ORDER BY id",
        conversation_id,
    )
    return [state for (state,) in rows]


def members(centre, conversation_id):
    rows = centre.query(
        "SELECT users.id FROM discuss_channel_member member"
        "  JOIN whatsapp_omni_conversation conversation"
        "    ON conversation.channel_id = member.channel_id"
        "  JOIN res_users users ON users.partner_id = member.partner_id"
        " WHERE conversation.id = %s",
        conversation_id,
    )
    return [member for (member,) in rows]


@contextmanager
def desks(centre, chromium, name):
    """Open the desks of Ana and Luis, who both talk with this customer."""
    with window(chromium) as first, window(chromium) as second:
        yield (
            TransferDesk(first, centre.odoo.url, "ana", name),
            TransferDesk(second, centre.odoo.url, "luis", name),
        )


class TransferDesk(Desk):
    """The screen of an agent who passes conversations on."""

    def transfer(self, target, kind, note=""):
        """Transfer the conversation on screen: three clicks and the note."""
        page, dialog = self._page, ".o-whatsapp_omni-TransferDialog"
        page.locator(".o-whatsapp_omni-ConversationHeader-transfer").click()
        page.locator(f"{dialog}-{kind}").click()
        page.locator(f"{dialog}-option").filter(has_text=target).first.click()
        page.locator(f"{dialog}-note").fill(note)
        page.locator(f"{dialog}-confirm:enabled").click()
        page.locator(dialog).wait_for(state="detached")
        self.is_told(f"Transferred to {target}")

    def take(self, badge, note=""):
        """Take what was transferred, as soon as its card says so."""
        self._page.locator("[role=tab][data-tab=new]").click()
        card = self._card(badge)
        card.click()
        if note:
            self._page.locator(
                ".o-whatsapp_omni-TransferBar-note", has_text=note
            ).wait_for()
        # What is immediate rings, what is exclusive waits.
        waits = card.locator(".o-whatsapp_omni-ConversationCard-capture")
        rings = self._page.locator(".o-whatsapp_omni-OfferCard-accept")
        waits.or_(rings).first.click()
        self._page.wait_for_selector(".o-mail-Composer-input:focus")

    def hears_it_ring(self):
        """Return when the customer rings here."""
        self._page.locator(".o-whatsapp_omni-OfferCard", has_text=self._name).wait_for()

    def has_missed_it(self):
        """Return when the page says that the time is over, and rings no more."""
        self._page.locator(".o-whatsapp_omni-Offers-missed").wait_for()
        self._page.locator(".o-whatsapp_omni-OfferCard").wait_for(state="detached")

    def refuse(self, reason):
        """Send back what was transferred."""
        self._page.locator("[role=tab][data-tab=new]").click()
        self._card("Transferred by").click()
        self._page.locator(".o-whatsapp_omni-ConversationHeader-refuse").click()
        field = self._page.locator(".o-whatsapp_omni-RefuseDialog-reason")
        field.fill(reason)
        field.press("Enter")
        field.wait_for(state="detached")

    def undo(self):
        """Take back what has just been transferred."""
        self._page.locator(".o_notification button", has_text="Undo").last.click()
        self._page.locator(".o-mail-Composer-input").wait_for()

    def write(self, text):
        """Answer in the thread of the customer."""
        self._page.locator("[role=tab][data-tab=attended]").click()
        self._card().first.click()
        super().write(text)

    def is_told(self, text):
        """Return when a notification says so."""
        self._page.locator(".o_notification", has_text=text).last.wait_for()

    def is_gone(self):
        """Return when the customer is on no list any more."""
        self._page.locator("[role=tab][data-tab=attended]").click()
        self._card().wait_for(state="detached")
