# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What customers write, compared with what was expected of them."""

import re
import unicodedata


def normalize(text):
    """Return a text without case, accents, marks and blanks around."""
    decomposed = unicodedata.normalize("NFKD", text or "")
    letters = (
        str(unicodedata.decimal(char, char))
        for char in decomposed
        if not unicodedata.category(char).startswith(("M", "C"))
    )
    words = re.sub(r"\s+", " ", "".join(letters).casefold())
    return words.strip(" .,;:!?¡¿()[]*_~'\"«»“”")
