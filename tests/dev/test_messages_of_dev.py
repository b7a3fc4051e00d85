# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What ./dev says on a machine that lacks something, and its exit code.

Exit code 2: this machine lacks what the message names. 1: something else went wrong.

Each test has a copy of the scripts, so that their state is thrown away, and a PATH of
its own: the programs of this machine, some of them missing or replaced by stubs.
"""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import odoo_env

BIN = Path("/usr/bin")
#: What a test may take away. Nothing is ever installed: these do nothing but fail.
MISSED = ("apt-get", "chromium", "node", "npm", "pg_config")
PLENTY, LITTLE = 90_000, 10
ORDINARY_USER, ROOT_USER = 1000, 0


class Machine:
    """A machine with a fresh clone of the project, as far as the set-up needs it.

    Its user is an ordinary one, it has everything but a network.
    """

    def __init__(self, directory, programs):
        self.project = directory / "project"
        self.project.mkdir()
        for name in ("tools", "requirements"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(odoo_env.ROOT / name, self.project / name, ignore=ignored)
        for name in ("dev", "package-lock.json"):
            shutil.copy(odoo_env.ROOT / name, self.project)
        (self.project / ".dev" / "log").mkdir(parents=True)
        self.bin = directory / "bin"
        self.bin.mkdir()
        self.environment = {"PATH": f"{self.bin}:{programs}", "HOME": str(directory)}
        for name in MISSED:
            self.stub(name, "echo Temporary failure in name resolution; exit 100")
        self.environment["PYTHON"] = str(self._python_without_network())
        self.is_used_by(ORDINARY_USER)
        self.has_free(PLENTY)

    def _python_without_network(self):
        """Return a Python whose environments have a pip that reaches nobody."""
        pip = self.stub("stub-pip", '[ "$3" = --version ] || exit 1')
        return self.stub(
            "stub-python",
            f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp {pip} "$3/bin/python"; fi',
        )

    def lacks(self, *programs):
        """Take programs away."""
        for name in programs:
            (self.bin / name).unlink()

    def stub(self, name, script):
        """Replace a program by some lines of shell."""
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
        return path

    def has_free(self, megabytes):
        """Let every disk have so much space left."""
        row = f"/dev/stub 100000 1 {megabytes} 1% /"
        self.stub("df", f"echo Filesystem; echo '{row}'")

    def is_used_by(self, user_id):
        """Let the user be root (0) or an ordinary one."""
        self.stub(
            "id", f'[ "$1" != -u ] || {{ echo {user_id}; exit; }}\nexec {BIN}/id "$@"'
        )

    def has_no_postgresql(self):
        """Take PostgreSQL's server away, which is found by its directory."""
        self.lacks("pg_config")
        self.stub("ls", f'[[ "$*" != */postgresql/* ]] || exit 2\nexec {BIN}/ls "$@"')

    def run(self, *command):
        """Run one of the project's commands; return its exit code and its words."""
        result = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return result.returncode, result.stdout

    def last_words(self, *command):
        """Run a command; return its exit code and its last line."""
        code, output = self.run(*command)
        return code, output.splitlines()[-1]


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Return a directory with the programs of this machine, but for those missed."""
    directory = tmp_path_factory.mktemp("programs")
    for program in BIN.iterdir():
        if program.name not in MISSED:
            (directory / program.name).symlink_to(program)
    return directory


@pytest.fixture
def machine(tmp_path, programs):
    """Return a machine on which nothing of the project is set up."""
    return Machine(tmp_path, programs)


def test_failed_step_ends_with_its_reason(machine):
    """The line of the step says that it failed, the last line what to do about it."""
    code, output = machine.run("./dev", "test", "tests/protocol")
    debian, python, reason = output.splitlines()
    assert code == 1
    assert "Debian packages" in debian and "ok" in debian
    assert "Python packages" in python and "failed" in python
    assert reason.startswith("pip could not install the Python packages:")
    assert "It needs the network" in reason
    assert str(machine.project / ".dev" / "log" / "python.sh.log") in reason


@pytest.mark.parametrize(
    "step, beginning",
    [
        (("debian.sh", "test"), "apt-get could not install "),
        (("odoo.sh",), "apt could not fetch Odoo 19 from Debian:"),
        (("node.sh",), "npm could not install eslint and prettier:"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_no_network(machine, step, beginning):
    """Every step that fetches something says so, and where to read more."""
    machine.is_used_by(ROOT_USER)
    machine.lacks("chromium")
    code, words = machine.last_words(f"tools/{step[0]}", *step[1:])
    assert code == 1
    assert words.startswith(beginning)
    assert f"{step[0]}.log says why. It needs the network" in words


@pytest.mark.parametrize(
    "step",
    [("debian.sh", "test"), ("python.sh",), ("odoo.sh",), ("node.sh",)],
    ids=lambda step: step[0],
)
def test_no_disk(machine, step):
    """Nothing is fetched that would not fit, and the network is not blamed."""
    machine.is_used_by(ROOT_USER)
    machine.lacks("chromium")
    machine.has_free(LITTLE)
    code, words = machine.last_words(f"tools/{step[0]}", *step[1:])
    assert code == 2
    assert words.startswith(f"Only {LITTLE} MB are free below ")
    assert "network" not in words


def test_ordinary_user_is_told_one_line_for_the_administrator(machine):
    machine.lacks("chromium", "npm")
    code, output = machine.run("tools/debian.sh", "test")
    beginning, packages = output.split(" --yes ")
    assert code == 2
    assert beginning == (
        "An administrator has to run this once: apt-get update && "
        "apt-get install --no-install-recommends"
    )
    assert {"chromium", "npm"} <= set(packages.split())
    assert output.count("\n") == 1


def test_machine_without_apt_is_told_what_is_missing(machine):
    machine.lacks("chromium", "apt-get")
    code, words = machine.last_words("tools/debian.sh", "test")
    assert code == 2
    assert words.startswith("This machine lacks what Debian packages as: ")
    assert "chromium" in words


def test_no_chromium_is_no_matter_for_the_demo(machine):
    machine.lacks("chromium", "node", "npm")
    _code, output = machine.run("tools/debian.sh", "demo")
    assert not {"chromium", "nodejs", "npm"} & set(output.split())


@pytest.mark.parametrize(
    "step, words",
    [
        (("debian.sh", "demo"), "apt-get install --no-install-recommends --yes "),
        (("postgres.sh", "start"), "On Debian: apt-get install postgresql"),
    ],
    ids=["debian.sh", "postgres.sh"],
)
def test_no_postgresql(machine, step, words):
    machine.has_no_postgresql()
    code, said = machine.last_words(f"tools/{step[0]}", *step[1:])
    assert code == 2
    assert words in said and "postgresql" in said


@pytest.mark.parametrize("verb", ["demo", "up"])
@pytest.mark.parametrize("variable", ["ODOO_PORT", "EMULATOR_PORT"])
def test_port_is_taken(machine, verb, variable):
    """The message names who has the port, and the very command that goes round it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        free = odoo_env.free_ports(2)
        ports = dict(zip(("ODOO_PORT", "EMULATOR_PORT"), map(str, free), strict=True))
        machine.environment |= {**ports, variable: str(port)}
        code, words = machine.last_words(sys.executable, "-m", "tools.demo", verb)
    assert code == 1
    assert words.startswith(f"Port {port} is taken")
    assert words.endswith(f"choose another port: {variable}={port + 1} ./dev {verb}")


def test_what_is_no_port(machine):
    machine.environment["ODOO_PORT"] = "http"
    code, words = machine.last_words(sys.executable, "-m", "tools.demo", "demo")
    assert code == 1
    assert words == "ODOO_PORT=http is no port: choose a number below 65536."
