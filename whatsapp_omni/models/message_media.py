# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS

from ..gupshup import media, values
from ..tools import background, journal

_logger = logging.getLogger(__name__)

#: Largest file that is fetched: WhatsApp's own limit for documents.
MAX_BYTES = 100 * 1024 * 1024

FETCH_SECONDS = 30
PARALLEL = 3

#: Nobody else fetches a file for as long as this; a worker that died frees it so.
LEASE = timedelta(minutes=10)

#: Minutes to wait before the next try of a file that may still come. The provider keeps
#: files for seven days.
RETRY_MINUTES = (1, 5, 30, 120, 720, 1440)

#: The provider locks an app out for an hour after some twenty look-ups of files that
#: are gone. Fetching pauses well before that.
GONE_PER_HOUR = 12

#: What stays as it is however often it is asked for.
FINAL_ERRORS = ("gone", "too_big")


class Download(NamedTuple):
    """One file to fetch. Made of plain values: it is fetched in a thread."""

    message_id: int
    url: str
    name: str
    mime_type: str
    allowed_origins: list


def fetch(download):
    """Fetch a file; return it, or the error as a value."""
    try:
        found = media.download(
            download.url,
            download.allowed_origins,
            max_bytes=MAX_BYTES,
            timeout=FETCH_SECONDS,
            name=download.name,
            mime_type=download.mime_type,
        )
    except media.MediaError as error:
        return download, error
    return download, found


class WhatsAppMessage(models.Model):
    """Files that customers send: shown as a placeholder at once, fetched afterwards.

    The address of a file comes from a callback, so it is fetched from the hosts that
    the provider's settings allow, with limits on size and time, and never shown to a
    browser: whoever holds it can read the file.
    """

    _inherit = "whatsapp_omni.message"

    media_state = fields.Selection(
        [
            ("pending", "To be fetched"),
            ("done", "Fetched"),
            ("failed", "Missing"),
        ],
        "File",
        readonly=True,
    )
    media_url = fields.Char(readonly=True, groups="base.group_system")
    media_name = fields.Char(
        readonly=True,
        groups=NO_ACCESS,
        help="The name of the file as it was sent, until it is fetched.",
    )
    media_mime_type = fields.Char(readonly=True)
    media_tries = fields.Integer(readonly=True)
    media_next_at = fields.Datetime("Next fetch", readonly=True)
    media_error = fields.Char("Why the file is missing", readonly=True)
    can_fetch_again = fields.Boolean(compute="_compute_can_fetch_again")
    media_checked_at = fields.Datetime(readonly=True)
    media_gone = fields.Boolean(
        readonly=True, help="The provider has no such file: it counts such questions."
    )

    _media_pending = models.Index("(media_next_at) WHERE media_state = 'pending'")
    _media_gone_idx = models.Index("(line_id, media_checked_at) WHERE media_gone")

    @api.model
    def _media_values(self, content):
        """Return the values that make the file of a received message be fetched."""
        if not isinstance(content, values.Media):
            return {}
        if not content.url:
            return {
                "media_state": "failed",
                "media_error": self.env._("The provider gave no address for the file."),
            }
        self.env.ref("whatsapp_omni.ir_cron_fetch_media")._trigger()
        return {
            "media_state": "pending",
            "media_url": content.url,
            "media_name": content.name,
            "media_mime_type": content.mime_type,
            "media_next_at": fields.Datetime.now(),
        }

    def _get_media_status(self):
        """Return what stands for the file, False when it is here or there is none.

        :return: ``{"state": "pending"|"failed", "reason", "can_fetch_again"}``
        :rtype: dict | bool
        """
        for message in self:
            if message.media_state in ("pending", "failed"):
                return {
                    "state": message.media_state,
                    "reason": message.media_error,
                    "can_fetch_again": message.can_fetch_again,
                }
        return False

    @api.depends("media_state", "media_url")
    def _compute_can_fetch_again(self):
        # sudo: whatsapp_omni.message - only whether there is an address, not which
        for message, message_sudo in zip(self, self.sudo(), strict=True):
            message.can_fetch_again = (
                message.media_state == "failed" and message_sudo.media_url
            )

    def action_fetch_again(self):
        """Have files fetched again that could not be had. For whoever reads them."""
        self.check_access("read")
        # sudo: whatsapp_omni.message - nobody writes messages, or knows the address
        missing = self.sudo().filtered("can_fetch_again")
        if not missing:
            return
        missing.write(
            {
                "media_state": "pending",
                "media_tries": 0,
                "media_next_at": fields.Datetime.now(),
                "media_error": False,
            }
        )
        for message in missing:
            message._show_file()
        # sudo: ir.cron - the job does what was asked for
        self.env.ref("whatsapp_omni.ir_cron_fetch_media").sudo()._trigger()

    # === FETCHING === #

    @api.model
    def _cron_fetch_media(self):
        """Fetch files that are due, a few at a time, for some seconds."""
        with background.background_env(self.env.registry) as env:
            Message = env["whatsapp_omni.message"]
            box = background.TimeBox(10)
            while Message._fetch_round(env.cr.commit):
                if not box.open:
                    env.ref("whatsapp_omni.ir_cron_fetch_media")._trigger()
                    env.cr.commit()
                    break

    @api.model
    def _fetch_round(self, commit):
        """Fetch the files of a few messages; return how many were tried.

        :param commit: called after each step, so that no transaction is open while a
            file is coming in
        """
        claimed = self._claim_media(PARALLEL)
        downloads = [message._make_download() for message in claimed]
        commit()
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            for download, result in pool.map(fetch, downloads):
                self.browse(download.message_id)._note_result_of_fetch(result)
                commit()
        return len(downloads)

    @api.model
    def _claim_media(self, limit):
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT id FROM whatsapp_omni_message
             WHERE media_state = 'pending'
               AND media_next_at <= %s
             ORDER BY media_next_at, id LIMIT %s
               FOR NO KEY UPDATE SKIP LOCKED
            """,
            (fields.Datetime.now(), limit),
        )
        due = self.browse(row[0] for row in self.env.cr.fetchall())
        claimed = self.browse()
        now = fields.Datetime.now()
        for line, messages in due.grouped("line_id").items():
            paused_until = line.provider_id.media_paused_until
            if paused_until and paused_until > now:
                messages.media_next_at = paused_until
            elif self._is_near_lock_out(line):
                messages.media_next_at = now + timedelta(hours=1)
            else:
                claimed |= messages
        claimed.media_next_at = now + LEASE
        return claimed

    @api.model
    def _is_near_lock_out(self, line):
        hour_ago = fields.Datetime.now() - timedelta(hours=1)
        gone = self.search_count(
            Domain("line_id", "=", line.id)
            & Domain("media_gone", "=", True)
            & Domain("media_checked_at", ">", hour_ago)
        )
        return gone >= GONE_PER_HOUR

    def _make_download(self):
        origins = self.line_id.provider_id._media_origin_list()
        name, mime_type = self.media_name or "", self.media_mime_type or ""
        return Download(self.id, self.media_url, name, mime_type, origins)

    def _note_result_of_fetch(self, result):
        """Write down what came, whatever it is: one bad file must not stop others."""
        try:
            with self.env.cr.savepoint():
                self._note_file(result)
        except Exception:
            _logger.exception("The file of message %s cannot be kept", self.id)
            # Not the error's own text: nobody knows what it holds, agents see this.
            reason = self.env._("It could not be kept here. Tell your administrator.")
            self.write({"media_state": "failed", "media_error": reason})
            self._show_file()

    def _note_file(self, result):
        is_error = isinstance(result, media.MediaError)
        self.write(
            {
                "media_checked_at": fields.Datetime.now(),
                "media_gone": is_error and result.kind == "gone",
            }
        )
        if not is_error:
            self._attach_file(result)
        elif result.kind == "locked_out":
            self._pause_fetching(result)
        elif result.kind == "unavailable" and self.media_tries < len(RETRY_MINUTES):
            wait = timedelta(minutes=RETRY_MINUTES[self.media_tries])
            self.write(
                {
                    "media_tries": self.media_tries + 1,
                    "media_next_at": fields.Datetime.now() + wait,
                    "media_error": result.reason,
                }
            )
        else:
            self.write({"media_state": "failed", "media_error": result.reason})
            if result.kind in FINAL_ERRORS:
                self.media_url = False
            self._show_file()

    def _pause_fetching(self, error):
        """Fetch nothing from this provider until the lock-out is over.

        That is so for files that are still to come as well: asking prolongs it.
        """
        hour = fields.Datetime.now() + timedelta(hours=1)
        until = max(journal.naive_utc(error.retry_at) or hour, fields.Datetime.now())
        provider = self.line_id.provider_id
        provider.media_paused_until = until
        self.search(
            Domain("line_id.provider_id", "=", provider.id)
            & Domain("media_state", "=", "pending")
        ).media_next_at = until

    def _attach_file(self, found):
        """Put the file where the placeholder was."""
        Attachment = self.env["ir.attachment"].with_context(
            image_no_postprocess=True,  # what the customer sent, byte for byte
            attachments_mime_plainxml=True,  # nobody's HTML or SVG runs in our pages
        )
        attachment = Attachment.create(
            {
                "name": found.name,
                "raw": found.content,
                "mimetype": found.mime_type,
                "res_model": "discuss.channel",
                "res_id": self.channel_id.id,
            }
        )
        if self.kind == "audio":
            attachment._set_voice_metadata()
        self.mail_message_id.attachment_ids = [fields.Command.link(attachment.id)]
        self.write(
            {
                "media_name": False,
                "attachment_id": attachment.id,
                "media_state": "done",
                "media_error": False,
                "media_url": False,
            }
        )
        self._show_file()

    def _show_file(self):
        mail = self.mail_message_id
        if mail:
            self.channel_id._whatsapp_omni_update(mail)
