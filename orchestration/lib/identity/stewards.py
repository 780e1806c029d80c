"""Stewards' decisions on the identity graph: what they join, and where what they part is cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Edge:
    """Two nodes that records carry together: how many records, and the latest time of one (UTC)."""

    left: int
    right: int
    records: int
    last_at: datetime | None


@dataclass(frozen=True)
class Rule:
    """A usable decision: `number` counts by time, so that a larger one is the newer decision."""

    number: int
    keeps_apart: bool
    left: int
    right: int


@dataclass
class Parted:
    """What the decisions do.

    parts: node to the smallest node of its part, for every node of a component that is cut. cuts: the edges that
    are gone, with the number of the rule that cut them. joins: force_links that stand, as rules. outranked: numbers of
    rules that a newer one overrules. apart: do_not_links that stand, as rules.
    """

    parts: dict[int, int] = field(default_factory=dict)
    cuts: list[tuple[Edge, int]] = field(default_factory=list)
    joins: list[Rule] = field(default_factory=list)
    apart: list[Rule] = field(default_factory=list)
    outranked: set[int] = field(default_factory=set)


def part_graph(edges: Iterable[Edge], rules: Iterable[Rule]) -> Parted:
    """Apply every decision to the components that they touch.

    edges: all pairs of nodes that records of those components join, each pair once. A do_not_link cuts where the
    fewest records are lost, and among such cuts where the records are the most recent: a minimum cut (Ford and
    Fulkerson) whose capacities order by records first. Newer decisions are applied first. A force_link is cut only
    where nothing else keeps two nodes apart, and only by a decision that is newer. The result depends on neither the
    order of edges nor that of rules.
    """
    # A third of a second: imported where there is something to cut.
    import networkx as nx

    graph = _weighted(sorted(edges, key=lambda e: (e.left, e.right)))
    newest_first = sorted(rules, key=lambda r: -r.number)
    forced = _forced(graph, newest_first)
    found = Parted()
    for rule in (r for r in newest_first if r.keeps_apart):
        for node in (rule.left, rule.right):
            graph.add_node(node)
        if not nx.has_path(graph, rule.left, rule.right):
            found.apart.append(rule)
            continue
        crossing = _minimum_cut(graph, rule.left, rule.right)
        overruled = [forced[pair] for pair in crossing if pair in forced]
        if any(join.number > rule.number for join in overruled):
            found.outranked.add(rule.number)
            continue
        found.apart.append(rule)
        found.outranked.update(join.number for join in overruled)
        for pair in crossing:
            edge: Edge | None = graph.edges[pair]["edge"]
            if edge:
                found.cuts.append((edge, rule.number))
            forced.pop(pair, None)
        graph.remove_edges_from(crossing)
    found.joins = [r for r in newest_first if not r.keeps_apart and r.number not in found.outranked]
    found.parts = _parts(graph, found.cuts)
    return found


def _weighted(edges: list[Edge]) -> nx.Graph:
    """The graph with a capacity an edge: records count first, then age; unknown times count as the oldest."""
    import networkx as nx

    times = sorted({e.last_at for e in edges if e.last_at is not None}, reverse=True)
    age = {moment: place for place, moment in enumerate(times, start=1)}
    oldest = len(times) + 1
    # More than all ages together, so that no sum of ages outweighs a record.
    one_record = oldest * (len(edges) + 1)
    graph = nx.Graph()
    for edge in edges:
        cost_of_age = oldest if edge.last_at is None else age[edge.last_at]
        graph.add_edge(edge.left, edge.right, capacity=edge.records * one_record + cost_of_age, edge=edge)
    graph.graph["forced"] = sum(c for _, _, c in graph.edges(data="capacity")) + 1
    return graph


def _forced(graph: nx.Graph, newest_first: list[Rule]) -> dict[tuple[int, int], Rule]:
    """Add force_links, each stronger than all records together; by pair, the newest rule of each."""
    forced: dict[tuple[int, int], Rule] = {}
    for rule in newest_first:
        pair = _pair(rule.left, rule.right)
        if rule.keeps_apart or pair in forced:
            continue
        forced[pair] = rule
        known = graph.edges[pair] if graph.has_edge(*pair) else {"capacity": 0, "edge": None}
        graph.add_edge(*pair, capacity=known["capacity"] + graph.graph["forced"], edge=known["edge"])
    return forced


def _pair(left: int, right: int) -> tuple[int, int]:
    return (left, right) if left < right else (right, left)


def _minimum_cut(graph: nx.Graph, left: int, right: int) -> list[tuple[int, int]]:
    import networkx as nx

    # The sides of a minimum cut that are smallest around one end do not depend on how the flow was found.
    source, sink = _pair(left, right)
    component = graph.subgraph(nx.node_connected_component(graph, source))
    _, (near, _) = nx.minimum_cut(component, source, sink)
    return sorted(_pair(a, b) for a, b in component.edges if (a in near) != (b in near))


def _parts(graph: nx.Graph, cuts: list[tuple[Edge, int]]) -> dict[int, int]:
    """Every node of a component that lost an edge, with the smallest node of its part by records alone."""
    import networkx as nx

    records = nx.Graph((e.left, e.right) for _, _, e in graph.edges(data="edge") if e is not None)
    whole = records.copy()
    whole.add_edges_from((e.left, e.right) for e, _ in cuts)
    touched: set[int] = set()
    for edge, _ in cuts:
        if edge.left not in touched:
            touched |= nx.node_connected_component(whole, edge.left)
    records.add_nodes_from(touched)
    parts: dict[int, int] = {}
    for node in sorted(touched):
        if node not in parts:
            parts.update(dict.fromkeys(nx.node_connected_component(records, node), node))
    return parts
