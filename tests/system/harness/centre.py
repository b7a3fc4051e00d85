# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A contact centre that runs: Odoo, the emulator, the people at both."""

import contextlib
import json
import time

import requests

from tools import odoo_env

from .browser import REQUEST_SECONDS, Browser, RpcError
from .callbacks import APP_ID, CALLBACK_PATH, DAY_AND_MORE, Delivery, new_phone
from .emulator import Emulator
from .records import Records
from .waiting import at_once, wait_until


class Centre(Records):
    """Odoo on a database of its own, with an emulator of its own as its GupShup.

    :param database: a copy of the prepared one, see :func:`prepare`
    :param workers: as for Odoo; 0 is one process with threads
    :param options: further ones of Odoo's command line
    """

    def __init__(self, database, workers, directory, options=()):
        super().__init__(database)
        self.workers = workers
        self._directory = directory
        self._options = options
        self._browsers = {}
        self._stack = contextlib.ExitStack()
        self.odoo = self.emulator = None
        self._acknowledged = []
        self._received_before = 0

    def start(self):
        """Start both, connected to each other, and wake every worker."""
        with contextlib.ExitStack() as stack:
            stack.callback(odoo_env.drop, self.database)
            stack.callback(self.connect().close)
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
            # Its database goes with it: there is nothing that it should end in order.
            stack.callback(self.odoo.kill)
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

    # Counting deliveries

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

    # What people and servers do

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
