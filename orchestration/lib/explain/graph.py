"""The evidence of one customer as a graph: which identifiers share records, and the way from one to another."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

# A record that lists more identifiers than this is drawn as a star around its first: pairs would be quadratic.
PAIRED = 50


@dataclass(frozen=True)
class Carried:
    """A record that carries a node. count: how often, since events that name the same person are one record."""

    record: str
    node: int
    count: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class Pair:
    """Two nodes that records carry together."""

    left: int
    right: int
    count: int
    first_at: datetime | None
    last_at: datetime | None
    records: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """A link that no record makes: a steward's between two nodes, or a probable one between two records.

    number: its place in the list that it comes from. left, right: a node each, or the nodes of a record each.
    """

    number: int
    kind: str
    probability: float
    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class Hop:
    """One step between identifiers: by records that carry both, or by a join."""

    kind: str
    left: int
    right: int
    records: tuple[str, ...] = ()
    join: int | None = None


RECORDS = "records"
# Joins by probability, joins by stewards, steps: what records say outweighs what people say, and that what is likely.
_Cost = tuple[int, int, int]
_Vertex = tuple[str, int, str]


def pairs(carried: Iterable[Carried], part_of: Mapping[int, int]) -> list[Pair]:
    """Every two nodes of one part that a record carries together, sorted by node.

    part_of: the part of each node that counts; a record's other nodes were cut off or belong to nobody.
    """
    found: dict[tuple[int, int], list[tuple[str, int, datetime | None, datetime | None]]] = {}
    for record, nodes in _by_record(carried, part_of).items():
        ordered = sorted(nodes, key=lambda c: c.node)
        centres = ordered if len(ordered) <= PAIRED else ordered[:1]
        for index, one in enumerate(centres):
            for other in ordered[index + 1 :]:
                if part_of[one.node] == part_of[other.node]:
                    times = (one.first_at, one.last_at)
                    found.setdefault((one.node, other.node), []).append((record, one.count, *times))
    return [
        Pair(
            left,
            right,
            sum(row[1] for row in rows),
            min((row[2] for row in rows if row[2]), default=None),
            max((row[3] for row in rows if row[3]), default=None),
            tuple(sorted(row[0] for row in rows)),
        )
        for (left, right), rows in sorted(found.items())
    ]


def path(
    carried: Collection[Carried],
    part_of: Mapping[int, int],
    joins: Iterable[Join],
    starts: Collection[int],
    ends: Collection[int],
) -> list[Hop] | None:
    """The way from one of `starts` to one of `ends`; [] where they meet, None where there is none.

    It has the fewest joins by probability, then the fewest by stewards, then the fewest steps, counted in records
    passed and identifiers reached. Of several such ways it is the one through earlier nodes.
    """
    graph = _Graph(carried, part_of, joins)
    cost = graph.costs_to(ends)
    reached = [(cost["i", node, ""], node) for node in starts if ("i", node, "") in cost]
    if not reached:
        return None
    here = min(reached)[1]
    goal = set(ends)
    hops: list[Hop] = []
    while here not in goal:
        hops.append(graph.next_hop(here, cost))
        here = hops[-1].right
    return hops


class _Graph:
    """Nodes, and the records and joins that lie between them as vertices of their own: linear, whatever they list."""

    def __init__(self, carried: Iterable[Carried], part_of: Mapping[int, int], joins: Iterable[Join]) -> None:
        # A cut leaves the nodes of a record in several parts: it leads from one to another within a part only.
        self.nodes_of: dict[_Vertex, list[int]] = {}
        self.records_of: dict[int, list[_Vertex]] = {}
        for record, rows in _by_record(carried, part_of).items():
            for row in rows:
                vertex = ("r", part_of[row.node], record)
                self.nodes_of.setdefault(vertex, []).append(row.node)
                self.records_of.setdefault(row.node, []).append(vertex)
        self.joins_of: dict[int, list[tuple[Join, tuple[int, ...]]]] = {}
        for join in joins:
            for near, far in ((join.left, join.right), (join.right, join.left)):
                for node in near:
                    self.joins_of.setdefault(node, []).append((join, far))

    def costs_to(self, ends: Iterable[int]) -> dict[_Vertex, _Cost]:
        """What is left to the nearest end from every vertex that reaches one (Dijkstra)."""
        todo: list[tuple[_Cost, _Vertex]] = [((0, 0, 0), ("i", node, "")) for node in ends]
        done: dict[_Vertex, _Cost] = {}
        heapq.heapify(todo)
        while todo:
            cost, vertex = heapq.heappop(todo)
            if vertex in done:
                continue
            done[vertex] = cost
            for step, neighbour in self._steps(vertex):
                if neighbour not in done:
                    heapq.heappush(todo, (_sum(cost, step), neighbour))
        return done

    def _steps(self, vertex: _Vertex) -> Iterable[tuple[_Cost, _Vertex]]:
        if vertex[0] == "r":
            for node in self.nodes_of[vertex]:
                yield (0, 0, 1), ("i", node, "")
            return
        for record in self.records_of.get(vertex[1], ()):
            yield (0, 0, 1), record
        for join, far in self.joins_of.get(vertex[1], ()):
            for node in far:
                yield _price(join), ("i", node, "")

    def next_hop(self, node: int, cost: Mapping[_Vertex, _Cost]) -> Hop:
        """The hop from a node that is on a cheapest way; of several the one to the earliest node."""
        left = cost["i", node, ""]
        found: list[tuple[int, int, float, int, Join | None]] = []
        for record in self.records_of.get(node, ()):
            if record in cost and _sum(cost[record], (0, 0, 1)) == left:
                found += [
                    (other, 0, 0.0, 0, None)
                    for other in self.nodes_of[record]
                    if _sum(cost["i", other, ""], (0, 0, 2)) == left
                ]
        for join, far in self.joins_of.get(node, ()):
            found += [
                (other, 1, -join.probability, join.number, join)
                for other in far
                if ("i", other, "") in cost and _sum(cost["i", other, ""], _price(join)) == left
            ]
        other, _, _, _, chosen = min(found, key=lambda f: f[:4])
        if chosen is not None:
            return Hop(chosen.kind, node, other, join=chosen.number)
        shared = set(self.records_of[node]) & set(self.records_of[other])
        return Hop(RECORDS, node, other, tuple(sorted(vertex[2] for vertex in shared)))


def _by_record(carried: Iterable[Carried], part_of: Mapping[int, int]) -> dict[str, list[Carried]]:
    found: dict[str, list[Carried]] = {}
    for row in carried:
        if row.node in part_of:
            found.setdefault(row.record, []).append(row)
    return found


def _price(join: Join) -> _Cost:
    # Between two records lie three steps: to the first, to the second, to an identifier of it.
    return (0, 1, 1) if join.kind == "steward" else (1, 0, 3)


def _sum(one: _Cost, other: _Cost) -> _Cost:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2])
