# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import threading

from odoo.tests import TransactionCase, tagged

from ..tools import prepared
from ..tools.prepared import PreparedCursor, prepared_cursor

SUM = "SELECT %(one)s + %(other)s, %(one)s * 10"


@tagged("post_install", "-at_install")
class TestPrepared(TransactionCase):
    """The connection on which a process acknowledges callbacks."""

    def setUp(self):
        super().setUp()
        self.database = self.env.cr.dbname
        self.addCleanup(self.give_up)

    def give_up(self):
        kept = prepared._kept.pop(self.database, None)
        if kept:
            kept.close()

    def ask(self, cr, statement, **params):
        cr.execute(statement, params)
        return cr.fetchone()

    def test_a_statement_is_planned_once_and_run_with_any_values(self):
        with prepared_cursor(self.database) as cr:
            self.assertEqual(self.ask(cr, SUM, one=1, other=2), (3, 10))
            self.assertEqual(self.ask(cr, SUM, other=5, one=4), (9, 40))
            planned = "SELECT count(*) FROM pg_prepared_statements WHERE %(yes)s"
            self.assertEqual(self.ask(cr, planned, yes=True), (2,))

    def test_values_are_no_sql(self):
        with prepared_cursor(self.database) as cr:
            text = "'); DROP TABLE x; -- %s $1"
            self.assertEqual(self.ask(cr, "SELECT %(text)s::text", text=text), (text,))

    def test_it_holds_no_transaction_between_two_statements(self):
        with prepared_cursor(self.database) as cr:
            self.ask(cr, "SELECT %(one)s", one=1)
            pid = self.ask(cr, "SELECT pg_backend_pid() WHERE %(yes)s", yes=True)[0]
        self.env.cr.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", (pid,))
        self.assertEqual(self.env.cr.fetchone(), ("idle",))

    def test_it_is_kept_for_the_next(self):
        with prepared_cursor(self.database) as first:
            pass
        with prepared_cursor(self.database) as second:
            self.assertIs(second, first)

    def test_who_finds_it_in_use_does_not_wait(self):
        found = []

        def ask_beside():
            with prepared_cursor(self.database) as cr:
                found.append(cr)

        with prepared_cursor(self.database) as cr:
            self.assertIsInstance(cr, PreparedCursor)
            other = threading.Thread(target=ask_beside)
            other.start()
            other.join(10)
        self.assertEqual(found, [None])

    def test_what_is_broken_is_given_up_and_replaced(self):
        with prepared_cursor(self.database) as broken:
            self.ask(broken, "SELECT %(text)s::int", text="no number")
            self.fail("PostgreSQL took it")
        with prepared_cursor(self.database) as cr:
            self.assertIsNot(cr, broken)
            self.assertEqual(self.ask(cr, SUM, one=1, other=2), (3, 10))
