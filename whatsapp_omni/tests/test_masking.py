# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.modules.module import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from ..gupshup import media
from ..models import message_media
from .common import WhatsAppOmniCommon, inbound, receipt

CARD = "4111 1111 1111 1111"
SHOWN = "•••• 1111"


@tagged("post_install", "-at_install")
class TestMasking(WhatsAppOmniCommon):
    """Sensitive data is hidden in all that people read, and told one by one."""

    def setUp(self):
        super().setUp()
        self.company.country_id = self.env.ref("base.es")
        self.group = self.env.ref("whatsapp_omni.group_sensitive")
        self.Reveal = self.env["whatsapp_omni.reveal"]
        exports = self.env.ref("base.group_allow_export")
        exports.user_ids = self.agent | self.supervisor | self.administrator

    def receive_card(self, text=f"Mi tarjeta es *{CARD}*", **kwargs):
        """Have a customer send a card number; return the message in the transcript."""
        self.body = inbound(text=text, **kwargs)
        self.receive(self.body)
        message = self.message_of(self.body)
        self.conversation = message.conversation_id
        return message.mail_message_id

    def allow(self, user):
        user.group_ids = [Command.link(self.group.id)]

    def assertHidden(self, data):
        text = data if isinstance(data, str) else json.dumps(data, default=str)
        text = text.encode().decode("unicode_escape") if "\\u" in text else text
        self.assertNotIn(CARD, text)
        self.assertNotIn(CARD.replace(" ", ""), text)
        return text

    # --- ways out --------------------------------------------------------------------

    def test_it_is_hidden_from_every_reading(self):
        mail = self.receive_card()
        self.capture(self.conversation)
        for user in (self.agent, self.supervisor, self.administrator):
            with self.subTest(user=user.name):
                own = mail.with_user(user)
                fields = ["body", "preview"]
                self.assertIn(SHOWN, self.assertHidden(own.read(fields)))
                self.assertHidden(own.web_read({name: {} for name in fields}))
                self.assertHidden(own.search_read([("id", "=", mail.id)], fields))
                conversation = self.conversation.with_user(user)
                self.assertIn(SHOWN, self.assertHidden(conversation.read()))
                self.assertHidden(
                    conversation.export_data(["last_text", "message_ids/preview"])
                )
                groups = conversation.formatted_read_group([], ["last_text"], [])
                self.assertHidden(groups)
                messages = self.conversation.message_ids.with_user(user)
                self.assertHidden(messages.read())
        admin = mail.with_user(self.env.ref("base.user_admin"))
        self.assertIn(SHOWN, self.assertHidden(admin.export_data(fields)["datas"]))

    @mute_logger("odoo.models", "odoo.orm.models", "odoo.addons.base.models.ir_rule")
    def test_nobody_reads_or_searches_the_plain_text(self):
        mail = self.receive_card()
        conversation = self.capture(self.conversation)
        self.answer(conversation, f"¿Es {CARD}?")
        message = self.conversation.message_ids[:1]
        self.allow(self.administrator)
        for user in (self.agent, self.administrator):
            for record, name in (
                (mail, "whatsapp_omni_plain"),
                (message, "text"),
                (message, "payload"),
                (message, "media_name"),
            ):
                with self.subTest(user=user.name, field=name):
                    own = record.with_user(user)
                    with self.assertRaises(AccessError):
                        own.read([name])
                    with self.assertRaises(AccessError):
                        own.search([(name, "ilike", "4111")])
                    with self.assertRaises(AccessError):
                        own.export_data([name])

    def test_it_is_not_found_out_by_searching_files(self):
        """Odoo searches files as superuser, and asks afterwards who may read them."""
        self.receive_card()
        self.capture(self.conversation)
        file = self.upload()
        own = Domain("id", "=", file.id)
        channels = "create_uid.partner_id.channel_ids"
        for path in (
            f"{channels}.message_ids.whatsapp_omni_plain",
            f"{channels}.whatsapp_omni_line_id.provider_id.api_key",
        ):
            first, rest = path.split(".", 1)
            for condition in (
                Domain(path, "like", "4111"),
                Domain(first, "any", [(rest, "like", "4111")]),
                Domain(first, "not any", [(rest, "like", "4111")]),
                ~Domain(path, "like", "4111"),
            ):
                with self.subTest(condition=condition):
                    for search in (file.search, file.search_count):
                        with self.assertRaises(AccessError):
                            search(own & condition)
        self.assertEqual(file.search(own & Domain("create_uid.name", "=", "Ana")), file)
        self.assertFalse(file.search(own & Domain("create_uid.name", "!=", "Ana")))
        others = self.write_in(phone="34600999888").channel_id
        for channel, found in ((self.conversation.channel_id, file), (others, None)):
            path = Domain(f"{channels}.id", "=", channel.id)
            self.assertEqual(file.search(own & path), found or file.browse())

    def test_screens_and_searches_get_it_hidden(self):
        self.env["bus.bus"].search([]).unlink()
        mail = self.receive_card()
        self.env.cr.precommit.run()
        pushed = " ".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertIn(SHOWN, self.assertHidden(pushed))
        self.capture(self.conversation)
        channel = self.conversation.channel_id.with_user(self.agent)
        own = mail.with_user(self.agent)
        self.assertHidden(Store().add(own).add(channel).get_result())
        found = own._message_fetch(domain=None, thread=channel, search_term="4111")
        self.assertFalse(found["messages"])
        found = own._message_fetch(domain=None, thread=channel, search_term="tarjeta")
        self.assertEqual(found["messages"], own)
        self.assertHidden(self.conversation.with_user(self.agent).get_panel())

    def test_web_push_gets_it_hidden(self):
        self.receive_card("Hola")
        self.capture(self.conversation)
        self.env["mail.push.device"].create(
            {
                "partner_id": self.agent.partner_id.id,
                "endpoint": "https://push.test/1",
                "keys": json.dumps({"p256dh": "x", "auth": "y"}),
            }
        )
        Parameter = self.env["ir.config_parameter"]
        Parameter.set_param("mail.web_push_vapid_private_key", "k")
        Parameter.set_param("mail.web_push_vapid_public_key", "k")
        self.receive_card()
        (payload,) = self.env["mail.push"].search([]).mapped("payload")
        self.assertIn(SHOWN, self.assertHidden(payload))

    def test_a_long_text_is_hidden_before_its_preview_is_cut(self):
        self.receive_card("a" * 105 + " " + CARD)
        self.assertNotIn("4111", self.conversation.last_text)

    def test_names_of_files_are_hidden(self):
        self.receive(
            body := inbound(
                "file",
                url="https://filemanager.gupshup.test/1",
                name=f"tarjeta {CARD}.pdf",
                contentType="application/pdf",
            )
        )
        message = self.message_of(body)
        found = media.Downloaded(
            content=b"%PDF", mime_type="application/pdf", name=f"tarjeta {CARD}.pdf"
        )
        with patch.object(message_media.media, "download", lambda *_a, **_k: found):
            self.env["whatsapp_omni.message"]._fetch_round(lambda: None)
        mail = message.mail_message_id
        self.assertEqual(mail.attachment_ids.name, f"tarjeta {SHOWN}.pdf")
        self.allow(self.supervisor)
        revealed = mail.with_user(self.supervisor).action_whatsapp_omni_reveal()
        self.assertEqual(
            revealed["files"],
            [{"id": mail.attachment_ids.id, "name": f"tarjeta {CARD}.pdf"}],
        )

    def test_the_journal_shows_it_hidden(self):
        self.receive_card()
        event = self.env["whatsapp_omni.event"].search([], limit=1)
        own = event.with_user(self.administrator)
        self.assertIn(SHOWN, self.assertHidden(own.body_pretty))
        with (
            mute_logger("odoo.models", "odoo.orm.models"),
            self.assertRaises(AccessError),
        ):
            own.read(["body"])
        own.action_replay()
        self.assertEqual(event.state, "pending")

    # --- what the provider says ------------------------------------------------------

    def failed(self, reason):
        """Have an answer fail, with the provider's reason; return the answer."""
        self.receive_card("Hola")
        mail = self.answer(self.capture(self.conversation))
        self.send_outbox()
        (message,) = self.outbound_of(mail)
        self.receive(receipt("failed", message.gs_id, code=470, reason=reason))
        return mail

    def test_why_a_message_failed_is_hidden_wherever_it_is_read(self):
        self.env["bus.bus"].search([]).unlink()
        mail = self.failed(f"{CARD} and ana@example.com are not allowed")
        shown = f"{SHOWN} and a•••@e•••.com are not allowed"
        self.env.cr.precommit.run()
        pushed = " ".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertIn("are not allowed", self.assertHidden(pushed))
        message = self.outbound_of(mail)
        self.assertEqual(message.error_reason, shown)
        for user in (self.agent, self.administrator):
            own = message.with_user(user).sudo(False)
            self.assertIn(shown, self.assertHidden(str(own.read())))
            groups = own.formatted_read_group([], ["error_reason"], [])
            self.assertHidden(str(groups))
            self.assertFalse(own.search([("error_reason", "like", CARD)]))
            with self.assertRaises(AccessError), mute_logger("odoo.orm.models"):
                own.search([("provider_reason", "like", CARD)])
        self.assertHidden(str(Store().add(mail.with_user(self.agent)).get_result()))

    def test_the_queue_decides_what_is_hidden_of_a_reason(self):
        self.queue.mask_emails = False
        mail = self.failed(f"{CARD} and ana@example.com are not allowed")
        self.assertEqual(
            self.outbound_of(mail).error_reason,
            f"{SHOWN} and ana@example.com are not allowed",
        )

    def test_a_reason_that_does_not_hold_any_more_is_gone(self):
        message = self.outbound_of(self.failed("No"))
        self.assertEqual(message.error_reason, "No")
        self.receive(receipt("delivered", message.gs_id))
        self.assertFalse(message.error_reason)

    def test_why_a_request_failed_is_hidden(self):
        self.receive_card("Hola")
        mail = self.answer(self.capture(self.conversation))
        refusal = {"status": "error", "message": f"Wrong card {CARD}"}
        self.provider_double.answers = [(400, refusal)]
        self.send_outbox()
        reason = self.outbound_of(mail).error_reason
        self.assertIn(SHOWN, self.assertHidden(reason))

    def test_why_a_reaction_failed_is_hidden(self):
        mail = self.receive_card("Hola")
        self.capture(self.conversation)
        partner, guest = self.agent.partner_id, self.env["mail.guest"]
        mail.with_user(self.agent).sudo()._message_reaction("👍", "add", partner, guest)
        self.send_outbox()
        self.env["bus.bus"].search([]).unlink()
        message = self.conversation.message_ids.sorted("id")[-1:]
        self.receive(receipt("failed", message.gs_id, code=470, reason=f"No {CARD}"))
        self.env.cr.precommit.run()
        pushed = " ".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertIn("did not arrive", self.assertHidden(pushed))

    def test_why_a_callback_failed_is_hidden(self):
        Message = type(self.env["whatsapp_omni.message"])
        error = ValueError(f"What is {CARD}?")
        applying = "odoo.addons.whatsapp_omni.models.event_applying"
        with (
            patch.object(Message, "_receive_messages", side_effect=error),
            mute_logger(applying),
        ):
            event = self.receive(inbound(text="Hola"))
        self.assertIn(SHOWN, self.assertHidden(event.error))
        event._finish("failed", f"What is {CARD}?")
        self.assertHidden(event.error)

    def test_what_older_versions_kept_of_failures_is_hidden_by_an_update(self):
        event = self.receive(inbound(text="Hola"))
        event.write({"state": "failed", "error": f"What is {CARD}?"})
        messages = self.env["whatsapp_omni.message"]
        for number in range(3):
            message = self.outbound_of(self.failed("No"))
            message.provider_reason = False
            message.flush_recordset()
            message.error_reason = f"{number} {CARD}"
            messages |= message
        current = self.outbound_of(self.failed(f"Not {CARD}"))
        customer = current.customer_id
        customer._note_choice(True, "error", current.create_date, f"131050: {CARD}")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE whatsapp_omni_message SET write_date = '2020-02-02'"
            " WHERE provider_reason IS NULL"
        )
        script = load_script(
            "whatsapp_omni/migrations/19.0.1.1.0/post-mask_errors.py", "mask_errors"
        )
        with patch.object(script, "BATCH", 2):
            script.migrate(self.env.cr, "19.0.1.0.0")
        messages.invalidate_recordset(["write_date"])
        self.assertEqual({message.write_date.year for message in messages}, {2020})
        self.assertEqual(
            messages.mapped("error_reason"),
            [f"{number} {SHOWN}" for number in range(3)],
        )
        self.assertEqual(current.error_reason, f"Not {SHOWN}")
        self.assertEqual(event.error, f"What is {SHOWN}?")
        self.assertEqual(customer.opt_change_ids.text, f"131050: {SHOWN}")
        # A receipt that settles one of them has the reason worked out once more.
        messages._tell_reasons()
        self.assertEqual(messages[0].error_reason, f"0 {SHOWN}")

    def disposition_with_form(self):
        """Return a disposition that asks for one thing of each kind."""
        fields_ = [
            {"name": "Reference"},
            {"name": "Bill", "kind": "number"},
            {"name": "When", "kind": "date"},
            {"name": "Where", "kind": "choice", "choices": "desk@example.com\nphone"},
        ]
        return self.env["whatsapp_omni.disposition"].create(
            {"name": "Paid", "field_ids": [Command.create(field) for field in fields_]}
        )

    def answers(self, disposition, *answers):
        return dict(zip(disposition.field_ids.ids, answers, strict=True))

    def test_how_it_ended_is_hidden_in_every_version(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        conversation.action_close(self.disposition.id, note=f"Pagó con {CARD}")
        self.assertEqual(self.conversation.disposition_note, f"Pagó con {SHOWN}")
        self.assertHidden(self.conversation.result_ids.read())
        conversation.action_correct(self.disposition.id, note=f"Paga con {CARD}")
        self.assertEqual(self.conversation.disposition_note, f"Paga con {SHOWN}")
        notes = self.conversation.result_ids.sorted("id").mapped("note")
        self.assertEqual(notes, [f"Pagó con {SHOWN}", f"Paga con {SHOWN}"])
        self.assertHidden(conversation.get_closing())

    def test_a_second_click_corrects_nothing_that_is_hidden(self):
        paid = self.disposition_with_form()
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        conversation.action_close(paid.id)
        for _click in range(2):
            conversation.action_correct(
                paid.id, CARD, self.answers(paid, CARD, 1, "2030-01-02", "phone")
            )
        self.assertEqual(len(self.conversation.result_ids), 2)

    def test_texts_of_a_form_are_hidden_and_nothing_else_of_it(self):
        paid = self.disposition_with_form()
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        bill = 4111111111111111
        answers = self.answers(paid, CARD, bill, "2030-01-02", "desk@example.com")
        conversation.action_close(paid.id, values=answers)
        text, number, date, choice = self.conversation.disposition_value_ids
        self.assertEqual((text.value, text.display_name), (SHOWN, SHOWN))
        self.assertEqual(number.number, bill)
        self.assertEqual(str(date.date), "2030-01-02")
        self.assertEqual(choice.value, "desk@example.com")
        self.assertFalse(
            text.with_user(self.agent).search([("value", "ilike", "4111 1111")])
        )

    def test_what_is_to_be_done_afterwards_is_hidden(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        partner = self.env["res.partner"].create({"name": "Lucía"})
        self.conversation.customer_id.partner_id = partner
        # Half a number is not recognised: it is hidden before it is cut.
        summary = f"Cobrar a {CARD} {'x' * 160} {CARD}"
        conversation.action_close(
            self.disposition.id,
            follow_up={"date": "2030-01-02", "summary": summary},
        )
        told = [
            partner.activity_ids.summary,
            *self.conversation.change_ids.mapped("reason"),
        ]
        self.assertIn(SHOWN, self.assertHidden(told))
        self.assertNotIn("4111", str(told))

    def test_why_a_transfer_is_refused_is_hidden_before_it_is_cut(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        conversation.action_transfer(user_id=self.agent2.id, kind="exclusive")
        transfer = self.conversation.transfer_id
        transfer.with_user(self.agent2).action_refuse(f"{'x' * 185} {CARD}")
        self.assertTrue(transfer.reason)
        self.assertNotIn("4111", transfer.reason)

    def test_what_a_note_is_changed_to_is_hidden(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        note = conversation.channel_id.message_post(
            body="Paga con otra", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        channel = conversation.channel_id.sudo()
        for number in (CARD, "5555 5555 5555 4444"):
            channel._message_update_content(note, body=f"Paga con {number}")
            self.assertNotIn(number, self.assertHidden(note.body))
            self.assertEqual(note.whatsapp_omni_hidden, "card")
            self.assertIn(number, note.whatsapp_omni_plain)
        channel._message_update_content(note, body="Paga en efectivo")
        self.assertFalse(note.whatsapp_omni_hidden)
        self.assertFalse(note.whatsapp_omni_plain)

    def upload(self, name=f"{CARD}.pdf"):
        """Return a file that an agent has put into the composer."""
        return (
            self.env["ir.attachment"]
            .with_user(self.agent)
            .create(
                {
                    "name": name,
                    "raw": b"%PDF-1.4",
                    "mimetype": "application/pdf",
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
            )
        )

    def test_names_of_files_in_notes_are_hidden(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        note = conversation.channel_id.message_post(
            body="Su tarjeta",
            attachment_ids=self.upload().ids,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        self.assertEqual(note.attachment_ids.name, f"{SHOWN}.pdf")
        self.assertEqual(note.whatsapp_omni_hidden, "card")
        Hidden = self.env["whatsapp_omni.hidden.name"]
        for user in (self.agent, self.administrator, self.env.ref("base.user_admin")):
            with self.subTest(user=user.name):
                self.assertFalse(Hidden.with_user(user).has_access("read"))
        conversation.channel_id.sudo()._message_update_content(
            note, body="Su otra", attachment_ids=self.upload(f"b {CARD}.pdf").ids
        )
        self.assertEqual(
            note.attachment_ids.mapped("name"), [f"{SHOWN}.pdf", f"b {SHOWN}.pdf"]
        )
        self.assertEqual(note.whatsapp_omni_hidden, "card")

    def test_the_name_of_a_file_sent_with_a_template_is_hidden(self):
        template = self.make_template(
            "bill", template_type="DOCUMENT", header_kind="document", body="Mire"
        )
        elsewhere = self.upload(f"b {CARD}.pdf")
        partner = self.agent.partner_id
        elsewhere.sudo().write({"res_model": partner._name, "res_id": partner.id})
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        for file, shown in ((self.upload(), SHOWN), (elsewhere, f"b {SHOWN}")):
            conversation.action_send_template(template.id, [], file.id)
            self.send_outbox()
            mail = self.conversation.message_ids.sorted("id")[-1:].mail_message_id
            self.assertEqual(mail.attachment_ids.name, f"{shown}.pdf")
            self.assertEqual(mail.whatsapp_omni_hidden, "card")
            self.assertIn(CARD, json.dumps(self.provider_double.forms[-1]))
            self.conversation.template_message_id = False  # no second click
        self.assertEqual(elsewhere.name, f"b {CARD}.pdf")

    def test_names_of_parked_files_are_hidden_while_they_wait(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        self.conversation.window_end = "2020-01-01"
        conversation.action_park("", self.upload().ids)
        (shown,) = self.conversation._parked_data()
        self.assertEqual(shown["files"][0]["name"], f"{SHOWN}.pdf")
        self.assertHidden(conversation.with_user(self.agent2).get_files())
        self.write_in("Sí")
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["filename"], f"{CARD}.pdf")

    # --- to the customer -------------------------------------------------------------

    def test_the_customer_gets_what_the_agent_wrote(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        mail = self.answer(conversation, f"¿Es esta? {CARD}")
        self.assertIn(SHOWN, self.assertHidden(mail.body))
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["text"], f"¿Es esta? {CARD}")
        self.env.invalidate_all()
        self.assertEqual(self.conversation.last_text, f"¿Es esta? {SHOWN}")

    def test_the_customer_gets_the_name_of_the_file(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.agent)
            .create(
                {
                    "name": f"{CARD}.pdf",
                    "raw": b"%PDF-1.4",
                    "mimetype": "application/pdf",
                }
            )
        )
        mail = self.answer(conversation, "", attachment_ids=attachment.ids)
        self.assertEqual(mail.attachment_ids.name, f"{SHOWN}.pdf")
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["filename"], f"{CARD}.pdf")

    def test_a_parked_reply_leaves_as_it_was_written(self):
        self.receive_card("Hola")
        conversation = self.capture(self.conversation)
        self.conversation.window_end = "2020-01-01"
        conversation.action_park(f"Su tarjeta {CARD}")
        reply = self.conversation.parked_reply_ids
        (shown,) = self.conversation._parked_data()
        self.assertEqual(
            (shown["body"], shown["is_masked"]), (f"Su tarjeta {SHOWN}", True)
        )
        self.assertEqual(reply.with_user(self.agent).get_body(), f"Su tarjeta {CARD}")
        colleague = reply.with_user(self.agent2)
        with self.assertRaises(AccessError):
            colleague.get_body()
        self.allow(self.agent2)
        self.assertEqual(colleague.get_body(), f"Su tarjeta {CARD}")
        self.assertEqual(self.Reveal.search([]).user_id, self.agent2)
        self.write_in("Sí")
        self.send_outbox()
        self.assertEqual(self.provider_double.sent[-1]["text"], f"Su tarjeta {CARD}")

    # --- reveal ----------------------------------------------------------------------

    def test_one_message_is_revealed_and_that_is_noted(self):
        mail = self.receive_card()
        self.allow(self.agent)
        self.capture(self.conversation)
        revealed = mail.with_user(self.agent).action_whatsapp_omni_reveal()
        self.assertIn(f"<strong>{CARD}</strong>", revealed["body"])
        reveal = self.Reveal.with_user(self.supervisor).search([])
        self.assertEqual(
            (
                reveal.user_id,
                reveal.message_id,
                reveal.conversation_id,
                reveal.kind_names,
            ),
            (self.agent, mail, self.conversation, "Card number"),
        )
        self.assertIn(SHOWN, self.assertHidden(reveal.read()))

    def test_without_the_group_nothing_is_revealed(self):
        mail = self.receive_card()
        self.capture(self.conversation)
        for user in (self.agent, self.supervisor, self.administrator):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                mail.with_user(user).action_whatsapp_omni_reveal()
        self.assertFalse(self.Reveal.search([]))

    def test_the_group_alone_reveals_no_conversation_of_others(self):
        mail = self.receive_card()
        for user in (self.agent_elsewhere, self.other_agent):
            self.allow(user)
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                mail.with_user(user).action_whatsapp_omni_reveal()

    def test_what_hides_nothing_is_not_revealed(self):
        mail = self.receive_card("Hola")
        self.allow(self.supervisor)
        with self.assertRaises(UserError):
            mail.with_user(self.supervisor).action_whatsapp_omni_reveal()

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_model")
    def test_what_was_revealed_is_noted_for_good(self):
        mail = self.receive_card()
        self.allow(self.supervisor)
        mail.with_user(self.supervisor).action_whatsapp_omni_reveal()
        reveal = self.Reveal.search([])
        for user in (self.administrator, self.env.user):
            own = reveal.with_user(user)
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    own.unlink()
        with self.assertRaises(AccessError):
            reveal.with_user(self.administrator).write({"kinds": "email"})
        with self.assertRaises(AccessError):
            reveal.with_user(self.agent).read(["kinds"])

    # --- settings --------------------------------------------------------------------

    def test_each_queue_chooses_what_is_hidden(self):
        self.queue.mask_cards = False
        mail = self.receive_card(f"{CARD} y juan@example.com")
        self.assertIn(CARD, mail.body)
        self.assertIn("j•••@e•••.com", mail.body)
        self.assertEqual(mail.whatsapp_omni_hidden, "email")
        self.queue.mask_cards = True
        self.assertIn(CARD, mail.body, "what is there stays")
        self.assertHidden(self.receive_card().body)

    def test_countries_tell_whose_numbers_are_recognised(self):
        text = "12345678Z, 536-22-1234"
        self.assertEqual(self.receive_card(text).preview, "••••78Z, 536-22-1234")
        self.queue.mask_country_ids = self.env.ref("base.us")
        self.assertEqual(self.receive_card(text).preview, "12345678Z, ••••234")

    def test_what_the_company_publishes_is_read(self):
        self.company.email = "info@example.com"
        mail = self.receive_card("¿Escribo a info@example.com o al +34911222333?")
        self.assertFalse(mail.whatsapp_omni_hidden)

    def test_before_it_is_in_a_queue_everything_is_hidden(self):
        policy = self.env["whatsapp_omni.queue"]._get_masking_policy(
            False, self.company.id
        )
        self.assertEqual(len(policy.kinds), 5)

    def test_an_ordinary_message_costs_no_query(self):
        mails = self.env["whatsapp_omni.message"]
        channel = self.write_in("Hola").channel_id
        vals = {"model": "discuss.channel", "res_id": channel.id, "body": "Hola, ¿12?"}
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.assertEqual(mails.env["mail.message"]._whatsapp_omni_mask(vals), vals)
