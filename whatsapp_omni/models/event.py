# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..gupshup import values
from ..gupshup.callbacks import CallbackError, parse_all
from ..tools import journal

#: The journal is kept this long; failed events until somebody has dealt with them.
KEEP_DAYS = 30


class Received(NamedTuple):
    """What a callback request brought that has to be worked on after the answer."""

    messages: bool
    receipts: bool


class WhatsAppEvent(models.Model):
    """The journal: every callback that ever arrived, and what became of it.

    ``received = applied + duplicate + ignored + failed + pending`` holds at any time,
    because each delivery is one row and each row has one state.
    """

    _name = "whatsapp_omni.event"
    _description = "WhatsApp Callback Event"
    _order = "id desc"
    _rec_name = "dedupe_key"
    _log_access = False

    line_id = fields.Many2one(
        "whatsapp_omni.line", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id")
    received_at = fields.Datetime(readonly=True)
    provider_time = fields.Datetime(
        readonly=True, help="When it happened, as told by the provider."
    )
    kind = fields.Selection(
        [
            ("message", "Message"),
            ("receipt", "Receipt"),
            ("notice", "Notice"),
            ("unknown", "Unknown"),
            ("broken", "Unreadable"),
        ],
        readonly=True,
    )
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("applied", "Applied"),
            ("duplicate", "Repeated delivery"),
            ("ignored", "Ignored"),
            ("failed", "Failed"),
        ],
        readonly=True,
        required=True,
    )
    body = fields.Text(readonly=True)
    body_pretty = fields.Text("Body in lines", compute="_compute_body_pretty")
    dedupe_key = fields.Char(
        "Identity", readonly=True, help="Equal for all deliveries of the same event."
    )
    customer_key = fields.Char("Customer", readonly=True)
    tries = fields.Integer(readonly=True)
    next_try_at = fields.Datetime("Next try", readonly=True)
    error = fields.Text("What happened", readonly=True)

    _dedupe_key_unique = models.UniqueIndex(
        "(line_id, dedupe_key)", "This event is in the journal already."
    )
    _line_newest = models.Index("(line_id, id)")
    # What is worked on is found among millions of finished rows by these two.
    _pending = models.Index("(provider_time, id) WHERE state = 'pending'")
    _failed = models.Index("(line_id, id) WHERE state = 'failed'")

    # === COMPUTE METHODS === #

    @api.depends("body")
    def _compute_body_pretty(self):
        for event in self:
            try:
                data = json.loads(event.body or "")
            except ValueError:
                event.body_pretty = event.body
            else:
                event.body_pretty = json.dumps(data, ensure_ascii=False, indent=2)

    # === ACKNOWLEDGEMENT === #

    @api.model
    def _receive(self, token, raw):
        """Write one request's events into the journal. Plain SQL, see tools.journal.

        :param bytes raw: the body as received, None when it was too long
        :return: None when no line has this token
        :rtype: Received | None
        """
        messages = receipts = known = False
        for body, kind, state, value, error in self._read_events(raw):
            if kind == "receipt" and state == "pending":
                written = journal.write_receipt(self.env.cr, token, body, value)
                receipts |= written.event_id is not None
            else:
                written = journal.write_event(
                    self.env.cr,
                    token,
                    body,
                    kind=kind,
                    state=state,
                    value=value,
                    error=error,
                )
                messages |= kind == "message" and written.event_id is not None
            known |= written.line_id is not None
        return Received(messages, receipts) if known else None

    @api.model
    def _read_events(self, raw):
        """Yield ``(body, kind, state, value, error)`` for each event of a request."""
        if raw is None:
            yield "", "broken", "failed", None, self.env._("The body was too long.")
            return
        try:
            events = parse_all(raw, datetime.now(UTC))
        except CallbackError as error:
            text = raw.decode(errors="replace").replace("\x00", "")
            yield text, "broken", "failed", None, str(error)
            return
        for data, value in events:
            kind, state = self._classify(value)
            body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            yield body, kind, state, value, None

    @api.model
    def _classify(self, value):
        """Return the kind of a value, and the state in which it enters the journal."""
        if isinstance(value, values.Message):
            return "message", "pending"
        if isinstance(value, values.Receipt):
            tracked = value.status in journal.TRACKED and value.correlation_key
            return "receipt", "pending" if tracked else "ignored"
        if isinstance(value, values.Unknown):
            return "unknown", "ignored"
        return "notice", "ignored"

    # === ACTIONS === #

    def action_replay(self):
        """Apply these events again, as if they had just arrived.

        Safe at any time: what was applied already is recognised and changes nothing.
        """
        if not self.env.user.has_group("whatsapp_omni.group_administrator"):
            raise AccessError(self.env._("Only administrators replay callbacks."))
        self.check_access("read")
        replayable = self.filtered(
            lambda event: event.body and event.state in ("applied", "ignored", "failed")
        )
        # sudo: whatsapp_omni.event - nobody may edit the journal, only replay it
        for event in replayable.sudo():
            try:
                kind, state = self._classify(event._parse())
            except (CallbackError, ValueError) as error:
                raise UserError(
                    self.env._(
                        "Event %(id)s cannot be read: %(error)s",
                        id=event.id,
                        error=error,
                    )
                ) from error
            event.write(
                {"kind": kind, "state": state, "tries": 0, "next_try_at": False}
            )
        self._wake()

    @api.autovacuum
    def _gc_journal(self):
        """Forget what was dealt with long ago."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.env.cr.execute(
            """
            DELETE FROM whatsapp_omni_event
             WHERE received_at < %s AND state IN ('applied', 'duplicate', 'ignored')
            """,
            (limit,),
        )
