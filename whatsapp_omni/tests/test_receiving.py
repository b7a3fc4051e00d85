# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
import random
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from ..controllers.callback import MAX_CALLBACK_BYTES
from ..models import event as event_model
from ..models import event_applying
from ..models.conversation import PREVIEW_LENGTH
from ..tools import journal
from .common import TOKEN, WhatsAppOmniCommon, inbound, receipt


@tagged("post_install", "-at_install")
class TestReceiving(WhatsAppOmniCommon):
    """From a callback to a message in a conversation."""

    def test_first_message_opens_a_conversation(self):
        body = inbound(text="¿Abrís *hoy*?", at=fields.Datetime.now())
        (event,) = self.receive(body)
        self.assertEqual(event.state, "applied")
        message = self.message_of(body)
        conversation = message.conversation_id
        self.assertEqual(conversation.state, "new")
        self.assertEqual(conversation.queue_id, self.queue)
        self.assertEqual(conversation.customer_id.wa_id, "34600111222")
        self.assertEqual(conversation.customer_id.name, "Lucía")
        self.assertEqual(conversation.last_text, "¿Abrís hoy?")
        self.assertEqual(conversation.waiting_count, 1)
        self.assertEqual(
            message.mail_message_id.body, "<p>¿Abrís <strong>hoy</strong>?</p>"
        )

    def test_lists_show_that_a_text_goes_on(self):
        body = inbound(text="Hola " * 40)
        self.receive(body)
        shown = self.message_of(body).conversation_id.last_text
        self.assertLessEqual(len(shown), PREVIEW_LENGTH)
        self.assertTrue(shown.endswith("Hola…"), shown)

    def test_next_messages_stay_in_the_same_conversation(self):
        first = self.write_in("Hola")
        second = self.write_in("¿Hay alguien?")
        self.assertEqual(first, second)
        self.assertEqual(second.waiting_count, 2)
        self.assertEqual(len(second.channel_id.message_ids), 3)  # with its heading

    def test_a_message_after_closing_begins_a_new_conversation(self):
        first = self.capture(self.write_in())
        first.action_close(self.disposition.id)
        second = self.write_in("Una cosa más")
        self.assertNotEqual(first, second)
        self.assertEqual(first.channel_id, second.channel_id)
        self.assertEqual(second.state, "new")
        self.assertEqual(second.channel_id.whatsapp_omni_conversation_id, second)

    def test_each_delivery_is_counted_and_applied_once(self):
        body = inbound()
        events = self.receive(body, body, body)
        self.assertEqual(
            sorted(events.mapped("state")), ["applied", "duplicate", "duplicate"]
        )
        self.assertEqual(len(self.message_of(body)), 1)

    def test_both_versions_of_one_message_are_one(self):
        version3 = {
            "object": "whatsapp_business_account",
            "gs_app_id": self.line.app_id,
            "entry": [
                {
                    "id": "1",
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "contacts": [
                                    {"profile": {"name": "L"}, "wa_id": "34600111222"}
                                ],
                                "messages": [
                                    {
                                        "from": "34600111222",
                                        "id": "wamid.same",
                                        "timestamp": "1791900000",
                                        "type": "text",
                                        "text": {"body": "Hola"},
                                    }
                                ],
                            },
                        }
                    ],
                }
            ],
        }
        events = self.receive(version3, inbound(wa_id="wamid.same"))
        self.assertEqual(events.mapped("state"), ["applied", "duplicate"])

    def test_a_journal_row_replayed_changes_nothing(self):
        body = inbound()
        (event,) = self.receive(body)
        conversation = self.message_of(body).conversation_id
        event.with_user(self.administrator).action_replay()
        self.assertEqual(event.state, "pending")
        self.receive()
        self.assertEqual(event.state, "applied")
        self.assertEqual(len(self.message_of(body)), 1)
        self.assertEqual(conversation.waiting_count, 1)

    def test_order_is_the_providers_time_not_the_arrival(self):
        now = fields.Datetime.now()
        late = inbound(text="first", at=now - timedelta(seconds=5))
        early = inbound(text="second", at=now)
        self.receive(early, late)
        conversation = self.message_of(late).conversation_id
        texts = [
            mail.body.striptags()
            for mail in conversation.channel_id.message_ids.sorted("id")[1:]
        ]
        self.assertEqual(texts, ["first", "second"])
        self.assertEqual(conversation.last_text, "second")

    def test_every_kind_of_body_is_acknowledged_and_kept(self):
        """Nothing that arrives is lost, and nothing brings the endpoint down."""
        bodies = [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a":"\\u0000"}']
        bodies += [json.dumps(b).encode() for b in ({}, {"type": "new-kind"})]
        events = self.receive(*bodies)
        self.assertEqual(len(events), len(bodies))
        self.assertFalse(events.filtered(lambda event: event.state == "pending"))
        broken = events.filtered(lambda event: event.kind == "broken")
        self.assertTrue(all(broken.mapped("error")))

    def test_too_long_a_body_is_noted(self):
        Event = self.env["whatsapp_omni.event"]
        Event._receive(TOKEN, None)
        event = Event.search([], limit=1)
        self.assertEqual((event.kind, event.state), ("broken", "failed"))

    def test_wrong_token_is_refused(self):
        Event = self.env["whatsapp_omni.event"]
        before = Event.search_count([])
        self.assertIsNone(Event._receive("guess", json.dumps(inbound()).encode()))
        self.assertEqual(Event.search_count([]), before)

    def test_message_for_another_app_is_set_aside(self):
        (event,) = self.receive(inbound(app="SomebodyElse"))
        self.assertEqual(event.state, "failed")
        self.assertIn("another app", event.error)

    def test_unsupported_message_shows_a_placeholder_and_opens_the_window(self):
        body = inbound("poll_creation")
        self.receive(body)
        message = self.message_of(body)
        self.assertIn("does not pass on", message.mail_message_id.body)
        self.assertTrue(message.conversation_id.window_open)

    def test_what_customers_send_is_shown_as_what_it_is(self):
        """In the transcript, and as one line on the card; nothing of it is markup."""
        cards = [
            {
                "name": {"formatted_name": "Ana <b>Gil</b>"},
                "org": {"company": "Gil SL"},
            }
        ]
        place = {"latitude": "40.4168", "longitude": "-3.7038", "address": "Sol & Co"}
        for kind, content, bubble, line in (
            ("location", place, ("mlat=40.4168", "Sol &amp; Co"), "Location"),
            (
                "contact",
                {"contacts": cards},
                ("Ana &lt;b&gt;Gil", "Gil SL"),
                "Ana <b>Gil</b>",
            ),
            (
                "list_reply",
                {"title": "Tue 10:00", "description": "Room <2>", "reply": "Tue 1"},
                ("<b>Tue 10:00</b>", "Room &lt;2&gt;"),
                "Tue 10:00",
            ),
            (
                "button_reply",
                {"title": "Sí", "reply": "Sí 1"},
                ("<b>Sí</b>",),
                "Sí",
            ),
        ):
            with self.subTest(kind):
                body = inbound(kind, phone="34600000041", **content)
                self.receive(body)
                message = self.message_of(body)
                for part in bubble:
                    self.assertIn(part, message.mail_message_id.body)
                self.assertEqual(message.conversation_id.last_shown, line)

    def test_cards_say_what_it_is_in_the_language_of_who_reads(self):
        self.env["res.lang"]._activate_lang("es_ES")
        place = {"latitude": "40.4168", "longitude": "-3.7038"}
        conversation = self.write_in("Hola")
        self.receive(inbound("location", **place))
        self.assertFalse(conversation.last_text, "the page names the kind itself")
        self.assertEqual(conversation.last_kind, "location")
        for lang, text in (("en_US", "Location"), ("es_ES", "Ubicación")):
            shown = conversation.with_context(lang=lang).last_shown
            self.assertEqual(shown, text)

    def test_customer_without_a_number(self):
        body = inbound(phone=None, user_id="ES.1187345520091334", name="Anna")
        self.receive(body)
        customer = self.message_of(body).customer_id
        self.assertEqual(customer.business_user_id, "ES.1187345520091334")
        self.assertFalse(customer.wa_id)
        # The number comes to light: still the same customer.
        later = inbound(user_id="ES.1187345520091334", name="Anna")
        self.receive(later)
        self.assertEqual(self.message_of(later).customer_id, customer)
        self.assertEqual(customer.wa_id, "34600111222")

    def test_no_number_in_the_name_of_a_guest(self):
        conversation = self.write_in(name="")
        self.assertNotIn("600", conversation.customer_id.guest_id.name)
        self.assertEqual(conversation.customer_id.name, "+34 600 11 12 22")

    def test_quoted_message_becomes_the_parent(self):
        first = inbound(wa_id="wamid.first")
        self.receive(first)
        reply = inbound(context={"id": "wamid.first"})
        self.receive(reply)
        self.assertEqual(
            self.message_of(reply).mail_message_id.parent_id,
            self.message_of(first).mail_message_id,
        )

    def test_reaction_of_the_customer_replaces_and_goes(self):
        self.write_in(wa_id="wamid.target")
        mail = self.env["whatsapp_omni.message"].search(
            [("wa_id", "=", "wamid.target")]
        )
        mail = mail.mail_message_id
        for emoji in ("👍", "❤️", ""):
            self.receive(inbound("reaction", id="wamid.target", emoji=emoji))
            self.env.invalidate_all()
            self.assertEqual(
                mail.reaction_ids.mapped("content"), [emoji] if emoji else []
            )

    def test_window_is_the_maximum_over_messages(self):
        now = fields.Datetime.now()
        conversation = self.write_in(at=now)
        end = conversation.window_end
        self.assertAlmostEqual(
            end, now + timedelta(hours=24), delta=timedelta(minutes=6)
        )
        self.write_in(at=now - timedelta(hours=3))
        self.assertEqual(conversation.window_end, end)

    def test_poisoned_event_harms_nobody_else(self):
        """One event cannot be applied: the others are, it is retried, then kept."""
        Customer = self.registry["whatsapp_omni.customer"]
        create = Customer._create_from_sender

        def poisoned(records, company, sender):
            if sender.phone == "666":
                raise RuntimeError("poison")
            return create(records, company, sender)

        good, bad = inbound(phone="34600000001"), inbound(phone="666")
        with patch.object(Customer, "_create_from_sender", poisoned):
            good_event, bad_event = self.receive(good, bad)
            self.assertEqual(good_event.state, "applied")
            self.assertEqual(bad_event.state, "pending")
            self.assertIn("poison", bad_event.error)
            # A later message of the same customer waits: it must not overtake.
            (waiting,) = self.receive(inbound(phone="666"))
            self.assertEqual(waiting.state, "pending")
            self.assertEqual(waiting.tries, 0)
            with mute_logger("odoo.addons.whatsapp_omni.models.event_applying"):
                for _try in range(3):
                    bad_event.next_try_at = fields.Datetime.now() - timedelta(hours=1)
                    self.env.flush_all()
                    self.receive()
        self.assertEqual(bad_event.state, "failed")
        bad_event.with_user(self.administrator).action_replay()
        self.receive()
        self.assertEqual(bad_event.state, "applied")
        self.assertTrue(self.message_of(bad))

    def test_journal_counters_add_up(self):
        """Each delivery is one row and stays one, whatever becomes of it."""
        Event = self.env["whatsapp_omni.event"]
        before = Event.search_count([])
        body = inbound()
        deliveries = (body, body, b"{", {"type": "billing-event"}, inbound(app="x"))
        expected = ["applied", "duplicate", "failed", "failed", "ignored"]
        events = self.receive(*deliveries)
        self.assertEqual(sorted(events.mapped("state")), expected)
        self.assertEqual(Event.search_count([]) - before, len(deliveries))
        replayed = events.filtered(lambda event: event.kind != "broken")
        replayed.with_user(self.administrator).action_replay()
        self.receive()
        self.assertEqual(sorted(events.mapped("state")), expected)
        self.assertEqual(Event.search_count([]) - before, len(deliveries))

    def test_batch_costs_the_same_whatever_its_size(self):
        """Query count of a burst: it grows with neither messages nor customers."""
        phones = [f"346000001{number:02}" for number in range(20)]
        self.receive(*[inbound(phone=phone) for phone in phones])
        Event = self.env["whatsapp_omni.event"]

        def burst(size, customers):
            for number in range(size):
                body = inbound(phone=phones[number % customers])
                Event._receive(TOKEN, json.dumps(body).encode())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Event._apply_batch(25)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        burst(5, 5)
        few = burst(5, 5)
        # Changes of other columns are other statements: two of these may come together.
        self.assertLessEqual(burst(20, 5), few + 2)
        self.assertLessEqual(burst(20, 20), few + 2)

    # --- what harms nobody else ------------------------------------------------------

    def make_outbound(self, gs_id):
        """Return a message of ours that the provider took; nobody knows of receipts."""
        conversation = self.write_in()
        return self.env["whatsapp_omni.message"].create(
            {
                "channel_id": conversation.channel_id.id,
                "conversation_id": conversation.id,
                "line_id": self.line.id,
                "customer_id": conversation.customer_id.id,
                "company_id": self.company.id,
                "direction": "outbound",
                "kind": "text",
                "state": "submitted",
                "rank": 3,
                "gs_id": gs_id,
            }
        )

    def test_receipt_that_cannot_be_read_holds_up_no_other(self):
        """One parked receipt is damaged: it is set aside, the next is applied."""
        Event = self.env["whatsapp_omni.event"]
        broken, whole = self.receive(
            receipt("delivered", "gs-broken"), receipt("delivered", "gs-whole")
        )
        broken.body = broken.body[:40]
        message = self.make_outbound("gs-whole")
        with mute_logger("odoo.addons.whatsapp_omni.models.event_applying"):
            Event._settle_receipts()
        self.assertEqual(broken.state, "failed")
        self.assertIn("Error", broken.error)
        self.assertEqual(whole.state, "applied")
        self.assertEqual(message.state, "delivered")

    def test_receipts_of_other_tools_do_not_starve_ours(self):
        """More foreign receipts, older and newer, than one look takes: ours is found.

        Old foreign ones are given up all at once.
        """
        Event = self.env["whatsapp_omni.event"]

        def receive(*gs_ids):
            return self.receive(*[receipt("read", i, wa_id=f"wa-{i}") for i in gs_ids])

        foreign, ours = receive("other-1", "other-2", "other-3"), receive("gs-ours")
        newer = receive("newer-1", "newer-2", "newer-3")
        (foreign | ours).received_at = fields.Datetime.now() - timedelta(hours=1)
        message = self.make_outbound("gs-ours")
        with patch.object(event_applying, "PARKED_RECEIPTS", 2):
            Event._settle_receipts()
        self.assertEqual(message.state, "read")
        self.assertEqual(ours.state, "applied")
        self.assertEqual(set(foreign.mapped("state")), {"ignored"})
        self.assertTrue(all(foreign.mapped("error")))
        self.assertEqual(set(newer.mapped("state")), {"pending"})

    def test_known_receipts_are_never_given_up(self):
        """More than one look takes: what is left is for the next one."""
        events = self.receive(
            *[receipt("delivered", f"gs-{n}", wa_id=f"wa-{n}") for n in range(3)]
        )
        events.received_at = fields.Datetime.now() - timedelta(hours=1)
        for number in range(3):
            self.make_outbound(f"gs-{number}")
        with patch.object(event_applying, "PARKED_RECEIPTS", 2):
            self.env["whatsapp_omni.event"]._settle_receipts()
            self.assertEqual(
                sorted(events.mapped("state")), ["applied", "applied", "pending"]
            )
            self.env["whatsapp_omni.event"]._settle_receipts()
        self.assertEqual(set(events.mapped("state")), {"applied"})

    def test_receipts_of_named_messages_leave_others_alone(self):
        Event = self.env["whatsapp_omni.event"]
        ours, other = self.receive(
            receipt("delivered", "gs-1"), receipt("delivered", "gs-2")
        )
        (ours | other).received_at = fields.Datetime.now() - timedelta(hours=1)
        self.make_outbound("gs-1")
        Event._settle_receipts(["gs-1"])
        self.assertEqual((ours.state, other.state), ("applied", "pending"))

    def test_huge_message_is_kept_whole(self):
        body = inbound(text="Hola", note="x" * 600_000)
        (event,) = self.receive(body)
        self.assertEqual(event.state, "applied")
        self.assertEqual(json.loads(event.body), body)

    def test_endless_ids_are_received_once(self):
        """No index holds an id of some kilobytes: its start and a hash stand for it."""
        long_id = "wamid." + random.Random(1).randbytes(20_000).hex()
        long_name = "ES." + random.Random(2).randbytes(20_000).hex()
        body = inbound(wa_id=long_id, phone=None, user_id=long_name)
        events = self.receive(body, body, receipt("delivered", long_id, wa_id=long_id))
        self.assertEqual(events.mapped("state"), ["applied", "duplicate", "pending"])
        message = self.env["whatsapp_omni.message"].search(
            [("wa_id", "=like", long_id[:100] + "%")]
        )
        self.assertEqual(len(message), 1)
        self.assertLessEqual(len(message.wa_id), 200)
        self.assertLessEqual(len(message.customer_id.business_user_id), 200)

    def test_what_the_database_refuses_is_kept_as_unreadable(self):
        """The rest of the request is not lost with it."""
        write_event = journal.write_event

        def refuse_messages(cr, line_id, body, *, kind, **kwargs):
            if kind == "message":
                cr.execute("SELECT 1/0")
            return write_event(cr, line_id, body, kind=kind, **kwargs)

        with (
            patch.object(journal, "write_event", refuse_messages),
            mute_logger("odoo.sql_db"),
        ):
            (event,) = self.receive(inbound(text="Hola", note="x" * 20_000))
        self.assertEqual((event.kind, event.state), ("broken", "failed"))
        self.assertIn("zero", event.error)

    def test_more_events_than_one_request_may_hold(self):
        """The first are taken; the others are kept together, for a person to see."""
        messages = [
            {
                "from": "34600111222",
                "id": f"wamid.many{number}",
                "timestamp": "1791900000",
                "type": "text",
                "text": {"body": "Hola"},
            }
            for number in range(5)
        ]
        change = {"field": "messages", "value": {"messages": messages}}
        body = {
            "object": "whatsapp_business_account",
            "gs_app_id": self.line.app_id,
            "entry": [{"id": "1", "changes": [change]}],
        }
        with patch.object(event_model, "MAX_EVENTS", 3):
            events = self.receive(body)
        self.assertEqual(events.mapped("state"), ["applied"] * 3 + ["failed"])
        self.assertEqual(events[-1].kind, "broken")
        self.assertIn("wamid.many4", events[-1].body)

    def test_nobody_without_the_secret_has_us_read_a_body(self):
        Event = self.env["whatsapp_omni.event"]
        before = self.env.cr.sql_log_count
        with patch.object(event_model, "decode") as decode:
            self.assertIsNone(Event._receive("guess", b"{}"))
        decode.assert_not_called()
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
        self.assertIsNone(Event._receive("gu\0ess", b"{}"))

    def test_callbacks_come_from_allowed_networks_only(self):
        """Who knows the secret but calls from elsewhere is nobody."""
        Event = self.env["whatsapp_omni.event"]
        self.line.callback_networks = "34.202.224.208, 10.1.0.0/16\n2001:db8::/32"
        self.env.flush_all()
        before = Event.search_count([])
        for address, allowed in (
            ("34.202.224.208", True),
            ("34.202.224.209", False),
            ("10.1.200.3", True),
            ("10.2.0.1", False),
            ("2001:db8:7::1", True),
            ("2001:db9::1", False),
            # A server that listens to both writes IPv4 like this.
            ("::ffff:10.1.0.7", True),
            ("::ffff:10.2.0.7", False),
            ("unknown", False),
            (None, False),
        ):
            with (
                self.subTest(address=address),
                mute_logger("odoo.addons.whatsapp_omni.models.event"),
            ):
                received = Event._receive(TOKEN, b"{}", address=address)
                self.assertEqual(received is not None, allowed)
        self.assertEqual(Event.search_count([]) - before, 4)

    def test_changed_networks_count_at_once(self):
        """What each process remembers of a line is forgotten when they change."""
        Event = self.env["whatsapp_omni.event"]
        self.assertIsNotNone(Event._receive(TOKEN, b"{}", address="192.0.2.1"))
        for networks, allowed in (
            ("192.0.2.0/24", True),
            ("198.51.100.0/24", False),
            (False, True),
        ):
            with (
                self.subTest(networks=networks),
                mute_logger("odoo.addons.whatsapp_omni.models.event"),
            ):
                self.line.callback_networks = networks
                self.env.flush_all()
                received = Event._receive(TOKEN, b"{}", address="192.0.2.1")
                self.assertEqual(received is not None, allowed)

    def test_looking_at_the_address_costs_no_statement(self):
        Event = self.env["whatsapp_omni.event"]
        self.line.callback_networks = "192.0.2.0/24"
        self.env.flush_all()
        Event._receive(TOKEN, b"{}", address="192.0.2.1")
        before = self.env.cr.sql_log_count
        self.assertIsNone(Event._receive(TOKEN, b"{}", address="192.0.3.1"))
        self.assertEqual(self.env.cr.sql_log_count, before)

    def test_refused_address_is_logged_once_without_the_secret(self):
        """An administrator finds the address to add; a flood of them fills no log."""
        self.line.callback_networks = "192.0.2.0/24"
        self.env.flush_all()
        event_model._report_refused.cache_clear()
        with self.assertLogs("odoo.addons.whatsapp_omni.models.event") as logs:
            for _time in range(3):
                self.env["whatsapp_omni.event"]._receive(
                    TOKEN, b"{}", address="203.0.113.9"
                )
        (line,) = logs.output
        self.assertIn("203.0.113.9", line)
        self.assertNotIn(TOKEN, line)

    def test_acknowledgement_costs_two_statements(self):
        """Whose address it is was asked once, by the first callback."""
        Event = self.env["whatsapp_omni.event"]
        self.make_outbound("gs-1")
        self.env.flush_all()
        for body, most in (
            (inbound(), 1),
            (receipt("delivered", "gs-1"), 2),
            (receipt("delivered", "gs-1"), 2),  # again
        ):
            before = self.env.cr.sql_log_count
            Event._receive(TOKEN, json.dumps(body).encode())
            self.assertLessEqual(self.env.cr.sql_log_count - before, most)

    def test_one_more_text_costs_few_statements(self):
        """It reads no user: not who attends, nor the superuser for a company."""
        self.capture(self.write_in())
        Event = self.env["whatsapp_omni.event"]
        Event._receive(TOKEN, json.dumps(inbound()).encode())
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(19):
            Event._apply_batch(2)
            self.env.flush_all()
            self.env.cr.precommit.run()

    # --- what is no news -------------------------------------------------------------

    def test_reaction_after_closing_begins_no_conversation(self):
        """It shows on the message and extends the window, and asks for no answer."""
        now = fields.Datetime.now()
        body = inbound(wa_id="wamid.target", at=now - timedelta(hours=2))
        self.receive(body)
        conversation = self.message_of(body).conversation_id
        self.capture(conversation).action_close(self.disposition.id)
        former_end = conversation.window_end
        (event,) = self.receive(
            inbound("reaction", id="wamid.target", emoji="👍", at=now)
        )
        self.assertEqual(event.state, "applied")
        mail = self.message_of(body).mail_message_id
        self.assertEqual(mail.reaction_ids.mapped("content"), ["👍"])
        self.assertEqual(
            conversation.search([("channel_id", "=", conversation.channel_id.id)]),
            conversation,
        )
        self.assertGreater(conversation.window_end, former_end)

    def test_reaction_in_an_open_conversation_shows_the_longer_window(self):
        now = fields.Datetime.now()
        conversation = self.write_in(wa_id="wamid.target", at=now - timedelta(hours=2))
        reaction = inbound("reaction", id="wamid.target", emoji="👍", at=now)
        Conversation = self.registry["whatsapp_omni.conversation"]
        with patch.object(Conversation, "_push", autospec=True) as push:
            self.receive(reaction)
        push.assert_called_once_with(conversation)
        self.assertEqual(conversation.waiting_count, 1)

    def card_of(self, conversation):
        """Return all that an inbox shows of a conversation, by name."""
        self.env.flush_all()
        data = Store().add(conversation.sudo()).get_result()
        (card,) = data["whatsapp_omni.conversation"]
        return card

    def told_of(self, conversation, body):
        """Return what inboxes are told of a conversation while a body is received."""
        self.env.cr.precommit.run()
        Bus = self.env["bus.bus"].sudo()
        last = Bus.search([], order="id desc", limit=1).id or 0
        self.receive(body)
        self.env.cr.precommit.run()
        queue = [self.env.cr.dbname, "whatsapp_omni.queue", conversation.queue_id.id]
        told = {}
        for row in Bus.search([("id", ">", last)], order="id"):
            if json.loads(row.channel) == queue:
                data = json.loads(row.message)["payload"]
                for card in data.get("whatsapp_omni.conversation", []):
                    told.update(card)
        return told

    def test_inboxes_are_told_what_one_more_message_changes(self):
        now = fields.Datetime.now()
        conversation = self.write_in(wa_id="wamid.1", at=now - timedelta(hours=1))
        for name, told_all in (("Lucía", False), ("Lucy", True)):
            with self.subTest(name=name):
                before = self.card_of(conversation)
                told = self.told_of(conversation, inbound(text=name, name=name))
                after = self.card_of(conversation)
                changed = {k: v for k, v in after.items() if v != before[k]}
                self.assertIn("last_text", changed)
                self.assertEqual(told, told | changed)
                self.assertEqual(told, {key: after[key] for key in told})
                self.assertEqual(told.keys() == after.keys(), told_all)

    def test_inboxes_are_told_all_of_a_customer_who_begins_to_wait(self):
        conversation = self.capture(self.write_in())
        self.answer(conversation)
        self.send_outbox()
        told = self.told_of(conversation, inbound(text="And then?"))
        self.assertEqual(told, self.card_of(conversation))

    def test_what_a_phones_app_brings_along_is_a_notice(self):
        """Its old messages begin no conversation."""
        old = {
            "from": "34600111222",
            "id": "wamid.old",
            "timestamp": "1781900000",
            "type": "text",
            "text": {"body": "Hola"},
        }
        sync = {"type": "contact", "contact": {"phone_number": "34600111222"}}
        bodies = [
            {"entry": [{"changes": [{"field": field, "value": value}]}]}
            for field, value in (
                ("history", {"history": [{"threads": [{"messages": [old]}]}]}),
                ("history", {"messages": [old]}),
                ("smb_app_state_sync", {"state_sync": [sync]}),
            )
        ]
        events = self.receive(*bodies)
        self.assertEqual(events.mapped("kind"), ["notice"] * 3)
        self.assertEqual(events.mapped("state"), ["ignored"] * 3)
        self.assertFalse(self.env["whatsapp_omni.message"].search([]))

    def test_reaction_of_a_stranger_is_ignored(self):
        Customer = self.env["whatsapp_omni.customer"]
        before = Customer.search_count([])
        (event,) = self.receive(
            inbound("reaction", phone="34699999999", id="wamid.gone", emoji="👍")
        )
        self.assertEqual(event.state, "ignored")
        self.assertTrue(event.error)
        self.assertEqual(Customer.search_count([]), before)

    def test_older_message_that_comes_late_does_not_pass_for_the_latest(self):
        now = fields.Datetime.now()
        conversation = self.write_in("second", at=now)
        late = self.write_in("first", at=now - timedelta(minutes=5))
        self.assertEqual(late, conversation)
        self.assertEqual(conversation.last_text, "second")
        self.assertEqual(conversation.last_message_at, now)
        self.assertEqual(conversation.waiting_count, 2)

    def test_late_message_waits_though_it_is_older_than_our_answer(self):
        """The agent had not seen it when answering; nobody may be overlooked."""
        now = fields.Datetime.now()
        conversation = self.capture(self.write_in(at=now - timedelta(minutes=9)))
        self.answer(conversation)
        self.send_outbox()
        self.write_in("late", at=now - timedelta(minutes=5))
        conversation.invalidate_recordset()
        self.assertEqual(conversation.last_direction, "outbound")
        self.assertEqual(conversation.waiting_count, 1)
        self.assertEqual(conversation.waiting_since, now - timedelta(minutes=5))

    # --- who it is -------------------------------------------------------------------

    def test_user_id_moves_to_the_customer_with_the_number(self):
        """Who had nothing but the id keeps their history, and can only be closed."""
        user_id = "ES.1187345520091334"
        by_number = self.write_in(phone="34600000021", name="Ana").customer_id
        left = self.capture(self.write_in(phone=None, user_id=user_id, name="Eva"))
        self.receive(inbound(phone="34600000021", user_id=user_id, name="Ana"))
        former = left.sudo().customer_id
        self.assertEqual(by_number.business_user_id, user_id)
        self.assertEqual((former.wa_id, former.business_user_id), (False, False))
        self.assertEqual((former.name, left.message_ids.customer_id), ("Eva", former))
        # From now on the id stands for the other.
        later = self.write_in(phone=None, user_id=user_id, name="Ana")
        self.assertEqual(later.customer_id, by_number)
        self.assertFalse(left.sudo().customer_id._is_reachable())
        with self.assertRaisesRegex(UserError, "no longer tells how to reach"):
            self.answer(left, "¿Sigue ahí?")
        left.action_close(self.disposition.id)
        self.assertEqual(left.state, "closed")
        # A second one may be left with nothing as well.
        second = self.write_in(phone=None, user_id="ES.2", name="Eva").customer_id
        self.receive(inbound(phone="34600000021", user_id="ES.2", name="Ana"))
        self.assertEqual((second.wa_id, second.business_user_id), (False, False))


@tagged("post_install", "-at_install")
class TestCallbackRoute(WhatsAppOmniCommon, HttpCase):
    def test_secret_address_is_not_logged(self):
        """The access log of the HTTP server is a log like any other."""
        url = f"/whatsapp_omni/callback/{TOKEN}"
        response = self.url_open(url, json=inbound())
        self.assertEqual((response.status_code, response.content), (200, b""))
        line = ('"%s" %s', (f"POST {url} HTTP/1.1", 200))
        record = logging.LogRecord("werkzeug", logging.INFO, "", 0, *line, None)
        self.assertTrue(logging.getLogger("werkzeug").filter(record))
        text = record.getMessage()
        self.assertEqual(text, '"POST /whatsapp_omni/callback/*** HTTP/1.1" 200')

    def test_other_networks_get_the_answer_to_a_wrong_secret(self):
        Event = self.env["whatsapp_omni.event"]
        url = f"/whatsapp_omni/callback/{TOKEN}"
        wrong = self.url_open(f"{url}x", json=inbound())
        for networks, status, rows in (("192.0.2.0/24", 404, 0), ("127.0.0.1", 200, 1)):
            with self.subTest(networks=networks):
                self.line.callback_networks = networks
                self.env.flush_all()
                before = Event.search_count([])
                with mute_logger("odoo.addons.whatsapp_omni.models.event"):
                    response = self.url_open(url, json=inbound())
                self.assertEqual(response.status_code, status)
                self.assertEqual(Event.search_count([]) - before, rows)
                if status == 404:
                    self.assertEqual(response.content, wrong.content)

    def test_too_long_a_body_is_acknowledged_and_noted(self):
        """It is read to its end and answered: else it would come again for ever."""
        url = f"/whatsapp_omni/callback/{TOKEN}"
        response = self.url_open(url, data=b"x" * (MAX_CALLBACK_BYTES + 1))
        self.assertEqual((response.status_code, response.content), (200, b""))
        event = self.env["whatsapp_omni.event"].search([], limit=1)
        self.assertEqual((event.kind, event.state), ("broken", "failed"))
        self.assertFalse(event.body)
