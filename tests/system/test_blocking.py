# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A customer is blocked here and at the provider, and heard again."""

from harness.callbacks import new_phone
from harness.waiting import wait_until

JOB = "WhatsApp: tell the provider whom to block"


def test_blocked_at_the_provider_and_heard_again(centre):
    """The provider lets nothing through any more, until a supervisor says so."""
    agent, admin = centre.browser("ana"), centre.browser("admin")
    spam = admin.create("whatsapp_omni.disposition", name="Spam", kind="spam")
    phone = new_phone()
    centre.emulator.write(phone, "Buy!")
    centre.wait_applied()
    (conversation_id,) = centre.conversations(phone)
    agent.capture(conversation_id)
    agent.close(conversation_id, disposition_id=spam, block=True)

    centre.run_job(JOB)
    wait_until(lambda: blocks(centre, phone) == [("block", "done")])
    message = {"phone": phone, "text": "Not heard", "wait": True}
    assert not centre.emulator.call("POST", "inbound", message)["delivered"]

    customer_id = centre.value(
        "SELECT id FROM whatsapp_omni_customer WHERE wa_id = %s", phone
    )
    admin.call("whatsapp_omni.customer", "action_unblock", [customer_id])
    centre.run_job(JOB)
    wait_until(lambda: blocks(centre, phone) == [])
    centre.emulator.write(phone, "Sorry")
    centre.wait_applied()
    assert centre.transcript(phone) == ["Buy!", "Sorry"]
    assert len(centre.conversations(phone)) == 2


def blocks(centre, phone):
    """Return what the provider is asked to do about a customer, and the outcome."""
    return centre.query(
        "SELECT block.wanted, block.state FROM whatsapp_omni_block block"
        "  JOIN whatsapp_omni_customer customer ON customer.id = block.customer_id"
        " WHERE customer.wa_id = %s",
        phone,
    )
