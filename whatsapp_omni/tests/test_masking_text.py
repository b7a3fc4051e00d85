# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from html import unescape

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import masking

COUNTRIES = ("ES", "US", "DE", "FR", "GB", "MX")

#: What is hidden, with its kind and what is seen of it.
HIDDEN = [
    # cards
    ("4111 1111 1111 1111", "card", "•••• 1111"),
    ("4111111111111111", "card", "•••• 1111"),
    ("5555-5555-5555-4444", "card", "•••• 4444"),
    ("2223 0031 2200 3222", "card", "•••• 3222"),
    ("3782 822463 10005", "card", "•••• 0005"),
    ("3056 930902 5904", "card", "•••• 5904"),
    ("6011 1111 1111 1117", "card", "•••• 1117"),
    ("3530 1113 3330 0000", "card", "•••• 0000"),
    ("6200 0000 0000 0005", "card", "•••• 0005"),
    ("2200 7001 2345 6781", "card", "•••• 6781"),  # Mir
    ("8123 4567 8901 2340", "card", "•••• 2340"),  # RuPay
    ("6073 8912 3456 7890", "card", "•••• 7890"),  # RuPay
    ("5081 2345 6789 0120", "card", "•••• 0120"),  # RuPay
    ("5067 3112 3456 7899", "card", "•••• 7899"),  # Elo
    ("6362 9712 3456 7890", "card", "•••• 7890"),  # Elo
    ("9792 0312 3456 7897", "card", "•••• 7897"),  # Troy
    ("2205 1234 5678 9014", "card", "•••• 9014"),  # BORICA
    ("3095 123456 7897", "card", "•••• 7897"),  # Diners
    ("1800 123456 78905", "card", "•••• 8905"),  # JCB
    ("6768 1234 5678 9012 343", "card", "•••• 2343"),  # Maestro
    ("5641 8212 3456 7892", "card", "•••• 7892"),  # Maestro
    ("4222222222222", "card", "•••• 2222"),
    ("4111\u00a01111\u00a01111\u00a01111", "card", "•••• 1111"),
    ("4111–1111–1111–1111", "card", "•••• 1111"),
    ("４１１１ １１１１ １１１１ １１１１", "card", "•••• 1111"),
    ("٤١١١١١١١١١١١١١١١", "card", "•••• 1111"),
    ("4111\u200b1111\u200b1111\u200b1111", "card", "•••• 1111"),
    # bank accounts
    ("ES91 2100 0418 4502 0005 1332", "iban", "ES•• •••• 1332"),
    ("es9121000418450200051332", "iban", "ES•• •••• 1332"),
    ("DE89 3704 0044 0532 0130 00", "iban", "DE•• •••• 3000"),
    ("GB29-NWBK-6016-1331-9268-19", "iban", "GB•• •••• 6819"),
    ("FR14 2004 1010 0505 0001 3M02 606", "iban", "FR•• •••• 2606"),
    # numbers of persons
    ("12345678Z", "identity", "••••78Z"),
    ("12.345.678-Z", "identity", "••••78Z"),
    ("X1234567L", "identity", "••••67L"),
    ("28/12345678/40", "identity", "••••840"),
    ("536-22-1234", "identity", "••••234"),
    ("2 55 08 14 168 025 38", "identity", "••••538"),
    ("AB 12 34 56 C", "identity", "••••56C"),
    ("36 574 261 809", "identity", "••••809"),
    ("BOXW310820HNERXN09", "identity", "••••N09"),
    # e-mail addresses
    ("juan.perez@example.com", "email", "j•••@e•••.com"),
    ("Ana+compras@sub.example.co.uk", "email", "A•••@s•••.uk"),
    ("ñandú@correo.es", "email", "ñ•••@c•••.es"),
    # phone numbers
    ("600 111 222", "phone", "••• 22"),
    ("600111222", "phone", "••• 22"),
    ("+34 600 11 12 22", "phone", "••• 22"),
    ("0034600111222", "phone", "••• 22"),
    ("34600111222", "phone", "••• 22"),
    ("(212) 736-5000", "phone", "••• 00"),
    ("030 1234567", "phone", "••• 67"),
    ("01 23 45 67 89", "phone", "••• 89"),
    ("+52 55 1234 5678", "phone", "••• 78"),
    ("٦٠٠١١١٢٢٢", "phone", "••• 22"),
]

#: What may stand around it, whatever it is.
AROUND = [
    "%s",
    "Es este: %s, gracias",
    "*%s*",
    "_%s_",
    "Hola\n%s\nAdiós",
    "(%s)",
    "¿%s?",
    "Meine Angaben: %s.",
    "C'est « %s »",
    "here you are:%s!",
]

#: What stays as it is.
READ = [
    # dates and times
    "El 24/11/2026 a las 10:30",
    "2026-11-24 10:30:15",
    "2026-11-24T10:30:15.123Z",
    "20261124 103015",
    "Am 24.11.2026 um 10.30 Uhr",
    "le 24/11/2026 et le 25/11/2026",
    "11/24/2026 - 11/30/2026",
    "Nací el 01-02-1990",
    "horario 09:00-14:00 16:00-20:30",
    # prices and amounts
    "1.234.567,89 €",
    "$1,234,567.89",
    "Son 600 111 222 pesos",
    "€ 912 345 678",
    "4 x 12,50 € + 3 x 9,95 € = 79,85 €",
    "Total: 1234567.00 EUR",
    "10000000 unidades",
    "IVA 21%, 10%, 4% de 1500, 2300, 4100",
    # orders and the like
    "Pedido 912345678",
    "Mi pedido nº 612345678 no llega",
    "order number: 2127365000",
    "Order #2127365000",
    "Bestellung Nr. 0301234567",
    "commande n° 0123456789",
    "factura 2026/000123456",
    "Rechnung 030-1234567",
    "tracking 1Z999AA10123456784",
    "seguimiento: 900123456",
    "ref. 655123123",
    "código 634567890",
    "SO-2026-1234567",
    "Pedido 2026112800001231",
    "order 100001234567896",
    "order 111-1234567-1234566",
    "Bestellung 9001234567890129",
    "id 7700123456789013",
    "envío 564123456789013",
    "envío 6301234567890122",
    "INV/2026/11/0001234",
    "ISBN 978-84-376-0494-7",
    "EAN 8412345678905",
    "IMEI 356938035643809",
    # near misses
    "4111 1111 1111 1112",
    "1234 5678 9012 3456",
    "4242",
    "1111111111111111",
    "ES91 2100 0418 4502 0005 1333",
    "12345678A",
    "X1234567A",
    "000-12-3456",
    "28/12345678/41",
    "@juan_perez",
    "user@localhost",
    "a @ b . com",
    "550e8400-e29b-41d4-a716-446655440000",
    "192.168.100.200 y 10.0.0.1",
    "v1.2.3.4567890",
    "MAC 00:1B:44:11:3A:B7",
    "40.416775, -3.703790",
    # web pages
    "https://example.com/4111111111111111",
    "http://example.com/pay?mail=juan@example.com&tel=+34600111222",
    "www.example.com/600111222",
    "https://wa.me/34600111222",
    # words
    "Hola, ¿abrís hoy?",
    "",
    "1 2 3 4 5 6 7 8 9 10",
]


def mask(text):
    return masking.mask(text, masking.KINDS, COUNTRIES)


def visible(html):
    return unescape(re.sub(r"<[^>]*>", "", html.replace("<br>", "\n")))


class TestMasking(BaseCase):
    """What is hidden in a text, and what is not."""

    def test_what_is_sensitive_is_hidden_wherever_it_stands(self):
        for source, kind, shown in HIDDEN:
            for around in AROUND:
                text = around % source
                with self.subTest(text=text):
                    self.assertEqual(mask(text), (around % shown, (kind,)))

    def test_what_only_looks_so_is_left_alone(self):
        for text in READ:
            with self.subTest(text=text):
                self.assertEqual(mask(text), (text, ()))

    def test_a_card_is_found_among_other_digits(self):
        self.assertEqual(
            mask("4111 1111 1111 1111 12/29 123").text, "•••• 1111 12/29 123"
        )
        self.assertEqual(mask("4111 1111 1111 1111 123").text, "•••• 1111 123")

    def test_several_are_hidden_each_as_what_it_is(self):
        masked = mask("12345678Z, 600 111 222, a@b.es y 4111 1111 1111 1111")
        self.assertEqual(masked.text, "••••78Z, ••• 22, a•••@b•••.es y •••• 1111")
        self.assertEqual(masked.found, ("card", "identity", "email", "phone"))

    def test_only_the_chosen_kinds_and_countries_are_hidden(self):
        text = "12345678Z 600 111 222 a@b.es"
        self.assertEqual(masking.mask(text, {"email"}).text, text[:-6] + "a•••@b•••.es")
        self.assertEqual(masking.mask(text, {"identity", "phone"}, ("US",)), (text, ()))

    def test_a_number_with_prefix_is_one_in_every_country(self):
        self.assertEqual(masking.mask("+34 600 11 12 22").text, "••• 22")

    def test_our_own_addresses_may_be_read(self):
        text = "Llame al 911 222 333 o +34 911 222 333, info@example.com"
        spared = {"34911222333", "info@example.com"}
        self.assertEqual(
            masking.mask(text, masking.KINDS, COUNTRIES, spared), (text, ())
        )

    def test_html_is_hidden_whatever_marks_are_in_it(self):
        masked = masking.mask_html(
            "<p>4111 <strong>1111</strong> 1111&nbsp;1111<br>&lt;a@b.es&gt;</p>",
            masking.KINDS,
            COUNTRIES,
        )
        self.assertEqual(
            masked.text,
            '<p><span class="o-whatsapp_omni-masked o-card">•••• 1111</span>'
            "<strong></strong><br>&lt;"
            '<span class="o-whatsapp_omni-masked o-email">a•••@b•••.es</span>'
            "&gt;</p>",
        )
        self.assertEqual(masked.found, ("card", "email"))

    def test_links_stay_but_those_that_call_or_write(self):
        page = '<a href="https://example.com/4111111111111111">página</a>'
        self.assertEqual(masking.mask_html(page).text, page)
        masked = masking.mask_html(
            '<a href="mailto:juan@example.com">juan@example.com</a>'
        )
        self.assertNotIn("juan", masked.text)

    def test_what_is_on_two_lines_is_not_one(self):
        html = "<p>600 111</p><p>222</p>"
        self.assertEqual(masking.mask_html(html, masking.KINDS, COUNTRIES).text, html)


_PIECES = st.one_of(
    st.sampled_from([source for source, _kind, _shown in HIDDEN]),
    st.sampled_from([shown for _source, _kind, shown in HIDDEN]),
    st.sampled_from(READ),
    st.text(alphabet="0123456789 -./@•+*_~a", max_size=30),
    st.text(max_size=20),
)
_TEXTS = st.lists(_PIECES, max_size=6).flatmap(
    lambda pieces: st.sampled_from([" ", "", "\n", ", "]).map(
        lambda joint: joint.join(pieces)
    )
)


class TestMaskingProperties(BaseCase):
    """What holds for every text."""

    @settings(max_examples=300, deadline=None)
    @given(_TEXTS)
    @example("•••• 4111 1111 1111 1111")
    @example("4111 1111 1111 1111 1111 1111 1111 1111 1111")
    def test_masking_twice_is_masking_once(self, text):
        once = mask(text)
        self.assertEqual(mask(once.text), (once.text, ()))

    @settings(max_examples=300, deadline=None)
    @given(_TEXTS)
    def test_what_is_around_stays_to_the_character(self, text):
        masked = mask(text)
        if not masked.found:
            self.assertEqual(masked.text, text)
            return
        # What is left is the source with some parts of it taken out.
        pattern = ".+?".join(map(re.escape, _between_masks(masked.text)))
        self.assertRegex(text, re.compile(rf"\A{pattern}\Z", re.DOTALL))

    @settings(max_examples=300, deadline=None)
    @given(_TEXTS)
    def test_html_hides_what_text_hides(self, text):
        html = masking._escape(text.replace("\n", " "))
        masked = masking.mask_html(html, masking.KINDS, COUNTRIES)
        expected = mask(text.replace("\n", " "))
        self.assertEqual(masked.found, expected.found)
        self.assertEqual(visible(masked.text), expected.text)

    @settings(max_examples=200, deadline=None)
    @given(
        st.sampled_from(HIDDEN),
        st.text(alphabet="abc ,.!?\n¡¿", max_size=20),
        st.text(alphabet="abc ,.!?\n¡¿", max_size=20),
    )
    def test_nothing_of_it_is_left_but_the_end(self, hidden, before, after):
        source, kind, shown = hidden
        masked = mask(f"{before} {source} {after}")
        self.assertEqual(masked, (f"{before} {shown} {after}", (kind,)))


def _between_masks(text):
    return re.split(masking._MASK, text)
