# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's web routes, as a person's browser calls them."""

import re

import requests

REQUEST_SECONDS = 60


class RpcError(Exception):
    """Odoo answered with an error; ``kind`` is its Python class."""

    def __init__(self, error):
        data = error.get("data") or {}
        super().__init__(data.get("message") or error.get("message"))
        self.kind = data.get("name", "")


class Browser:
    """One person's HTTP session with Odoo, as a web client has it."""

    def __init__(self, url, database, login, has_clicked=True):
        self.url = url
        self.session = requests.Session()
        found = self.json(
            "/web/session/authenticate",
            db=database,
            login=login,
            password=login,
        )
        self.user_id = found["uid"]
        # The first request of a session, and one an hour later, notes the device.
        if has_clicked:
            self.json("/web/session/get_session_info")

    def json(self, path, **params):
        """Call one of Odoo's JSON routes; return its result.

        :raises RpcError: what Odoo raised
        """
        answer = self.session.post(
            self.url + path,
            json={"jsonrpc": "2.0", "method": "call", "id": 1, "params": params},
            timeout=REQUEST_SECONDS,
        )
        answer.raise_for_status()
        data = answer.json()
        if "error" in data:
            raise RpcError(data["error"])
        return data.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model, the way the web client does."""
        return self.json(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs=kwargs,
        )

    def create(self, model, **values):
        """Create a record; return its id."""
        return self.call(model, "create", [values])[0]

    def ref(self, xmlid):
        """Return the id of the record that has this external id."""
        name = xmlid.split(".")
        return self.call("ir.model.data", "check_object_reference", *name)[1]

    def create_user(self, login, *groups):
        """Create an employee, whose password is the login; return the id.

        :param groups: external ids of further groups
        """
        group_ids = [self.ref(group) for group in ("base.group_user", *groups)]
        return self.create(
            "res.users",
            name=login.capitalize(),
            login=login,
            password=login,
            group_ids=[[6, 0, group_ids]],
        )

    def search_read(self, model, domain, fields):
        """Return records as dictionaries."""
        return self.call(model, "search_read", domain, fields=fields)

    def capture(self, conversation_id):
        """Take a conversation."""
        self.call("whatsapp_omni.conversation", "action_capture", [conversation_id])

    def close(self, conversation_id, **values):
        """Close a conversation."""
        self.call(
            "whatsapp_omni.conversation", "action_close", [conversation_id], **values
        )

    def post(self, channel_id, text, attachment_ids=(), parent_id=None):
        """Answer in a channel, as Odoo's composer does; return the message's id."""
        data = {
            "body": text,
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "attachment_ids": list(attachment_ids),
        }
        if parent_id:
            data["parent_id"] = parent_id
        return self.json(
            "/mail/message/post",
            thread_model="discuss.channel",
            thread_id=channel_id,
            post_data=data,
        )["message_id"]

    def upload(self, channel_id, name, content, mime_type):
        """Upload a file for the next message; return the attachment's id."""
        page = self.session.get(f"{self.url}/odoo", timeout=REQUEST_SECONDS).text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        answer = self.session.post(
            f"{self.url}/mail/attachment/upload",
            files={"ufile": (name, content, mime_type)},
            data={
                "thread_id": channel_id,
                "thread_model": "discuss.channel",
                "is_pending": "true",
                "csrf_token": token,
            },
            timeout=REQUEST_SECONDS,
        )
        answer.raise_for_status()
        return answer.json()["data"]["attachment_id"]
