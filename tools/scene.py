"""What has happened in the centre that ``./dev shots --all`` looks at.

Customers write through the emulator; agents act through the web client's own calls, in
the sessions of their pages. Every kind of message and every state of a conversation is
there once.
"""

import base64
import re
import time

from tools import shots

CONVERSATION = "whatsapp_omni.conversation"
MESSAGE = "whatsapp_omni.message"
LUCIA, BEN, CARLA = "34600111222", "491701234567", "34600111333"
PAST, SENT_ON, JOINT, ASIDE, ARCHIVED, CLOSED, BLOCKED, CHOOSING, ASKED = (
    f"3460022200{n}" for n in range(1, 10)
)
YESTERDAY = -25 * 3600
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>"


def wait_until(condition, what):
    """Return the first true value of ``condition()``, asked again and again.

    :raise RuntimeError: after 20 seconds, with ``what`` did not come
    """
    for _attempt in range(100):
        if found := condition():
            return found
        time.sleep(0.2)  # between two questions: RPC announces nothing
    raise RuntimeError(f"There is no {what}.")


class Person:
    """Somebody who is logged in, with the calls that their page would make."""

    def __init__(self, page, odoo_url):
        self.page = page
        self._url = odoo_url

    def json(self, path, **params):
        """Call one of Odoo's JSON routes; return its result."""
        answer = self.page.request.post(
            f"{self._url}{path}", data={"params": params}
        ).json()
        if "error" in answer:
            raise RuntimeError(f"{path}: {answer['error']['data']['message']}")
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model."""
        return self.json(
            "/web/dataset/call_kw", model=model, method=method, args=args, kwargs=kwargs
        )

    def find(self, model, domain, *fields):
        """Return records as dictionaries."""
        return self.call(model, "search_read", domain, list(fields) or ["id"])

    def conversation(self, phone, *domain):
        """Return the last conversation of a customer, once it is there."""
        domain = [["customer_id.wa_id", "=", phone], *domain]
        found = wait_until(
            lambda: self.find(CONVERSATION, domain, "channel_id", "customer_id"),
            f"conversation of {phone}",
        )
        return max(found, key=lambda row: row["id"])

    def do(self, phone, action, *args, **kwargs):
        """Do something with the last conversation of a customer."""
        id_ = self.conversation(phone)["id"]
        return self.call(CONVERSATION, f"action_{action}", [id_], *args, **kwargs)

    def post(self, phone, body, note=False, **values):
        """Answer a customer, or write a note; return the message's id."""
        data = {
            "body": body,
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_note" if note else "mail.mt_comment",
            **values,
        }
        return self.json(
            "/mail/message/post",
            thread_model="discuss.channel",
            thread_id=self.conversation(phone)["channel_id"][0],
            post_data=data,
        )["message_id"]

    def upload(self, phone, name, content, mime_type):
        """Upload a file for the next message; return the attachment's id."""
        token = re.search(
            r'csrf_token: "([^"]+)"', self.page.request.get(f"{self._url}/odoo").text()
        )[1]
        answer = self.page.request.post(
            f"{self._url}/mail/attachment/upload",
            multipart={
                "ufile": {"name": name, "mimeType": mime_type, "buffer": content},
                "thread_id": str(self.conversation(phone)["channel_id"][0]),
                "thread_model": "discuss.channel",
                "is_pending": "true",
                "csrf_token": token,
            },
        )
        return answer.json()["data"]["attachment_id"]


def media(content, mime_type, name):
    """Return a file as the emulator takes it."""
    return {
        "content_base64": base64.b64encode(content).decode(),
        "mime_type": mime_type,
        "name": name,
    }


class Scene:
    """The sample centre, to which everything happens.

    :param people: :class:`Person` by login: agent, agent2, supervisor, admin
    """

    def __init__(self, gupshup, people):
        self._gupshup = gupshup
        self.agent = people["agent"]
        self.colleague = people["agent2"]
        self.admin = people["admin"]

    def play(self):
        """Let everything happen."""
        self._set_up()
        self._earlier()
        self._whole_conversation()
        self._states()
        self._waiting()
        self._unattended()

    def _set_up(self):
        for agent in (self.agent, self.colleague):
            agent.call("whatsapp_omni.agent", "set_state", "available")
        queues = [row["id"] for row in self.admin.find("whatsapp_omni.queue", [])]
        # Whom something is passed on to has all the time that the pictures take.
        self.admin.call("whatsapp_omni.queue", "write", queues, {"offer_seconds": 600})
        names = (("VIP", 1), ("Complaint", 3), ("Wants an offer", 4))
        self.tags = self.admin.call(
            "whatsapp_omni.tag", "create", [{"name": n, "color": c} for n, c in names]
        )
        company = self._contact(name="Talleres Gómez SL", is_company=True)
        self._contact(
            name="Lucía Gómez",
            phone=f"+{LUCIA}",
            email="lucia@example.com",
            parent_id=company,
        )
        self.admin.call("whatsapp_omni.approved.template", "action_sync_all", [])
        self._second_line()

    def _contact(self, **values):
        return self.admin.call("res.partner", "create", [values])[0]

    def _second_line(self):
        """Have a line more, which is archived once somebody wrote to it."""
        app = self._gupshup.call(
            "POST", "apps", {"name": "OldShop", "number": "15550100200"}
        )
        (line,) = self.admin.find("whatsapp_omni.line", [])
        values = {
            "name": "Old shop (sample)",
            "number": "+1 555 010 0200",
            "app_name": "OldShop",
            "app_id": app["app_id"],
        }
        lines = "whatsapp_omni.line"
        (self._old_line,) = self.admin.call(lines, "copy", [line["id"]], values)
        self.admin.call(lines, "action_register_callback", [self._old_line])

    def _earlier(self):
        """Conversations that came to their end before."""
        (order,) = self.admin.find(
            "whatsapp_omni.disposition.field", [["name", "=", "Order number"]]
        )
        self._attend(LUCIA, "Lucía", "¿Tenéis el filtro AX-200?")
        self._close(LUCIA, "Solved")
        self._attend(CLOSED, "Marta Closed", "My card is 4111 1111 1111 1111.")
        self._reveal(CLOSED)
        self._close(CLOSED, "Won", values={order["id"]: "S00012"})

    def _close(self, phone, result, **values):
        domain = [["name", "=", result]]
        (disposition,) = self.admin.find("whatsapp_omni.disposition", domain)
        note = "Explained by phone."
        self.agent.do(
            phone, "close", disposition["id"], note=note, farewell=False, **values
        )

    def _reveal(self, phone):
        """Have the administrator look at what is hidden."""
        (group,) = self.admin.find(
            "ir.model.data", [["name", "=", "group_sensitive"]], "res_id"
        )
        (user,) = self.admin.find("res.users", [["login", "=", "admin"]])
        sensitive = {"group_ids": [[4, group["res_id"]]]}
        self.admin.call("res.users", "write", [user["id"]], sensitive)
        hidden = self.admin.find(
            "mail.message",
            [
                ["model", "=", "discuss.channel"],
                ["res_id", "=", self.admin.conversation(phone)["channel_id"][0]],
                ["body", "like", "My card is"],
            ],
        )
        self.admin.call(
            "mail.message", "action_whatsapp_omni_reveal", [hidden[0]["id"]]
        )

    def _attend(self, phone, name, text, **message):
        self._gupshup.write(phone, text, name=name, **message)
        self.agent.conversation(phone, ["state", "!=", "closed"])
        self.agent.do(phone, "capture")

    def _whole_conversation(self):
        """Every kind of message in one conversation."""
        write = self._gupshup.write
        self._attend(LUCIA, "Lucía", "Hola, ¿abrís hoy?")
        answer = self.agent.post(LUCIA, "¡Hola, Lucía! Sí, hasta las *20:00*.")
        self._gupshup.call("POST", "wait", {"what": "sent", "count": 3})
        picture = media(shots.photo(), "image/png", "tornillo.png")
        write(LUCIA, type="image", caption="Se ha roto esta pieza", media=picture)
        write(LUCIA, type="file", media=media(PDF, "application/pdf", "factura.pdf"))
        write(LUCIA, type="audio", media={})
        write(LUCIA, type="sticker", media={})
        place = {
            "latitude": 40.4168,
            "longitude": -3.7038,
            "name": "Taller",
            "address": "Calle Mayor 1",
        }
        write(LUCIA, type="location", location=place)
        write(LUCIA, type="contact")
        write(LUCIA, type="unsupported")
        self._wait_for_files()
        self._gupshup.call("PATCH", "faults", {"media_gone": True})
        write(LUCIA, type="image", caption="Otra foto", media=picture)
        self._wait_for_files()
        self._gupshup.call("PATCH", "faults", {"media_gone": None})
        self.agent.post(LUCIA, "Her order is S00012, sent on Monday.", note=True)
        photo = self.agent.upload(LUCIA, "repuesto.png", shots.photo(), "image/png")
        self.agent.post(LUCIA, "¿Es este repuesto?", attachment_ids=[photo])
        options = [{"title": "A domicilio"}, {"title": "En la tienda"}]
        question = {"header": "", "footer": "", "options": options}
        text = "¿Cómo lo prefieres?"
        self.agent.do(LUCIA, "send_built", "quick_reply", question, text)
        self.agent.post(
            LUCIA, "Mira https://example.com/AX-200 y dinos.", parent_id=answer
        )
        self._gupshup.call("POST", "wait", {"what": "sent", "count": 6})
        for sent in self._gupshup.call("GET", "sent")["sent"]:
            receipt = {"gs_id": sent["gs_id"], "status": "read", "wait": True}
            self._gupshup.call("POST", "receipt", receipt)
        self._gupshup.call("PATCH", "faults", {"fail_code": 131026, "fail_times": 1})
        self.agent.post(LUCIA, "Te lo enviamos mañana.")
        failed = [["state", "=", "failed"], ["customer_id.wa_id", "=", LUCIA]]
        wait_until(lambda: self.admin.find(MESSAGE, failed), "failure")
        write(LUCIA, "Sí, por favor 🙏")
        self.agent.do(LUCIA, "set_tags", self.tags[:2])

    def _wait_for_files(self):
        """Return when no file that customers sent is on its way any more."""
        unread, absent = [["state", "=", "pending"]], [["media_state", "=", "pending"]]
        wait_until(
            lambda: (
                not self.admin.find("whatsapp_omni.event", unread)
                and not self.admin.find(MESSAGE, absent)
            ),
            "end of what customers sent",
        )

    def _states(self):
        """Conversations of the agent in every other state."""
        agent, colleague = self.agent, self.colleague
        self._attend(SENT_ON, "Pablo Transferred", "I want to speak with sales.")
        luis = self.admin.find("res.users", [["login", "=", "agent2"]])[0]["id"]
        agent.do(SENT_ON, "transfer", user_id=luis, note="He asks for a discount.")
        self._attend(JOINT, "Nora Conference", "Can both of you help me?")
        agent.do(JOINT, "invite", user_id=luis, note="Do you know this machine?")
        invitation = colleague.find("whatsapp_omni.invitation", [])
        colleague.call("whatsapp_omni.invitation", "action_join", [invitation[0]["id"]])
        self._attend(ASIDE, "Oscar Parked", "I will send you the papers tomorrow.")
        agent.do(
            ASIDE, "schedule", "Good morning, have you got them?", self._tomorrow()
        )
        agent.do(ASIDE, "put_aside")
        self._past()
        self._archived()
        self._attend(BLOCKED, "Spam & Co", "Buy followers!")
        self._block()

    def _tomorrow(self):
        return time.strftime("%Y-%m-%d 09:00:00", time.gmtime(time.time() + 86400))

    def _block(self):
        customer = self.agent.conversation(BLOCKED)["customer_id"][0]
        self.agent.do(BLOCKED, "close", farewell=False)
        # GupShup does not want to: a supervisor reads that, and may ask again.
        fault = {"http_status": 400, "http_scope": "block"}
        self._gupshup.call("PATCH", "faults", fault)
        self.admin.call("whatsapp_omni.customer", "action_block", [customer])
        refused = [["state", "=", "failed"]]
        wait_until(
            lambda: self.admin.find("whatsapp_omni.block", refused), "refused block"
        )
        self._gupshup.call("PATCH", "faults", dict.fromkeys(fault))
        self.admin.call("whatsapp_omni.customer", "action_opt_out", [customer])

    def _past(self):
        """A conversation whose window is over."""
        self._gupshup.call("POST", "clock", {"offset": YESTERDAY})
        try:
            self._attend(PAST, "Quique Past", "Is it ready?")
        finally:
            self._gupshup.call("POST", "clock", {"offset": 0})

    def _archived(self):
        """A conversation whose line was archived."""
        self._attend(ARCHIVED, "Rita Archived", "Hello, old shop?", app="OldShop")
        self.admin.call("whatsapp_omni.line", "action_archive", [self._old_line])

    def _waiting(self):
        """Customers whom nobody attends yet."""
        self._gupshup.write(BEN, "Moin, wo ist meine Bestellung?", name="Ben")
        self._gupshup.write(CARLA, "Is my bike repaired?", name="Carla")

    def _unattended(self):
        """A customer who has not chosen from a menu yet, another who was written to."""
        self.admin.conversation(CARLA)  # else she would find the menu as well
        lines = "whatsapp_omni.line"
        (line,) = self.admin.find(lines, [])
        (menu,) = self.admin.find("whatsapp_omni.menu", [["name", "like", "Main"]])
        through_menu = {"destination": "menu", "menu_id": menu["id"]}
        direct = {"destination": "direct", "menu_id": False}
        self.admin.call(lines, "write", [line["id"]], through_menu)
        self._gupshup.write(CHOOSING, "Good morning!", name="Olga Choosing")
        self.admin.conversation(CHOOSING)
        self.admin.call(lines, "write", [line["id"]], direct)
        (support,) = self.admin.find("whatsapp_omni.queue", [["name", "=", "Support"]])
        template = self.admin.find(
            "whatsapp_omni.approved.template",
            [["name", "=", "visit_reminder"], ["line_id", "=", line["id"]]],
        )[0]
        who = {"number": f"+{ASKED}", "name": "Tomás Asked"}
        self.agent.call(
            CONVERSATION,
            "action_start",
            support["id"],
            template["id"],
            who,
            ["Tomás", "Monday"],
        )
