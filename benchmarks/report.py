"""Rows of the result: what was measured, beside which floor, against which target."""

import json
from dataclasses import asdict, dataclass


@dataclass
class Row:
    """One figure.

    ``value`` and ``floor`` have the same unit. The target speaks of ``ratio`` where
    there is a floor, else of ``value``; a row that only informs has no target.
    """

    number: str
    what: str
    setting: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    ratio: float | None = None
    target: str | None = None
    met: bool | None = None


def at_most(limit, **figures):
    """Return a row whose ratio, or value without floor, is to be at most ``limit``."""
    return _judge("≤", limit, **figures)


def at_least(limit, **figures):
    """Return a row whose ratio, or value without floor, is to be at least ``limit``."""
    return _judge("≥", limit, **figures)


def _judge(sign, limit, **figures):
    row = Row(**figures)
    if row.floor and row.ratio is None:
        row.ratio = row.value / row.floor
    judged = row.value if row.ratio is None else row.ratio
    unit = f" {row.unit}" if row.ratio is None else " ×"
    row.target = f"{sign} {limit:g}{unit}"
    row.met = judged <= limit if sign == "≤" else judged >= limit
    return row


def inform(**figures):
    """Return a row without target."""
    row = Row(**figures)
    if row.floor and row.ratio is None:
        row.ratio = row.value / row.floor
    return row


HEADER = ("#", "what", "with", "value", "floor", "ratio", "target", "")


def table(rows):
    """Return the rows as lines of text, a Markdown table that is aligned."""
    cells = [HEADER, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(row):
    verdict = {True: "ok", False: "missed", None: ""}[row.met]
    floor = f"{row.floor:.3g} {row.floor_name}" if row.floor else ""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
    value = f"{row.value:.3g} {row.unit}"
    target = row.target or ""
    return row.number, row.what, row.setting, value, floor, ratio, target, verdict


def write_json(path, machine, rows):
    """Write the rows with a description of the machine."""
    data = {"machine": machine, "rows": [asdict(row) for row in rows]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
