# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An agent says who a customer is while the customer goes on writing."""

from harness.callbacks import text_message
from harness.waiting import at_once

CUSTOMER = "whatsapp_omni.customer"
ROUNDS, LETTERS = 8, 6


def test_every_message_is_signed_by_who_it_was_in_the_end(centre):
    """Linked and unlinked in turn, with messages on their way: none is left behind."""
    agent = centre.browser("ana")
    phone, _channel = centre.attended(agent)
    partner_id = centre.browser("admin").create("res.partner", name="Lucía Gómez")
    customer_id = centre.value(
        "SELECT id FROM whatsapp_omni_customer WHERE wa_id = %s", phone
    )
    for number in range(ROUNDS):
        wanted = partner_id if number % 2 == 0 else False
        letters = [text_message(phone, f"{number}.{n}") for n in range(LETTERS)]
        at_once(
            lambda task: task(),
            [
                lambda who=wanted: agent.call(
                    CUSTOMER, "action_identify", [customer_id], who
                ),
                *(lambda letter=letter: centre.deliver(letter) for letter in letters),
            ],
        )
        centre.wait_applied()
        assert signatures(centre, customer_id) == {wanted or None}
    assert "could not serialize" not in centre.log()


def signatures(centre, customer_id):
    """Return the contacts who sign what the customer wrote; None is the unknown."""
    return {
        author
        for (author,) in centre.query(
            "SELECT DISTINCT m.author_id FROM mail_message m"
            "  JOIN whatsapp_omni_message w ON w.mail_message_id = m.id"
            " WHERE w.customer_id = %s AND w.direction = 'inbound'",
            customer_id,
        )
    }
