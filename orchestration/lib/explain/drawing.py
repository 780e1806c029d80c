"""The graph of one customer as boxes and lines with coordinates; the page's template draws them.

Identifiers stand in three columns, devices, accounts and contacts, so that labels never overlap; each part of the
customer has a band of its own, and what a steward cut off stands in a last one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .sections import likely

# More identifiers than this are a table.
MOST = 40
_LONGEST = 28
_HEIGHT, _ROW_GAP, _MARGIN, _BAND_HEAD = 46.0, 18.0, 14.0, 32.0
_GAP = 190.0
_CHARACTER, _PADDING, _NARROWEST = 8.2, 22.0, 120.0
_LABEL_HEIGHT, _LABEL_CHARACTER = 18.0, 6.8
_CONTACTS = ("email", "phone")


@dataclass(frozen=True)
class Box:
    """An identifier. kind: device, account, contact or gone (another customer's, cut off)."""

    key: str
    kind: str
    column: int
    band: int
    head: str
    label: str
    full: str
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = _HEIGHT

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    y: float
    width: float
    height: float = _LABEL_HEIGHT


@dataclass(frozen=True)
class Line:
    """An edge or a link. kind: records, steward, probabilistic or cut. path: of SVG. label: where there is room."""

    kind: str
    path: str
    weight: float
    full: str
    label: Label | None


@dataclass(frozen=True)
class Band:
    text: str
    y: float
    height: float


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class _Wire:
    left: str
    right: str
    kind: str
    text: str
    full: str
    weight: float


def draw(told: dict[str, Any]) -> Drawing | None:
    """The drawing of a customer as `told` tells it; None where it is too large or has nothing to draw."""
    identifiers = told["identifiers"]
    gone = {_gone_key(side): side for cut in told["cuts"] for side in _gone(cut)}
    if not 1 < len(identifiers) + len(gone) <= MOST:
        return None
    boxes = {str(row["number"]): _box(str(row["number"]), row, row["part"] - 1) for row in identifiers}
    bands = max((box.band for box in boxes.values()), default=0) + 1
    for key, side in sorted(gone.items()):
        boxes[key] = replace(_box(key, side, bands), kind="gone")
    wires = [w for w in _wires(told) if w.left in boxes and w.right in boxes and w.left != w.right]
    return _laid_out(boxes, wires, bands if bands > 1 or gone else 0, bool(gone))


def _box(key: str, row: dict[str, Any], band: int) -> Box:
    kind = row["type"]
    column = _column(kind)
    value = row["value"]
    label = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 12]}…{value[-11:]}"
    head = f"#{row['number']} {kind}" if row.get("number") else kind
    return Box(key, ("device", "account", "contact")[column], column, band, head, label, f"{head} {value}")


def _gone(cut: dict[str, Any]) -> Iterable[dict[str, Any]]:
    return (side for side in (cut["left"], cut["right"]) if side and not side.get("number"))


def _gone_key(side: dict[str, Any]) -> str:
    return f"{side['type']}:{side['hash']}"


def _wires(told: dict[str, Any]) -> Iterable[_Wire]:
    drawn = _stars(told)
    for edge in told["edges"]:
        if (edge["left"], edge["right"]) not in drawn:
            continue
        yield _Wire(
            str(edge["left"]),
            str(edge["right"]),
            "records",
            f"{edge['records']:,}",
            f"#{edge['left']} and #{edge['right']}: {_records(edge['records'])}",
            min(1.3 + math.log10(max(edge["records"], 1)), 4.0),
        )
    for link in told["links"]:
        ends = (link["left_identifier"], link["right_identifier"])
        if link["match_type"] == "probabilistic" and None not in ends:
            text = f"p {likely(link['probability'])}"
            yield _Wire(str(ends[0]), str(ends[1]), "probabilistic", text, f"likely one person, {text}", 2.0)
    for rule in told["decisions"]:
        sides = (rule["left"], rule["right"])
        if rule["rule"] == "force_link" and rule["status"] == "in_effect" and all(s and s["number"] for s in sides):
            numbers = [str(s["number"]) for s in sides]
            yield _Wire(numbers[0], numbers[1], "steward", "steward", "joined by a steward", 2.0)
    for cut in told["cuts"]:
        keys = [str(s["number"]) if s.get("number") else _gone_key(s) for s in (cut["left"], cut["right"]) if s]
        if len(keys) == 2:
            text = f"cut: {_records(cut['records'])}"
            yield _Wire(keys[0], keys[1], "cut", "cut", text, 2.0)


def _stars(told: dict[str, Any]) -> set[tuple[int, int]]:
    """The pairs that are drawn: of each record, those of its first account, which connect as much as all pairs do.

    All pairs of four identifiers would be six lines for what three say.
    """
    by_number = {row["number"]: row for row in told["identifiers"]}
    drawn: set[tuple[int, int]] = set()
    for record in told["records"]:
        by_part: dict[int, list[int]] = {}
        for number in record["identifiers"]:
            by_part.setdefault(by_number[number]["part"], []).append(number)
        for numbers in by_part.values():
            accounts = [n for n in numbers if _column(by_number[n]["type"]) == 1]
            centre = min(accounts or numbers)
            drawn |= {(min(centre, n), max(centre, n)) for n in numbers if n != centre}
    return drawn


def _column(identifier_type: str) -> int:
    return 0 if identifier_type == "anonymous_id" else 2 if identifier_type in _CONTACTS else 1


def _records(count: int) -> str:
    return f"{count:,} record" + ("" if count == 1 else "s")


def _laid_out(boxes: dict[str, Box], wires: list[_Wire], parts: int, has_gone: bool) -> Drawing:
    columns = sorted({box.column for box in boxes.values()})
    widths = {
        c: max(
            max(_PADDING + _CHARACTER * max(len(b.label), len(b.head)), _NARROWEST)
            for b in boxes.values()
            if b.column == c
        )
        for c in columns
    }
    # Lines within a column bow out beside it; the outermost columns need room for that.
    bowed = {boxes[w.left].column for w in wires if boxes[w.left].column == boxes[w.right].column}
    x, places = (84.0 if 0 in bowed else 24.0), {}
    for column in columns:
        places[column] = x
        x += widths[column] + _GAP
    width = x - _GAP + (84.0 if columns[-1] in bowed else 24.0)
    placed: dict[str, Box] = {}
    bands: list[Band] = []
    y = _MARGIN
    for band in sorted({box.band for box in boxes.values()}):
        top = y
        y += _BAND_HEAD if parts else 0.0
        rows = {
            c: _ordered([b for b in boxes.values() if (b.band, b.column) == (band, c)], boxes, wires) for c in columns
        }
        tallest = max(len(column) for column in rows.values())
        for column, members in rows.items():
            # Shorter columns stand in the middle of the tallest.
            spare = (tallest - len(members)) * (_HEIGHT + _ROW_GAP) / 2
            for index, box in enumerate(members):
                placed[box.key] = replace(
                    box,
                    x=places[column],
                    y=y + spare + index * (_HEIGHT + _ROW_GAP),
                    width=widths[column],
                )
        y += tallest * (_HEIGHT + _ROW_GAP)
        if parts:
            is_gone = has_gone and band >= parts
            bands.append(Band("cut off by a steward" if is_gone else f"part {band + 1}", top, y - top))
            y += _ROW_GAP
    lines = _lines(placed, wires)
    return Drawing(width, y + _MARGIN, tuple(placed[k] for k in sorted(placed)), tuple(lines), tuple(bands))


def _ordered(members: list[Box], boxes: dict[str, Box], wires: list[_Wire]) -> list[Box]:
    """The boxes of a column near what they are wired to: by the mean place of their neighbours in the other columns."""
    places = {key: float(i) for i, key in enumerate(boxes)}

    def mean(box: Box) -> float:
        near = [w.right if w.left == box.key else w.left for w in wires if box.key in (w.left, w.right)]
        beside = [places[k] for k in near if boxes[k].column != box.column]
        return sum(beside) / len(beside) if beside else places[box.key]

    return sorted(members, key=lambda b: (mean(b), places[b.key]))


def _lines(placed: dict[str, Box], wires: list[_Wire]) -> list[Line]:
    taken: list[tuple[float, float, float, float]] = [(b.x, b.y, b.width, b.height) for b in placed.values()]
    found = []
    for wire in wires:
        left, right = sorted((placed[wire.left], placed[wire.right]), key=lambda b: (b.column, b.y, b.key))
        points = _curve(left, right)
        label = _label(wire.text, points, taken)
        if label:
            taken.append((label.x, label.y, label.width, label.height))
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
        path = f"M{ax:.1f} {ay:.1f}C{bx:.1f} {by:.1f} {cx:.1f} {cy:.1f} {dx:.1f} {dy:.1f}"
        found.append(Line(wire.kind, path, round(wire.weight, 2), wire.full, label))
    return found


_Points = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _curve(left: Box, right: Box) -> _Points:
    if left.column != right.column:
        start, end = left.x + left.width, right.x
        bend = (end - start) / 2
        return (start, left.middle), (start + bend, left.middle), (end - bend, right.middle), (end, right.middle)
    away = min(26.0 + abs(right.middle - left.middle) / 9, 70.0)
    side = left.x if left.column == 0 else left.x + left.width
    out = side - away if left.column == 0 else side + away
    return (side, left.middle), (out, left.middle), (out, right.middle), (side, right.middle)


def _label(text: str, points: _Points, taken: list[tuple[float, float, float, float]]) -> Label | None:
    """The label at the first place along the line where it covers nothing; None where there is none."""
    width = _LABEL_CHARACTER * len(text) + 10
    for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85, 0.1, 0.9):
        x, y = _at(points, t)
        x, y = x - width / 2, y - _LABEL_HEIGHT / 2
        if not any(_meet((x, y, width, _LABEL_HEIGHT), other) for other in taken):
            return Label(text, round(x, 1), round(y, 1), round(width, 1))
    return None


def _at(points: _Points, t: float) -> tuple[float, float]:
    shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    return (
        sum(s * p[0] for s, p in zip(shares, points, strict=True)),
        sum(s * p[1] for s, p in zip(shares, points, strict=True)),
    )


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )
