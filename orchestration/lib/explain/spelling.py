"""What somebody may have meant: the forms in which an identifier that was written by hand may stand in the graph.

E-mails and phones are normalised as macros/identifiers.sql does, so that any spelling finds its node.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_EXTENSION = re.compile(r"[\s,;]*(?:extension|extn|ext|x|#)[\s.:=]*[0-9]+$")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_NO_PHONE = re.compile(r"[^0-9\s+().\-/,;:=x#extnsio]")


@dataclass(frozen=True)
class Plan:
    """How a country dials: its calling code, and whether a leading 0 belongs to the number."""

    country: str
    calling_code: str
    keeps_trunk_zero: bool


@dataclass(frozen=True)
class Phones:
    """E.164 forms of a written number.

    likely: as an international number, or as a national one of the default country. possible: as a national number of
    any other country, or an international one whose plus sign is missing.
    """

    likely: tuple[str, ...]
    possible: tuple[str, ...]
    digits: str


def lower_case(text: str) -> str:
    """Lower case as the warehouse has it: letter by letter, so that a final sigma stays what it is."""
    return "".join(c.lower() for c in text)


def phones(text: str, plans: Iterable[Plan], default_country: str) -> Phones | None:
    """What a text may mean as a phone number; None where it is none."""
    trimmed = text.strip().lower()
    digits = _digits(trimmed)
    if not digits or _NO_PHONE.search(trimmed):
        return None
    main = _EXTENSION.sub("", trimmed)
    if not _digits(main):
        main = trimmed
    dialled = _digits(main)
    without_trunk = _digits(_TRUNK_ZERO.sub("", main))
    marks = re.sub(r"[^0-9+]", "", main)
    if marks.startswith("+"):
        return Phones(_sane([without_trunk]), (), digits)
    if marks.startswith("00"):
        return Phones(_sane([without_trunk[2:]]), (), digits)
    likely: list[str] = []
    possible = [dialled]
    for plan in plans:
        national = _national(dialled, plan)
        (likely if plan.country == default_country else possible).append(plan.calling_code + national)
    found = _sane(likely)
    return Phones(found, tuple(p for p in _sane(possible) if p not in found), digits)


def _national(digits: str, plan: Plan) -> str:
    if plan.calling_code == "1":
        return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return digits[1:] if digits.startswith("0") and not plan.keeps_trunk_zero else digits


def _sane(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({f"+{n}" for n in numbers if 8 <= len(n) <= 15}))


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
