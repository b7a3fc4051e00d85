# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .test_dispositions import DispositionCommon


@tagged("post_install", "-at_install")
class TestDeskClosing(DispositionCommon, HttpCase):
    """Closing in a browser, without a mouse."""

    def test_close_by_keyboard(self):
        """Three keys for a disposition; records and a form are a few more."""
        partner = self.env["res.partner"].create({"name": "Lucía"})
        customer = self.conversation.sudo().customer_id
        customer.partner_id = partner
        second_line = self.make_line(
            "+34911222444",
            self.provider,
            self.queue,
            name="Second line",
            callback_token="second",
        )
        self.queue.disposition_ids = self.disposition | self.sale
        self.conversation.sudo().line_id = second_line
        self.close(disposition=self.won, values={self.order.id: "S1"})
        self.conversation.action_correct(
            self.lost.id, "too dear", {self.order.id: "S1"}
        )
        second = self.capture(self.write_in())
        first = self.capture(self.write_in(phone="34600333444", name="Pepe"))
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(
            f"/odoo/whatsapp/{first.id}",
            "whatsapp_omni.close_by_keyboard",
            login="wa_agent",
        )
        self.assertEqual(first.disposition_id, self.disposition)
        self.assertEqual(second.disposition_id, self.won)
        self.assertEqual(self.filled_in(second), {"Order": "S00012"})
