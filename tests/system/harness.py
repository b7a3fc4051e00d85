# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A contact centre of real processes: Odoo, the GupShup emulator, and their users.

Everything goes through the doors that the outside world has: callbacks and Odoo's web
routes over HTTP, the emulator's control interface. The database is only looked at.
"""

import contextlib
import json
import os
import re
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from itertools import count
from typing import NamedTuple

import requests

from tools import emulator, odoo_env

APP_NAME = "DemoSupport"
APP_ID = "5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa"
API_KEY = "emulator-key"
TOKEN = "callback-token-of-the-system-tests"
CALLBACK_PATH = f"/whatsapp_omni/callback/{TOKEN}"

#: Logins, which are the passwords as well.
AGENTS = ("ana", "luis")
AGENT_GROUP = "whatsapp_omni.group_agent"

#: The lock that all who apply the journal share (models/event_applying.py).
APPLY_LOCK = zlib.crc32(b"whatsapp_omni.event") & 0x7FFFFFFF
#: The lock of whoever gives out conversations (models/conversation_distribution.py).
DISTRIBUTION_LOCK = zlib.crc32(b"whatsapp_omni.distribution") & 0x7FFFFFFF

REQUEST_SECONDS = 60
#: Seconds after which the window of a customer is closed.
DAY_AND_MORE = 25 * 3600

_phones = count(34600100000)
_ids = count(1)


def new_phone():
    """Return the number of a customer whom nobody has met yet."""
    return str(next(_phones))


def profile_name(phone):
    """Return the name that the customer with this number has on WhatsApp."""
    return f"Customer {phone[-4:]}"


def wait_until(condition, timeout=15, what="the condition"):
    """Return the first true value of ``condition()``; fail when none comes in time."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {timeout} s"
        time.sleep(0.03)
    return value


def at_once(work, items, workers=None):
    """Call ``work(item)`` for all items, ``workers`` at a time; return the results.

    Without ``workers`` all of them start in the same moment.
    """
    items = list(items)
    if workers:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, items))
    start = threading.Barrier(len(items))

    def run(item):
        start.wait(30)
        return work(item)

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(run, items))


# --- callbacks ----------------------------------------------------------------------


def text_message(phone, text, milliseconds=None, wa_id=None):
    """Return the callback of a customer's text (version 2).

    :param milliseconds: when it happened, since 1970; now by default
    """
    return {
        "app": APP_NAME,
        "timestamp": milliseconds or time.time_ns() // 1_000_000,
        "version": 2,
        "type": "message",
        "payload": {
            "id": wa_id or f"wamid.SYSTEM{os.getpid()}X{next(_ids)}",
            "source": phone,
            "type": "text",
            "payload": {"text": text},
            "sender": {"phone": phone, "name": profile_name(phone)},
        },
    }


class Delivery(NamedTuple):
    """One callback request: its answer, and between which times (epoch) it ran."""

    status: int
    content: bytes
    began: float
    ended: float

    @property
    def seconds(self):
        return self.ended - self.began


# --- processes ------------------------------------------------------------------------


class Emulator(emulator.Emulator):
    """The GupShup emulator, as people and tests use it.

    :param directory: where its log and its state are kept, over restarts too
    :param callback: where it delivers what happens
    """

    def __init__(self, directory, callback):
        super().__init__(
            *("--fast", f"--callback={callback}"),
            f"--state={directory / 'emulator.json'}",
            log_path=directory / "emulator.log",
        )
        self._forgotten_attempts = []

    def reset(self):
        """Forget all messages and put all switches back."""
        self.call("POST", "reset", {})
        self._forgotten_attempts = []

    def stop(self):
        """Override of `tools`: what it has delivered is not forgotten with it."""
        if self.is_running():
            self._forgotten_attempts = self.attempts()
        super().stop()

    def write(self, phone, text=None, **spec):
        """Let a customer write and return when Odoo has acknowledged it.

        :return: the message's WhatsApp id
        """
        if text is not None:
            spec["text"] = text
        spec = {"phone": phone, "name": profile_name(phone), "wait": True, **spec}
        answer = self.call("POST", "inbound", spec)
        assert answer["delivered"], answer
        return answer["id"]

    def faults(self, **switches):
        """Set these switches; all others go back to their defaults."""
        self.call("PUT", "faults", switches)

    def sent(self, phone=None):
        """Return what GupShup accepted, in its order."""
        params = {"phone": phone} if phone else {}
        return self.call("GET", "sent", **params)["sent"]

    def sent_texts(self, phone):
        """Return the texts that reached the customer's phone, in their order."""
        return [record["message"]["text"] for record in self.sent(phone)]

    def requests(self, path_part=""):
        """Return the requests that came in, of all whose path holds ``path_part``."""
        rows = self.call("GET", "requests")["requests"]
        return [row for row in rows if path_part in row["path"]]

    def callbacks(self):
        """Return what was delivered to the subscriptions, and how."""
        return self.call("GET", "callbacks")["callbacks"]

    def attempts(self):
        """Return the statuses of all tries to deliver, None where no answer came."""
        return self._forgotten_attempts + [
            attempt["status"] for row in self.callbacks() for attempt in row["attempts"]
        ]

    def wait_for_callbacks(self):
        """Return when no callback is on its way any more."""
        wait_until(
            lambda: not self.call("GET", "state")["counts"]["callbacks_pending"],
            30,
            "the end of all deliveries",
        )


class RpcError(Exception):
    """Odoo answered with an error; ``kind`` is its Python class."""

    def __init__(self, error):
        data = error.get("data") or {}
        super().__init__(data.get("message") or error.get("message"))
        self.kind = data.get("name", "")


class Browser:
    """One person's HTTP session with Odoo, as a web client has it."""

    def __init__(self, url, database, login, has_clicked=True):
        self.url = url
        self.session = requests.Session()
        found = self.json(
            "/web/session/authenticate",
            db=database,
            login=login,
            password=login,
        )
        self.user_id = found["uid"]
        # The first request of a session, and one an hour later, notes the device.
        if has_clicked:
            self.json("/web/session/get_session_info")

    def json(self, path, **params):
        """Call one of Odoo's JSON routes; return its result.

        :raises RpcError: what Odoo raised
        """
        answer = self.session.post(
            self.url + path,
            json={"jsonrpc": "2.0", "method": "call", "id": 1, "params": params},
            timeout=REQUEST_SECONDS,
        )
        answer.raise_for_status()
        data = answer.json()
        if "error" in data:
            raise RpcError(data["error"])
        return data.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model, the way the web client does."""
        return self.json(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs=kwargs,
        )

    def create(self, model, **values):
        """Create a record; return its id."""
        return self.call(model, "create", [values])[0]

    def ref(self, xmlid):
        """Return the id of the record that has this external id."""
        name = xmlid.split(".")
        return self.call("ir.model.data", "check_object_reference", *name)[1]

    def create_user(self, login, *groups):
        """Create an employee, whose password is the login; return the id.

        :param groups: external ids of further groups
        """
        group_ids = [self.ref(group) for group in ("base.group_user", *groups)]
        return self.create(
            "res.users",
            name=login.capitalize(),
            login=login,
            password=login,
            group_ids=[[6, 0, group_ids]],
        )

    def search_read(self, model, domain, fields):
        """Return records as dictionaries."""
        return self.call(model, "search_read", domain, fields=fields)

    def capture(self, conversation_id):
        """Take a conversation."""
        self.call("whatsapp_omni.conversation", "action_capture", [conversation_id])

    def close(self, conversation_id, **values):
        """Close a conversation."""
        self.call(
            "whatsapp_omni.conversation", "action_close", [conversation_id], **values
        )

    def post(self, channel_id, text, attachment_ids=(), parent_id=None):
        """Answer in a channel, as Odoo's composer does; return the message's id."""
        data = {
            "body": text,
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "attachment_ids": list(attachment_ids),
        }
        if parent_id:
            data["parent_id"] = parent_id
        return self.json(
            "/mail/message/post",
            thread_model="discuss.channel",
            thread_id=channel_id,
            post_data=data,
        )["message_id"]

    def upload(self, channel_id, name, content, mime_type):
        """Upload a file for the next message; return the attachment's id."""
        page = self.session.get(f"{self.url}/odoo", timeout=REQUEST_SECONDS).text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        answer = self.session.post(
            f"{self.url}/mail/attachment/upload",
            files={"ufile": (name, content, mime_type)},
            data={
                "thread_id": channel_id,
                "thread_model": "discuss.channel",
                "is_pending": "true",
                "csrf_token": token,
            },
            timeout=REQUEST_SECONDS,
        )
        answer.raise_for_status()
        return answer.json()["data"]["attachment_id"]


class Centre:
    """Odoo on a database of its own, with an emulator of its own as its GupShup.

    :param database: a copy of the prepared one, see :func:`prepare`
    :param workers: as for Odoo; 0 is one process with threads
    :param options: further ones of Odoo's command line
    """

    def __init__(self, database, workers, directory, options=()):
        self.database = database
        self.workers = workers
        self._directory = directory
        self._options = options
        self._browsers = {}
        self._stack = contextlib.ExitStack()
        self.odoo = self.emulator = self._connection = None
        self._acknowledged = []
        self._received_before = 0

    def start(self):
        """Start both, connected to each other, and wake every worker."""
        with contextlib.ExitStack() as stack:
            stack.callback(odoo_env.drop, self.database)
            self._connection = odoo_env.connect(self.database)
            stack.callback(self._connection.close)
            self._connection.autocommit = True
            port = odoo_env.free_port()
            callback = f"http://127.0.0.1:{port}{CALLBACK_PATH}"
            self.emulator = Emulator(self._directory, callback)
            stack.callback(self.emulator.stop)
            self.emulator.start()
            self._introduce(f"http://127.0.0.1:{port}")
            self.odoo = odoo_env.start_odoo(
                self.database,
                self.workers,
                port,
                # As Odoo has it by default: one may be kept busy by slow files.
                ["--max-cron-threads=2", *self._options],
                log_path=self._directory / "odoo.log",
            )
            stack.callback(self.odoo.stop)
            self._wake_workers()
            self._stack = stack.pop_all()
        return self

    def _introduce(self, odoo_url):
        """Tell the database the addresses that this run came by."""
        self.query(
            "UPDATE whatsapp_omni_provider SET base_url = %s, media_origins = %s",
            self.emulator.url,
            self.emulator.url,
        )
        for key, value in (("url", odoo_url), ("url.freeze", "True")):
            self.query(
                "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)"
                " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
                f"web.base.{key}",
                value,
            )

    def _wake_workers(self):
        """Let every worker load its registry and routes: none is cold in a test."""
        at_once(lambda _n: self.deliver("{}", path="/wrong-token"), range(16))

    def stop(self):
        """Stop everything and drop the database."""
        self._stack.close()

    # Odoo

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()

    def browser(self, login, fresh=False, has_clicked=True):
        """Return a session of this person; a second one with ``fresh``.

        :param has_clicked: False for a fresh one whose next request notes the device
        """
        if fresh:
            return Browser(self.odoo.url, self.database, login, has_clicked)
        if login not in self._browsers:
            self._browsers[login] = self.browser(login, fresh=True)
        return self._browsers[login]

    def deliver(self, body, path=CALLBACK_PATH):
        """Post a callback, as GupShup does: a new connection each time."""
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        began = time.time()
        answer = self.post(
            path,
            data=data.encode() if isinstance(data, str) else data,
            headers={"Content-Type": "application/json"},
        )
        return Delivery(answer.status_code, answer.content, began, time.time())

    def post(self, path=CALLBACK_PATH, **options):
        """Post whatever to the callback address; return the response."""
        url = self.odoo.url + path
        answer = requests.post(url, timeout=REQUEST_SECONDS, **options)
        self.count_delivery(answer.status_code)
        return answer

    def count_delivery(self, status):
        """Note that Odoo has answered a callback that the emulator knows nothing of."""
        if status == 200:
            self._acknowledged.append(status)

    def query(self, statement, *parameters):
        """Run one SQL statement; return its rows, if it has any."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement, *parameters):
        """Return the only column of the only row of a query."""
        ((found,),) = self.query(statement, *parameters)
        return found

    def scheduled_action_held(self, xmlid):
        """Keep a scheduled action from running, as a server that runs it would."""
        return self._held(
            """
            SELECT FROM ir_cron
             WHERE id = (SELECT res_id FROM ir_model_data
                          WHERE module = %s AND name = %s)
               FOR NO KEY UPDATE
            """,
            *xmlid.split("."),
        )

    def applying_held(self):
        """Keep everybody from applying the journal, as a busy colleague would."""
        return self._held("SELECT pg_advisory_lock(%s)", APPLY_LOCK)

    def distribution_held(self):
        """Keep everybody from giving out conversations, likewise."""
        return self._held("SELECT pg_advisory_lock(%s)", DISTRIBUTION_LOCK)

    def conversation_held(self, conversation_id):
        """Keep everybody from changing a conversation: they wait for each other."""
        return self._held(
            "SELECT FROM whatsapp_omni_conversation WHERE id = %s FOR NO KEY UPDATE",
            conversation_id,
        )

    @contextlib.contextmanager
    def _held(self, statement, *parameters):
        """Hold, in a connection of its own, the locks that a statement takes."""
        connection = odoo_env.connect(self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
            yield
        finally:
            connection.close()

    def waiting_for_locks(self):
        """Return how many requests wait for what somebody else holds."""
        return self.value(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )

    def count_held_up(self):
        """Return how many processes wait to give out conversations."""
        return self.value(
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
            "   AND database = (SELECT oid FROM pg_database"
            "                    WHERE datname = current_database())",
            DISTRIBUTION_LOCK,
        )

    # What happened

    def journal(self, kind=None):
        """Return the number of events of each state.

        :param kind: count these only, such as ``message``
        """
        states = ("applied", "duplicate", "ignored", "failed", "pending")
        found = dict(
            self.query(
                "SELECT state, count(*) FROM whatsapp_omni_event"
                " WHERE %s IS NULL OR kind = %s GROUP BY state",
                kind,
                kind,
            )
        )
        return {state: found.pop(state, 0) for state in states} | found

    def received(self):
        """Return how many deliveries the journal holds."""
        return sum(self.journal().values())

    def begin_anew(self):
        """Make the emulator like new, and count deliveries from here on."""
        # A delivery that is cut off on its way may be written down all the same.
        self._let_callbacks_end()
        self.emulator.reset()
        self._acknowledged.clear()
        self._received_before = self.received()

    def wait_counted(self):
        """Return when the journal holds a row for each delivery since then, no other.

        A delivery to which the emulator got no answer may or may not be there.
        """
        self._let_callbacks_end()
        try:
            wait_until(lambda: not self._miscounted(), 5)
        except AssertionError:
            raise AssertionError(self._miscounted()) from None

    def _let_callbacks_end(self):
        self.emulator.faults()  # it keeps nothing back
        self.emulator.wait_for_callbacks()

    def _miscounted(self):
        attempts = self.emulator.attempts()
        least = len(self._acknowledged) + attempts.count(200)
        most = least + attempts.count(None)
        found = self.received() - self._received_before
        if least <= found <= most:
            return None
        events = [row["event"] for row in self.emulator.callbacks()]
        return f"{found} rows for {least} to {most} deliveries: {events}"

    def wait_applied(self, timeout=20):
        """Return when no customer's message in the journal waits any more.

        A receipt may wait longer: for the message that it is about.
        """
        try:
            wait_until(lambda: not self._waiting(), timeout)
        except AssertionError:
            raise AssertionError(f"{self.journal()}, {self._waiting()}") from None

    def _waiting(self):
        return self.query(
            "SELECT id, customer_key, provider_time, tries, next_try_at, error"
            "  FROM whatsapp_omni_event WHERE state = 'pending' AND kind = 'message'"
            " ORDER BY id LIMIT 5"
        )

    def transcript(self, phone):
        """Return what the customer wrote, as plain texts in the order on the screen."""
        rows = self.query(
            "SELECT mail.body FROM whatsapp_omni_message message"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = message.customer_id"
            "  JOIN mail_message mail ON mail.id = message.mail_message_id"
            " WHERE customer.wa_id = %s AND message.direction = 'inbound'"
            " ORDER BY mail.id",
            phone,
        )
        return [re.sub(r"<[^>]+>", "", body) for (body,) in rows]

    def conversations(self, phone):
        """Return the ids of the customer's conversations, in their order."""
        rows = self.query(
            "SELECT conversation.id FROM whatsapp_omni_conversation conversation"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = conversation.customer_id"
            " WHERE customer.wa_id = %s ORDER BY conversation.id",
            phone,
        )
        return [row[0] for row in rows]

    def channel(self, phone):
        """Return the id of the customer's channel."""
        return self.value(
            "SELECT channel.id FROM discuss_channel channel"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = channel.whatsapp_omni_customer_id"
            " WHERE customer.wa_id = %s",
            phone,
        )

    def answers(self, phone):
        """Return the states of our messages to the customer, in their order."""
        rows = self.query(
            "SELECT message.state FROM whatsapp_omni_message message"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = message.customer_id"
            " WHERE customer.wa_id = %s AND message.direction = 'outbound'"
            " ORDER BY message.id",
            phone,
        )
        return [row[0] for row in rows]

    def wait_answers(self, phone, *states, timeout=20):
        """Return when the messages to this customer are in these states."""
        try:
            wait_until(lambda: self.answers(phone) == list(states), timeout)
        except AssertionError:
            found = self.answers(phone)
            raise AssertionError(f"{found} instead of {list(states)}") from None

    def run_job(self, name):
        """Run a scheduled action by hand, once it is not at work by itself."""
        admin = self.browser("admin")
        (job,) = admin.search_read("ir.cron", [["cron_name", "=", name]], ["id"])
        wait_until(lambda: self._has_run(admin, job["id"]), 60, f"a run of {name}")

    def _has_run(self, admin, job_id):
        try:
            admin.call("ir.cron", "method_direct_trigger", [job_id])
        except RpcError as error:
            assert "already executing" in str(error), error
            return False
        return True

    def end_lock_out(self):
        """Let all files be due now, as if the time of a lock-out were over."""
        self.query("UPDATE whatsapp_omni_provider SET media_paused_until = NULL")
        # Odoo's moments are whole seconds: one with a fraction lies in its future.
        self.query(
            "UPDATE whatsapp_omni_message"
            "   SET media_next_at = date_trunc('second', now() AT TIME ZONE 'UTC')"
            " WHERE media_state = 'pending'"
        )

    def attended(self, agent, text="Hola"):
        """Let a new customer write and ``agent`` take it; return phone and channel."""
        phone = new_phone()
        self.emulator.write(phone, text)
        self.wait_applied()
        (conversation_id,) = self.conversations(phone)
        agent.capture(conversation_id)
        return phone, self.channel(phone)

    def expired(self, agent, phone=None):
        """Let a customer have written yesterday to ``agent``.

        :param phone: the customer; without it a new one
        :return: the phone and the conversation's id
        """
        phone = phone or new_phone()
        # What nobody attends when its window closes is closed with it.
        with self.scheduled_action_held("whatsapp_omni.ir_cron_expire_windows"):
            self.emulator.call("POST", "clock", {"offset": -DAY_AND_MORE})
            try:
                self.emulator.write(phone, "Hello")
                self.wait_applied()
            finally:
                self.emulator.call("POST", "clock", {"offset": 0})
            (conversation_id,) = self.conversations(phone)
            agent.capture(conversation_id)
        return phone, conversation_id

    def approve_template(self, name, body):
        """Have an approved template, here and at the emulator; return its id here."""
        self.emulator.call(
            "POST",
            "templates",
            {
                "appId": APP_ID,
                "elementName": name,
                "languageCode": "en",
                "category": "UTILITY",
                "templateType": "TEXT",
                "content": body,
                "example": body,
                "vertical": "Support",
            },
        )
        model, admin = "whatsapp_omni.approved.template", self.browser("admin")

        def approved():
            admin.call(model, "action_sync_all", [])
            found = admin.search_read(
                model, [["name", "=", name], ["status", "=", "APPROVED"]], ["id"]
            )
            return found and found[0]["id"]

        return wait_until(approved, what=f"approval of {name}")

    def log(self):
        """Return Odoo's log so far."""
        return self.odoo.log_path.read_text(errors="replace")


def utc(moment):
    """Return a time that PostgreSQL holds in UTC as epoch seconds."""
    return moment.replace(tzinfo=timezone.utc).timestamp()


def now_milliseconds():
    """Return the present as callbacks tell it."""
    return int(datetime.now(timezone.utc).timestamp() * 1000)


# --- the prepared database ------------------------------------------------------------


def prepare(database, directory):
    """Make a database with a small contact centre, to be copied for each centre.

    Agents Ana and Luis share a queue; a line at the emulator leads to it.
    """
    odoo_env.create_copy(database)
    log_path = directory / "prepare.log"
    with odoo_env.start_odoo(database, log_path=log_path) as odoo:
        admin = Browser(odoo.url, database, "admin")
        # Odoo's housekeeping would begin with each copy's first minute.
        jobs = [["cron_name", "not like", "WhatsApp:%"]]
        job_ids = admin.call("ir.cron", "search", jobs)
        admin.call("ir.cron", "write", job_ids, {"active": False})
        agent_ids = [admin.create_user(login, AGENT_GROUP) for login in AGENTS]
        queue_id = admin.create(
            "whatsapp_omni.queue", name="Support", agent_ids=[[6, 0, agent_ids]]
        )
        admin.create("whatsapp_omni.disposition", name="Solved")
        provider_id = admin.create(
            "whatsapp_omni.provider",
            name="Emulator",
            base_url="http://127.0.0.1:1",
            api_key=API_KEY,
            rate=1000,
        )
        admin.create(
            "whatsapp_omni.line",
            name="Line",
            provider_id=provider_id,
            number="+15550100100",
            app_name=APP_NAME,
            app_id=APP_ID,
            callback_token=TOKEN,
            queue_id=queue_id,
        )


def forget_dead_runs(prefix):
    """Drop the databases that runs which were killed have left behind."""
    for (name,) in odoo_env.execute("SELECT datname FROM pg_database"):
        found = re.fullmatch(rf"{prefix}(\d+)_\w+", name)
        if found and not os.path.exists(f"/proc/{found[1]}"):
            odoo_env.drop(name)
