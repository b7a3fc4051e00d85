# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Floors: the least that Odoo does for a request, and for a message in a channel.

The routes are declared as the addon's callback is, so that they differ in nothing but
the work that is measured.
"""

import json

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

LIKE_A_CALLBACK = {
    "type": "http",
    "auth": "none",
    "methods": ["POST"],
    "csrf": False,
    "save_session": False,
    "readonly": False,
}


def as_superuser():
    """Return the request's environment, from now on of the superuser."""
    request.update_env(user=SUPERUSER_ID)
    return request.env


class FloorController(http.Controller):
    @http.route("/whatsapp_omni_bench/noop", **LIKE_A_CALLBACK)
    def noop(self):
        """Do nothing."""
        return Response(status=200)

    @http.route("/whatsapp_omni_bench/durable", **LIKE_A_CALLBACK)
    def durable(self):
        """Write the body down once and commit: no acknowledgement can do less."""
        body = request.httprequest.get_data()
        request.env.cr.execute(
            """
            INSERT INTO whatsapp_omni_bench_journal (key, body) VALUES (%s, %s)
                ON CONFLICT (key) DO NOTHING
            """,
            (json.loads(body)["key"], body.decode()),
        )
        return Response(status=200)

    @http.route("/whatsapp_omni_bench/message_post", **LIKE_A_CALLBACK)
    def message_post(self):
        """Post one message of a guest in a channel, with Odoo's own method.

        Takes ``{"channel", "guest", "text"}``. It runs as the public user with a guest
        in the context, which is how Discuss itself posts what a visitor writes.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        guest = env["mail.guest"].browse(wanted["guest"])
        channel = env["discuss.channel"].browse(wanted["channel"])
        public = env.ref("base.public_user")
        channel.with_user(public).with_context(guest=guest).sudo().message_post(
            body=wanted["text"],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        return Response(status=200)
