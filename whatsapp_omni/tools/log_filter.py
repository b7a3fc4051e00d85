# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Keep callback addresses out of the log.

The address is the secret that proves a callback, and the HTTP server writes the address
of each request into its access log.
"""

import logging
import re

CALLBACK_PATH = "/whatsapp_omni/callback/"

_ADDRESS = re.compile(rf"({re.escape(CALLBACK_PATH)})[^\s?\"'#]+")


class HideCallbackTokens(logging.Filter):
    """Replace the secret part of callback addresses in whatever is logged."""

    def filter(self, record):
        if CALLBACK_PATH in (text := record.getMessage()):
            record.msg, record.args = _ADDRESS.sub(r"\1***", text), ()
        return True


def install():
    """Watch the access log; harmless when called again."""
    access_log = logging.getLogger("werkzeug")
    if not any(isinstance(f, HideCallbackTokens) for f in access_log.filters):
        access_log.addFilter(HideCallbackTokens())
