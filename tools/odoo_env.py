"""Copies of the template database, and real Odoo processes on them.

For whatever one transaction cannot show: races, crashes, restarts, several workers.
Used by tests/system, benchmarks and ./dev itself. Imports nothing of Odoo::

    from tools import odoo_env

    database = odoo_env.create_copy("wa_race")  # 0.2 s: tables, files, web bundles
    try:
        with odoo_env.start_odoo(database, workers=2) as odoo:
            requests.post(f"{odoo.url}/whatsapp_omni/callback/...")
            with odoo_env.connect(database) as connection: ...
    finally:
        odoo_env.drop(database)

``start_odoo`` returns once Odoo answers; its log is at ``odoo.log_path``. ``./dev``
sets these variables, and leaves them in ``.dev/env`` as well, so that this module works
in a plain ``.dev/venv/bin/python`` too:

=====================  ==============================================================
PGHOST                 directory of the private cluster's socket
WA_OMNI_TEMPLATE_DB    database with the addon and without demo data: only copy it
WA_OMNI_ODOO           directory that holds the Python package ``odoo``
WA_OMNI_CONF           Odoo's configuration file: addons path, data directory, socket
WA_OMNI_FILESTORE      Odoo's data directory: files of database X in ``filestore/X``
=====================  ==============================================================
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".dev"
LOCALHOST = "127.0.0.1"
START_TIMEOUT = 120
STOP_TIMEOUT = 30


class OdooEnvError(Exception):
    """The environment is not set up, or Odoo did not start; the message says which."""


def setting(name):
    """Return a variable of the environment, or what ``./dev`` left in ``.dev/env``."""
    if name not in os.environ:
        os.environ.update(
            {k: v for k, v in _saved_settings().items() if k not in os.environ}
        )
    try:
        return os.environ[name]
    except KeyError:
        raise OdooEnvError(f"{name} is not set: run ./dev test once") from None


def _saved_settings():
    try:
        lines = (STATE / "env").read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines)


# --- databases ---------------------------------------------------------------------


def connect(database):
    """Open a psycopg2 connection to a database of the private cluster."""
    return psycopg2.connect(host=setting("PGHOST"), dbname=database)


def execute(statement, database="postgres"):
    """Run one SQL statement outside a transaction; return its rows, if it has any."""
    connection = connect(database)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def exists(database):
    """Tell whether the database exists."""
    query = sql.SQL("SELECT 1 FROM pg_database WHERE datname = {}")
    return bool(execute(query.format(sql.Literal(database))))


def filestore(database):
    """Return the directory of a database's files."""
    return Path(setting("WA_OMNI_FILESTORE"), "filestore", database)


def create_copy(name, template=None):
    """Make the database ``name`` a fresh copy of the template; return ``name``.

    An existing one of that name is dropped first. Files are hard links: Odoo writes new
    files and removes old ones, but never changes one.
    """
    template = template or setting("WA_OMNI_TEMPLATE_DB")
    drop(name)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    if filestore(template).is_dir():
        shutil.copytree(filestore(template), filestore(name), copy_function=os.link)
    return name


def drop(name):
    """Drop a database, whoever is connected to it, and its files."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    execute(statement.format(sql.Identifier(name)))
    shutil.rmtree(filestore(name), ignore_errors=True)


# --- processes ---------------------------------------------------------------------


def free_ports(count):
    """Return TCP ports that nobody listens on at the moment, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOCALHOST, 0))
        return [probe.getsockname()[1] for probe in probes]


def free_port():
    """Return a TCP port that nobody listens on at the moment."""
    return free_ports(1)[0]


def odoo_command(*arguments):
    """Return the command line that runs Odoo with the project's configuration."""
    launcher = str(ROOT / "tools" / "odoo_bin.py")
    command = [sys.executable, launcher, *arguments]
    return [*command, "--config", setting("WA_OMNI_CONF")]


class OdooProcess:
    """A running Odoo; a context manager that stops it at the end.

    ``process`` is the ``subprocess.Popen`` of the main process, which leads a process
    group of its own with all workers in it. ``url`` answers everything, websockets
    included. With workers that takes a proxy in front (tools/proxy.py), and
    ``direct_url`` goes round it: to the HTTP workers, for measuring.
    """

    def __init__(self, database, workers, port, options, log_path):
        self.database = database
        self.workers = workers
        self.port = port
        self.log_path = Path(log_path)
        self.url = f"http://{LOCALHOST}:{port}"
        inner_port, self.gevent_port = free_ports(2)
        self.http_port = inner_port if workers else port
        self.direct_url = f"http://{LOCALHOST}:{self.http_port}"
        self._options = options
        self.process = None
        self._spawned = []

    def start(self):
        """Start the process and return when it answers.

        :raise OdooEnvError: when it ends or is still silent after two minutes.
        """
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        options = [
            f"--database={self.database}",
            f"--db-filter=^{self.database}$",
            f"--workers={self.workers}",
            f"--http-port={self.http_port}",
            f"--gevent-port={self.gevent_port}",
        ]
        if self.workers:
            options += ["--proxy-mode", f"--http-interface={LOCALHOST}"]
            self._spawn(self._proxy_command())
        self.process = self._spawn(odoo_command(*options, *self._options))
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def _proxy_command(self):
        ports = (self.port, self.http_port, self.gevent_port)
        script = ROOT / "tools" / "proxy.py"
        return [sys.executable, str(script), *map(str, ports)]

    def _spawn(self, command):
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._spawned.append(process)
        return process

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_TIMEOUT
        for url in (f"{self.url}/web/login", f"{self.url}/websocket/health"):
            while not answers(url):
                if not self.is_running():
                    raise OdooEnvError(f"Odoo ended at its start:\n{self.log_tail()}")
                if time.monotonic() > deadline:
                    raise OdooEnvError(f"Odoo is silent:\n{self.log_tail()}")
                time.sleep(0.1)

    def is_running(self):
        """Tell whether the main process is alive."""
        return self.process is not None and self.process.poll() is None

    def log_tail(self, lines=30):
        """Return the end of the log."""
        return "\n".join(self.log_path.read_text().splitlines()[-lines:])

    def stop(self):
        """End the process as an administrator would; kill it if it does not listen."""
        if self.is_running():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_TIMEOUT)
        self.kill()

    def kill(self):
        """Kill the main process and all workers at once: a crash."""
        while self._spawned:
            process = self._spawned.pop()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def restart(self):
        """Stop and start again on the same ports."""
        self.stop()
        return self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.stop()


def answers(url):
    """Tell whether a web server answers at ``url``, with whatever below status 500."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            # Whoever hangs up on the answer keeps Odoo from the work that follows it.
            answer.read()
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def start_odoo(database, workers=0, port=None, options=(), log_path=None):
    """Start Odoo on a database and return an :class:`OdooProcess` that answers.

    :param int workers: 0 is one process with threads; otherwise that many processes,
        and one more for websockets, behind a proxy that makes them one address.
    :param int port: of the address ``url``; by default one that is free.
    :param options: further options of Odoo's command line: ``--log-level=debug``.
    :param log_path: defaults to ``.dev/log/odoo-DATABASE.log``; appended to.
    :raise OdooEnvError: when it does not come up; the message holds the log's end.
    """
    log_path = log_path or STATE / "log" / f"odoo-{database}.log"
    port = port or free_port()
    return OdooProcess(database, workers, port, tuple(options), log_path).start()
