"""From links between parts to customers: which part survives, and how sure the others belong to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Two parts that are one customer. match_type: steward (probability 1) or probabilistic."""

    left: int
    right: int
    match_type: str
    probability: float
    left_record: str | None = None
    right_record: str | None = None
    evidence: str = "{}"


@dataclass(frozen=True)
class Merge:
    """A part that became one customer with an earlier one, which survives."""

    part: int
    survivor: int
    match_type: str
    probability: float


def merges(links: Iterable[Link]) -> list[Merge]:
    """Every part that merges into the smallest part of its customer.

    Its probability is that of the weakest link on the best path to the survivor, so of the path whose weakest link is
    the strongest; the type is probabilistic where that path has such a link. Sorted by part.
    """
    neighbours: dict[int, list[Link]] = {}
    for link in _spanning(links):
        neighbours.setdefault(link.left, []).append(link)
        neighbours.setdefault(link.right, []).append(link)
    found: dict[int, Merge] = {}
    for survivor in sorted(neighbours):
        if survivor in found:
            continue
        found[survivor] = Merge(survivor, survivor, "steward", 1.0)
        todo = deque([survivor])
        while todo:
            here = found[todo.popleft()]
            for link in neighbours[here.part]:
                part = link.right if link.left == here.part else link.left
                if part not in found:
                    kind = link.match_type if here.match_type == "steward" else here.match_type
                    found[part] = Merge(part, survivor, kind, min(here.probability, link.probability))
                    todo.append(part)
    return [found[part] for part in sorted(found) if found[part].survivor != part]


def _spanning(links: Iterable[Link]) -> list[Link]:
    """The links of a maximum spanning forest: stewards' first, then by probability, then by part."""
    order = sorted(links, key=lambda k: (k.match_type != "steward", -k.probability, k.left, k.right))
    roots: dict[int, int] = {}

    def root(part: int) -> int:
        while roots.setdefault(part, part) != part:
            roots[part] = roots[roots[part]]
            part = roots[part]
        return part

    kept = []
    for link in order:
        left, right = root(link.left), root(link.right)
        if left != right:
            roots[max(left, right)] = min(left, right)
            kept.append(link)
    return kept
