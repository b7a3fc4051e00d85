"""Run Odoo on the demo database and the GupShup emulator until interrupted.

``./dev demo`` and ``./dev up`` call this after the set-up, with their name as the first
argument. The ports come from the environment: ODOO_PORT, EMULATOR_PORT.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from psycopg2 import sql

from tools import emulator, odoo_env

DATABASE = "wa_demo"
# The secret part of the demo line's address, as in the addon's demo data.
CALLBACK_PATH = "/whatsapp_omni/callback/demo-callback-token-for-the-local-emulator"


class DemoError(Exception):
    """Something keeps the demo from running; the message says what to do."""


class Ports:
    """Where Odoo and the emulator listen, and what they call each other."""

    def __init__(self):
        self.odoo = chosen_port("ODOO_PORT", 8069)
        self.emulator = chosen_port("EMULATOR_PORT", 8090)
        self.odoo_url = f"http://127.0.0.1:{self.odoo}"
        self.emulator_url = f"http://127.0.0.1:{self.emulator}"

    def check(self, verb, with_emulator):
        """Make sure that both ports are free.

        :raise DemoError: naming who has the port and how to choose another.
        """
        require_free(self.odoo, "ODOO_PORT", verb)
        if with_emulator:
            require_free(self.emulator, "EMULATOR_PORT", verb)


def chosen_port(variable, default):
    """Return the port that the environment names, or the default."""
    text = os.environ.get(variable, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DemoError(f"{variable}={text} is no port: choose a number below 65536.")
    return int(text)


def require_free(port, variable, verb):
    """Raise unless the port is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            raise DemoError(
                f"Port {port} is taken{listener(port)}. Stop that program, or choose "
                f"another port: {variable}={port + 1} ./dev {verb}"
            ) from None


def listener(port):
    """Return " by NAME (process N)" for who listens on a port, or nothing."""
    if not shutil.which("ss"):
        return ""
    command = ["ss", "--listening", "--tcp", "--processes", "--no-header", "--numeric"]
    result = subprocess.run(
        [*command, f"sport = :{port}"], capture_output=True, text=True, check=False
    )
    match = re.search(r'users:\(\("([^"]+)",pid=(\d+)', result.stdout)
    return f" by {match[1]} (process {match[2]})" if match else ""


# --- the emulator -------------------------------------------------------------------


def new_emulator(ports, directory):
    """Return the emulator, told where the demo line takes its callbacks."""
    return emulator.Emulator(
        f"--state={directory / 'emulator.json'}",
        f"--callback={ports.odoo_url}{CALLBACK_PATH}",
        port=ports.emulator,
        log_path=directory / "log" / "emulator.log",
    )


# --- Odoo ---------------------------------------------------------------------------


def connect_both(ports, database):
    """Tell the demo database its own address and the emulator's."""
    set_parameter(database, "web.base.url", ports.odoo_url)
    set_parameter(database, "web.base.url.freeze", "True")
    statement = sql.SQL(
        "UPDATE whatsapp_omni_provider SET base_url = {url}, media_origins = {url}"
        " WHERE base_url LIKE 'http://127.0.0.1:%' AND base_url <> {url}"
    )
    url = sql.Literal(ports.emulator_url)
    odoo_env.execute(statement.format(url=url), database)


def set_parameter(database, key, value):
    """Set one of Odoo's system parameters."""
    statement = sql.SQL(
        "INSERT INTO ir_config_parameter (key, value) VALUES ({}, {})"
        " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value"
    )
    odoo_env.execute(statement.format(sql.Literal(key), sql.Literal(value)), database)


def introduce(ports, with_emulator, log_path):
    """Say where to go and how to log in."""
    print()
    print(f"  Odoo         {ports.odoo_url}")
    print("               agent / agent, supervisor / supervisor, admin / admin")
    if with_emulator:
        print(f"  Phone        {ports.emulator_url}")
    print(f"  Logs         {os.path.relpath(log_path, odoo_env.ROOT)}")
    print()
    print("  Ctrl-C stops everything.", flush=True)


def run(arguments):
    """Start, wait for an interruption, stop."""
    ports = Ports()
    ports.check(arguments.verb, not arguments.no_emulator)
    connect_both(ports, arguments.database)
    developing = arguments.verb == "up"
    options = ["--dev=reload,xml"] if developing else []
    log_path = arguments.directory / "log" / "odoo-demo.log"
    with contextlib.ExitStack() as stack:
        gupshup = None
        if not arguments.no_emulator:
            gupshup = stack.enter_context(new_emulator(ports, arguments.directory))
        odoo = odoo_env.OdooProcess(
            arguments.database, arguments.workers, ports.odoo, options, log_path
        )
        stack.enter_context(odoo)
        odoo.start()
        introduce(ports, gupshup is not None, log_path)
        if developing:
            follow = subprocess.Popen(["tail", "-n", "0", "-F", str(log_path)])
            stack.callback(follow.terminate)
        watch(odoo, gupshup)


def watch(odoo, gupshup):
    """Return when interrupted.

    :raise DemoError: when one of the two ends by itself.
    """
    while True:
        if not odoo.is_running():
            raise DemoError(f"Odoo has ended:\n{odoo.log_tail()}")
        if gupshup and not gupshup.is_running():
            raise DemoError(f"The emulator has ended, see {gupshup.log_path}")
        time.sleep(0.5)


def parse_arguments():
    """Return what the command line says; tests have places of their own."""
    parser = argparse.ArgumentParser(prog="./dev")
    parser.add_argument("verb", choices=("demo", "up"))
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="Odoo with N worker processes",
    )
    parser.add_argument(
        "--no-emulator", action="store_true", help="start Odoo and PostgreSQL only"
    )
    parser.add_argument("--database", default=DATABASE, help=argparse.SUPPRESS)
    parser.add_argument(
        "--directory", type=Path, default=odoo_env.STATE, help=argparse.SUPPRESS
    )
    return parser.parse_args()


def main():
    """Read the options and run."""
    arguments = parse_arguments()
    # Whoever ends this process means all that it has started.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        run(arguments)
    except KeyboardInterrupt:
        print("\n  Stopped.", flush=True)
    except (DemoError, emulator.EmulatorError, odoo_env.OdooEnvError) as error:
        sys.exit(str(error))
    finally:
        release = [str(odoo_env.ROOT / "tools" / "postgres.sh"), "release"]
        subprocess.run(release, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
