# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""WhatsApp's marks (``*bold*``, ``_italic_`` …) to HTML and back.

A mark counts if it stands at the edge of a word and hugs what it marks, on one line:
``snake_case_words`` and ``2*3*4`` stay as they are. :func:`html_to_marks` writes marks
under the same rule, so that ``html_to_marks(marks_to_html(text)) == text``.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from itertools import groupby

_TAGS = {"*": "strong", "_": "em", "~": "s"}
_ATOM = re.compile(
    r"```(?!`)(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<![^\W_])(?P<url>https?://[^\s<>\"`]+)",
    re.DOTALL | re.IGNORECASE,
)
_URL_TAIL = ".,;:!?'\")]}*_~"
_NBSP = "\u00a0"


# Marks to HTML


@dataclass(frozen=True, slots=True)
class _Atom:
    """Something that marks do not look into: code, or an address."""

    source: str
    html: str


_Token = str | _Atom


def marks_to_html(text: str) -> str:
    """Safe HTML for a text of WhatsApp; everything of the text is escaped."""
    tokens = list(_tokens(text.replace("\r\n", "\n").replace("\r", "\n")))
    lines, line = [], []
    for token in tokens:
        if token == "\n":
            lines.append(line)
            line = []
        else:
            line.append(token)
    lines.append(line)
    return "<br>".join(_Line(line).html() for line in lines)


def _tokens(text: str):
    position = 0
    for match in _ATOM.finditer(text):
        if match.start() < position:
            continue
        atom = _atom(match)
        if atom is None:
            continue
        yield from text[position : match.start()]
        yield atom
        position = match.start() + len(atom.source)
    yield from text[position:]


def _atom(match: re.Match) -> _Atom | None:
    if match["url"]:
        url = match["url"].rstrip(_URL_TAIL)
        if url.endswith("//"):
            return None
        shown = escape(url)
        opening = f'<a href="{shown}" target="_blank" rel="noreferrer noopener">'
        return _Atom(url, f"{opening}{shown}</a>")
    content = match["block"] or match["code"]
    if not content.strip():
        return None
    # `samp` keeps the two kinds of code apart without being a block of its own.
    tag = "samp" if match["block"] else "code"
    lines = map(_escaped, content.split("\n"))
    return _Atom(match[0], f"<{tag}>{'<br>'.join(lines)}</{tag}>")


def _escaped(text: str) -> str:
    """Escaped text; spaces that HTML would swallow are made unbreakable."""
    kept = re.sub(r"(?<= ) ", _NBSP, text)
    return escape(kept).replace(_NBSP, "&nbsp;")


class _Line:
    """The tokens of one line and where marks may close."""

    def __init__(self, tokens: list[_Token]):
        self._tokens = tokens
        self._closers: dict[str, list[int]] = {mark: [] for mark in _TAGS}
        for position, token in enumerate(tokens):
            if token in _TAGS and self._may_close(position):
                self._closers[token].append(position)

    def html(self) -> str:
        shown = self._html(0, len(self._tokens), frozenset())
        return f"&nbsp;{shown[1:]}" if shown.startswith(" ") else shown

    def _html(self, start: int, end: int, active: frozenset[str]) -> str:
        shown, plain = [], []
        position = start
        while position < end:
            token = self._tokens[position]
            closer = self._closer(position, end, active)
            if closer is None and isinstance(token, str):
                plain.append(token)
                position += 1
                continue
            shown.append(_escaped("".join(plain)))
            plain = []
            if closer is None:
                shown.append(token.html)
                position += 1
                continue
            inner = self._html(position + 1, closer, active | {token})
            shown.append(f"<{_TAGS[token]}>{inner}</{_TAGS[token]}>")
            position = closer + 1
        shown.append(_escaped("".join(plain)))
        return "".join(shown)

    def _closer(self, position: int, end: int, active: frozenset[str]) -> int | None:
        """Where the mark at this position closes, None when it is no mark."""
        token = self._tokens[position]
        if token not in _TAGS or token in active or not self._may_open(position):
            return None
        closers = self._closers[token]
        index = bisect_left(closers, position + 2)
        found = closers[index] if index < len(closers) else end
        return found if found < end else None

    def _may_open(self, position: int) -> bool:
        following = self._first(position + 1)
        return (
            not self._last(position - 1).isalnum()
            and bool(following.strip())
            and following != self._tokens[position]
        )

    def _may_close(self, position: int) -> bool:
        preceding = self._last(position - 1)
        return bool(preceding.strip()) and not self._first(position + 1).isalnum()

    def _first(self, position: int) -> str:
        return self._source(position)[:1]

    def _last(self, position: int) -> str:
        return self._source(position)[-1:]

    def _source(self, position: int) -> str:
        if not 0 <= position < len(self._tokens):
            return ""
        token = self._tokens[position]
        return token if isinstance(token, str) else token.source


# HTML to marks

_MARKS = {
    "b": "*",
    "strong": "*",
    "h1": "*",
    "h2": "*",
    "h3": "*",
    "h4": "*",
    "h5": "*",
    "h6": "*",
    "i": "_",
    "em": "_",
    "s": "~",
    "del": "~",
    "strike": "~",
}
_CODE = {"code": "`", "kbd": "`", "samp": "```", "tt": "```", "pre": "```"}
_BLOCKS = frozenset(
    "address article aside blockquote div dl dd dt figure footer form h1 h2 h3 h4 h5 "
    "h6 header hr li main ol p pre section table tbody thead tr ul".split()
)
_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_VOID = frozenset("area base br col embed hr img input link meta source wbr".split())
_SPACES_WITH_BREAK = re.compile(r"[ \t\r\n\f]*[\t\r\n\f][ \t\r\n\f]*")


@dataclass(frozen=True, slots=True)
class _Style:
    """One marked element; two neighbours with the same mark stay two."""

    mark: str
    serial: int


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    styles: tuple[_Style, ...]


def html_to_marks(html: str) -> str:
    """The text for WhatsApp of what was written in Odoo's composer.

    Links keep their label, followed by the address when it says something else;
    mentions become their text; images and all other markup disappear.
    """
    flattener = _Flattener()
    try:
        flattener.feed(html)
        flattener.close()
    except AssertionError:
        # The standard parser gives up on some broken declarations, such as "<![".
        return html_to_marks(html.replace("<!", "&lt;!"))
    lines = (_marked(line, 0, "", "") for line in flattener.lines)
    return "\n".join(lines).strip()


class _Flattener(HTMLParser):
    """Turns HTML into lines of runs, each run with the marks that hold for it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines: list[list[_Run]] = [[]]
        self._open: list[tuple[str, dict]] = []
        self._serial = 0
        self._styles: list[_Style] = []
        self._code: list[str] | None = None
        self._counters: list[int | None] = []

    # Events of the parser

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            self._break()
            return
        if tag in _BLOCKS:
            self._ensure_new_line()
        if tag in _VOID:
            return
        state = {"styles": len(self._styles), "attrs": dict(attrs)}
        self._open.append((tag, state))
        if tag in _MARKS:
            self._start_mark(_MARKS[tag])
        elif tag in _CODE:
            self._start_code(state)
        elif tag in ("ul", "ol"):
            self._counters.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._add(self._bullet())
        elif tag == "a":
            state["from"] = (len(self.lines) - 1, len(self.lines[-1]))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if all(tag != opened for opened, _state in self._open):
            return
        while self._open:
            opened, state = self._open.pop()
            self._end(opened, state)
            if opened == tag:
                return

    def handle_data(self, data):
        if any(tag in _HIDDEN for tag, _state in self._open):
            return
        if any(tag == "pre" for tag, _state in self._open):
            self._add_lines(data)
            return
        text = _SPACES_WITH_BREAK.sub(" ", data)
        if text != data and self._is_at_line_start():
            text = text.lstrip(" ")
        self._add(text)

    def close(self):
        super().close()
        while self._open:
            self._end(*self._open.pop())

    # What they do

    def _start_mark(self, mark: str) -> None:
        if all(style.mark != mark for style in self._styles):
            self._serial += 1
            self._styles.append(_Style(mark, self._serial))

    def _start_code(self, state: dict) -> None:
        if self._code is None:
            self._code = []
            state["code"] = True

    def _end(self, tag: str, state: dict) -> None:
        if tag == "a":
            self._end_link(state)
        if state.get("code"):
            self._end_code(tag)
        if tag in ("ul", "ol") and self._counters:
            self._counters.pop()
        del self._styles[state["styles"] :]
        if tag in _BLOCKS:
            self._ensure_new_line()

    def _end_code(self, tag: str) -> None:
        content, self._code = "".join(self._code or ()), None
        if tag == "pre":
            content = content.strip("\n")
        fence = "```" if "\n" in content or "`" in content else _CODE[tag]
        if not content.strip() or "```" in content:
            self._add_lines(content)
        else:
            self._add(f"{fence}{content}{fence}")

    def _end_link(self, state: dict) -> None:
        attrs = state["attrs"]
        href = (attrs.get("href") or "").strip()
        line, run = state["from"]
        parts = ["".join(piece.text for piece in self.lines[line][run:])]
        parts += [
            "".join(piece.text for piece in rest) for rest in self.lines[line + 1 :]
        ]
        label = " ".join(parts).strip() or "".join(self._code or ())
        if "data-oe-model" in attrs or "redirect" in (attrs.get("class") or ""):
            return
        if not label or not _is_public(href) or _says_the_same(label, href):
            return
        self._add(f" ({href.partition(':')[2] if _is_contact(href) else href})")

    def _bullet(self) -> str:
        if not self._counters or self._counters[-1] is None:
            return "- "
        self._counters[-1] += 1
        return f"{self._counters[-1]}. "

    def _add(self, text: str) -> None:
        text = text.replace(_NBSP, " ")
        if not text:
            return
        if self._code is not None:
            self._code.append(text)
            return
        if not self.lines[-1] and any(tag == "blockquote" for tag, _ in self._open):
            self.lines[-1].append(_Run("> ", ()))
        self.lines[-1].append(_Run(text, tuple(self._styles)))

    def _add_lines(self, text: str) -> None:
        first, *others = text.replace("\r\n", "\n").split("\n")
        self._add(first)
        for line in others:
            self._break()
            self._add(line)

    def _break(self) -> None:
        if self._code is not None:
            self._code.append("\n")
        else:
            self.lines.append([])

    def _ensure_new_line(self) -> None:
        if not self._is_at_line_start():
            self._break()

    def _is_at_line_start(self) -> bool:
        if self._code is not None:
            return not self._code or self._code[-1].endswith("\n")
        return not self.lines[-1]


def _is_public(href: str) -> bool:
    return href.lower().startswith(("http://", "https://")) or _is_contact(href)


def _is_contact(href: str) -> bool:
    return href.lower().startswith(("mailto:", "tel:"))


def _says_the_same(label: str, href: str) -> bool:
    def essence(address: str) -> str:
        bare = re.sub(r"^(https?://|mailto:|tel:)", "", address.strip(), flags=re.I)
        return bare.rstrip("/").lower()

    return essence(label) == essence(href)


def _marked(runs: list[_Run], depth: int, before: str, after: str) -> str:
    """The text of neighbouring runs that share their first ``depth`` styles.

    ``before`` and ``after`` are the characters around them, "" at the line's edge.
    """
    groups = [
        (style, list(members))
        for style, members in groupby(runs, lambda run: _style_at(run, depth))
    ]
    shown = ""
    for position, (style, members) in enumerate(groups):
        following = groups[position + 1 :]
        next_character = _first_character(following[0], depth) if following else after
        if style is None:
            shown += "".join(run.text for run in members)
            continue
        inner = _marked(members, depth + 1, style.mark, style.mark)
        shown += _wrapped(style.mark, inner, (shown or before)[-1:], next_character)
    return shown


def _style_at(run: _Run, depth: int) -> _Style | None:
    return run.styles[depth] if len(run.styles) > depth else None


def _first_character(group: tuple[_Style | None, list[_Run]], depth: int) -> str:
    style, members = group
    return style.mark if style else members[0].text[:1]


def _wrapped(mark: str, inner: str, before: str, after: str) -> str:
    """The text between marks that hug it, or bare where WhatsApp would ignore them."""
    content = inner.strip(" ")
    if not content:
        return inner
    start = inner[: len(inner) - len(inner.lstrip(" "))]
    end = inner[len(inner.rstrip(" ")) :]
    if (not start and before.isalnum()) or (not end and after.isalnum()):
        return inner
    return f"{start}{mark}{content}{mark}{end}"
