# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..gupshup import media
from ..models import message_media
from .common import WhatsAppOmniCommon, inbound

URL = "https://filemanager.gupshup.test/wa/app/wa/media/1?download=false"


@tagged("post_install", "-at_install")
class TestMedia(WhatsAppOmniCommon):
    """Files of customers: shown at once as a placeholder, fetched afterwards."""

    def receive_photo(self, **content):
        body = inbound("image", url=URL, contentType="image/jpeg", **content)
        self.receive(body)
        return self.message_of(body)

    def fetch(self, message, result):
        """Fetch what is due; ``result`` is the file or the error that comes."""
        message.media_next_at = fields.Datetime.now()
        downloads, self.told_types = [], []

        def download(url, origins, **kwargs):
            downloads.append((url, origins))
            self.told_types.append(kwargs["mime_type"])
            if isinstance(result, Exception):
                raise result
            return result

        with patch.object(message_media.media, "download", download):
            self.env["whatsapp_omni.message"]._fetch_round(lambda: None)
        return downloads

    def test_placeholder_first_then_the_file(self):
        message = self.receive_photo(caption="La *pieza*")
        mail = message.mail_message_id
        status = mail.whatsapp_omni_message_ids._get_media_status()
        self.assertEqual(
            (status["state"], status["can_fetch_again"]), ("pending", False)
        )
        self.assertIn("<strong>pieza</strong>", mail.body)
        self.assertEqual(message.conversation_id.last_kind, "image")
        found = media.Downloaded(content=b"jpeg", mime_type="image/jpeg", name="p.jpg")
        ((url, origins),) = self.fetch(message, found)
        self.assertEqual((url, origins), (URL, ["https://filemanager.gupshup.test"]))
        self.assertEqual(self.told_types, ["image/jpeg"])
        self.assertFalse(mail.whatsapp_omni_message_ids._get_media_status())
        self.assertEqual(mail.attachment_ids.mapped("name"), ["p.jpg"])
        self.assertEqual(mail.attachment_ids.raw, b"jpeg")
        self.assertEqual(mail.attachment_ids.res_model, "discuss.channel")
        self.assertFalse(message.media_url, "the address is a secret and not kept")

    def test_file_that_is_gone_is_never_asked_for_again(self):
        message = self.receive_photo()
        self.fetch(message, media.MediaError("gone", "Invalid Media Id"))
        self.assertEqual(message.media_state, "failed")
        self.assertEqual(message.media_error, "Invalid Media Id")
        self.assertFalse(self.fetch(message, AssertionError("asked again")))

    def test_trouble_is_waited_out_with_growing_pauses(self):
        message = self.receive_photo()
        pauses = []
        trouble = media.MediaError("unavailable", "HTTP 500")
        for _try in message_media.RETRY_MINUTES:
            self.fetch(message, trouble)
            self.assertEqual(message.media_state, "pending")
            pauses.append(message.media_next_at - fields.Datetime.now())
        for shorter, longer in pairwise(pauses):
            self.assertLess(shorter, longer)
        self.fetch(message, trouble)
        self.assertEqual(message.media_state, "failed")

    def test_lock_out_pauses_everything_of_the_provider(self):
        first, second = self.receive_photo(), self.receive_photo()
        second.media_next_at = fields.Datetime.now() + timedelta(minutes=1)
        self.fetch(first, media.MediaError("locked_out", "quota"))
        later = fields.Datetime.now() + timedelta(minutes=50)
        for message in (first, second):
            self.assertEqual(message.media_state, "pending")
            self.assertGreater(message.media_next_at, later)

    def test_fetching_stops_well_before_a_lock_out(self):
        for _file in range(message_media.GONE_PER_HOUR):
            self.fetch(self.receive_photo(), media.MediaError("gone", "gone"))
        message = self.receive_photo()
        self.assertFalse(self.fetch(message, AssertionError("fetched")))
        self.assertEqual(message.media_state, "pending")

    def test_only_missing_files_count_towards_a_lock_out(self):
        for kind in ("forbidden", "too_big"):
            for _file in range(message_media.GONE_PER_HOUR):
                self.fetch(self.receive_photo(), media.MediaError(kind, "no"))
        found = media.Downloaded(content=b"x", mime_type="image/jpeg", name="p.jpg")
        self.assertTrue(self.fetch(self.receive_photo(), found))

    def test_agent_has_a_file_fetched_again(self):
        """Its server was not among the allowed ones, which has been mended since."""
        message = self.receive_photo()
        self.fetch(message, media.MediaError("forbidden", "not allowed"))
        status = message._get_media_status()
        self.assertEqual(
            status,
            {"state": "failed", "reason": "not allowed", "can_fetch_again": True},
        )
        cron = self.env.ref("whatsapp_omni.ir_cron_fetch_media")
        triggers = [("cron_id", "=", cron.id)]
        before = self.env["ir.cron.trigger"].search_count(triggers)
        mail = message.mail_message_id.with_user(self.agent)
        for _click in range(2):
            mail.action_whatsapp_omni_fetch_again()
        self.assertEqual((message.media_state, message.media_tries), ("pending", 0))
        self.assertEqual(self.env["ir.cron.trigger"].search_count(triggers), before + 1)
        found = media.Downloaded(content=b"x", mime_type="image/jpeg", name="p.jpg")
        self.fetch(message, found)
        self.assertEqual(message.media_state, "done")
        message.with_user(self.agent).action_fetch_again()
        self.assertEqual(message.media_state, "done", "there is nothing to fetch")

    def test_what_no_fetching_brings_is_not_offered(self):
        """To ask for files that are gone leads to a lock-out."""
        for kind in ("gone", "too_big"):
            message = self.receive_photo()
            self.fetch(message, media.MediaError(kind, "no"))
            self.assertFalse(message._get_media_status()["can_fetch_again"], kind)
            message.with_user(self.agent).action_fetch_again()
            self.assertEqual(message.media_state, "failed")

    def test_who_may_not_read_has_nothing_fetched(self):
        message = self.receive_photo()
        self.fetch(message, media.MediaError("forbidden", "no"))
        for action in (
            message.with_user(self.agent_elsewhere).action_fetch_again,
            message.mail_message_id.with_user(
                self.agent_elsewhere
            ).action_whatsapp_omni_fetch_again,
        ):
            with self.assertRaises(AccessError):
                action()
        self.assertEqual(message.media_state, "failed")

    def test_host_that_is_not_allowed_is_never_contacted(self):
        body = inbound("image", url="https://169.254.169.254/latest", contentType="x/y")
        self.receive(body)
        message = self.message_of(body)
        self.env["whatsapp_omni.message"]._fetch_round(lambda: None)
        self.assertEqual(message.media_state, "failed")
        self.assertFalse(self.provider_double.requests)

    def test_message_without_an_address_says_so(self):
        body = inbound("image", contentType="image/jpeg")
        self.receive(body)
        self.assertTrue(self.message_of(body).mail_message_id.body)

    def test_bad_file_stops_nobody(self):
        first, second = self.receive_photo(), self.receive_photo()
        attach = type(first)._attach_file

        def failing(message, found):
            if message == first:
                raise RuntimeError("bomb")
            attach(message, found)

        found = media.Downloaded(content=b"x", mime_type="image/jpeg", name="p.jpg")
        with (
            patch.object(type(first), "_attach_file", failing),
            mute_logger("odoo.addons.whatsapp_omni.models.message_media"),
        ):
            self.fetch(first, found)
        self.assertEqual(first.media_state, "failed")
        self.assertEqual(second.media_state, "done")

    def test_files_are_kept_as_sent_and_never_run(self):
        message = self.receive_photo()
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"
        found = media.Downloaded(content=svg, mime_type="image/svg+xml", name="x.svg")
        self.fetch(message, found)
        attachment = message.mail_message_id.attachment_ids
        self.assertEqual(attachment.raw, svg)
        self.assertEqual(attachment.mimetype, "text/plain")

    def test_dead_worker_frees_its_files_after_the_lease(self):
        message = self.receive_photo()
        Message = self.env["whatsapp_omni.message"]
        self.assertEqual(Message._claim_media(3), message)
        self.assertFalse(Message._claim_media(3))
        self.assertGreater(message.media_next_at, fields.Datetime.now())


@tagged("post_install", "-at_install")
class TestPublicLink(WhatsAppOmniCommon, HttpCase):
    """The provider fetches files of ours without a session."""

    def setUp(self):
        super().setUp()
        self.attachment = self.env["ir.attachment"].create(
            {"name": "invoice ñ.pdf", "raw": b"%PDF-1.4", "mimetype": "application/pdf"}
        )
        self.url = self.attachment._whatsapp_omni_public_url(self.base_url())

    def test_signed_link_serves_the_file_to_anybody(self):
        response = self.url_open(self.url)
        self.assertEqual((response.status_code, response.content), (200, b"%PDF-1.4"))
        self.assertIn("application/pdf", response.headers["Content-Type"])

    def test_file_is_served_as_what_whatsapp_takes(self):
        """Nobody takes a video that says it is just bytes."""
        for mime_type, name, served in (
            ("application/octet-stream", "tour.mp4", "video/mp4"),
            ("audio/mp3", "voice.mp3", "audio/mpeg"),
            ("audio/ogg", "voice.ogg", "audio/ogg; codecs=opus"),
        ):
            file = self.env["ir.attachment"].create(
                {"name": name, "raw": b"\0\1", "mimetype": mime_type}
            )
            # Odoo looks at the content where the name tells nothing
            file.mimetype = mime_type
            response = self.url_open(file._whatsapp_omni_public_url(self.base_url()))
            self.assertEqual(response.headers["Content-Type"], served)

    def test_forged_expired_or_borrowed_links_are_refused(self):
        base, _sep, path = self.url.partition("/whatsapp_omni/media/")
        attachment_id, expires, signature, name = path.split("/")
        other = self.attachment.copy({"name": "secret.pdf", "raw": b"secret"})
        past = int(time.time()) - 1
        for parts in (
            (attachment_id, expires, "0" * len(signature), name),
            (attachment_id, int(expires) + 1, signature, name),
            (other.id, expires, signature, name),
            (attachment_id, past, self.attachment._whatsapp_omni_signature(past), name),
            (999999999, expires, signature, name),
            (attachment_id, expires, "%C3%A9", name),
        ):
            url = "/".join([f"{base}/whatsapp_omni/media", *map(str, parts)])
            self.assertEqual(self.url_open(url).status_code, 404, parts)
