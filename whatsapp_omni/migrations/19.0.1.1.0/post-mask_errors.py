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
    _mask_refusals(env["whatsapp_omni.opt.change"])


def _mask_reasons(Message):
    """Put the reasons where our code reads them, and mask what people read.

    In SQL, since the ORM would date the failures anew: lines show when the last was.
    """
    cr = Message.env.cr
    cr.execute(
        "UPDATE whatsapp_omni_message SET provider_reason = error_reason"
        " WHERE error_reason IS NOT NULL AND provider_reason IS NULL RETURNING id"
    )
    messages = Message.browse(row[0] for row in cr.fetchall())
    messages.invalidate_recordset(["provider_reason"])
    for batch in _batches(messages):
        for message in batch:
            masked = message.conversation_id._mask(message.provider_reason)
            if masked != message.provider_reason:
                cr.execute(
                    "UPDATE whatsapp_omni_message SET error_reason = %s WHERE id = %s",
                    (masked, message.id),
                )


def _mask_errors(Event):
    for events in _batches(Event.search(Domain("error", "!=", False))):
        for event in events:
            masked = event._mask_error(event.line_id, event.error)
            if masked != event.error:
                event.error = masked


def _mask_refusals(Change):
    """Mask the reasons by which the provider told that somebody wants no marketing."""
    Queue = Change.env["whatsapp_omni.queue"]
    told = Domain("origin", "=", "error") & Domain("text", "!=", False)
    for changes in _batches(Change.search(told)):
        for change in changes:
            company = change.customer_id.company_id
            policy = Queue._get_masking_policy(False, company.id)
            change.text = policy.mask(change.text).text


def _batches(records):
    for start in range(0, len(records), BATCH):
        yield records.browse(records.ids[start : start + BATCH])
        records.env.flush_all()
        records.env.invalidate_all()
