# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import WhatsAppOmniCommon


class MessageTemplateCommon(WhatsAppOmniCommon):
    """A conversation, and templates to say something in it."""

    def setUp(self):
        super().setUp()
        self.conversation = self.write_in()
        self.Template = self.env["whatsapp_omni.message.template"]

    def make_template(self, body="Hola", **values):
        return self.Template.create({"name": "Greeting", "body": body, **values})

    def make_contact(self, **values):
        contact = self.env["res.partner"].create({"name": "Lucía Gómez", **values})
        self.conversation.customer_id.partner_id = contact
        return contact

    def say(self, template, **kwargs):
        """Send a template; return the text that the customer got."""
        self.send(template, **kwargs)
        return self.provider_double.sent[-1]["text"]

    def send(self, template, **kwargs):
        content = template._content(self.conversation, **kwargs)
        Message = self.env["whatsapp_omni.message"]
        message = Message._queue_contents(self.conversation, [content])
        self.send_outbox()
        return message


@tagged("post_install", "-at_install")
class TestMessageTemplate(MessageTemplateCommon):
    def test_text(self):
        message = self.send(self.make_template("Hola"))
        self.assertEqual(message.message_template_id.name, "Greeting")
        self.assertEqual(self.provider_double.sent[0]["text"], "Hola")
