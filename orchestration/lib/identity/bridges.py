"""Bridges: identifiers that alone hold two large halves of a customer together, by few records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from operator import itemgetter

import duckdb

# Larger than any node.
_NONE = 1 << 63


@dataclass(frozen=True)
class Bridge:
    """An identifier and the half of its part that only it holds on to the rest.

    node: the identifier. side: smallest node of that half. record_count: records that carry the identifier and are of
    that half. side_size, rest_size: identifiers of that half and of the rest, the bridge itself counted with neither.
    """

    part: int
    node: int
    side: int
    record_count: int
    side_size: int
    rest_size: int


@dataclass(frozen=True)
class Limits:
    """vars.identity_bridge_limits: what makes two halves, and a bridge of few records."""

    identifiers: int
    records: int


def find_bridges(
    part: int, carried: Iterable[tuple[Sequence[int], int]], accounts: Iterable[int], limits: Limits
) -> list[Bridge]:
    """The bridges of one part, sorted. Linear in what its records carry.

    carried: the nodes that a record carries together, and how many such records there are. accounts: the nodes that are
    user_ids; without one on each side nobody's account is in question.

    Nodes and records make one graph. Where it falls apart without a node, the node is a cut vertex; one search in depth
    (Hopcroft and Tarjan) finds all of them, with the size of what hangs on each.
    """
    together: dict[tuple[int, ...], int] = {}
    for nodes, count in carried:
        key = tuple(sorted(set(nodes)))
        together[key] = together.get(key, 0) + count
    search = _Search(sorted(together.items()), set(accounts))
    found = []
    for root in search.roots:
        found += search.bridges(part, root, limits)
    return sorted(found, key=lambda b: (b.node, b.side))


@dataclass(frozen=True)
class _Side:
    smallest: int
    records: int
    size: int
    accounts: int


class _Search:
    """The graph of nodes and records. Records stand behind the nodes, as -1, -2, ..."""

    def __init__(self, records: list[tuple[tuple[int, ...], int]], accounts: set[int]) -> None:
        self.accounts = accounts
        self.counts: dict[int, int] = {}
        self.neighbours: dict[int, list[int]] = {}
        for place, (nodes, count) in enumerate(records, start=1):
            self.counts[-place] = count
            for node in nodes:
                self.neighbours.setdefault(node, []).append(-place)
                self.neighbours.setdefault(-place, []).append(node)
        self.entered: dict[int, int] = {}
        self.left: dict[int, int] = {}
        self.low: dict[int, int] = {}
        # Of everything below a vertex: identifiers, accounts, and the smallest identifier.
        self.size: dict[int, int] = {}
        self.account_count: dict[int, int] = {}
        self.smallest: dict[int, int] = {}
        self.children: dict[int, list[int]] = {}
        self.roots = [node for node in sorted(n for n in self.neighbours if n >= 0) if self._walk(node)]

    def _walk(self, root: int) -> bool:
        """Search from a vertex that no search has met yet; an explicit stack, since chains are long."""
        if root in self.entered:
            return False
        stack: list[tuple[int, int | None, int]] = [(root, None, 0)]
        while stack:
            vertex, parent, place = stack.pop()
            if place == 0:
                self.entered[vertex] = self.low[vertex] = len(self.entered)
                self.children[vertex] = []
                self.size[vertex] = int(vertex >= 0)
                self.account_count[vertex] = int(vertex in self.accounts)
                self.smallest[vertex] = vertex if vertex >= 0 else _NONE
            neighbours = self.neighbours[vertex]
            while place < len(neighbours):
                other = neighbours[place]
                place += 1
                if other not in self.entered:
                    self.children[vertex].append(other)
                    stack.append((vertex, parent, place))
                    stack.append((other, vertex, 0))
                    break
                if other != parent:
                    self.low[vertex] = min(self.low[vertex], self.entered[other])
            else:
                self.left[vertex] = len(self.entered)
                if parent is not None:
                    self.low[parent] = min(self.low[parent], self.low[vertex])
                    self.size[parent] += self.size[vertex]
                    self.account_count[parent] += self.account_count[vertex]
                    self.smallest[parent] = min(self.smallest[parent], self.smallest[vertex])
        return True

    def bridges(self, part: int, root: int, limits: Limits) -> list[Bridge]:
        """Those among the vertices that the search met from a root."""
        found: list[Bridge] = []
        todo = [root]
        while todo:
            vertex = todo.pop()
            todo += self.children[vertex]
            if vertex >= 0:
                found += self._bridges_at(part, root, vertex, limits)
        return found

    def _bridges_at(self, part: int, root: int, vertex: int, limits: Limits) -> list[Bridge]:
        """Each side that only the vertex holds, where it and the others are halves and one hangs by few records."""
        sides = self._sides(root, vertex)
        if len(sides) == 2:
            # Each is the rest of the other: told once, by the later one.
            sides = [max(sides, key=lambda s: s.smallest)]
        records = sum(self.counts[record] for record in self.neighbours[vertex])
        identifiers = self.size[root] - 1
        accounts = self.account_count[root] - int(vertex in self.accounts)
        return [
            Bridge(part, vertex, s.smallest, min(s.records, records - s.records), s.size, identifiers - s.size)
            for s in sides
            if min(s.size, identifiers - s.size) >= limits.identifiers
            and 0 < s.accounts < accounts
            and min(s.records, records - s.records) <= limits.records
        ]

    def _sides(self, root: int, vertex: int) -> list[_Side]:
        """What the graph falls into without the vertex."""
        children = self.children[vertex]
        # Children were entered one after the other: each record lies below the last one entered before it.
        starts = [self.entered[c] for c in children]
        records = [0] * len(children)
        above = 0
        for record in self.neighbours[vertex]:
            place = bisect_right(starts, self.entered[record]) - 1
            if place >= 0 and self.entered[record] < self.left[children[place]]:
                records[place] += self.counts[record]
            else:
                above += self.counts[record]
        sides = []
        size, accounts = self.size[root] - 1, self.account_count[root] - int(vertex in self.accounts)
        for child, count in zip(children, records, strict=True):
            if self.low[child] < self.entered[vertex]:
                above += count
                continue
            sides.append(_Side(self.smallest[child], count, self.size[child], self.account_count[child]))
            size -= self.size[child]
            accounts -= self.account_count[child]
        return [*sides, _Side(root, above, size, accounts)] if vertex != root else sides


def read_bridges(con: duckdb.DuckDBPyConnection, limits: Limits) -> list[Bridge]:
    """The bridges of every part that is large enough to have one, sorted by part.

    con: the warehouse after the identity step wrote schema computed. A steward's force_link counts as a record that
    nothing outweighs: whom a steward called one person is no suspicion any more.
    """
    least = 2 * limits.identifiers + 1
    rows = con.execute(
        """
        with parts as (
            select connected.node_id, coalesce(cut.part_id, connected.component_id) as part_id,
                nodes.identifier_type = 'user_id' as is_account
            from intermediate.int_identity_nodes_connected as connected
            inner join intermediate.int_identity_nodes_numbered as nodes on connected.node_id = nodes.node_id
            left join computed.identity_parts as cut on connected.node_id = cut.node_id
        ),
        large as (
            select part_id from parts group by part_id having count(*) >= ? and sum(cast(is_account as integer)) >= 2
        ),
        carried as (
            select parts.part_id, noded.record_key, max(noded.record_count) as record_count,
                list(noded.node_id order by noded.node_id) as nodes,
                coalesce(list(noded.node_id order by noded.node_id) filter (parts.is_account), []) as accounts
            from intermediate.int_identity_records_noded as noded
            inner join parts on noded.node_id = parts.node_id
            inner join large on parts.part_id = large.part_id
            group by parts.part_id, noded.record_key
        )
        select part_id, nodes, any_value(accounts), sum(record_count) from carried group by part_id, nodes
        union all
        select one.part_id, [rules.left_node_id, rules.right_node_id], [], ?
        from computed.steward_rules as rules
        inner join parts as one on rules.left_node_id = one.node_id
        inner join parts as other on rules.right_node_id = other.node_id and one.part_id = other.part_id
        inner join large on one.part_id = large.part_id
        where rules.rule = 'force_link' and rules.status = 'in_effect'
        order by 1, 2
        """,
        [least, limits.records + 1],
    ).fetchall()
    found: list[Bridge] = []
    for part, group in groupby(rows, key=itemgetter(0)):
        of_part = list(group)
        carried = [(nodes, int(count)) for _, nodes, _, count in of_part]
        found += find_bridges(part, carried, {a for _, _, accounts, _ in of_part for a in accounts}, limits)
    return found


def write_bridges(con: duckdb.DuckDBPyConnection, bridges: Sequence[Bridge]) -> int:
    """Write the bridges into schema computed, in the place of earlier ones; gives their number."""
    con.execute("delete from computed.identity_bridges")
    if bridges:
        con.executemany(
            "insert into computed.identity_bridges values (?, ?, ?, ?, ?, ?)", [astuple(b) for b in bridges]
        )
    return len(bridges)
