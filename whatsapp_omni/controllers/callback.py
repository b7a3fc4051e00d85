# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import partial

from odoo import http
from odoo.http import Response, request

from ..tools import log_filter
from ..tools.background import is_real_cursor

log_filter.install()

#: Callbacks are a few kilobytes. What is longer than this is noted, not kept.
MAX_CALLBACK_BYTES = 1_000_000


class CallbackController(http.Controller):
    @http.route(
        f"{log_filter.CALLBACK_PATH}<string:token>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
    )
    def callback(self, token):
        """Acknowledge one callback of GupShup: write it down, answer, then apply it.

        The token in the address proves the origin, as GupShup signs nothing; a line may
        ask for a network as well, and who is in none gets the answer to a wrong token.
        Whatever could be written down is answered with 200 and an empty body: another
        answer may mean that the event is lost, or sent again for ever.
        """
        # sudo: whatsapp_omni.event - nobody is logged in; the token is the proof
        Event = request.env["whatsapp_omni.event"].sudo()
        received = Event._receive(
            token,
            self._read_body(),
            address=request.httprequest.remote_addr,
            alone=True,
        )
        if received is None:
            return Response(status=404)
        response = Response(status=200)
        if is_real_cursor(request.env.cr):
            response.call_on_close(partial(Event._after_answer, received))
        else:
            Event._apply_in_test(received)
        return response

    def _read_body(self):
        """Return the body as bytes, None when it is too long to be a callback."""
        httprequest = request.httprequest
        if (httprequest.content_length or 0) > MAX_CALLBACK_BYTES:
            # Read to its end: who still sends would not see the answer.
            httprequest.get_data(cache=False)
            return None
        body = httprequest.get_data()
        return body if len(body) <= MAX_CALLBACK_BYTES else None
