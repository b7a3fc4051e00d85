# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a newcomer does first: ``./dev demo``, a message, an answer, Ctrl-C."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
import requests
from harness.browser import Browser
from harness.callbacks import new_phone
from harness.databases import forget_dead_runs
from harness.waiting import wait_until

from conftest import PREFIX, troubles
from tools import database, odoo_env
from tools.demo import CALLBACK_PATH

START_SECONDS = 60
READY = "Ctrl-C stops everything."


class Demo:
    """The program behind ``./dev demo``, with ports, database and files of its own.

    It runs in a group of its own, so that a signal comes to it alone: it has to end
    what it started.
    """

    def __init__(self, name, directory):
        self.database = name
        odoo_port, emulator_port = odoo_env.free_ports(2)
        self.url = f"http://127.0.0.1:{odoo_port}"
        self.phone_url = f"http://127.0.0.1:{emulator_port}"
        self.output_path = directory / "output"
        self.log_path = directory / "log" / "odoo-demo.log"
        ports = {"ODOO_PORT": odoo_port, "EMULATOR_PORT": emulator_port}
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tools.demo", "demo"),
                    *(f"--database={name}", f"--directory={directory}"),
                ],
                cwd=odoo_env.ROOT,
                env={**os.environ, **{key: str(port) for key, port in ports.items()}},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self):
        """Return when it has said where to go."""
        wait_until(self._is_ready, START_SECONDS, "the demo")

    def _is_ready(self):
        assert self.process.poll() is None, self.output()
        return READY in self.output()

    def output(self):
        """Return what it has said so far."""
        return self.output_path.read_text()

    def control(self, method, path, **params):
        """Call the emulator's control interface."""
        url = f"{self.phone_url}/control/{path}"
        answer = requests.request(method, url, timeout=30, **params)
        answer.raise_for_status()
        return answer.json()

    def sent_texts(self, phone):
        """Return what reached the customer's phone."""
        sent = self.control("GET", "sent", params={"phone": phone})["sent"]
        return [record["message"].get("text") for record in sent]


@pytest.fixture(scope="module")
def demo_database():
    """Yield a database with the sample data, made as ./dev demo makes its own."""
    forget_dead_runs(PREFIX)
    name = f"{PREFIX}{os.getpid()}_demo"
    # While somebody is connected, the demo leaves PostgreSQL running at its end.
    with contextlib.closing(odoo_env.connect("postgres")):
        try:
            database.create_demo(name)
            yield name
        finally:
            odoo_env.drop(name)


@pytest.fixture
def demo(demo_database, tmp_path):
    """Yield the demo, just started."""
    running = Demo(demo_database, tmp_path)
    try:
        running.wait_ready()
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(60)


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name
)
def test_demo_from_its_start_to_its_end(demo, number):
    """The phone writes, the sample agent answers, the phone has it; nothing stays."""
    phone, text = new_phone(), "Hola, ¿abrís hoy?"
    demo.control("POST", "inbound", json={"phone": phone, "text": text, "wait": True})
    agent = Browser(demo.url, demo.database, "agent")
    conversation = wait_until(lambda: waiting(agent, phone), what="the message")
    assert conversation["last_text"] == text
    agent.capture(conversation["id"])
    agent.post(conversation["channel_id"][0], "Hasta las ocho")
    wait_until(lambda: "Hasta las ocho" in demo.sent_texts(phone), what="the answer")
    assert requests.get(demo.phone_url, timeout=30).ok
    # Later than this, Odoo closes the connections of a scheduled action at work.
    log = demo.log_path.read_text()
    assert troubles(log) == []
    assert CALLBACK_PATH not in log

    demo.process.send_signal(number)

    assert demo.process.wait(60) == 0, demo.output()
    assert demo.output().endswith("Stopped.\n")
    for url in (demo.url, demo.phone_url):
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=5)


def waiting(agent, phone):
    """Return the conversation of a customer who has written, once it is there."""
    found = agent.search_read(
        "whatsapp_omni.conversation",
        [["customer_id.wa_id", "=", phone]],
        ["last_text", "channel_id"],
    )
    return found and found[0]
