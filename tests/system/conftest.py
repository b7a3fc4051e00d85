# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fixtures of the tests against real processes.

``centre`` is shared by all tests that leave it as they found it; each uses customers of
its own. ``new_centre`` is for those that break something.
"""

import os
import re
from itertools import count

import pytest
from harness.centre import Centre
from harness.databases import forget_dead_runs, prepare

from tools import browser, odoo_env

PREFIX = "wa_sys_"
#: One process with threads, and two workers.
SERVER_MODES = [0, 2]
#: For what screens show, which is the same in each mode: the whole conversation and the
#: offers prove in both that a screen hears of what happens.
in_one_mode = pytest.mark.parametrize(
    "shared_centre", [0], ids="workers{}".format, indirect=True
)

_numbers = count(1)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Return the name of a database with a small contact centre, only to be copied."""
    forget_dead_runs(PREFIX)
    name = f"{PREFIX}{os.getpid()}_prepared"
    try:
        prepare(name, tmp_path_factory.mktemp("prepared"))
        yield name
    finally:
        odoo_env.drop(name)


@pytest.fixture(scope="session")
def make_centre(prepared, tmp_path_factory):
    """Return a function that makes a centre, not started yet."""

    def make(workers, options=()):
        name = odoo_env.create_copy(
            f"{PREFIX}{os.getpid()}_{next(_numbers)}", template=prepared
        )
        return Centre(name, workers, tmp_path_factory.mktemp("centre"), options)

    return make


@pytest.fixture(scope="session", params=SERVER_MODES, ids="workers{}".format)
def shared_centre(request, make_centre):
    """Yield a centre in each mode of Odoo's server, shared by tests."""
    with make_centre(request.param) as centre:
        yield centre


@pytest.fixture
def centre(shared_centre):
    """Yield the shared centre with an emulator like new; nothing may go wrong in it.

    Whatever a test delivers, afterwards the journal has a row for each delivery and no
    other, nothing waits, and Odoo has not logged a single error.
    """
    shared_centre.begin_anew()
    logged = len(shared_centre.log())
    yield shared_centre
    shared_centre.wait_counted()
    shared_centre.wait_applied()
    assert troubles(shared_centre.log()[logged:]) == []


@pytest.fixture(scope="module")
def chromium():
    """Yield a browser for all tests of a file."""
    with browser.chromium() as running:
        yield running


@pytest.fixture
def new_centre(make_centre):
    """Return a function that starts a centre for one test alone."""
    started = []

    def start(workers, options=()):
        started.append(make_centre(workers, options))
        return started[-1].start()

    yield start
    for centre in started:
        centre.stop()


@pytest.fixture
def files(tmp_path):
    """Return a function that puts a file on the disk and returns its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def troubles(log):
    """Return the lines of Odoo's log that tell of an error."""
    return re.findall(r"^.* (?:ERROR|CRITICAL) .*$", log, re.MULTILINE)
