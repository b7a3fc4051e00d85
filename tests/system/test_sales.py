"""Where Sales and Invoicing are installed, agents read the contact's in the panel.

The addon asks by their fields without knowing these apps: only they can tell that the
fields are there and mean what they should. Tickets are of an app that is not free.
"""

import pytest
from harness.centre import Centre

from tools import database, odoo_env

CONVERSATION = "whatsapp_omni.conversation"
GROUPS = ("sales_team.group_sale_salesman_all_leads", "account.group_account_invoice")


@pytest.fixture(scope="module")
def sales_centre(prepared, tmp_path_factory):
    """Yield a centre in whose database Sales was installed afterwards.

    Ana may read what everybody sells and invoices; Luis stays an agent only.
    """
    name = odoo_env.create_copy(f"{prepared}_sales", template=prepared)
    try:
        database.run_odoo(name, install=["sale"], bundles="none")
        with Centre(name, 0, tmp_path_factory.mktemp("sales")) as centre:
            admin, ana = centre.browser("admin"), centre.browser("ana")
            groups = [[4, admin.ref(group)] for group in GROUPS]
            admin.call("res.users", "write", [ana.user_id], {"group_ids": groups})
            yield centre
    finally:
        odoo_env.drop(name)


@pytest.fixture
def company(sales_centre):
    """Return a company whose employee has written, and what agents have of it."""
    return Customer(sales_centre)


class Customer:
    """A company; one who works there, with whom Ana writes; their papers."""

    def __init__(self, centre):
        self.admin, self.ana = centre.browser("admin"), centre.browser("ana")
        self.company = self.admin.create("res.partner", name="ACME", is_company=True)
        self.person = self.admin.create(
            "res.partner", name="Lucía", parent_id=self.company
        )
        phone, _channel = centre.attended(self.ana)
        (self.conversation,) = centre.conversations(phone)

    def is_written_to(self, partner_id):
        """Have Ana know with whom she writes."""
        (found,) = self.admin.search_read(
            CONVERSATION, [["id", "=", self.conversation]], ["customer_id"]
        )
        customer_id = found["customer_id"][0]
        self.ana.call(
            "whatsapp_omni.customer", "action_identify", [customer_id], partner_id
        )

    def order(self, partner_id, **values):
        return self.admin.create("sale.order", partner_id=partner_id, **values)

    def move(self, move_type, partner_id, **values):
        return self.admin.create(
            "account.move", move_type=move_type, partner_id=partner_id, **values
        )

    def records(self, agent):
        """Return what lists of the panel's kinds show to an agent, by their names."""
        panel = agent.call(CONVERSATION, "get_panel_records", [self.conversation])
        found = {}
        for kind in panel["kinds"]:
            rows = agent.search_read(kind["model"], kind["domain"], ["id"])
            found[kind["name"]] = {row["id"] for row in rows}
            assert kind["count"] == len(rows)
        return found


def test_orders_and_invoices_of_a_company_are_those_of_its_people(company):
    """What was cancelled is none, nor what the company sells to us."""
    order, own = company.order(company.person), company.order(company.company)
    cancelled = company.order(company.person)
    company.admin.call("sale.order", "action_cancel", [cancelled])
    company.order(company.admin.create("res.partner", name="Somebody else"))
    invoice = company.move("out_invoice", company.person)
    refund = company.move("out_refund", company.company)
    company.move("in_invoice", company.company)
    gone = company.move("out_invoice", company.person)
    company.admin.call("account.move", "button_cancel", [gone])

    company.is_written_to(company.company)
    assert company.records(company.ana) == {
        "Sales": {order, own},
        "Invoices": {invoice, refund},
    }
    company.is_written_to(company.person)
    assert company.records(company.ana) == {"Sales": {order}, "Invoices": {invoice}}


def test_who_may_not_read_them_sees_none(sales_centre, company):
    """Luis reads the conversation, of which he is told nothing more."""
    company.order(company.person)
    company.is_written_to(company.person)
    assert company.records(company.ana).keys() == {"Sales"}
    assert company.records(sales_centre.browser("luis")) == {}
