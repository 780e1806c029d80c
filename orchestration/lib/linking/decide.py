"""Which scored pairs become one customer: the surest first, and never against strong evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from ..identity.merges import Link

# A parent is at least so much older than a child, and at most so much: dates as far apart are two generations.
_GENERATION_YEARS = (15, 55)
# So many records that agree on a birth date outvote a single one that is a generation off.
_OUTVOTING = 4
# Dates that one slip of the hand makes of each other are never further apart than this.
_SLIP_YEARS = 12
# A second person that fits about as well: within three bits, eight times as likely.
_TIE_BITS = 3.0


@dataclass(frozen=True)
class Thresholds:
    """From `match` on two records are one customer; from `review` on a steward is asked."""

    match: float
    review: float


# What dbt_project.yml says, for those who have no vars at hand.
DEFAULT_THRESHOLDS = Thresholds(match=0.95, review=0.7)


@dataclass(frozen=True)
class Pair:
    """Two records of different parts, and how sure it is that they are one person."""

    left_part: int
    right_part: int
    probability: float
    weight: float
    left_record: str
    right_record: str
    evidence: str


@dataclass(frozen=True)
class Part:
    """What the records of a part say that tells people apart.

    birth_dates: ISO texts, with the number of records that say so. accounts: shop
    accounts that have an e-mail address of their own.
    is_reachable: whether any identifier of it is an e-mail address, a phone number or a shop account.
    """

    birth_dates: Mapping[str, int] = field(default_factory=dict)
    first_names: frozenset[str] = frozenset()
    last_names: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    is_reachable: bool = False

    def with_(self, other: Part) -> Part:
        dates = {
            day: self.birth_dates.get(day, 0) + other.birth_dates.get(day, 0)
            for day in sorted({*self.birth_dates, *other.birth_dates})
        }
        return Part(
            dates,
            self.first_names | other.first_names,
            self.last_names | other.last_names,
            self.accounts | other.accounts,
            self.is_reachable or other.is_reachable,
        )


@dataclass
class Decisions:
    """links: what is applied, a tree over the parts of each customer. pairs: every pair with its outcome, in the order
    of its records: applied, review, held_back (why stands in its evidence), or kept_apart, by a steward."""

    links: list[Link] = field(default_factory=list)
    pairs: list[tuple[Pair, str]] = field(default_factory=list)


def decide_links(
    pairs: Iterable[Pair],
    parts: Mapping[int, Part],
    thresholds: Thresholds,
    apart: Iterable[tuple[int, int]] = (),
    together: Iterable[tuple[int, int]] = (),
) -> Decisions:
    """Apply pairs at or above the match threshold, the surest first, where nothing strong speaks against it.

    apart: parts that a steward keeps apart. together: parts that a steward joins, whatever else speaks against it. A
    merge is refused where it would bring together what a steward keeps apart, two active accounts, different birth
    dates or clearly different first names, of any two of the parts that it joins; and a part that fits two people about
    equally well joins neither. The result is the same in any order of the arguments.
    """
    surest = sorted(pairs, key=_order)
    groups = _Groups(parts, apart)
    for left, right in sorted(together):
        groups.join(left, right)
    torn = _torn(surest, groups, thresholds)
    found = Decisions()
    held: dict[Pair, str] = {}
    for pair in surest:
        if pair.probability < thresholds.match or groups.are_one(pair.left_part, pair.right_part):
            continue
        reason = groups.objection(pair) or torn.get(pair)
        if reason:
            held[pair] = reason
            continue
        groups.join(pair.left_part, pair.right_part)
        left, right = sorted((pair.left_part, pair.right_part))
        records = (pair.left_record, pair.right_record)
        if left != pair.left_part:
            records = records[::-1]
        found.links.append(Link(left, right, "probabilistic", pair.probability, *records, evidence=pair.evidence))
    for pair in sorted(surest, key=lambda p: (p.left_record, p.right_record)):
        if groups.are_one(pair.left_part, pair.right_part):
            found.pairs.append((pair, "applied"))
            continue
        if groups.kept_apart(pair.left_part, pair.right_part):
            found.pairs.append((pair, "kept_apart"))
            continue
        reason = held.get(pair)
        if reason:
            told = {**json.loads(pair.evidence), "held_back": reason}
            pair = replace(pair, evidence=json.dumps(told))
        found.pairs.append((pair, "held_back" if reason else "review"))
    return found


_STEWARD = "a steward keeps them apart"


def _order(pair: Pair) -> tuple[float, int, int, str, str]:
    low, high = sorted((pair.left_part, pair.right_part))
    return (-pair.weight, low, high, pair.left_record, pair.right_record)


class _Groups:
    """Parts that are one customer so far, and what their records say together."""

    def __init__(self, parts: Mapping[int, Part], apart: Iterable[tuple[int, int]]) -> None:
        self._roots: dict[int, int] = {}
        self._said: dict[int, Part] = dict(parts)
        self._enemies: dict[int, set[int]] = {}
        for left, right in apart:
            self._enemies.setdefault(left, set()).add(right)
            self._enemies.setdefault(right, set()).add(left)

    def root(self, part: int) -> int:
        while self._roots.setdefault(part, part) != part:
            self._roots[part] = self._roots[self._roots[part]]
            part = self._roots[part]
        return part

    def are_one(self, left: int, right: int) -> bool:
        return self.root(left) == self.root(right)

    def said(self, part: int) -> Part:
        return self._said.get(self.root(part), Part())

    def join(self, left: int, right: int) -> None:
        left, right = sorted((self.root(left), self.root(right)))
        if left == right:
            return
        self._said[left] = self.said(left).with_(self.said(right))
        self._roots[right] = left
        # Enemies are kept by root: those of the one that is gone become the other's.
        enemies = self._enemies.pop(right, set())
        self._enemies.setdefault(left, set()).update(enemies)
        for enemy in enemies:
            self._enemies[enemy].discard(right)
            self._enemies[enemy].add(left)

    def kept_apart(self, left: int, right: int) -> bool:
        return self.root(right) in self._enemies.get(self.root(left), ())

    def objection(self, pair: Pair) -> str | None:
        """Why the customers of a pair cannot be one; none where they can."""
        if self.kept_apart(pair.left_part, pair.right_part):
            return _STEWARD
        return conflict(self.said(pair.left_part), self.said(pair.right_part), levels_of(pair.evidence))


@lru_cache(maxsize=100_000)
def levels_of(evidence: str) -> dict[str, str]:
    """The level of each comparison in a pair's evidence."""
    return {c["compared"]: c["level"] for c in json.loads(evidence).get("comparisons", [])}


def conflict(left: Part, right: Part, levels: Mapping[str, str] | None = None) -> str | None:
    """Why two parts, or customers so far, cannot be one person; none where they can. levels: of the comparison of two
    of their records, where there was one.

    Where neither side can be reached by e-mail, phone or account, nothing else tells the two apart, and one thing that
    differs may be wrong where all else agrees: in records of one postal address, a first name that differs is excused
    unless the birth date differs too, and a birth date unless the first name does. Dates a generation apart are
    excused only where one record alone has one of them and four or more agree on the other, and never two dates that
    several records have each: a father and son of one name at one address are two.
    """
    if left.accounts and right.accounts and left.accounts != right.accounts:
        return "each has an account and an e-mail address of its own"
    found = levels or {}
    at_home = not left.is_reachable and not right.is_reachable and _one_address(found)
    excused = at_home and found.get("first name") != "different"
    dates = [(_believed(p.birth_dates) if excused else p.birth_dates) for p in (left, right)]
    for a, one in dates[0].items():
        for b, other in dates[1].items():
            if _same_date(a, b):
                continue
            fewer, more = sorted((one, other))
            if not excused or fewer > 1 or (more < _OUTVOTING and _a_generation_apart(a, b)):
                return "birth dates differ"
    strange = any(
        not same_first_name(a, b, left.last_names, right.last_names)
        for a in left.first_names
        for b in right.first_names
    )
    return "first names differ" if strange and not (at_home and found.get("date of birth") != "different") else None


def _one_address(levels: Mapping[str, str]) -> bool:
    """Whether two records agree, slips aside, on two of street, postcode and city."""
    return sum(levels.get(name, "different") != "different" for name in ("street", "postcode", "city")) >= 2


def _believed(dates: Mapping[str, int]) -> Mapping[str, int]:
    """Of the birth dates of one customer those that several records have, where there are any."""
    return {day: count for day, count in dates.items() if count > 1} or dates


def _a_generation_apart(left: str, right: str) -> bool:
    low, high = _GENERATION_YEARS
    return low <= _years_apart(left, right) <= high


def _same_date(left: str, right: str) -> bool:
    """Equal, or one slip of the hand: a digit, or day and month swapped. Never years that part generations."""
    if left == right:
        return True
    if left[:4] == right[:4] and left[5:7] == right[8:10] and left[8:10] == right[5:7]:
        return True
    return edits(left, right) <= 1 and _years_apart(left, right) < _SLIP_YEARS


def _years_apart(left: str, right: str) -> float:
    return abs((date.fromisoformat(left) - date.fromisoformat(right)).days) / 365.25


def same_first_name(left: str, right: str, left_last: Iterable[str] = (), right_last: Iterable[str] = ()) -> bool:
    """Whether two first names may be one person's: slips, a short form, or swapped with the last name.

    A second given name beside the first may be a sibling's: it is no short form.
    """
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if " " in long and " " not in short and long.split(" ")[0] == short:
        return False
    if edits(left, right) <= (2 if len(short) >= 5 else 1):
        return True
    if len(short) >= 3 and long.replace(" ", "").startswith(short.replace(" ", "")):
        return True
    if len(short) == 1 and long.startswith(short):
        return True
    return any(edits(left, last) <= 1 for last in right_last) or any(edits(right, last) <= 1 for last in left_last)


def edits(left: str, right: str) -> int:
    """Slips between two texts: letters put in, left out, changed, or swapped with their neighbour."""
    if left == right:
        return 0
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _torn(surest: list[Pair], groups: _Groups, thresholds: Thresholds) -> dict[Pair, str]:
    """Pairs of a part that fits two others about equally well which cannot be one person."""
    near: dict[int, dict[int, Pair]] = {}
    for pair in surest:
        if pair.probability >= thresholds.match and not groups.objection(pair):
            near.setdefault(pair.left_part, {}).setdefault(pair.right_part, pair)
            near.setdefault(pair.right_part, {}).setdefault(pair.left_part, pair)
    compared: dict[tuple[int, int], Pair] = {}
    for pair in surest:
        compared.setdefault((pair.left_part, pair.right_part), pair)
        compared.setdefault((pair.right_part, pair.left_part), pair)
    torn: dict[Pair, str] = {}
    for part in sorted(near):
        best = list(near[part].items())
        for i, (one, pair) in enumerate(best):
            for other, rival in best[i + 1 :]:
                if pair.weight - rival.weight > _TIE_BITS:
                    break
                if not any(groups.said(p).is_reachable for p in (part, one, other)):
                    continue
                direct = compared.get((one, other))
                levels = levels_of(direct.evidence) if direct else None
                if not groups.are_one(one, other) and (
                    groups.kept_apart(one, other) or conflict(groups.said(one), groups.said(other), levels)
                ):
                    torn[pair] = torn[rival] = "another person fits about as well"
    return torn
