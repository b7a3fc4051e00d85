# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.models import NO_ACCESS

from ..gupshup import values
from ..gupshup.callbacks import CallbackError, decode, parse, split
from ..tools import background, journal, masking, networks
from ..tools.prepared import prepared_cursor

_logger = logging.getLogger(__name__)

#: The journal is kept this long; failed events until somebody has dealt with them.
KEEP_DAYS = 30

#: Events that are read of one request. GupShup sends a few; each costs some statements.
MAX_EVENTS = 1000

#: Length of a body, in characters, above which PostgreSQL is asked with more care.
#: WhatsApp's own limits keep ordinary events below it.
ORDINARY_BODY = 10_000


class Received(NamedTuple):
    """What a callback request brought that has to be worked on after the answer."""

    messages: bool
    receipts: bool
    templates: bool = False
    preferences: bool = False


class Entry(NamedTuple):
    """One event of a callback request, as it enters the journal."""

    body: str
    kind: str
    state: str
    value: values.Event | None
    error: str | None

    @property
    def is_ordinary(self):
        """Whether PostgreSQL will surely take it."""
        return len(self.body) <= ORDINARY_BODY

    @property
    def is_applied(self):
        """Whether it is applied in the acknowledgement itself."""
        return self.kind == "receipt" and self.state == "pending"


@lru_cache(maxsize=1000)
def _report_refused(line_id, address, _hour):
    """Log a refused address, which however often it calls is told once an hour."""
    _logger.warning(
        "Callback from %s refused: line %s does not allow its network.",
        address,
        line_id,
    )


def _compact(data):
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


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
            ("template", "Approved template"),
            ("preference", "Choice about marketing"),
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
    # As it came, for our code only; people read it with sensitive data hidden.
    body = fields.Text(readonly=True, groups=NO_ACCESS)
    body_pretty = fields.Text(
        "Body in lines", compute="_compute_body_pretty", compute_sudo=True
    )
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
            policy = self._masking(event.line_id)
            try:
                data = json.loads(event.body or "")
            except ValueError:
                event.body_pretty = policy.mask(event.body or "").text
            else:
                shown = masking.mask_data(data, policy)
                event.body_pretty = json.dumps(shown, ensure_ascii=False, indent=2)

    @api.model
    def _masking(self, line):
        """Return what is hidden of a line's callbacks: all that can be."""
        # sudo: whatsapp_omni.line - callbacks are nobody's request
        company = line.sudo().company_id
        return self.env["whatsapp_omni.queue"]._get_masking_policy(False, company.id)

    @api.model
    def _mask_error(self, line, text):
        """Return what went wrong as people may read it: it may quote the callback."""
        return self._masking(line).mask(text).text if text else text

    # === ACKNOWLEDGEMENT === #

    @api.model
    def _receive(self, token, raw, address=None, alone=False):
        """Write one request's events into the journal. Plain SQL, see tools.journal.

        :param bytes raw: the body as received, None when it was too long
        :param address: the IP address of who sends it
        :param alone: whether the cursor does nothing else, and may be set up for it
        :return: None when no line has this token, or takes nothing from this address
        :rtype: Received | None
        """
        try:
            line_id, allowed = self.env["whatsapp_omni.line"]._find_by_token(token)
        except KeyError:  # nobody's body is worth a look
            return None
        if allowed and not networks.contain(allowed, address):
            _report_refused(line_id, address, time.time() // 3600)
            return None
        entries = list(self._read_events(raw))
        write = self._write_down
        if alone and len(entries) == 1 and entries[0].is_ordinary:
            write = self._write_down_alone
        elif alone:
            background.read_committed(self.env.cr)
        messages = receipts = templates = preferences = False
        for entry in entries:
            if write(line_id, entry):
                messages |= entry.kind == "message"
                receipts |= entry.kind == "receipt" and entry.state == "pending"
                templates |= entry.kind == "template"
                preferences |= entry.kind == "preference"
        return Received(messages, receipts, templates, preferences)

    @api.model
    def _write_down_alone(self, line_id, entry):
        """Write down the only entry of a request, each statement a transaction."""
        if background.is_real_cursor(self.env.cr):
            with prepared_cursor(self.env.cr.dbname) as cr:
                if cr:
                    return self._write_entry(cr, line_id, entry)
            background.autocommit(self.env.cr)
        return self._write_entry(self.env.cr, line_id, entry)

    @api.model
    def _write_down(self, line_id, entry):
        """Write one entry into the journal; return the id of its event if it is new.

        An extraordinary one that PostgreSQL refuses is kept as unreadable, so that the
        others of its request are not lost with it. An ordinary one is not refused, and
        spared the two statements of a savepoint.
        """
        if entry.is_ordinary:
            return self._write_entry(self.env.cr, line_id, entry)
        try:
            with self.env.cr.savepoint(flush=False):
                return self._write_entry(self.env.cr, line_id, entry)
        except psycopg2.Error as error:
            refused = Entry(entry.body, "broken", "failed", None, str(error))
            return self._write_entry(self.env.cr, line_id, refused)

    @api.model
    def _write_entry(self, cr, line_id, entry):
        body, kind, state, value, error = entry
        if error:
            line = self.env["whatsapp_omni.line"].browse(line_id)
            error = self._mask_error(line, error)
        if entry.is_applied:
            return journal.write_receipt(cr, line_id, body, value)
        return journal.write_event(
            cr, line_id, body, kind=kind, state=state, value=value, error=error
        )

    @api.model
    def _read_events(self, raw):
        """Yield an :class:`Entry` for each event of a request."""
        if raw is None:
            reason = self.env._("The body was too long.")
            yield Entry("", "broken", "failed", None, reason)
            return
        arrived = datetime.now(UTC)
        try:
            bodies = split(decode(raw))
            events = [(data, parse(data, arrived)) for data in bodies[:MAX_EVENTS]]
        except CallbackError as error:
            text = raw.decode(errors="replace").replace("\x00", "")
            yield Entry(text, "broken", "failed", None, str(error))
            return
        for data, value in events:
            yield Entry(_compact(data), *self._classify(value), value, None)
        if rest := bodies[MAX_EVENTS:]:
            reason = self.env._(
                "One request held more events than the %s that are read.", MAX_EVENTS
            )
            yield Entry(_compact(rest), "broken", "failed", None, reason)

    @api.model
    def _classify(self, value):
        """Return the kind of a value, and the state in which it enters the journal."""
        if isinstance(value, values.Message):
            return "message", "pending"
        if isinstance(value, values.Receipt):
            tracked = value.status in journal.TRACKED and value.correlation_key
            return "receipt", "pending" if tracked else "ignored"
        if isinstance(value, values.TemplateUpdate):
            return "template", "pending"
        if isinstance(value, values.PreferenceUpdate):
            return "preference", "pending"
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
        # sudo: whatsapp_omni.event - nobody may edit the journal, only replay it
        replayable = self.sudo().filtered(
            lambda event: event.body and event.state in ("applied", "ignored", "failed")
        )
        for event in replayable:
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
