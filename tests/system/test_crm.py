# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the CRM is installed, agents write to leads; the addon itself needs no CRM."""

import pytest
from harness import Centre, new_phone

from tools import database, odoo_env

LEAD = "crm.lead"


@pytest.fixture(scope="module")
def crm_centre(prepared, tmp_path_factory):
    """Yield a centre in whose database the CRM was installed afterwards."""
    name = odoo_env.create_copy(f"{prepared}_crm", template=prepared)
    try:
        database.run_odoo(name, install=["crm"], bundles="none")
        with Centre(name, 0, tmp_path_factory.mktemp("crm")) as centre:
            yield centre
    finally:
        odoo_env.drop(name)


@pytest.fixture
def lead(crm_centre):
    """Return the id and the number of a lead of somebody who is no contact yet."""
    phone = new_phone()
    admin = crm_centre.browser("admin")
    lead_id = admin.create(LEAD, name="Roof", contact_name="Lucía", phone=f"+{phone}")
    return lead_id, phone


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
    names = [action["name"] for action in views["list"]["toolbar"]["action"]]
    assert "WhatsApp: Write" in names


def test_writing_to_a_lead(crm_centre, lead):
    """The dialog knows whom the lead is about, and the template goes there."""
    lead_id, phone = lead
    admin = crm_centre.browser("admin")
    action = admin.call(LEAD, "action_whatsapp_omni_write", [lead_id])
    assert action["tag"] == "whatsapp_omni.start"
    (person,) = admin.call(
        "whatsapp_omni.conversation", "get_start_people", *action["params"].values()
    )
    assert (person["name"], person["partner_id"]) == ("Roof", False)

    conversation_id = crm_centre.browser("ana").call(
        "whatsapp_omni.conversation",
        "action_start",
        queue_id=crm_centre.value("SELECT id FROM whatsapp_omni_queue LIMIT 1"),
        template_id=crm_centre.approve_template("offer", "Here is our offer."),
        who={"number": person["number"], "country_id": person["country_id"]},
    )
    crm_centre.wait_answers(phone, "delivered")
    assert crm_centre.conversations(phone) == [conversation_id]
