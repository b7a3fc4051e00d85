"""CPU time of one Odoo and of its share of PostgreSQL, from /proc."""

import os
from pathlib import Path
from typing import NamedTuple

from tools import odoo_env

_TICK = 1 / os.sysconf("SC_CLK_TCK")


class _Process(NamedTuple):
    pid: int
    parent: int
    group: int
    seconds: float
    children_seconds: float


def _read(path):
    try:
        text = (path / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the name in brackets, which may hold anything.
    fields = text.rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, fields[11:15])
    return _Process(
        int(path.name),
        int(fields[1]),
        int(fields[2]),
        (user + system) * _TICK,
        (children_user + children_system) * _TICK,
    )


def _title(pid):
    try:
        return Path("/proc", str(pid), "cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class CpuMeter:
    """Counts CPU seconds: Odoo's processes, and the database's backends.

    PostgreSQL's backends that have ended (Odoo opens one for each NOTIFY) count as a
    sum that its main process keeps for the whole cluster. Other users of the cluster
    disturb it: hence measures are made of short blocks, whose median is taken.

    :param odoo: the ``OdooProcess``
    :param excluded: process numbers of the benchmark's own backends
    """

    def __init__(self, odoo, excluded=()):
        self._group = odoo.process.pid
        self._database = f" {odoo.database} "
        self._excluded = set(excluded)
        pid_file = Path(odoo_env.setting("PGHOST"), "data", "postmaster.pid")
        self._postmaster = int(pid_file.read_text().splitlines()[0])

    def read(self):
        """Return the CPU seconds used so far; only differences mean something."""
        found = (_read(path) for path in Path("/proc").glob("[0-9]*"))
        return sum(self._count(process) for process in found if process)

    def _count(self, process):
        if process.group == self._group:
            is_main = process.pid == self._group
            return process.seconds + (process.children_seconds if is_main else 0)
        if process.pid == self._postmaster:
            return process.children_seconds
        is_ours = (
            process.parent == self._postmaster
            and process.pid not in self._excluded
            and self._database in _title(process.pid)
        )
        return process.seconds if is_ours else 0
