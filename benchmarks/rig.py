"""The rig: a prepared database, Odoo with some workers on a copy, the emulator."""

import contextlib
import json
import os
import select
import time
import uuid
from dataclasses import dataclass

from tools import database as databases
from tools import emulator, odoo_env

from . import load, payloads
from .cpu import CpuMeter

ADDONS = odoo_env.ROOT / "benchmarks" / "addons"
PREFIX = "wa_bench_"
TOKEN = "benchmark-callback-token"
CALLBACK = f"/whatsapp_omni/callback/{TOKEN}"
NOOP = "/whatsapp_omni_bench/noop"
DURABLE = "/whatsapp_omni_bench/durable"
MESSAGE_POST = "/whatsapp_omni_bench/message_post"
NUMBER = "+34911000999"
APP_ID = "0b6f4a52-7e0d-4a4f-9d40-51c0a7f3be11"
API_KEY = "benchmark-key"
AGENTS = [f"bench_agent_{number}" for number in range(10)]
#: What the barest durable route writes into.
JOURNAL = """
    CREATE TABLE whatsapp_omni_bench_journal (
        id bigserial PRIMARY KEY, key varchar NOT NULL UNIQUE, body text NOT NULL
    )
"""
#: Set-up requests create this many customers each, to stay within Odoo's time limits.
CHUNK = 50
PATIENCE = 90


class RigError(Exception):
    """The rig does not do what a measure needs; the message says what."""


@dataclass
class Customer:
    """A customer whose conversation is attended by an agent.

    ``twin`` is a plain group chat with the same member, the agent; ``guest`` signs
    there, as it signs in the customer's own channel.
    """

    phone: str
    channel: int
    conversation: int
    guest: int
    twin: int

    def message(self, text="Hola, ¿abrís hoy por la tarde?"):
        """Return the request that delivers a new message of this customer."""
        return CALLBACK, payloads.encode(payloads.message(self.phone, text))

    def floor(self, text="Hola, ¿abrís hoy por la tarde?"):
        """Return the request that posts the same in the plain group chat."""
        wanted = {"channel": self.twin, "guest": self.guest, "text": text}
        return MESSAGE_POST, payloads.encode(wanted)


def notice():
    """Return the request of a callback that is written down and nothing else."""
    return CALLBACK, payloads.encode(payloads.notice())


def durable():
    """Return the request of a body that is written down in the barest way."""
    return DURABLE, payloads.encode({"key": uuid.uuid4().hex, **payloads.notice()})


def receipt(gs_id, status, phone):
    """Return the request of a receipt."""
    return CALLBACK, payloads.encode(payloads.receipt(gs_id, status, phone))


# --- databases ------------------------------------------------------------------------


def forget_databases():
    """Drop what benchmarks that were killed have left behind."""
    for (name,) in odoo_env.execute("SELECT datname FROM pg_database"):
        process = name.removeprefix(PREFIX).split("_")[0]
        if name.startswith(PREFIX) and not databases.is_alive(int(process)):
            odoo_env.drop(name)


@contextlib.contextmanager
def prepared_database(customers):
    """Yield a database with that many attended customers and one more, and them.

    Rows of ``customers``: :class:`Customer`. The first one is for a busy chat.
    """
    forget_databases()
    name = odoo_env.create_copy(f"{PREFIX}{os.getpid()}")
    try:
        with start_odoo(name, workers=0) as odoo:
            found = _populate(odoo.direct_url, customers + 1)
        odoo_env.execute(JOURNAL, name)
        odoo_env.execute("VACUUM ANALYZE", name)
        yield name, found
    finally:
        odoo_env.drop(name)


def _populate(url, count):
    line = {
        "name": "Benchmark",
        "number": NUMBER,
        "app_name": payloads.APP,
        "app_id": APP_ID,
        "callback_token": TOKEN,
    }
    provider = {"name": "Emulator", "api_key": API_KEY, "rate": 20}
    centre = {"provider": provider, "line": line, "agents": AGENTS}
    agents = ask(url, "/whatsapp_omni_bench/centre", centre)["agents"]
    return _attended(url, agents, [f"3460{n:07d}" for n in range(count)])


def _attended(url, agents, phones):
    """Have customers write whom the agents, in turn, attend."""
    customers = []
    for start in range(0, len(phones), CHUNK):
        wanted = {
            "token": TOKEN,
            "agents": agents,
            "bodies": [
                payloads.message(phone) for phone in phones[start : start + CHUNK]
            ],
        }
        rows = ask(url, "/whatsapp_omni_bench/customers", wanted)
        customers += [Customer(**row) for row in rows]
    return customers


def ask(url, path, data):
    """Post JSON to one of the benchmark's routes and return the JSON answer."""
    status, content = load.Connection(url).post(path, payloads.encode(data))
    if status != 200:
        raise RigError(f"{path} answered {status}; Odoo's log says why")
    return json.loads(content)


def start_odoo(name, workers):
    """Start Odoo with the floors beside the addon."""
    options = (
        f"--addons-path={odoo_env.ROOT},{ADDONS}",
        "--load=base,rpc,web,whatsapp_omni_bench",
        "--log-level=warn",
        # With a filter, a request without session opens a connection to list databases,
        # which costs several times what is measured.
        "--db-filter=",
        "--limit-memory-hard=0",
    )
    return odoo_env.start_odoo(name, workers=workers, options=options)


# --- the rig --------------------------------------------------------------------------


class Rig:
    """Odoo on a copy of the prepared database, and what measures need around it."""

    def __init__(self, template, customers, workers):
        self.workers = workers
        self.crowd = customers[1:]
        self.hot = customers[0]
        self._template = template
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        name = odoo_env.create_copy(f"{self._template}_{self.workers}", self._template)
        self._stack.callback(odoo_env.drop, name)
        self.database = name
        self.odoo = self._stack.enter_context(start_odoo(name, self.workers))
        self.url = self.odoo.direct_url
        self.sql = self._connect(name)
        self._bus = self._connect("postgres")
        self._bus.cursor().execute("LISTEN imbus")
        own = [self.sql.get_backend_pid(), self._bus.get_backend_pid()]
        self.cpu = CpuMeter(self.odoo, own)
        self._warm_up()
        return self

    def __exit__(self, *exc_info):
        return self._stack.__exit__(*exc_info)

    def _connect(self, name):
        connection = odoo_env.connect(name)
        connection.autocommit = True
        self._stack.callback(connection.close)
        return connection

    def _warm_up(self):
        """Have every worker load its registry, and use what is measured once."""
        requests = [
            request
            for customer in self.crowd[:20]
            for request in (customer.message(), customer.floor(), (NOOP, b"{}"))
        ]
        self.run(requests, concurrency=max(2, self.workers))
        self.wait_applied()

    # --- load -------------------------------------------------------------------------

    def run(self, requests, **options):
        """Send requests one after another, see :func:`load.closed_loop`.

        :raise RigError: when one is refused: what is measured must work
        """
        return self._checked(load.closed_loop(self.url, requests, **options))

    def run_at(self, rate, requests, **options):
        """Send requests at a rate, see :func:`load.open_loop`."""
        return self._checked(load.open_loop(self.url, requests, rate, **options))

    @staticmethod
    def _checked(result):
        if result.refused:
            raise RigError(f"{result.refused} requests were refused")
        return result

    def ask(self, path, data):
        """Post JSON to one of the benchmark's routes and return the JSON answer."""
        return ask(self.url, path, data)

    def add_newcomers(self, count):
        """Have so many more customers write, whom the agents attend."""
        agents = self.query(
            "SELECT id FROM res_users WHERE login = ANY(%s) ORDER BY id", AGENTS
        )
        phones = [f"3461{n:07d}" for n in range(count)]
        _attended(self.url, [agent_id for (agent_id,) in agents], phones)

    def use_provider(self, url, rate):
        """Have Odoo send to the provider at this address, so many messages a second."""
        self.query(
            "UPDATE whatsapp_omni_provider SET base_url = %s, rate = %s", url, rate
        )

    def setting(self, audience=""):
        """Return words for the number of workers, and of customers who write."""
        workers = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        return ", ".join(filter(None, [workers, audience]))

    def submitted(self, customers, count):
        """Create messages to these customers that wait for receipts.

        :return: pairs of the message's id and the customer's phone
        """
        conversations = {c.conversation: c.phone for c in customers}
        wanted = {"conversations": list(conversations), "count": count}
        gs_ids = self.ask("/whatsapp_omni_bench/submitted", wanted)
        phones = list(conversations.values())
        return [
            (gs_id, phones[index % len(phones)]) for index, gs_id in enumerate(gs_ids)
        ]

    # --- what has happened ------------------------------------------------------------

    def query(self, statement, *params):
        """Return the rows of a query."""
        with self.sql.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def wait_until_none(self, statement, what):
        """Return when a query finds nothing any more, looking every 10 ms.

        :raise RigError: after 90 seconds
        """
        deadline = time.monotonic() + PATIENCE
        while self.query(statement):
            if time.monotonic() > deadline:
                raise RigError(f"After {PATIENCE} s there still is {what}")
            time.sleep(0.01)

    def wait_applied(self):
        """Return when every message that was received is applied."""
        self.wait_until_none(
            "SELECT 1 FROM whatsapp_omni_event WHERE state = 'pending' LIMIT 1",
            "a pending event",
        )

    def wait_sent(self):
        """Return when nothing waits in the outbox."""
        self.wait_until_none(
            "SELECT 1 FROM whatsapp_omni_message"
            " WHERE state IN ('queued', 'sending') LIMIT 1",
            "an unsent message",
        )

    def wait_ticks(self):
        """Return when every changed tick is shown."""
        self.wait_until_none(
            "SELECT 1 FROM whatsapp_omni_message WHERE dirty LIMIT 1", "a dirty tick"
        )

    def forget_announcements(self):
        """Skip what the bus has announced until now."""
        self._bus.poll()
        self._bus.notifies.clear()

    def announcements(self, timeout):
        """Yield ``(moment, ids of channels)`` for what the bus announces from now on.

        Ends when nothing was announced for ``timeout`` seconds. A notice comes when the
        transaction is committed and Odoo tells its websocket processes.
        """
        while select.select([self._bus], [], [], timeout)[0]:
            self._bus.poll()
            moment = time.perf_counter()
            while self._bus.notifies:
                channels = json.loads(self._bus.notifies.pop(0).payload)
                ids = {
                    channel[2]
                    for channel in channels
                    if channel[:2] == [self.database, "discuss.channel"]
                }
                if ids:
                    yield moment, ids


# --- the emulator ---------------------------------------------------------------------


def new_emulator():
    """Return an emulator with our line, to be started as a context manager."""
    number = NUMBER.lstrip("+")
    return emulator.Emulator(
        *("--fast", f"--app={payloads.APP}:{APP_ID}:{number}", f"--api-key={API_KEY}"),
        log_path=odoo_env.STATE / "log" / "emulator-bench.log",
    )
