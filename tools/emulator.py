"""The GupShup emulator as a process: of the demo, tests, benchmarks, screenshots.

::

    with emulator.Emulator("--fast", log_path=log_path) as gupshup:
        gupshup.call("POST", "inbound", {"phone": "34600111222", "text": "Hello"})
"""

import contextlib
import os
import re
import subprocess
import sys
import time

import requests

from tools import odoo_env

START_TIMEOUT = 30
STOP_TIMEOUT = 15
REQUEST_TIMEOUT = 60


class EmulatorError(Exception):
    """It did not start, or refused a call of its control interface."""


class Emulator:
    """A running emulator; a context manager that stops it at the end.

    :param options: of its command line, but for the port
    :param port: by default one that is free
    :param log_path: begun anew at each start
    """

    def __init__(self, *options, log_path, port=0):
        self.url = None
        self._options = options
        self.log_path = log_path
        self._port = port
        self._process = None
        self._session = requests.Session()

    def start(self):
        """Start it and return when it answers; after a stop on the same port again.

        :raise EmulatorError: when it does not come up
        """
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self.log_path.unlink(missing_ok=True)
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gupshup_emulator"),
                    *(f"--port={self._port}", *self._options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(odoo_env.ROOT / "emulator")},
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not (ready := re.search(r"emulator ready on (\S+)", self._log())):
            if not self.is_running() or time.monotonic() > deadline:
                self.stop()
                raise EmulatorError(f"The emulator does not start:\n{self._log()}")
            time.sleep(0.05)  # a log has no event to wait for
        self.url = ready[1]
        self._port = self.url.rpartition(":")[2]
        return self

    def _log(self):
        return self.log_path.read_text()

    def is_running(self):
        """Tell whether its process is alive."""
        return self._process is not None and self._process.poll() is None

    def stop(self):
        """End it. Whoever calls it from now on is refused the connection."""
        if self.is_running():
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT)
            self._process.kill()
            self._process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()

    def call(self, method, path, body=None, **params):
        """Call the control interface; return what it answers.

        :raise EmulatorError: when it refuses
        """
        answer = self._session.request(
            method,
            f"{self.url}/control/{path}",
            json=body,
            params=params,
            timeout=REQUEST_TIMEOUT,
        )
        if not answer.ok:
            raise EmulatorError(f"{path}: {answer.text[:2000]}")
        return answer.json()
