"""Where the CRM is installed, agents work with leads; the addon itself needs no CRM."""

import re

import pytest
from harness.browser import RpcError
from harness.callbacks import new_phone
from harness.centre import Centre
from harness.databases import AGENT_GROUP
from screens import mark, sign_in, window

from tools import browser, database, odoo_env

LEAD, CONVERSATION = "crm.lead", "whatsapp_omni.conversation"
CUSTOMER, QUEUE = "whatsapp_omni.customer", "whatsapp_omni.queue"
TEMPLATE = "whatsapp_omni.message.template"
SALES_GROUP = "sales_team.group_sale_salesman"


@pytest.fixture(scope="module")
def crm_centre(prepared, tmp_path_factory):
    """Yield a centre in whose database the CRM was installed afterwards."""
    name = odoo_env.create_copy(f"{prepared}_crm", template=prepared)
    try:
        database.run_odoo(name, install=["crm"], bundles="none")
        with Centre(name, 0, tmp_path_factory.mktemp("crm")) as centre:
            _let_agents_sell(centre)
            yield centre
    finally:
        odoo_env.drop(name)


def _let_agents_sell(centre):
    """Give Ana what a salesperson may; Luis stays an agent only."""
    admin, ana = centre.browser("admin"), centre.browser("ana")
    groups = {"group_ids": [[4, admin.ref(SALES_GROUP)]]}
    admin.call("res.users", "write", [ana.user_id], groups)


@pytest.fixture
def lead(crm_centre):
    """Return the id and the number of a lead of somebody who is no contact yet."""
    phone = new_phone()
    admin = crm_centre.browser("admin")
    lead_id = admin.create(LEAD, name="Roof", contact_name="Lucía", phone=f"+{phone}")
    return lead_id, phone


@pytest.fixture
def conversation(crm_centre):
    """Return the id of a conversation that Ana attends, and its number."""
    phone, _channel = crm_centre.attended(crm_centre.browser("ana"))
    return crm_centre.conversations(phone)[0], phone


def new_lead(agent, conversation_id, **values):
    """Create a lead as the panel's form does; return its id."""
    options = agent.call(CONVERSATION, "get_lead_options", [conversation_id])
    defaults = {
        name.removeprefix("default_"): value
        for name, value in options["defaults"].items()
    }
    return agent.create(LEAD, **{**defaults, **values})


def read(agent, model, record_id, *fields):
    (record,) = agent.search_read(model, [["id", "=", record_id]], list(fields))
    return record


def test_installing_the_crm_is_enough(crm_centre):
    """The part between the two comes by itself, with its buttons."""
    state = crm_centre.value(
        "SELECT state FROM ir_module_module WHERE name = 'whatsapp_omni_crm'"
    )
    assert state == "installed"
    views = crm_centre.browser("admin").call(
        LEAD, "get_views", [[False, "form"], [False, "list"]], options={"toolbar": True}
    )["views"]
    assert "action_whatsapp_omni_write" in views["form"]["arch"]
    assert "whatsapp_omni_conversation_count" in views["form"]["arch"]
    names = [action["name"] for action in views["list"]["toolbar"]["action"]]
    assert "WhatsApp: Write" in names


def test_writing_to_a_lead(crm_centre, lead):
    """The dialog knows whom the lead is about; what is sent belongs to the lead."""
    lead_id, phone = lead
    ana, admin = crm_centre.browser("ana"), crm_centre.browser("admin")
    action = admin.call(LEAD, "action_whatsapp_omni_write", [lead_id])
    assert action["tag"] == "whatsapp_omni.start"
    (person,) = admin.call(CONVERSATION, "get_start_people", *action["params"].values())
    assert (person["name"], person["partner_id"]) == ("Roof", False)
    admin.call(LEAD, "write", [lead_id], {"user_id": ana.user_id})
    template = crm_centre.approve_template("offer", "Our offer for {{1}}, {{2}}.")
    sources = [("1", "lead_name"), ("2", "contact_name")]
    for name, source in sources:
        (parameter,) = admin.search_read(
            "whatsapp_omni.approved.template.parameter",
            [["template_id", "=", template], ["name", "=", name]],
            ["id"],
        )
        admin.call(
            "whatsapp_omni.approved.template.parameter",
            "write",
            [parameter["id"]],
            {"source": source},
        )
    who = {
        "number": person["number"],
        "country_id": person["country_id"],
        "origin": person["origin"],
    }
    queue_id = crm_centre.value("SELECT id FROM whatsapp_omni_queue")
    line_id = crm_centre.value("SELECT id FROM whatsapp_omni_line")
    offered = ana.call(CONVERSATION, "get_start_templates", queue_id, line_id, who=who)
    (described,) = [found for found in offered if found["id"] == template]
    assert [p["value"] for p in described["parameters"]] == ["Roof", "Lucía"]

    conversation_id = ana.call(
        CONVERSATION,
        "action_start",
        queue_id=queue_id,
        template_id=template,
        who=who,
        params=[False, False],
    )
    crm_centre.wait_answers(phone, "delivered")
    assert crm_centre.conversations(phone) == [conversation_id]
    found = read(ana, LEAD, lead_id, "whatsapp_omni_conversation_ids")
    assert found["whatsapp_omni_conversation_ids"] == [conversation_id]
    count = read(ana, LEAD, lead_id, "whatsapp_omni_conversation_count")
    assert count["whatsapp_omni_conversation_count"] == 1


def test_a_lead_where_numbers_are_hidden(crm_centre, conversation):
    """The desk shows no agent the phone of a lead or a contact, and knows it."""
    conversation_id, _phone = conversation
    ana, admin = crm_centre.browser("ana"), crm_centre.browser("admin")
    phone = new_phone()
    lead_id = admin.create(LEAD, name="Gate", phone=f"+{phone}", user_id=ana.user_id)
    (company_id,) = admin.call("res.company", "search", [])
    view = "whatsapp_omni_crm.crm_lead_view_form_panel"
    for hides, shown, view_id in (
        (True, f"+34 ••• ••• {phone[-3:]}", admin.ref(f"{view}_hidden")),
        (False, f"+{phone}", admin.ref(view)),
    ):
        admin.call(
            "res.company", "write", [company_id], {"whatsapp_omni_hide_numbers": hides}
        )
        options = ana.call(CONVERSATION, "get_lead_options", [conversation_id])
        assert options["view_id"] == view_id
        fields = ana.call(LEAD, "get_views", [[view_id, "form"]])["models"][LEAD]
        assert ("phone" in fields["fields"]) is not hides
        (person,) = ana.call(CONVERSATION, "get_start_people", LEAD, [lead_id])
        assert person["number"] == shown
        if hides:
            started = ana.call(
                CONVERSATION,
                "action_start",
                queue_id=crm_centre.value("SELECT id FROM whatsapp_omni_queue"),
                template_id=crm_centre.approve_template("gate", "About the gate."),
                who={"number": shown, "origin": person["origin"]},
            )
            crm_centre.wait_answers(phone, "delivered")
            assert crm_centre.conversations(phone) == [started]


def test_writing_to_a_selection_of_leads(crm_centre, lead):
    """One after the other, each by the number and the name that it has."""
    lead_id, phone = lead
    admin, other = crm_centre.browser("admin"), new_phone()
    other_id = admin.create(LEAD, name="Door", phone=f"+{other}")
    action = admin.call(LEAD, "action_whatsapp_omni_write", [lead_id, other_id])
    people = admin.call(CONVERSATION, "get_start_people", *action["params"].values())
    assert [person["name"] for person in people] == ["Roof", "Door"]
    numbers = [person["number"].replace(" ", "") for person in people]
    assert numbers == [f"+{phone}", f"+{other}"]


def test_who_sees_no_leads_starts_conversations_as_well(crm_centre, lead):
    """Where the CRM is installed not every agent works with leads."""
    luis, phone = crm_centre.browser("luis"), new_phone()
    template = crm_centre.approve_template("greeting", "Good morning!")
    queue_id = crm_centre.value("SELECT id FROM whatsapp_omni_queue")
    line_id = crm_centre.value("SELECT id FROM whatsapp_omni_line")
    offered = luis.call(CONVERSATION, "get_start_templates", queue_id, line_id)
    assert template in [found["id"] for found in offered]
    country_id = crm_centre.value("SELECT id FROM res_country WHERE code = 'ES'")
    start = {"queue_id": queue_id, "template_id": template}
    who = {"number": f"+{phone}", "country_id": country_id}
    with pytest.raises(RpcError):
        origin = {"lead_id": lead[0]}
        luis.call(CONVERSATION, "action_start", **start, who={**who, "origin": origin})
    conversation_id = luis.call(CONVERSATION, "action_start", **start, who=who)
    assert crm_centre.conversations(phone) == [conversation_id]


def test_a_lead_begins_with_what_the_conversation_knows(crm_centre, conversation):
    """Name, contact, the queue's team, line and medium; both sides tell of it."""
    conversation_id, phone = conversation
    ana, admin = crm_centre.browser("ana"), crm_centre.browser("admin")
    team_id = admin.create("crm.team", name="WhatsApp team")
    queue_id = crm_centre.value("SELECT id FROM whatsapp_omni_queue")
    admin.call(QUEUE, "write", [queue_id], {"team_id": team_id})
    lead_id = new_lead(ana, conversation_id, name="New roof")
    found = read(
        ana, LEAD, lead_id, "team_id", "medium_id", "source_id", "phone", "country_id"
    )
    line = crm_centre.value("SELECT name FROM whatsapp_omni_line")
    assert found["team_id"][0] == team_id
    assert (found["medium_id"][1], found["source_id"][1]) == ("WhatsApp", line)
    assert found["phone"].replace(" ", "") == f"+{phone}"
    chatter = crm_centre.value(
        "SELECT string_agg(body, '') FROM mail_message"
        " WHERE model = 'crm.lead' AND res_id = %s",
        lead_id,
    )
    assert f'href="/odoo/whatsapp/{conversation_id}"' in chatter
    changes = ana.call(CONVERSATION, "get_panel", [conversation_id])["changes"]
    assert ("Lead linked", "New roof") in [(c["what"], c["reason"]) for c in changes]


def test_texts_mention_the_lead(crm_centre, conversation):
    """Quick replies name the conversation's lead, or say what they say without one."""
    conversation_id, _phone = conversation
    ana, admin = crm_centre.browser("ana"), crm_centre.browser("admin")
    queue_id = crm_centre.value("SELECT id FROM whatsapp_omni_queue")
    template_id = admin.create(
        TEMPLATE,
        name="About it",
        shortcut="about",
        body="About {{lead.name|your request}}",
        queue_ids=[[4, queue_id]],
    )

    def text():
        found = ana.call(TEMPLATE, "get_quick_replies", conversation_id)
        return next(reply["text"] for reply in found if reply["id"] == template_id)

    assert text() == "About your request"
    new_lead(ana, conversation_id, name="New roof")
    assert text() == "About New roof"


def test_the_panel_lists_the_open_leads(crm_centre, lead):
    """Of the number, before anybody has identified it; linking shows."""
    lead_id, phone = lead
    ana, luis = crm_centre.browser("ana"), crm_centre.browser("luis")
    crm_centre.browser("admin").call(LEAD, "write", [lead_id], {"user_id": ana.user_id})
    crm_centre.emulator.write(phone, "Hola")
    crm_centre.wait_applied()
    (conversation_id,) = crm_centre.conversations(phone)

    def leads(agent):
        return agent.call(CONVERSATION, "get_panel_records", [conversation_id]).get(
            "leads"
        )

    assert [(found["id"], found["is_linked"]) for found in leads(ana)] == [
        (lead_id, False)
    ]
    assert leads(luis) is None
    for _click in range(2):
        ana.call(CONVERSATION, "action_link_lead", [conversation_id], lead_id)
    assert [found["is_linked"] for found in leads(ana)] == [True]
    with pytest.raises(RpcError):
        luis.call(CONVERSATION, "action_link_lead", [conversation_id], lead_id)
    told = crm_centre.value(
        "SELECT count(*) FROM whatsapp_omni_conversation_change"
        " WHERE conversation_id = %s AND what = 'lead'",
        conversation_id,
    )
    assert told == 1


def test_the_records_of_the_contact_count_leads(crm_centre, conversation):
    """All of them, lost ones included, for who may read leads."""
    conversation_id, _phone = conversation
    ana, admin = crm_centre.browser("ana"), crm_centre.browser("admin")
    partner_id = admin.create("res.partner", name="Lucía Gómez")
    customer_id = crm_centre.value(
        "SELECT customer_id FROM whatsapp_omni_conversation WHERE id = %s",
        conversation_id,
    )
    ana.call(CUSTOMER, "action_identify", [customer_id], partner_id)
    ana.create(LEAD, name="Roof", partner_id=partner_id)
    kinds = ana.call(CONVERSATION, "get_panel_records", [conversation_id])["kinds"]
    assert [(k["model"], k["count"]) for k in kinds] == [("crm.lead", 1)]


def test_a_lead_from_a_conversation_that_is_not_ones_own(crm_centre, conversation):
    """Nobody tells the chatter of what they may not read."""
    conversation_id, _phone = conversation
    crm_centre.browser("admin").create_user("olga", SALES_GROUP, AGENT_GROUP)
    with pytest.raises(RpcError):
        crm_centre.browser("olga").create(
            LEAD, name="x", whatsapp_omni_conversation_ids=[[4, conversation_id]]
        )


def test_leads_in_the_desk(crm_centre, lead):
    """In the panel of a browser: a lead is created, one linked, another looked up.

    Each is there at once. The one that is looked up has no number, so the panel
    does not list it by itself.
    """
    lead_id, phone = lead
    ana, admin = crm_centre.browser("ana"), crm_centre.browser("admin")
    other_id = admin.create(LEAD, name="A balcony", user_id=ana.user_id)
    admin.call(LEAD, "write", [lead_id], {"user_id": ana.user_id})
    crm_centre.emulator.write(phone, "Hola")
    crm_centre.wait_applied()
    (conversation_id,) = crm_centre.conversations(phone)
    ana.capture(conversation_id)
    with browser.chromium() as chromium, window(chromium) as page:
        path = f"/odoo/whatsapp/{conversation_id}"
        sign_in(page, crm_centre.odoo.url, "ana", path)
        panel = LeadPanel(page)
        mark(page)
        panel.create("A roof in the desk")
        panel.link("Roof")
        panel.look_up("A balcony")
        assert panel.linked() == {"A roof in the desk", "Roof", "A balcony"}
        page.click(".o-whatsapp_omni-ConversationHeader-more")
        page.wait_for_selector(".o-whatsapp_omni-ConversationHeader-link_lead")
    for linked_id in (lead_id, other_id):
        found = read(ana, LEAD, linked_id, "whatsapp_omni_conversation_ids")
        assert found["whatsapp_omni_conversation_ids"] == [conversation_id]


class LeadPanel:
    """What the panel of a conversation shows about leads."""

    def __init__(self, page):
        self._page = page
        page.click(".o-whatsapp_omni-SidePanel-tab[data-tab='records']")
        self._section = page.locator(".o-whatsapp_omni_crm-LeadSection")
        self._section.wait_for()

    def _lead(self, name):
        button = self._page.get_by_role("button", name=re.compile(rf"^{name}\b"))
        return self._section.get_by_role("listitem").filter(has=button)

    def _wait_linked(self, name):
        self._lead(name).locator(".badge", has_text="Linked").wait_for()

    def create(self, name):
        """Create a lead in its dialog."""
        self._section.get_by_role("button", name="Create lead").click()
        self._page.fill(".modal [name='name'] input", name)
        self._page.click(".modal .o_form_button_save")
        self._wait_linked(name)

    def link(self, name):
        """Link a lead that the panel lists, since the number is the same."""
        self._lead(name).get_by_role("button", name="Link", exact=True).click()
        self._wait_linked(name)

    def look_up(self, name):
        """Link a lead that the panel does not know, from the list of all."""
        assert not self._lead(name).count()
        self._section.get_by_role("button", name="Link a lead").click()
        dialog = self._page.locator(".modal", has_text="Link an open lead")
        dialog.get_by_role("cell", name=name, exact=True).first.click()
        dialog.wait_for(state="detached")
        self._wait_linked(name)

    def linked(self):
        """Return the names of the leads that are linked."""
        linked = self._section.locator("li:has(.badge)")
        return set(linked.locator(".text-break").all_inner_texts())
