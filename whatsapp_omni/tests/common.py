# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fixtures: a small contact centre, a customer who writes, a provider that answers."""

import json
import time
from datetime import UTC
from itertools import count
from urllib.parse import parse_qsl, unquote

import requests

from odoo import Command, fields
from odoo.tests import TransactionCase

from ..tools.background import TimeBox

APP_NAME = "AcmeSupport"
APP_ID = "c2a54d7e-63b1-4f0b-9d58-1e7f0c9a2b34"
TOKEN = "test-callback-token"
BASE_URL = "https://gupshup.test"

_numbers = count(1)


def milliseconds(moment=None):
    """Return a naive UTC time, now by default, the way callbacks tell it."""
    moment = moment or fields.Datetime.now()
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)


def inbound(
    kind="text",
    phone="34600111222",
    name="Lucía",
    wa_id=None,
    at=None,
    context=None,
    user_id=None,
    app=APP_NAME,
    **content,
):
    """Return the body of a customer's message, as GupShup posts it (version 2)."""
    if kind == "text":
        content.setdefault("text", "Hola")
    sender = {"name": name, "phone": phone or "", "userId": user_id}
    payload = {
        "id": wa_id or f"wamid.in{next(_numbers)}",
        "source": phone or "",
        "type": kind,
        "payload": content,
        "sender": {key: value for key, value in sender.items() if value is not None},
    }
    if context:
        payload["context"] = context
    return {
        "app": app,
        "timestamp": milliseconds(at),
        "version": 2,
        "type": "message",
        "payload": payload,
    }


def receipt(kind, gs_id, phone="34600111222", at=None, wa_id="wamid.out", **content):
    """Return the body of a status receipt, as GupShup posts it (version 2)."""
    payload = {"type": kind, "destination": phone, "payload": content}
    if kind == "enqueued":
        payload.update(id=gs_id, payload={"whatsappMessageId": wa_id, **content})
    else:
        payload.update(id=wa_id, gsId=gs_id)
        if kind != "failed":
            content.setdefault("ts", milliseconds(at) // 1000)
    return {
        "app": APP_NAME,
        "timestamp": milliseconds(at),
        "version": 2,
        "type": "message-event",
        "payload": payload,
    }


class FakeProvider:
    """GupShup's side of the wire, for tests of one process.

    ``forms`` holds the fields of what was to be sent, ``reads`` the ids of messages
    marked as read, ``requests`` everything. ``answers`` may be filled with what to
    answer to the next sends: ``(status, data)``, perhaps with headers as the third, or
    an exception to raise.
    Afterwards every send is accepted.
    """

    def __init__(self):
        self.requests, self.forms, self.reads = [], [], []
        self.answers = []
        self.files = {}
        self._ids = count(1)

    def handle(self, request):
        self.requests.append(request)
        if request.url in self.files:
            content, headers = self.files[request.url]
            return self._respond(request, 200, content, headers)
        if request.url.endswith("/read"):
            self.reads.append(unquote(request.url.split("/")[-2]))
            return self._respond(request, 200, b"", {})
        self.forms.append(dict(parse_qsl(body_of(request).decode())))
        answer = self.answers.pop(0) if self.answers else self._accept()
        if isinstance(answer, Exception):
            raise answer
        status, data, *headers = answer
        return self._respond(
            request, status, json.dumps(data).encode(), *(headers or [{}])
        )

    def _accept(self):
        return 202, {"status": "submitted", "messageId": f"gs-{next(self._ids)}"}

    @staticmethod
    def _respond(request, status, content, headers):
        response = requests.Response()
        response.status_code = status
        response.url = request.url
        response.request = request
        response.headers.update(headers)
        response.raw = _RawBody(content)
        return response

    @property
    def sent(self):
        """Return what was to be sent: a list of GupShup's message objects."""
        return [json.loads(form["message"]) for form in self.forms]


class _RawBody:
    """As much of urllib3's response as the protocol package reads."""

    def __init__(self, content):
        self._content = content

    def stream(self, _size, decode_content=None):
        yield self._content

    def close(self):
        self._content = b""

    def release_conn(self):
        self.close()


def body_of(request):
    """Return the body of a prepared request as bytes."""
    body = request.body
    return body.read() if hasattr(body, "read") else (body or b"")


class WhatsAppOmniCommon(TransactionCase):
    """A company with one line, its queue, agents, a supervisor, an administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider_double = FakeProvider()
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})
        cls._create_people()
        cls.provider = cls.make_provider(cls.company)
        cls.disposition = cls.env["whatsapp_omni.disposition"].create(
            {"name": "Solved here"}
        )
        cls.queue = cls.make_queue(
            "Support", cls.agent | cls.agent2, supervisor_ids=cls.supervisor.ids
        )
        cls.queue2 = cls.make_queue("Sales", cls.agent_elsewhere)
        cls.line = cls.make_line(
            "+34911222333",
            cls.provider,
            cls.queue,
            app_name=APP_NAME,
            app_id=APP_ID,
            callback_token=TOKEN,
        )
        cls._furnish_other_company()

    @classmethod
    def _create_people(cls):
        """Create everybody at once, which takes a third of the time."""
        (
            cls.agent,
            cls.agent2,
            cls.agent_elsewhere,
            cls.supervisor,
            cls.administrator,
            cls.outsider,
            cls.other_agent,
            cls.other_supervisor,
            cls.other_administrator,
        ) = cls._create_users(
            cls._person("wa_agent", "Ana", "group_agent"),
            cls._person("wa_agent2", "Luis", "group_agent"),
            cls._person("wa_elsewhere", "Eva", "group_agent"),
            cls._person("wa_supervisor", "Sofía", "group_supervisor"),
            cls._person("wa_admin", "Alba", "group_administrator"),
            cls._person("wa_outsider", "Olivia"),
            cls._person("wa_other", "Otto", "group_agent", cls.other_company),
            cls._person(
                "wa_other_supervisor", "Olga", "group_supervisor", cls.other_company
            ),
            cls._person(
                "wa_other_admin", "Odile", "group_administrator", cls.other_company
            ),
        )

    @classmethod
    def _person(cls, login, name, group=None, company=None):
        """Return the values of a user, whose password is the login."""
        company = company or cls.company
        groups = cls.env.ref("base.group_user")
        if group:
            groups |= cls.env.ref(f"whatsapp_omni.{group}")
        return {
            "login": login,
            "password": login,
            "name": name,
            "email": f"{login[0]}.{login[0]}@example.com",
            "group_ids": [Command.set(groups.ids)],
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
        }

    @classmethod
    def _create_users(cls, *people):
        """Create users; return them one by one, as if none knew of the others.

        Nobody is invited by e-mail: that would take longer than all the rest.
        """
        Users = cls.env["res.users"]
        users = Users.with_context(no_reset_password=True).create(people)
        return [Users.browse(user_id) for user_id in users.ids]

    @classmethod
    def _furnish_other_company(cls):
        """Create the same in another company, whose agents see nothing of ours."""
        cls.other_provider = cls.make_provider(cls.other_company)
        cls.other_queue = cls.make_queue(
            "Elsewhere", cls.other_agent, company_id=cls.other_company.id
        )
        cls.other_line = cls.make_line(
            "+34911000000",
            cls.other_provider,
            cls.other_queue,
            company_id=cls.other_company.id,
        )

    @classmethod
    def make_provider(cls, company):
        return cls.env["whatsapp_omni.provider"].create(
            {
                "name": "GupShup",
                "company_id": company.id,
                "base_url": BASE_URL,
                "api_key": "secret-key",
                "media_origins": "https://filemanager.gupshup.test",
            }
        )

    @classmethod
    def make_queue(cls, name, agents, **values):
        return cls.env["whatsapp_omni.queue"].create(
            {"name": name, "agent_ids": [Command.set(agents.ids)], **values}
        )

    @classmethod
    def make_line(cls, number, provider, queue, **values):
        """Create a line; its app is named by its number unless ``values`` tell."""
        digits = number.lstrip("+")
        return cls.env["whatsapp_omni.line"].create(
            {
                "name": f"Line {number}",
                "provider_id": provider.id,
                "number": number,
                "app_name": f"App{digits}",
                "app_id": f"app-{digits}",
                "queue_id": queue.id,
                **values,
            }
        )

    @classmethod
    def make_template(cls, ref="tpl-1", line=None, **values):
        """Create an approved template as a synchronisation leaves it."""
        return cls.env["whatsapp_omni.approved.template"].create(
            {
                "line_id": (line or cls.line).id,
                "provider_ref": ref,
                "name": ref.replace("-", "_"),
                "language": "es",
                "status": "APPROVED",
                "template_type": "TEXT",
                "body": "Hola {{1}}",
                **values,
            }
        )

    @classmethod
    def _create_user(cls, login, name, group):
        """Create one more person of the own company."""
        (user,) = cls._create_users(cls._person(login, name, group))
        return user

    @classmethod
    def _request_handler(cls, session, request, /, **kwargs):
        """Override of `base`: requests to the provider reach its double."""
        if request.url.startswith(("https://gupshup.test", "https://filemanager.")):
            return cls.provider_double.handle(request)
        return super()._request_handler(session, request, **kwargs)

    def setUp(self):
        super().setUp()
        type(self).provider_double = FakeProvider()

    # --- the customer's side ---------------------------------------------------------

    def receive(self, *bodies, token=TOKEN):
        """Receive callbacks and apply them; return the events of the journal."""
        Event = self.env["whatsapp_omni.event"]
        before = Event.search([], limit=1).id or 0
        for body in bodies:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            Event._receive(token, raw)
        self.env.invalidate_all()
        while Event._apply_batch(25):
            continue
        Event._apply_preferences()
        self.env["whatsapp_omni.message"]._push_dirty_statuses()
        self.env.flush_all()
        return Event.search([("id", ">", before)], order="id")

    def make_conversation(self, **kwargs):
        """Return a new conversation, as nobody in particular sees it."""
        return self.write_in(**kwargs)

    def write_in(self, text="Hola", **kwargs):
        """Have a customer write; return the conversation that it went to."""
        body = inbound(text=text, **kwargs)
        self.receive(body)
        return self.message_of(body).conversation_id

    def message_of(self, body):
        """Return the stored message of a callback body."""
        return self.env["whatsapp_omni.message"].search(
            [("wa_id", "=", body["payload"]["id"]), ("direction", "=", "inbound")]
        )

    # --- the agent's side ------------------------------------------------------------

    def capture(self, conversation, user=None):
        """Have an agent take a conversation; return it as that agent sees it."""
        conversation = conversation.with_user(user or self.agent)
        conversation.action_capture()
        return conversation

    def answer(self, conversation, body="Hola, dígame", **kwargs):
        """Have the agent of a conversation answer, as the web client does."""
        channel = conversation.channel_id.sudo()
        return channel.message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    def send_outbox(self):
        """Send what is due, as a worker would after a request."""
        Message = self.env["whatsapp_omni.message"]
        sent = 0
        box = TimeBox(10)  # what the rate allows in a moment is waited for
        while box.open:
            claimed = Message._send_round(lambda: None, box=box)
            sent += claimed
            if not claimed:
                if Message._seconds_to_next() != 0:
                    break
                # The rate counts by the database's clock, which nothing announces.
                time.sleep(0.02)
        self.env.flush_all()
        return sent

    def outbound_of(self, mail):
        """Return the WhatsApp messages that carry an answer, in their order."""
        return (
            mail.sudo()
            .whatsapp_omni_message_ids.filtered(
                lambda message: message.direction == "outbound"
            )
            .sorted("id")
        )
