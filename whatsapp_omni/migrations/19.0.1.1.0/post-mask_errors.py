# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Hide what the reasons of failures quote, where they were kept as they came."""

from odoo import SUPERUSER_ID, api
from odoo.fields import Domain

#: Rows at a time: there may be more than fit into memory.
BATCH = 1000


def migrate(cr, _version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    _mask_reasons(env["whatsapp_omni.message"])
    _mask_errors(env["whatsapp_omni.event"])


def _mask_reasons(Message):
    """Put the reasons where our code reads them; what people read follows, masked."""
    unmasked = Domain("error_reason", "!=", False) & Domain(
        "provider_reason", "=", False
    )
    for messages in _batches(Message, unmasked):
        for message in messages:
            message.provider_reason = message.error_reason


def _mask_errors(Event):
    for events in _batches(Event, Domain("error", "!=", False)):
        for event in events:
            masked = event._mask_error(event.line_id, event.error)
            if masked != event.error:
                event.error = masked


def _batches(Model, domain):
    last_id = 0
    while found := Model.search(
        domain & Domain("id", ">", last_id), order="id", limit=BATCH
    ):
        last_id = found[-1].id
        yield found
        Model.env.flush_all()
        Model.env.invalidate_all()
