# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Work that goes on after the answer: isolation, single flight, hand-over.

Background work of this addon always follows one pattern: a short batch per
transaction, READ COMMITTED, claimed by locks in the database, resumable by any other
process. Nothing here keeps state that a crash could lose.
"""

import logging
import threading
import time
from collections import defaultdict
from contextlib import contextmanager

from psycopg2.extensions import (
    ISOLATION_LEVEL_AUTOCOMMIT,
    ISOLATION_LEVEL_READ_COMMITTED,
)

from odoo import SUPERUSER_ID, api
from odoo.http import request
from odoo.sql_db import Cursor

_logger = logging.getLogger(__name__)

#: Seconds of work that a request may do after its answer was sent. A worker is deaf
#: that long; what is left goes to the scheduled action.
REQUEST_SECONDS = 1.0


def is_real_cursor(cr):
    """Tell a cursor of its own transaction from a test's, which is a savepoint."""
    return isinstance(cr, Cursor)


def read_committed(cr):
    """Run ``cr``'s next transactions in READ COMMITTED.

    Odoo's default, REPEATABLE READ, makes concurrent writers of one row fail and
    sleep. Under READ COMMITTED they wait for each other, at a price: whatever reads
    and then writes must lock the row first or do both in one statement. The level goes
    back by itself when the connection returns to the pool. It must be called before
    anything was written, because changing the level rolls the transaction back.
    """
    if is_real_cursor(cr):
        cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)


def autocommit(cr):
    """Let each of ``cr``'s statements be a transaction of its own.

    For a request that writes one row: it spares PostgreSQL's answers to BEGIN and
    COMMIT, which take longer than the row. It ends as :func:`read_committed` does.
    """
    if is_real_cursor(cr):
        cr.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)


def read_committed_request(env):
    """Let the rest of a request that wrote nothing so far run in READ COMMITTED.

    For what people do to rows that background work changes all the time: a request in
    REPEATABLE READ that comes second would fail, sleep up to a second, and be repeated.
    This one just waits its turn, and sees the row as it is then: lock it first.
    """
    if not request or request.env.cr is not env.cr or not is_real_cursor(env.cr):
        return
    env.flush_all()
    env.cr.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
    if env.cr.fetchone()[0]:
        env.cr.commit()
        read_committed(env.cr)


@contextmanager
def background_env(registry):
    """Yield a superuser environment on a READ COMMITTED cursor of its own."""
    with registry.cursor() as cr:
        read_committed(cr)
        yield api.Environment(cr, SUPERUSER_ID, {})


@contextmanager
def own_transactions(env):
    """Yield an environment with all rights and its commit, for work with the provider.

    Nothing may be locked while a provider is waited for, so such work commits between
    its steps. In a request it has a cursor of its own; elsewhere (a test, a shell) the
    transaction is the caller's, and not committed.
    """
    if request and request.env.cr is env.cr and is_real_cursor(env.cr):
        with background_env(env.registry) as own:
            yield own(user=env.uid, su=True, context=env.context), own.cr.commit
    else:
        yield env(su=True), lambda: None


class SingleFlight:
    """Let one thread of this process do a kind of work, and miss no call.

    Any number of threads may call :meth:`run`; one works, the others leave a note and
    return at once, and the worker looks again before it leaves. The database lock
    decides between processes; this spares each thread a cursor just to lose it.
    """

    def __init__(self):
        self._locks = defaultdict(threading.Lock)
        self._asked = defaultdict(bool)

    def run(self, key, work):
        """Call ``work()`` until nobody has asked for ``key`` during the last call."""
        self._asked[key] = True
        while self._asked[key] and self._locks[key].acquire(blocking=False):
            try:
                self._asked[key] = False
                work()
            finally:
                self._locks[key].release()


class TimeBox:
    """A number of seconds to work in."""

    def __init__(self, seconds):
        self._end = time.monotonic() + seconds

    @property
    def open(self):
        return time.monotonic() < self._end


def quietly(work, *args):
    """Call ``work`` where nobody is left to answer to: log what it raises."""
    try:
        work(*args)
    except Exception:
        _logger.exception("Background work of whatsapp_omni failed")
