# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging

import requests
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..gupshup.values import AppRef
from ..models import line_connection
from .common import BASE_URL, WhatsAppOmniCommon

_logger = logging.getLogger(__name__)


class ConfigurationCommon(WhatsAppOmniCommon):
    """The company is in Spain, whose prefix completes numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.es")

    @property
    def last_request(self):
        return self.provider_double.requests[-1]

    def last_form(self):
        """Return the form fields of the last request to the provider."""
        return self.provider_double.forms[-1]


@tagged("post_install", "-at_install")
class TestProvider(ConfigurationCommon):
    def test_addresses_are_checked(self):
        """A key is only ever sent to something that is a web address."""
        for address in (
            "ftp://gupshup.test",
            "gupshup.test",
            "https://",
            "https://u@x",
        ):
            with self.subTest(address=address), self.assertRaises(ValidationError):
                self.provider.base_url = address
        self.provider.base_url = " https://gupshup.test/ "
        self.assertEqual(self.provider.base_url, BASE_URL)

    def test_media_origins_are_checked(self):
        """A mistyped origin would silently refuse every file of every customer."""
        for origin in ("*.gupshup.io", "https://gupshup.io/files", "nonsense"):
            with self.subTest(origin=origin), self.assertRaises(ValidationError):
                self.provider.media_origins = origin
        self.provider.media_origins = (
            "https://*.gupshup.io\n\n http://127.0.0.1:8090 \n"
        )
        self.assertEqual(
            self.provider._media_origin_list(),
            ["https://*.gupshup.io", "http://127.0.0.1:8090"],
        )

    def test_deleting_or_archiving_in_use_names_the_lines(self):
        """The refusal tells what is in the way and what to do instead."""
        for refused in (self.provider.unlink, self.provider.action_archive):
            with self.assertRaises(UserError) as refusal:
                refused()
            self.assertIn(self.line.name, str(refusal.exception))
        self.line.action_archive()
        self.provider.action_archive()
        with self.assertRaises(UserError) as refusal:
            self.provider.unlink()
        self.assertIn(self.line.name, str(refusal.exception))
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.line.action_unarchive()

    def test_testing_without_lines_explains_what_is_missing(self):
        self.line.action_archive()
        params = self.provider.action_test_connection()["params"]
        self.assertEqual(params["type"], "warning")
        self.assertIn("add a line", params["message"])
        self.assertFalse(self.provider_double.requests)

    def test_testing_tells_of_each_line(self):
        """Of two lines the refused one is told apart, with the reason and the cure."""
        refused = self.make_line("+34600000003", self.provider, self.queue)
        self.assertEqual(self.provider.line_ids, refused | self.line)
        self.provider_double.answers = [
            (401, {"message": "Portal User Not Found"}),
            (200, {"templates": []}),
            (200, {"templates": []}),
        ]
        params = self.provider.action_test_connection()["params"]
        self.assertEqual(params["type"], "danger")
        refused_text, accepted_text = params["message"].split("\n")
        self.assertIn(self.line.name, accepted_text)
        self.assertIn("accepts", accepted_text)
        self.assertIn(refused.name, refused_text)
        self.assertIn("Portal User Not Found", refused_text)
        self.assertIn("Check the API key", refused_text)


@tagged("post_install", "-at_install")
class TestLine(ConfigurationCommon):
    def test_number_is_completed_by_the_company_country(self):
        """People type numbers in many ways; one form is stored, one is shown."""
        for typed in (
            "600 11 12 22",
            "+34 600-111-222",
            "0034600111222",
            "34600111222",
        ):
            with self.subTest(typed=typed):
                self.line.number = typed
                self.assertEqual(self.line.number, "+34600111222")
        self.assertEqual(self.line.number_display, "+34 600 11 12 22")
        self.assertEqual(self.line.number_digits, "34600111222")

    def test_example_numbers_are_accepted(self):
        """Numbers of unknown ranges work if they have a prefix and the right length."""
        self.line.number = "+1 555 010 0100"
        self.assertEqual(self.line.number_digits, "15550100100")

    def test_what_is_no_number_is_refused(self):
        for typed in ("hello", "+34", "+999 600 111 222", "12"):
            with self.subTest(typed=typed), self.assertRaises(ValidationError):
                self.line.number = typed

    def test_form_shows_how_the_number_is_understood(self):
        with Form(self.line) as form:
            form.number = "600 99 88 77"
            self.assertEqual(form.number, "+34600998877")

    @mute_logger("odoo.sql_db")
    def test_number_and_app_are_unique_among_active_lines(self):
        """Two active lines would fight for the same callbacks and answers."""
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.make_line(self.line.number, self.provider, self.queue)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.make_line(
                "+34600000009", self.provider, self.queue, app_id=self.line.app_id
            )
        former_app = self.line.app_id
        self.line.action_archive()
        self.line.flush_recordset()
        successor = self.make_line(
            "+34600000001", self.provider, self.queue, app_id=former_app
        )
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.line.action_unarchive()
            self.line.flush_recordset()
        self.assertTrue(successor.active)

    def test_each_line_has_a_secret_address(self):
        base_url = self.line.get_base_url()
        self.assertEqual(
            self.line.callback_url,
            f"{base_url}/whatsapp_omni/callback/{self.line.callback_token}",
        )
        self.assertGreaterEqual(len(self.other_line.callback_token), 43)
        self.assertNotEqual(self.line.callback_token, self.other_line.callback_token)

    def test_form_warns_of_an_address_that_gupshup_cannot_reach(self):
        parameters = self.env["ir.config_parameter"].sudo()
        for address, word in (
            ("http://localhost:8069", "only this computer"),
            ("http://crm.example.com", "not encrypted"),
            ("https://crm.example.com", ""),
        ):
            with self.subTest(address=address):
                parameters.set_param("web.base.url", address)
                self.line.invalidate_recordset(["callback_url_problem"])
                self.assertIn(word, self.line.callback_url_problem or "")
        self.assertFalse(self.line.callback_url_problem)

    def test_rotating_the_secret_refuses_the_former_address(self):
        """Whoever knew the former address cannot write into the journal any more."""
        Event = self.env["whatsapp_omni.event"]
        former = self.line.callback_token
        self.assertIsNotNone(Event._receive(former, b"{}"))
        params = self.line.action_rotate_secret()["params"]
        self.assertIn("Register the callback now", params["message"])
        self.assertTrue(self.line.secret_rotated_at)
        self.env.flush_all()
        self.assertIsNone(Event._receive(former, b"{}"))
        self.assertIsNotNone(Event._receive(self.line.callback_token, b"{}"))

    def test_networks_are_stored_one_per_line(self):
        with Form(self.line.with_user(self.administrator)) as form:
            form.callback_networks = " 34.202.224.208,10.1.0.0/16;\n2001:DB8:0::/32 "
        self.assertEqual(
            self.line.callback_networks, "34.202.224.208\n10.1.0.0/16\n2001:db8::/32"
        )
        self.line.callback_networks = " ,\n"
        self.assertFalse(self.line.callback_networks, "blanks are no list")

    def test_what_is_no_network_is_refused(self):
        """A mistyped one would refuse every message of every customer."""
        for typed, part in (
            ("gupshup.io", "gupshup.io"),
            ("34.202.224.208\n34.202.224.2088", "34.202.224.2088"),
            ("10.0.0.1/24", "10.0.0.1/24"),
            ("10.0.0.0/33", "10.0.0.0/33"),
            ("12", "12"),
            ("2001:db8:::", "2001:db8:::"),
        ):
            with (
                self.subTest(typed=typed),
                self.assertRaisesRegex(ValidationError, f"“{part}” is no IP address"),
                Form(self.line.with_user(self.administrator)) as form,
            ):
                form.callback_networks = typed
        self.assertFalse(self.line.callback_networks)

    def test_networks_are_for_administrators(self):
        self.assertRaises(
            AccessError,
            self.line.with_user(self.supervisor).read,
            ["callback_networks"],
        )

    def test_companies_do_not_mix(self):
        """A line cannot use the account or the queue of another company."""
        for values in (
            {"provider_id": self.other_provider.id},
            {"queue_id": self.other_queue.id},
        ):
            with self.assertRaises(UserError):
                self.line.write(values)
        with self.assertRaises(UserError):
            self.queue.agent_ids = [Command.link(self.other_agent.id)]

    def test_status_follows_the_journal(self):
        """Arrivals cost the line nothing: its status is read from what arrived."""
        self.assertFalse(self.line.last_callback_at)
        self.assertFalse(self.line.last_error)
        self.write_in()
        self.assertTrue(self.line.last_callback_at)
        self.assertFalse(self.line.last_error)
        self.env["whatsapp_omni.event"]._receive(self.line.callback_token, b"no json")
        self.line.invalidate_recordset(["last_error"])
        self.assertIn("could not be applied", self.line.last_error)
        self.assertFalse(self.other_line.last_callback_at)

    def test_used_lines_are_archived_not_deleted(self):
        """The history of a line stays, and stays reachable once it is archived."""
        conversation = self.write_in()
        with self.assertRaisesRegex(UserError, "1 conversations"):
            self.line.unlink()
        self.line.action_archive()
        conversation.with_user(self.agent).action_capture()
        conversation.with_user(self.agent).action_close()
        self.assertEqual(conversation.state, "closed")
        self.make_line("+34600000004", self.provider, self.queue).unlink()

    def test_belongs_to_its_app_only(self):
        """What a callback says of its app is compared with the line's settings."""
        for app, expected in (
            (AppRef(name=self.line.app_name), True),
            (AppRef(app_id=self.line.app_id.upper()), True),
            (AppRef(), True),
            (AppRef(name="Elsewhere"), False),
            (AppRef(app_id="5b1d8c7e"), False),
        ):
            with self.subTest(app=app):
                self.assertEqual(self.line._is_app(app), expected)


@tagged("post_install", "-at_install")
class TestConnection(ConfigurationCommon):
    def _made(self, **values):
        subscription = {"id": "8166", "tag": self.line._subscription_tag(), **values}
        return 200, {"status": "success", "subscription": subscription}

    @staticmethod
    def _listed(*subscriptions):
        return 200, {"status": "success", "subscriptions": list(subscriptions)}

    def test_own_key_wins_over_the_providers(self):
        """Keys are per app since 2026; older accounts share one."""
        line = self.line
        line._try_connection()
        line.api_key = " key-of-the-app "
        line._try_connection()
        keys = [request.headers["apikey"] for request in self.provider_double.requests]
        self.assertEqual(keys[0], "secret-key")
        self.assertEqual(keys[-1], "key-of-the-app")

    def test_client_and_connections_are_kept(self):
        """A new client for every message would shake hands for every message."""
        client = self.line._get_client()
        self.assertIs(client, self.line._get_client())
        self.line.name = "Renamed"
        self.assertIs(client, self.line._get_client())
        self.line.app_name = "OtherApp"
        changed = self.line._get_client()
        self.assertIsNot(client, changed)
        self.assertIs(client._session, changed._session)
        self.assertIs(line_connection._session(BASE_URL), changed._session)

    def test_registering_creates_a_subscription(self):
        """Everything we understand is asked for, in version 2, with a test call."""
        self.provider_double.answers = [self._listed(), self._made()]
        params = self.line.action_register_callback()["params"]
        self.assertEqual(params["type"], "success")
        form = self.last_form()
        self.assertEqual(form["url"], self.line.callback_url)
        self.assertEqual(form["tag"], self.line._subscription_tag())
        self.assertEqual(form["version"], "2")
        self.assertEqual(form["doCheck"], "true")
        needed = {"MESSAGE", "ENQUEUED", "SENT", "DELIVERED", "READ", "FAILED"}
        self.assertLessEqual(needed, set(form["modes"].split(",")))
        self.assertEqual(self.line.subscription_ref, "8166")

    def test_registering_again_updates_it(self):
        """A rotated secret changes our subscription and nobody else's."""
        foreign = {"id": "1", "tag": "crm-of-somebody-else"}
        ours = {"id": "8166", "tag": self.line._subscription_tag()}
        self.provider_double.answers = [self._listed(foreign, ours), self._made()]
        self.line.action_rotate_secret()
        params = self.line.action_register_callback()["params"]
        self.assertEqual(params["type"], "success")
        self.assertIn("present address", params["message"])
        self.assertEqual(self.last_request.method, "PUT")
        self.assertTrue(self.last_request.url.endswith("/subscription/8166"))
        form = self.last_form()
        self.assertEqual(form["url"], self.line.callback_url)
        self.assertEqual(form["active"], "true")
        self.assertFalse(self.line.secret_rotated_at)

    def test_registering_where_subscriptions_cannot_be_listed(self):
        """The list is not documented for every account: then create it."""
        self.provider_double.answers = [(404, {"message": "Not Found"}), self._made()]
        params = self.line.action_register_callback()["params"]
        self.assertEqual(params["type"], "success")
        self.assertEqual(self.line.subscription_ref, "8166")

    def test_registering_what_was_deleted_at_the_provider(self):
        """A subscription that somebody removed by hand is made anew."""
        self.line.subscription_ref = "77"
        self.provider_double.answers = [
            (404, {"message": "Not Found"}),
            (400, {"status": "error", "message": "Subscription Does Not Exist"}),
            self._made(),
        ]
        params = self.line.action_register_callback()["params"]
        self.assertEqual(params["type"], "success")
        self.assertEqual(self.line.subscription_ref, "8166")

    def test_refused_address_tells_what_to_check(self):
        self.provider_double.answers = [
            self._listed(),
            (400, {"status": "error", "message": "Invalid URL Passed"}),
        ]
        params = self.line.action_register_callback()["params"]
        self.assertEqual(params["type"], "danger")
        self.assertIn("Invalid URL Passed", params["message"])
        self.assertIn("https", params["message"])
        self.assertIn("app live", params["message"])
        self.assertIn("API key", params["message"])
        self.assertNotIn("allowed networks", params["message"])
        self.assertFalse(self.line.subscription_ref)

    def test_refused_address_reminds_of_the_allowed_networks(self):
        """GupShup's test call may have been refused here, by what was typed here."""
        self.line.callback_networks = "192.0.2.0/24"
        self.provider_double.answers = [
            self._listed(),
            (400, {"status": "error", "message": "Invalid URL Passed"}),
        ]
        params = self.line.action_register_callback()["params"]
        self.assertIn("allowed networks", params["message"])

    def test_unreachable_provider_is_explained(self):
        self.provider_double.answers = [requests.ConnectionError("no route")] * 2
        params = self.line.action_test_connection()["params"]
        self.assertEqual(params["type"], "danger")
        self.assertIn("connection", params["message"])

    def test_too_many_tries_ask_for_patience(self):
        self.provider_double.answers = [(429, {"message": "Too Many Requests"})]
        params = self.line.action_register_callback()["params"]
        self.assertIn("Wait a minute", params["message"])

    def test_secrets_stay_out_of_messages_and_logs(self):
        """Not even a provider that repeats the key gets it onto a screen or a log."""
        key = self.provider.api_key
        self.provider_double.answers = [(401, {"message": f"Bad key {key}"})]
        with self.assertLogs("odoo.addons.whatsapp_omni", logging.DEBUG) as logs:
            _logger.debug("Without a line, nothing would be watched.")
            params = self.line.action_test_connection()["params"]
            self.line.action_register_callback()
        self.assertNotIn(key, params["message"])
        written = "\n".join(logs.output)
        self.assertNotIn(key, written)
        self.assertNotIn(self.line.callback_token, written)

    def test_only_administrators_may(self):
        for user in (self.agent, self.supervisor):
            line = self.line.with_user(user)
            for action in (
                line.action_test_connection,
                line.action_register_callback,
                line.action_rotate_secret,
            ):
                with self.assertRaises(AccessError):
                    action()
        self.assertFalse(self.provider_double.requests)


@tagged("post_install", "-at_install")
class TestQueue(ConfigurationCommon):
    def _told(self):
        """Return the partners who were told since the last call."""
        self.env.cr.precommit.run()
        notices = self.env["bus.bus"].search(
            [("message", "like", "whatsapp_omni.queues_changed")]
        )
        told = [json.loads(notice.channel)[1:] for notice in notices]
        notices.unlink()
        self.assertLessEqual({model for model, _id in told}, {"res.partner"})
        partner_ids = {partner_id for _model, partner_id in told}
        return self.env["res.partner"].search([("id", "in", list(partner_ids))])

    def test_people_are_told_when_they_join_or_leave(self):
        """The bus checks rights on subscribing only: pages must subscribe again."""
        self._told()
        self.queue.agent_ids = [Command.unlink(self.agent.id)]
        self.assertEqual(self._told(), self.agent.partner_id)
        self.queue.agent_ids = [Command.link(self.agent.id)]
        self.assertEqual(self._told(), self.agent.partner_id)
        self.queue.supervisor_ids = [Command.link(self.administrator.id)]
        self.assertEqual(self._told(), self.administrator.partner_id)
        self.queue2.agent_ids = [Command.set(self.agent2.ids)]
        self.assertEqual(self._told(), (self.agent2 | self.agent_elsewhere).partner_id)
        self.queue2.unlink()
        self.assertEqual(self._told(), self.agent2.partner_id)

    def test_changes_without_effect_disturb_nobody(self):
        self._told()
        self.queue.agent_ids = [Command.set((self.agent | self.agent2).ids)]
        self.queue.name = "Renamed"
        self.assertFalse(self._told())

    def test_queue_in_use_is_neither_deleted_nor_archived(self):
        for refused in (self.queue.unlink, self.queue.action_archive):
            with self.assertRaises(UserError) as refusal:
                refused()
            self.assertIn(self.line.name, str(refusal.exception))

    def test_archived_queue_keeps_its_conversations_reachable(self):
        """A conversation is taken and closed although its queue is gone."""
        conversation = self.write_in()
        self.line.queue_id = self.queue2
        with self.assertRaisesRegex(UserError, "1 conversations"):
            self.queue.unlink()
        self.queue.action_archive()
        as_agent = conversation.with_user(self.agent)
        as_agent.check_access("read")
        as_agent.channel_id.check_access("read")
        as_agent.action_capture()
        as_agent.action_close()
        self.assertEqual(conversation.state, "closed")

    def test_archived_queue_is_no_destination(self):
        self.queue2.action_archive()
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.line.queue_id = self.queue2

    def test_who_loses_the_group_is_no_agent_any_more(self):
        """Neither rules nor the live list may depend on somebody tidying up queues."""
        group = self.env.ref("whatsapp_omni.group_agent")
        self.agent2.group_ids = [Command.unlink(group.id)]
        self.env.invalidate_all()
        self.assertEqual(self.queue.agent_ids, self.agent)
        Conversation = self.env(user=self.agent2)["whatsapp_omni.conversation"]
        self.assertNotIn(self.queue, Conversation._inbox_queues())

    def test_only_agents_are_offered_as_agents(self):
        domain = self.queue._fields["agent_ids"].get_comodel_domain(self.queue)
        offered = self.env["res.users"].search(domain)
        self.assertIn(self.agent, offered)
        self.assertIn(self.supervisor, offered)
        self.assertNotIn(self.outsider, offered)


@tagged("post_install", "-at_install")
class TestDisposition(ConfigurationCommon):
    def test_given_result_is_archived_not_deleted(self):
        """The results of the past stay readable."""
        given, unused = self.env["whatsapp_omni.disposition"].create(
            [{"name": "Solved"}, {"name": "Unused"}]
        )
        conversation = self.write_in()
        conversation.with_user(self.agent).action_capture()
        conversation.with_user(self.agent).action_close(disposition_id=given.id)
        with self.assertRaisesRegex(UserError, "1 conversations"):
            given.unlink()
        given.action_archive()
        self.assertEqual(conversation.disposition_id.name, "Solved")
        unused.unlink()


@tagged("post_install", "-at_install")
class TestContact(ConfigurationCommon):
    def test_contact_counts_the_conversations_that_the_user_sees(self):
        """The button of the contact leads to exactly what it has counted."""
        conversation = self.write_in()
        partner = self.env["res.partner"].create({"name": "Lucía Gómez"})
        conversation.customer_id.action_identify(partner.id)
        self.queue.agent_ids = [Command.unlink(self.agent2.id)]
        for user, expected in (
            (self.agent, 1),
            (self.agent2, 0),
            (self.supervisor, 1),
        ):
            with self.subTest(user=user.login):
                seen = partner.with_user(user)
                self.assertEqual(seen.whatsapp_omni_conversation_count, expected)
                action = seen.action_view_whatsapp_omni_conversations()
                found = self.env[action["res_model"]].with_user(user)
                self.assertEqual(found.search_count(action["domain"]), expected)
