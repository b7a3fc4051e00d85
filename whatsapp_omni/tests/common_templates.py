# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A provider that has templates, and builders for what it tells of them."""

import json
from urllib.parse import parse_qsl, unquote, urlsplit

from odoo import Command

from .common import APP_NAME, FakeProvider, WhatsAppOmniCommon, body_of, milliseconds
from .test_sending import PIXEL

BUTTONS = [
    Command.create({"kind": "QUICK_REPLY", "text": "Sí", "payload": "yes"}),
    Command.create({"kind": "QUICK_REPLY", "text": "No"}),
    Command.create(
        {"kind": "URL", "text": "Ver", "url": "https://example.com/v/{{1}}"}
    ),
]


def row(ref, **values):
    """Return a template as GupShup lists it.

    :param values: members of the row; ``header``, ``body``, ``footer``, ``buttons``,
        ``sample``, ``sample_header`` and ``media_url`` are put where GupShup puts them
    """
    container = {
        "data": values.pop("body", "Hola {{1}}, hasta el {{2}}."),
        "sampleText": values.pop("sample", "Hola Lucía, hasta el lunes."),
    }
    for name, key in (
        ("header", "header"),
        ("footer", "footer"),
        ("buttons", "buttons"),
        ("media_url", "mediaUrl"),
        ("sample_header", "sampleHeader"),
    ):
        if name in values:
            container[key] = values.pop(name)
    return {
        "id": ref,
        "elementName": ref.replace("-", "_"),
        "languageCode": "es",
        "category": "UTILITY",
        "templateType": "TEXT",
        "status": "APPROVED",
        "quality": "GREEN",
        "containerMeta": json.dumps(container),
        **values,
    }


def template_event(ref, at=None, app=APP_NAME, **payload):
    """Return the body of a callback about a template, as GupShup posts it."""
    return {
        "app": app,
        "timestamp": milliseconds(at),
        "version": 2,
        "type": "template-event",
        "payload": {
            "id": ref,
            "elementName": ref.replace("-", "_"),
            "languageCode": "es",
            **payload,
        },
    }


class TemplateProvider(FakeProvider):
    """GupShup's side with templates: ``rows`` is what it lists.

    ``failures`` are answers to the next requests about templates, an entry None lets
    one pass; ``hook`` is called before each of them. Created templates are pending.
    """

    def __init__(self):
        super().__init__()
        self.rows, self.failures, self.created, self.deleted = [], [], [], []
        self.hook = None

    def handle(self, request):
        parts = urlsplit(request.url)
        tail = parts.path.partition("/template")[2]
        is_about_templates = "/wa/app/" in parts.path and "/template" in parts.path
        if "/wa/media/v2" in parts.path:
            self.requests.append(request)
            media = {"id": "sample-1", "url": "https://example.com/sample.png"}
            return self._reply(request, 200, {"status": "success", "media": media})
        if not is_about_templates:
            return super().handle(request)
        self.requests.append(request)
        if self.hook:
            self.hook()
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, Exception):
            body_of(request)  # it left before the failure came
            raise failure
        if failure:
            return self._reply(request, *failure)
        answer = getattr(self, f"_{request.method.lower()}")
        query = dict(parse_qsl(parts.query))
        return self._reply(request, *answer(unquote(tail[1:]), query, request))

    def _get(self, ref, query, _request):
        if ref:
            found = next((row for row in self.rows if row["id"] == ref), None)
            if not found:
                return 400, {"status": "error", "message": "Template Does Not Exist"}
            return 200, {"status": "success", "template": found}
        page, size = int(query["pageNo"]), int(query["pageSize"])
        return 200, {"templates": self.rows[page * size : (page + 1) * size]}

    def _post(self, _ref, _query, request):
        form = dict(parse_qsl(body_of(request).decode()))
        self.created.append(form)
        created = row(
            f"created-{len(self.created)}",
            elementName=form["elementName"],
            languageCode=form["languageCode"],
            category=form["category"],
            templateType=form["templateType"],
            status="PENDING",
            body=form["content"],
            sample=form["example"],
            header=form.get("header", ""),
            footer=form.get("footer", ""),
            buttons=json.loads(form.get("buttons", "[]")),
        )
        self.rows.append(created)
        return 200, {"status": "success", "template": created}

    def _delete(self, name, _query, _request):
        self.deleted.append(name)
        self.rows = [row for row in self.rows if row["elementName"] != name]
        return 200, {"status": "success"}

    def _reply(self, request, status, data):
        return self._respond(request, status, json.dumps(data).encode(), {})


class ApprovedTemplateCommon(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        type(self).provider_double = TemplateProvider()
        self.Template = self.env["whatsapp_omni.approved.template"].with_context(
            active_test=False
        )
        self.Message = self.env["whatsapp_omni.message"]
        self.Activity = self.env["mail.activity"]

    @property
    def double(self):
        return self.provider_double

    def make_visit(self, **values):
        """Return a template with a variable in each place and every kind of button."""
        return self.make_template(
            "visit",
            **{
                "header_kind": "text",
                "header": "Cita de {{1}}",
                "body": "Hola {{1}}, el {{2}} con {{1}}.",
                "footer": "Acme",
                "button_ids": BUTTONS,
                **values,
            },
        )

    def attach(self, name="photo.png", raw=PIXEL, mimetype="image/png", user=None):
        Attachment = self.env["ir.attachment"].with_user(user or self.env.user)
        return Attachment.create({"name": name, "raw": raw, "mimetype": mimetype})

    def sync(self, line=None):
        """Synchronise; return what came of it."""
        outcome = (line or self.line)._sync_templates(lambda: None)
        self.env.flush_all()
        return outcome

    def template_of(self, ref):
        return self.Template.search([("provider_ref", "=", ref)])

    def tell(self, *bodies):
        """Receive callbacks about templates and deal with them."""
        events = self.receive(*bodies)
        self.deal()
        return events

    def deal(self):
        """Deal with what callbacks told about templates."""
        while self.env["whatsapp_omni.event"]._apply_templates_round(lambda: None):
            continue
        self.env.flush_all()
