# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bodies of callbacks as GupShup's documents describe them, with invented values."""

GS_ID = "1f0c2b7e-90aa-4c55-8d1e-0f6b9a3e7712"
WA_ID = "wamid.HBgLMzQ2MDAxMTEyMjIVAgASGBQzQUE1"
UUID_WA_ID = "c41d77b0-55fe-4d0e-9a7e-9b1a3e20f6aa"
APP_ID = "5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa"
PHONE = "34600111222"
USER_ID = "ES.1187345520091334"
MEDIA_URL = f"https://filemanager.gupshup.io/wa/{APP_ID}/wa/media/9f0b?download=false"


def v2(event_type, payload, timestamp=1791900000123, **members):
    return {
        "app": "AcmeSupport",
        "timestamp": timestamp,
        "version": 2,
        "type": event_type,
        "payload": payload,
        **members,
    }


def v2_message(message_type="text", inner=None, **members):
    payload = {
        "id": WA_ID,
        "source": PHONE,
        "type": message_type,
        "payload": {"text": "Hola"} if inner is None else inner,
        "sender": {
            "phone": PHONE,
            "name": "Lucía",
            "country_code": "34",
            "dial_code": "600111222",
        },
        **members,
    }
    return v2("message", payload)


def v2_receipt(status, inner=None, **members):
    payload = {
        "id": UUID_WA_ID,
        "type": status,
        "destination": PHONE,
        "payload": {"ts": 1791900002} if inner is None else inner,
        **members,
    }
    return v2("message-event", payload)


def v3(value, field="messages", **entry):
    return {
        "object": "whatsapp_business_account",
        "gs_app_id": APP_ID,
        "entry": [
            {
                "id": "109000000000001",
                **entry,
                "changes": [{"field": field, "value": value}],
            }
        ],
    }


def v3_value(**lists):
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": "15550100100",
            "phone_number_id": "106000000000002",
        },
        **lists,
    }


def v3_contact(phone=PHONE, name="Lucía", user_id=USER_ID):
    return {"profile": {"name": name}, "wa_id": phone, "user_id": user_id}


def v3_message(message_type="text", source=None, **members):
    message = {
        "from": PHONE,
        "id": WA_ID,
        "timestamp": "1791900000",
        "type": message_type,
        **({"text": {"body": "Hola"}} if source is None else source),
        **members,
    }
    return v3(v3_value(contacts=[v3_contact()], messages=[message]))


def v3_receipt(status, **members):
    receipt = {
        "gs_id": GS_ID,
        "id": UUID_WA_ID,
        "meta_msg_id": WA_ID,
        "recipient_id": PHONE,
        "status": status,
        "timestamp": "1791900002",
        **members,
    }
    return v3(v3_value(statuses=[receipt]))
