"""What the guide's pictures say, in each of its languages.

The sample data of the addon is English: what a picture shows of it has a name here in
either language, and none that says that it is a sample.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Words:
    """One language of the guide.

    :param code: of the language in Odoo
    :param locale: of the browser
    :param folder: of its pictures, in that of all pictures
    :param renamed: values that records of the sample data get, by model and name
    :param texts: what people write, by a name that tools/guide.py uses
    """

    code: str
    locale: str
    folder: str
    renamed: dict
    texts: dict


def _people():
    """Return names for those whom the sample data calls by what they do."""
    return {
        ("res.users", "Ana Agent"): {"name": "Ana Ruiz"},
        ("res.users", "Luis Agent"): {"name": "Luis Vega"},
        ("res.users", "Sofía Supervisor"): {"name": "Sofía León"},
        ("res.users", "Mitchell Admin"): {"name": "Iván Soto", "image_1920": False},
    }


ENGLISH = Words(
    code="en_US",
    locale="en-US",
    folder="",
    renamed={
        **_people(),
        ("res.company", "YourCompany"): {"name": "Sol Bikes", "logo": False},
        ("whatsapp_omni.line", "Demo line (sample)"): {"name": "Shop"},
        ("whatsapp_omni.provider", "GupShup emulator (sample)"): {"name": "GupShup"},
        ("whatsapp_omni.message.template", "Opening hours (sample)"): {
            "name": "Opening hours"
        },
        ("whatsapp_omni.message.template", "How to receive it (sample)"): {
            "name": "How to receive it"
        },
        ("whatsapp_omni.message.template", "Where we are (sample)"): {
            "name": "Where we are"
        },
    },
    texts={
        "earlier": "Do you have a chain for my bike?",
        "earlier_answer": "We do, come by whenever you like.",
        "earlier_note": "She came to fetch it.",
        "hello": "Hello, are you open today?",
        "answer": "Hello Lucía! Yes, until *20:00*.",
        "broken": "This bolt has broken",
        "broken_file": "bolt.png",
        "thanks": "Thank you for the photo, we have it. Shall I *put it aside*?",
        "please": "Yes, please 🙏",
        "lead": "A second bike for her daughter",
        "noted": "Her order is S00042, it comes on Monday.",
        "note": "Ask the workshop whether they can fit it on Friday",
        "shared": "The brake of my bike squeaks, and it is still under guarantee.",
        "shared_question": "Do you know this brake?",
        "shared_answer": "Hello Marta! A colleague of the workshop will join us.",
        "shared_guest": "Hello Marta, is it the *front* brake or the rear one?",
        "shared_last": "The front one",
        "aside": "I will send you the papers tomorrow.",
        "waiting": "Good morning, where is my order?",
        "waiting_too": "Is my bike repaired?",
        "transfer": "She would like an offer for two bikes.",
        "won": "Won",
        "order": "S00042",
        "close": "The bolt is put aside until Friday.",
        "solved": "Solved",
        "hours": "Opening hours",
        "tag": "Guarantee",
    },
)

SPANISH = Words(
    code="es_ES",
    locale="es-ES",
    folder="es",
    renamed={
        **_people(),
        ("res.company", "YourCompany"): {"name": "Bicis Sol", "logo": False},
        ("whatsapp_omni.queue", "Support"): {"name": "Taller"},
        ("whatsapp_omni.queue", "Sales"): {"name": "Ventas"},
        ("whatsapp_omni.line", "Demo line (sample)"): {"name": "Tienda"},
        ("whatsapp_omni.disposition", "Solved"): {"name": "Resuelta"},
        ("whatsapp_omni.disposition", "Sale"): {"name": "Venta"},
        ("whatsapp_omni.disposition", "Won"): {"name": "Ganada"},
        ("whatsapp_omni.disposition", "Not yet"): {"name": "Todavía no"},
        ("whatsapp_omni.disposition", "No answer"): {"name": "No contesta"},
        ("whatsapp_omni.disposition", "Wrong number"): {"name": "Número equivocado"},
        ("whatsapp_omni.disposition", "Spam"): {"name": "Correo basura"},
        ("whatsapp_omni.disposition.field", "Order number"): {
            "name": "Número de pedido"
        },
        ("whatsapp_omni.message.template.category", "Shop"): {"name": "Tienda"},
        ("whatsapp_omni.message.template", "Welcome (sample)"): {
            "body": "¡Hola, {{customer.first_name|y bienvenido}}! 👋 Esto es"
            " {{company.name}}. Enseguida le atiende una persona."
        },
        ("whatsapp_omni.message.template", "Farewell (sample)"): {
            "body": "Gracias por escribir a {{company.name}}. ¡Que tenga un buen día!"
        },
        ("whatsapp_omni.message.template", "Opening hours (sample)"): {
            "name": "Horario",
            "shortcut": "horario",
            "body": "Abrimos de *lunes a viernes* de 9:00 a 18:00.",
        },
        ("whatsapp_omni.message.template", "How to receive it (sample)"): {
            "name": "Cómo recibirlo",
            "shortcut": "envio",
        },
        ("whatsapp_omni.message.template", "Where we are (sample)"): {
            "name": "Dónde estamos",
            "shortcut": "lugar",
        },
    },
    texts={
        "earlier": "¿Tenéis una cadena para mi bici?",
        "earlier_answer": "La tenemos, pásese cuando quiera.",
        "earlier_note": "Vino a recogerla.",
        "hello": "Hola, ¿abrís hoy?",
        "answer": "¡Hola, Lucía! Sí, hasta las *20:00*.",
        "broken": "Se ha roto este tornillo",
        "broken_file": "tornillo.png",
        "thanks": "Gracias por la foto, lo tenemos. ¿Se lo *reservo*?",
        "please": "Sí, por favor 🙏",
        "lead": "Una segunda bici para su hija",
        "noted": "Su pedido es S00042, llega el lunes.",
        "note": "Preguntar al taller si pueden montarlo el viernes",
        "shared": "El freno de mi bici chirría, y aún está en garantía.",
        "shared_question": "¿Conoces este freno?",
        "shared_answer": "¡Hola, Marta! Ahora se une un compañero del taller.",
        "shared_guest": "Hola, Marta: ¿es el freno *delantero* o el trasero?",
        "shared_last": "El delantero",
        "aside": "Mañana le envío los papeles.",
        "waiting": "Buenos días, ¿dónde está mi pedido?",
        "waiting_too": "¿Está reparada mi bici?",
        "transfer": "Quiere un presupuesto para dos bicis.",
        "won": "Ganada",
        "order": "S00042",
        "close": "El tornillo queda reservado hasta el viernes.",
        "solved": "Resuelta",
        "hours": "Horario",
        "tag": "Garantía",
    },
)

LANGUAGES = (ENGLISH, SPANISH)
