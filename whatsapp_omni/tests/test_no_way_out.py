# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import binascii
import json
import re
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from ..gupshup import media
from ..models import message_media
from .common import WhatsAppOmniCommon, inbound, receipt

CARD = "4111111111111111"
NUMBER = "34655443321"
#: What must be read nowhere, whatever stands between the digits.
SECRETS = {"card": CARD, "number": NUMBER[2:]}
#: What somebody would search for to find out whether it is there.
GUESSES = ("4111 1111", CARD, "655443", "655 44", "gil@example")
TEXT = "Tarjeta 4111 1111 1111 1111, WhatsApp +34 655 443 321, gil@example.org"

#: Other models that hold something of ours.
FOREIGN = {
    "crm.lead",
    "discuss.channel",
    "discuss.channel.member",
    "ir.attachment",
    "mail.activity",
    "mail.guest",
    "mail.link.preview",
    "mail.message",
    "mail.message.link.preview",
    "mail.message.reaction",
    "mail.notification",
    "mail.tracking.value",
    "res.partner",
}

#: Models of ours that hold nothing of customers: they may be empty here.
SETTINGS = re.compile(
    r"whatsapp_omni\.(agent\.skill|approved\.template|disposition|line|menu|message\."
    r"template|opt\.word|pause\.reason|provider|queue|skill|tag)"
)

QUIET = ("odoo.models", "odoo.orm.models", "odoo.addons.base.models.ir_rule")


def wamid(number):
    """Return an id as WhatsApp makes it: with the customer's number inside."""
    inside = b"\x1d\x0a\x0b" + number.encode() + b"\x15\x02\x00\x12\x18\x16\x33\x45"
    return f"wamid.{base64.b64encode(inside).decode()}"


def texts(value):
    """Yield every text and number in plain data, what is encoded in it as well."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from texts(key)
            yield from texts(part)
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from texts(part)
    elif value is not None and not isinstance(value, bool):
        text = (
            value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        )
        yield text
        for token in re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text):
            try:
                yield base64.b64decode(token, validate=True).decode(errors="replace")
            except binascii.Error:
                continue


def secrets_in(value):
    """Return the names of what is told that must not be."""
    told = set()
    for text in texts(value):
        digits = re.sub(r"\D", "", text)
        told.update(name for name, secret in SECRETS.items() if secret in digits)
        if "gil@example.org" in text:
            told.add("e-mail")
    return told


@tagged("post_install", "-at_install")
class TestNoWayOut(WhatsAppOmniCommon):
    """An agent from whom it is hidden reads all there is, and finds it nowhere.

    Fields and models that are added later are read as well; a model of ours without a
    record has to get one in :meth:`live_through_everything`.
    """

    def setUp(self):
        super().setUp()
        self.company.country_id = self.env.ref("base.es")
        self.company.whatsapp_omni_hide_numbers = True
        self.env.ref("base.group_allow_export").user_ids = self.agent
        self.env["bus.bus"].search([]).unlink()
        self.live_through_everything()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    # --- the scene -------------------------------------------------------------------

    def hear(self, kind="text", **content):
        """Have the customer send something; return its message."""
        body = inbound(
            kind,
            phone=NUMBER,
            name="Ana +34 655 443 321",
            wa_id=f"{wamid(NUMBER)}{len(self.heard)}",
        )
        body["payload"]["payload"].update(content)
        self.receive(body)
        self.heard.append(self.message_of(body))
        return self.heard[-1]

    def live_through_everything(self):
        self.heard = []
        conversation = self.capture(self.hear(text=TEXT).conversation_id)
        self.conversation = conversation.sudo()
        self.give_another()
        self.hear_files_and_cards()
        self.answer_in_every_way(conversation)
        self.talk_with_colleagues(conversation)
        self.have_last_fail()
        self.end(conversation)

    def give_another(self):
        """Have a conversation of somebody without a name given to the agent."""
        self.queue.strategy = "round_robin"
        self.env["whatsapp_omni.agent"].with_user(self.agent).set_state("available")
        self.write_in(TEXT, name="", phone="34655443000")
        self.env["whatsapp_omni.conversation"]._distribute()
        self.queue.strategy = "manual"

    def hear_files_and_cards(self):
        name = "Tarjeta 4111 1111 1111 1111 de +34 655 443 321.pdf"
        found = media.Downloaded(
            content=b"%PDF", mime_type="application/pdf", name=name
        )
        self.hear(
            "file",
            url="https://filemanager.gupshup.test/1",
            name=name,
            caption=TEXT,
            contentType="application/pdf",
        )
        with patch.object(message_media.media, "download", lambda *_a, **_k: found):
            self.env["whatsapp_omni.message"]._fetch_round(lambda: None)
        self.hear("location", latitude="1", longitude="2", name=TEXT, address=TEXT)
        self.hear(
            "contacts",
            contacts=[
                {
                    "name": {"formatted_name": "Ana 655 443 321"},
                    "phones": [{"phone": "+34 655 443 321", "wa_id": NUMBER}],
                    "emails": [{"email": "gil@example.org"}],
                }
            ],
        )
        self.hear(text=f"Mire https://wa.me/{NUMBER}")

    def answer_in_every_way(self, conversation):
        partner, guest = self.agent.partner_id, self.env["mail.guest"]
        self.answer(conversation, TEXT)
        self.send_outbox()
        mail = self.heard[0].mail_message_id
        mail.with_user(self.agent).sudo()._message_reaction("👍", "add", partner, guest)
        template = self.env["whatsapp_omni.message.template"].create(
            {
                "name": "Mine",
                "body": "¿Es {{customer.number}}?",
                "queue_ids": [Command.set(self.queue.ids)],
            }
        )
        template.with_user(self.agent).send_quick_reply(
            conversation.channel_id.id, template.id
        )
        approved = self.make_template("number", body="¿Es {{1}} su número?")
        approved.parameter_ids.source = "customer_number"
        conversation.action_send_template(approved.id, [False])
        conversation.action_send_built(
            "contact",
            {"name": "Ana", "phones": ["+34 655 443 321"], "emails": []},
        )
        self.send_outbox()
        self.conversation.window_end = "2020-01-01"
        conversation.action_park(TEXT)

    def talk_with_colleagues(self, conversation):
        conversation.channel_id.message_post(
            body=TEXT,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=self.agent2.partner_id.ids,
        )
        conversation.action_invite(user_id=self.agent2.id, note=TEXT)
        conversation.action_transfer(
            user_id=self.agent2.id, kind="exclusive", note=TEXT
        )
        transfer = self.conversation.transfer_id.with_user(self.agent2)
        transfer.action_refuse(TEXT)

    def have_last_fail(self):
        """Have the last message fail, with a reason that quotes."""
        message = self.conversation.message_ids.filtered("gs_id").sorted("id")[-1:]
        reason = f"{TEXT} or {NUMBER} is not allowed"
        self.receive(receipt("failed", message.gs_id, code=470, reason=reason))
        self.conversation.customer_id._note_choice(
            True, "word", message.create_date, text=message.error_reason
        )

    def end(self, conversation):
        partner = self.env["res.partner"].create({"name": "Ana"})
        conversation.customer_id.action_identify(partner.id)
        question = {"name": "Reference"}
        self.disposition.field_ids = [Command.create(question)]
        answers = {self.disposition.field_ids.id: TEXT}
        conversation.action_close(
            self.disposition.id,
            note=TEXT,
            values=answers,
            discard_parked=True,
            follow_up={"date": "2030-01-02", "summary": TEXT},
        )
        conversation.action_correct(self.disposition.id, f"{TEXT}!", answers)

    # --- looking ---------------------------------------------------------------------

    def models(self, user=None):
        """Yield the models that may tell something, as a user's request has them."""
        env = self.env(user=user or self.agent, su=False)
        for name in sorted(env.registry):
            Model = env[name]
            if (name.startswith("whatsapp_omni.") or name in FOREIGN) and not (
                Model._abstract or Model._transient
            ):
                if Model.has_access("read"):
                    yield Model

    def readable(self, Model):
        """Return the names of the fields that the agent reads, files left out."""
        return [
            name
            for name, field in Model.fields_get(attributes=["type"]).items()
            if field["type"] != "binary"
        ]

    def attempt(self, method, *args):
        """Return what a method tells the agent, None when it is refused."""
        try:
            with mute_logger(*QUIET), self.env.cr.savepoint():
                return method(*args)
        # UserError: no rights. The others: Odoo's own answers to a field that cannot be
        # searched, or grouped by. Any other error is a fault, and fails the test.
        except (UserError, ValueError, NotImplementedError):
            return None

    def read_all(self, user=None):
        """Yield the name of each field, and what the user reads in it."""
        for Model in self.models(user):
            records = Model.search([], order="id desc", limit=200)
            is_ours = Model._name.startswith("whatsapp_omni.")
            for name in self.readable(Model):
                # Discuss has fields that lead to what nobody may read.
                told = (
                    records.read([name])
                    if is_ours
                    else self.attempt(records.read, [name])
                )
                yield f"{Model._name}.{name}", told

    def test_there_is_something_of_everything(self):
        empty = {
            Model._name
            for Model in self.models()
            if Model._name.startswith("whatsapp_omni.")
            and not SETTINGS.match(Model._name)
            and not Model.search_count([], limit=1)
        }
        self.assertFalse(empty, "give it a record in live_through_everything")

    def test_it_is_nowhere_to_be_read(self):
        for field, told in self.read_all():
            with self.subTest(field):
                self.assertFalse(secrets_in(told), told)

    def test_who_reads_numbers_reads_nothing_else_that_is_hidden(self):
        for field, told in self.read_all(self.administrator):
            with self.subTest(field):
                self.assertFalse(secrets_in(told) - {"number"}, told)

    def test_it_is_not_exported_or_named(self):
        for Model in self.models():
            with self.subTest(Model._name):
                records = Model.search([], order="id desc", limit=200)
                names = self.readable(Model)
                for name in names:
                    told = self.attempt(records.export_data, [name])
                    self.assertFalse(secrets_in(told), told)
                self.assertFalse(secrets_in(Model.name_search("", limit=200)))

    def test_no_group_is_named_by_it(self):
        for Model in self.models():
            for name in self.readable(Model):
                with self.subTest(f"{Model._name}.{name}"):
                    groups = self.attempt(Model.formatted_read_group, [], [name])
                    self.assertFalse(secrets_in(groups), groups)

    def test_it_is_not_found_out_by_searching(self):
        for Model in self.models():
            if Model._name == "ir.attachment":
                continue  # who may open a file may search in it
            for name in self.readable(Model):
                if Model._fields[name].type not in ("char", "text", "html"):
                    continue
                anything = self.found(Model, name, "no such text")
                for guess in GUESSES:
                    with self.subTest(f"{Model._name}.{name}", guess=guess):
                        found = self.found(Model, name, guess)
                        self.assertEqual(found, anything)

    def found(self, Model, name, term):
        return self.attempt(Model.search, [(name, "ilike", term)])

    def test_what_is_pushed_to_browsers_does_not_tell_it(self):
        told = self.env["bus.bus"].search([]).mapped("message")
        self.assertGreater(len(told), 10)
        for message in told:
            self.assertFalse(secrets_in(json.loads(message)), message)

    def test_no_mail_tells_it(self):
        mails = self.env["mail.mail"].search([])
        self.assertFalse(secrets_in(mails.read(["body_html", "subject", "email_to"])))
        pushes = self.env["mail.push"].search([])
        self.assertFalse(secrets_in(pushes.mapped("payload")))

    def test_what_the_desk_asks_for_does_not_tell_it(self):
        conversation = self.conversation.with_user(self.agent).sudo(False)
        customer = conversation.customer_id
        store = Store()
        conversation._add_inbox(store)
        channel = conversation.channel_id
        mails = self.env["mail.message"].with_user(self.agent)
        mails = mails._message_fetch(domain=None, thread=channel, limit=100)["messages"]
        for what, told in {
            "inbox": store.get_result(),
            "channel": Store().add(channel).get_result(),
            "messages": Store().add(mails).get_result(),
            "panel": conversation.get_panel(),
            "panel records": conversation.get_panel_records(),
            "records": conversation.get_records(),
            "previous": conversation.get_previous(),
            "files": conversation.get_files(),
            "closing": conversation.get_closing(),
            "templates": self.attempt(conversation.get_templates),
            "replies": self.env["whatsapp_omni.message.template"]
            .with_user(self.agent)
            .get_quick_replies(conversation.id),
            "candidates": customer.get_candidates(),
            "contact": customer.get_contact_options(),
            "people": customer.search_people("Ana", self.queue.id),
        }.items():
            with self.subTest(what):
                self.assertFalse(secrets_in(told), told)
