# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..gupshup import media
from ..models import approved_template_sample
from .common_templates import ApprovedTemplateCommon, row

ORIGIN = "https://filemanager.gupshup.test"


def picture(name):
    return media.Downloaded(name.encode(), "image/png", f"{name}.png")


@tagged("post_install", "-at_install")
class TestApprovedTemplateSample(ApprovedTemplateCommon):
    """The file that Meta approved is sent by its address, and shown as our copy."""

    def list_pictures(self, *names):
        """Let the provider list templates with these pictures."""
        self.double.rows = [
            row(name, templateType="IMAGE", media_url=f"{ORIGIN}/{name}?signed=1")
            for name in names
        ]

    def sync_samples(self, **results):
        """Synchronise with these files or errors; return the names asked for."""
        asked = []

        def download(url, origins, max_bytes, **kwargs):
            self.assertEqual(origins, [ORIGIN])
            name = url.rpartition("/")[2].partition("?")[0]
            asked.append(name)
            if isinstance(results[name], Exception):
                raise results[name]
            return results[name]

        with patch.object(approved_template_sample.media, "download", download):
            self.assertTrue(self.sync().succeeded)
        return sorted(asked)

    def test_sample_is_copied_once(self):
        """What will never be had is not asked for again; what may come is."""
        results = {
            "gone": media.MediaError("gone", "There is no such file"),
            "kept": picture("kept"),
            "late": media.MediaError("unavailable", "Nobody answers"),
            "page": media.Downloaded(b"<html>", "text/html", "page.html"),
        }
        self.list_pictures(*results)
        self.assertEqual(self.sync_samples(**results), list(results))
        copies = [
            self.template_of(name).sample_attachment_id.raw or b"" for name in results
        ]
        self.assertEqual(copies, [b"", b"kept", b"", b""])
        self.assertEqual(self.sync_samples(late=picture("late")), ["late"])
        self.assertEqual(self.sync_samples(), [])

    def test_no_sample_is_fetched_while_the_provider_refuses(self):
        self.list_pictures("one", "two")
        refusal = media.MediaError("locked_out", "Too many files that are gone")
        self.assertEqual(len(self.sync_samples(one=refusal, two=refusal)), 1)
        now = fields.Datetime.now()
        self.line.provider_id.media_paused_until = now + timedelta(hours=1)
        self.assertEqual(self.sync_samples(), [])

    def test_sample_is_sent_and_its_copy_is_shown(self):
        self.list_pictures("offer")
        self.sync_samples(offer=picture("offer"))
        template = self.template_of("offer")
        # a signature that ends is no other picture
        template.media_url = f"{ORIGIN}/offer?signed=2"
        message = self.post(template)
        shown = message.mail_message_id.attachment_ids
        self.assertEqual(shown.with_user(self.agent).raw, b"offer")
        self.assertFalse(message.attachment_id)
        self.assertEqual(template.preview["mediaUrl"], f"/web/content/{shown.id}")
        self.assertEqual(template._describe_file()["url"], f"/web/content/{shown.id}")
        self.send_outbox()
        self.assertEqual(
            json.loads(self.double.forms[0]["message"]),
            {"type": "image", "image": {"link": f"{ORIGIN}/offer?signed=2"}},
        )

    def test_copy_of_a_former_sample_is_not_shown(self):
        self.list_pictures("offer")
        self.sync_samples(offer=picture("offer"))
        template = self.template_of("offer")
        template.media_url = f"{ORIGIN}/another"
        message = self.post(template)
        self.assertFalse(message.mail_message_id.attachment_ids)
        self.assertEqual(template.preview["mediaUrl"], f"{ORIGIN}/another")

    def post(self, template):
        conversation = self.capture(self.write_in()).sudo()
        params = template.parameter_ids.mapped("sample")
        content = template._template_content(params)
        return self.Message._queue_contents(conversation, [content], self.agent)
