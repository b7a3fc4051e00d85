# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A line with menus, and what routing a customer's message there takes."""

import json
import time

from odoo import Command, http
from odoo.http import request

from .floors import LIKE_A_CALLBACK, as_superuser
from .scenery import answer

# Closed conversations of the customers who are there already, as history.
_CLOSED = """
    INSERT INTO whatsapp_omni_conversation
           (channel_id, line_id, customer_id, company_id, queue_id, state, close_reason,
            opened_at, closed_at, last_message_at)
    SELECT channel_id, line_id, customer_id, company_id, queue_id, 'closed', 'agent',
           now(), now(), now()
      FROM (SELECT * FROM whatsapp_omni_conversation ORDER BY id LIMIT 100) known,
           generate_series(1, %s)
"""


class RoutingController(http.Controller):
    @http.route("/whatsapp_omni_bench/menus", **LIKE_A_CALLBACK)
    def menus(self):
        """Create a line that goes through two nested menus.

        Takes ``{"line": values}``.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        queue = env["whatsapp_omni.queue"].search([], limit=1)
        inner = self._make_menu(env, "Inner", "queue_id", queue)
        outer = self._make_menu(env, "Outer", "target_menu_id", inner)
        line = env["whatsapp_omni.line"].create(
            {
                **wanted["line"],
                "provider_id": env["whatsapp_omni.provider"].search([], limit=1).id,
                "queue_id": queue.id,
                "destination": "menu",
                "menu_id": outer.id,
                "calendar_id": env.company.resource_calendar_id.copy(
                    {
                        "attendance_ids": [Command.clear()]
                        + [self._around_the_clock(day) for day in range(7)]
                    }
                ).id,
            }
        )
        return answer({"line": line.id})

    def _around_the_clock(self, day):
        return Command.create(
            {"name": "Open", "dayofweek": str(day), "hour_from": 0, "hour_to": 24}
        )

    def _make_menu(self, env, name, field, target):
        kind = "menu" if field == "target_menu_id" else "queue"
        return env["whatsapp_omni.menu"].create(
            {
                "name": name,
                "body": f"{name}?",
                "option_ids": [
                    Command.create(
                        {"title": f"Option {n}", "target_kind": kind, field: target.id}
                    )
                    for n in range(5)
                ],
            }
        )

    @http.route("/whatsapp_omni_bench/more", **LIKE_A_CALLBACK)
    def more(self):
        """Add menus, and closed conversations to each of a hundred customers.

        Takes ``{"menus", "closed"}``: how many.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        queue = env["whatsapp_omni.queue"].search([], limit=1)
        for number in range(wanted["menus"]):
            self._make_menu(env, f"Menu {number}", "queue_id", queue)
        env.cr.execute(_CLOSED, (wanted["closed"],))
        return answer({})

    @http.route("/whatsapp_omni_bench/route", **LIKE_A_CALLBACK)
    def route(self):
        """Apply first messages and answers, each pair taken back again.

        Takes ``{"token", "pairs": [[body, body]]}``; returns seconds and
        statements that each first message and each answer took.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        found = []
        for pair in wanted["pairs"]:
            savepoint = env.cr.savepoint()
            found.append([self._apply(env, wanted["token"], body) for body in pair])
            savepoint.rollback()
            savepoint.close()
        env.cr.rollback()
        return answer(found)

    def _apply(self, env, token, body):
        Event = env["whatsapp_omni.event"]
        Event._receive(token, json.dumps(body).encode())
        env.flush_all()
        env.invalidate_all()
        began, before = time.perf_counter(), env.cr.sql_log_count
        Event._apply_batch(25)
        env.flush_all()
        return time.perf_counter() - began, env.cr.sql_log_count - before
