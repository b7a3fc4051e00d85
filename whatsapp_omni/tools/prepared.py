# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements that PostgreSQL plans once for each process, not once for each request.

Odoo forgets all plans of a connection whenever a request takes it from the pool. What a
callback writes is one row: to plan that costs more than to write it. So each process
keeps one connection to each database for its acknowledgements. It holds no transaction
between two statements, and nothing is lost with it: who cannot have it uses the
request's own cursor.
"""

import logging
import re
import threading
from collections import defaultdict
from contextlib import contextmanager

import psycopg2

from odoo.sql_db import db_connect

from . import background

_logger = logging.getLogger(__name__)

_PARAM = re.compile(r"%\((\w+)\)s")

_locks = defaultdict(threading.Lock)
_kept = {}


class PreparedCursor:
    """A cursor on which each statement is a transaction, and is planned only once.

    Statements take their parameters by name.
    """

    def __init__(self, database):
        self._database = database
        self._cr = None
        self._calls = {}

    def execute(self, statement, params):
        if self._cr is None:
            self._cr = db_connect(self._database).cursor()
            background.autocommit(self._cr)
        if statement not in self._calls:
            self._calls[statement] = self._prepare(statement)
        self._cr.execute(self._calls[statement], params, log_exceptions=False)

    def _prepare(self, statement):
        """Have a statement planned; return the one that runs it."""
        name = f"whatsapp_omni_{len(self._calls)}"
        params = list(dict.fromkeys(_PARAM.findall(statement)))
        places = {param: f"${place}" for place, param in enumerate(params, 1)}
        prepared = _PARAM.sub(lambda match: places[match[1]], statement)
        # Only the places of the values are filled in, not the values.
        # pylint: disable-next=sql-injection
        self._cr.execute(f"PREPARE {name} AS {prepared}", log_exceptions=False)
        return f"EXECUTE {name} ({', '.join(f'%({param})s' for param in params)})"

    @property
    def rowcount(self):
        return self._cr.rowcount

    def fetchone(self):
        return self._cr.fetchone()

    def close(self):
        # Closed, the pool forgets it; given back, others would find what is wrong.
        if self._cr is not None:
            self._cr.connection.close()


@contextmanager
def prepared_cursor(database):
    """Yield this process's prepared cursor, None when another thread is using it.

    An error of PostgreSQL ends the block and the cursor, silently: the same is to be
    tried on another cursor, which tells whether it was the connection or the statement.
    """
    lock = _locks[database]
    if not lock.acquire(blocking=False):
        yield None
        return
    kept = _kept.setdefault(database, PreparedCursor(database))
    try:
        yield kept
    except psycopg2.Error as error:
        _logger.info("The connection for callbacks is given up: %s", type(error))
        del _kept[database]
        kept.close()
    finally:
        lock.release()
