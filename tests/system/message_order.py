# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In which order customers' messages stand, and in which they could have stood."""

from harness.callbacks import utc


def overlooked(centre, phone, answered):
    """Return the messages shown behind a later one although they were known in time.

    A message acknowledged after its successor was applied comes late by nature. One
    whose acknowledgement had reached the client before the batch of its successor
    began was overlooked.

    :param answered: when the acknowledgement of each text came (epoch), in the order in
        which the customer wrote them; other texts are left alone
    :return: pairs of the message that came too late and the one it should precede
    """
    rows = centre.query(
        "SELECT regexp_replace(mail.body, '<[^>]+>', '', 'g'), mail.create_date"
        "  FROM whatsapp_omni_message message"
        "  JOIN mail_message mail ON mail.id = message.mail_message_id"
        "  JOIN whatsapp_omni_customer customer ON customer.id = message.customer_id"
        " WHERE customer.wa_id = %s AND message.direction = 'inbound'"
        " ORDER BY mail.id",
        phone,
    )
    shown = [(text, utc(created)) for text, created in rows if text in answered]
    number = {text: index for index, text in enumerate(answered)}
    return [
        (text, earlier)
        for index, (text, _created) in enumerate(shown)
        for earlier, batch_began in shown[:index]
        if number[earlier] > number[text] and answered[text] < batch_began
    ]
