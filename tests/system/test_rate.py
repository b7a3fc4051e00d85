# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A line sends no faster than its provider allows."""

from harness.callbacks import new_phone
from harness.waiting import at_once

RATE = 10
CUSTOMERS = 40

#: Requests leave at most RATE in a second of Odoo's clock. On their way to the emulator
#: some take longer than others, so that a few of the next second arrive in this one.
TOLERANCE = 3


def test_forty_answers_at_ten_per_second(centre):
    """Forty customers get their answers at once: never more than ten in a second."""
    agent = centre.browser("ana")
    phones = [new_phone() for _customer in range(CUSTOMERS)]
    at_once(lambda phone: centre.emulator.write(phone, "Hola"), phones, workers=8)
    centre.wait_applied()
    for phone in phones:
        agent.capture(centre.conversations(phone)[0])
    channel_ids = [centre.channel(phone) for phone in phones]
    centre.query("UPDATE whatsapp_omni_provider SET rate = %s", RATE)
    try:
        at_once(lambda channel_id: agent.post(channel_id, "Hello"), channel_ids, 4)
        for phone in phones:
            centre.wait_answers(phone, "delivered")
    finally:
        centre.query("UPDATE whatsapp_omni_provider SET rate = 1000")

    times = sorted(row["time"] for row in centre.emulator.requests("/wa/api/v1/msg"))
    assert len(times) == CUSTOMERS
    assert busiest_second(times) <= RATE + TOLERANCE
    assert times[-1] - times[0] >= CUSTOMERS / RATE - 1.5
    claimed = [
        moment.timestamp()
        for (moment,) in centre.query(
            "SELECT requested_at FROM whatsapp_omni_message"
            " WHERE direction = 'outbound' AND channel_id = ANY(%s)",
            channel_ids,
        )
    ]
    assert busiest_second(sorted(claimed)) <= RATE


def busiest_second(times):
    """Return the largest number of moments within any one second."""
    return max(sum(start <= moment < start + 1 for moment in times) for start in times)
