# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import fields, models

from ..gupshup import media
from ..tools import background
from .approved_template import MEDIA_HEADERS

_logger = logging.getLogger(__name__)

#: Largest sample that is kept. Larger ones are sent all the same, only not shown.
MAX_BYTES = 16 * 1024 * 1024

FETCH_SECONDS = 10
#: A synchronisation spends no more on samples; the next one goes on.
ROUND_SECONDS = 15

#: What stays as it is however often it is asked for.
FINAL_ERRORS = ("gone", "too_big")

_TYPES = {"image": "image/", "video": "video/", "document": "application/"}


class WhatsAppLine(models.Model):
    """Copying the samples of templates, after their synchronisation."""

    _inherit = "whatsapp_omni.line"

    def _fetch_samples(self, commit):
        """Copy samples that are not here yet, for some seconds.

        :param commit: called before each download, so that no transaction is open
        """
        provider, box = self.provider_id, background.TimeBox(ROUND_SECONDS)
        paused_until = provider.media_paused_until
        if paused_until and paused_until > fields.Datetime.now():
            return
        origins = provider._media_origin_list()
        for template in self.approved_template_ids:
            if template._lacks_sample() and not (
                box.open and template._fetch_sample(origins, commit)
            ):
                return


class WhatsAppApprovedTemplate(models.Model):
    """A copy of the file that Meta approved, for our own screens.

    The provider sends that file by its address. Colleagues see the copy above the text:
    an address elsewhere may end, and tells its server who reads what.
    """

    _inherit = "whatsapp_omni.approved.template"

    sample_attachment_id = fields.Many2one(
        "ir.attachment",
        "Copy of the sample",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    sample_source = fields.Char(
        "Where the copy is from",
        readonly=True,
        copy=False,
        help="Also of a sample that there is no copy of, and never will be.",
    )

    def _sample_place(self, url):
        """Return what stays the same of a signed address."""
        return (url or "").partition("?")[0]

    def _lacks_sample(self):
        return (
            self.header_kind in MEDIA_HEADERS
            and self.media_url
            and self.sample_source != self._sample_place(self.media_url)
        )

    def _fetch_sample(self, origins, commit):
        """Copy the sample, if it can be had.

        :return: whether the provider may be asked for others
        :rtype: bool
        """
        url = self.media_url
        commit()
        try:
            found = media.download(url, origins, MAX_BYTES, timeout=FETCH_SECONDS)
        except media.MediaError as error:
            _logger.info("No copy of the sample of %s: %s", self, error.reason)
            if error.kind in FINAL_ERRORS:
                self.exists()._keep_sample(url, None)
            return error.kind != "locked_out"
        self.exists()._keep_sample(url, found)
        commit()
        return True

    def _keep_sample(self, url, found):
        """Keep a sample, or that there is none to be had.

        :param found: :class:`media.Downloaded`, None when there will never be any
        """
        if not self:
            return  # somebody has deleted it meanwhile
        attachment = self.env["ir.attachment"]
        if found and found.mime_type.startswith(_TYPES[self.header_kind]):
            attachment = attachment.with_context(
                attachments_mime_plainxml=True,  # nobody's SVG runs in our pages
            ).create(
                {
                    "name": found.name,
                    "raw": found.content,
                    "mimetype": found.mime_type,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        # The former copy stays: messages show it.
        self.write(
            {
                "sample_attachment_id": attachment.id,
                "sample_source": self._sample_place(url),
            }
        )

    def _sample_copy(self):
        """Return the copy of the present sample, if there is one."""
        is_present = self.sample_source == self._sample_place(self.media_url)
        return self.sample_attachment_id if is_present else self.env["ir.attachment"]
