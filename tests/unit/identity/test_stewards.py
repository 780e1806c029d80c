"""Stewards' decisions on small graphs: what is cut, what is joined, and that order does not matter."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.identity.merges import Link, Merge, merges
from orchestration.lib.identity.stewards import Edge, Rule, part_graph

START = datetime(2024, 1, 1)


def edge(left: int, right: int, records: int = 1, day: int | None = 0) -> Edge:
    return Edge(left, right, records, None if day is None else START + timedelta(days=day))


def apart(left: int, right: int, number: int = 1) -> Rule:
    return Rule(number, True, left, right)


def together(left: int, right: int, number: int = 1) -> Rule:
    return Rule(number, False, left, right)


def test_the_edge_with_the_fewest_records_is_cut():
    found = part_graph([edge(1, 2, 5), edge(2, 3, 1), edge(3, 4, 4)], [apart(1, 4)])
    assert found.parts == {1: 1, 2: 1, 3: 3, 4: 3}
    assert [(e.left, e.right, n) for e, n in found.cuts] == [(2, 3, 1)]


def test_of_equal_edges_the_most_recent_is_cut():
    found = part_graph([edge(1, 2, 2, day=9), edge(2, 3, 2, day=5), edge(3, 4, 2, day=None)], [apart(1, 4)])
    assert found.parts == {1: 1, 2: 2, 3: 2, 4: 2}


def test_records_outweigh_any_number_of_recent_days():
    chain = [edge(1, 2, 2, day=900), *(edge(n, n + 1, 3, day=n) for n in range(2, 300)), edge(300, 301, 1, day=None)]
    found = part_graph(chain, [apart(1, 301)])
    assert found.parts[300] == 1
    assert found.parts[301] == 301


def test_several_thin_paths_are_cut_together_where_that_loses_less():
    edges = [edge(1, 2, 9), edge(1, 3, 9), edge(2, 4, 2), edge(3, 4, 2), edge(4, 5, 9)]
    assert part_graph(edges, [apart(1, 5)]).parts == {1: 1, 2: 1, 3: 1, 4: 4, 5: 4}
    thick = [edge(1, 2, 9), edge(1, 3, 9), edge(2, 4, 5), edge(3, 4, 5), edge(4, 5, 9)]
    assert part_graph(thick, [apart(1, 5)]).parts == {1: 1, 2: 1, 3: 1, 4: 1, 5: 5}


def test_what_nothing_joins_needs_no_cut():
    found = part_graph([edge(1, 2)], [apart(1, 9)])
    assert (found.parts, found.cuts, found.outranked) == ({}, [], set())
    assert [r.number for r in found.apart] == [1]


def test_a_join_holds_against_records_on_the_other_side():
    """1 and 3 are forced together; keeping 1 and 2 apart cuts the records between 2 and 3."""
    found = part_graph([edge(2, 3, 50)], [together(1, 3, 1), apart(1, 2, 2)])
    assert found.parts == {2: 2, 3: 3}
    assert [r.number for r in found.joins] == [1]
    assert found.outranked == set()


def test_of_two_decisions_on_one_pair_the_newer_one_counts():
    older_join = part_graph([], [together(1, 2, 1), apart(1, 2, 2)])
    assert (older_join.outranked, older_join.joins) == ({1}, [])
    newer_join = part_graph([], [apart(1, 2, 1), together(1, 2, 2)])
    assert newer_join.outranked == {1}
    assert [r.number for r in newer_join.joins] == [2]


def test_a_second_decision_works_on_what_the_first_left():
    edges = [edge(1, 2, 1), edge(2, 3, 2), edge(3, 4, 1)]
    found = part_graph(edges, [apart(1, 4, 1), apart(2, 3, 2)])
    assert found.parts == {1: 1, 2: 1, 3: 3, 4: 3}
    assert {n for _, n in found.cuts} == {2}


pairs = st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda p: p[0] < p[1])


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(pairs, st.tuples(st.integers(1, 4), st.one_of(st.none(), st.integers(0, 5))), max_size=16),
    st.lists(st.tuples(st.booleans(), pairs), max_size=4, unique_by=lambda r: r[1]),
    st.randoms(use_true_random=False),
)
def test_any_order_gives_the_same_parts_and_decisions_hold(weights, decided, rng: random.Random):
    edges = [edge(left, right, records, day) for (left, right), (records, day) in weights.items()]
    rules = [Rule(n, keeps, *pair) for n, (keeps, pair) in enumerate(decided, start=1)]
    found = part_graph(edges, rules)
    shuffled = [Edge(e.left, e.right, e.records, e.last_at) for e in rng.sample(edges, len(edges))]
    again = part_graph(shuffled, rng.sample(rules, len(rules)))
    assert (found.parts, found.outranked) == (again.parts, again.outranked)

    part = {node: found.parts.get(node, min(nx.node_connected_component(_graph(edges), node))) for node in range(1, 10)}
    customers = nx.Graph()
    customers.add_nodes_from(part.values())
    customers.add_edges_from((part[r.left], part[r.right]) for r in found.joins)
    for rule in rules:
        if rule.number not in found.outranked:
            assert nx.has_path(customers, part[rule.left], part[rule.right]) != rule.keeps_apart, rule


def _graph(edges: list[Edge]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(1, 10))
    graph.add_edges_from((e.left, e.right) for e in edges)
    return graph


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(pairs, st.integers(1, 3), min_size=1, max_size=12), pairs)
def test_no_cut_loses_fewer_records(weights, kept_apart):
    """Against every way to divide the component in two."""
    edges = [edge(left, right, records) for (left, right), records in weights.items()]
    graph = _graph(edges)
    left, right = kept_apart
    if not nx.has_path(graph, left, right):
        return
    others = sorted(nx.node_connected_component(graph, left) - {left, right})
    sides = ({left, *chosen} for size in range(len(others) + 1) for chosen in combinations(others, size))
    least = min(sum(e.records for e in edges if (e.left in side) != (e.right in side)) for side in sides)
    found = part_graph(edges, [apart(left, right)])
    assert sum(e.records for e, _ in found.cuts) == least


def test_the_weakest_link_of_the_best_path_counts():
    links = [
        Link(3, 5, "probabilistic", 0.99),
        Link(5, 8, "probabilistic", 0.96),
        Link(3, 8, "probabilistic", 0.951),
        Link(1, 3, "steward", 1.0),
        Link(20, 21, "steward", 1.0),
    ]
    assert merges(links) == [
        Merge(3, 1, "steward", 1.0),
        Merge(5, 1, "probabilistic", 0.99),
        Merge(8, 1, "probabilistic", 0.96),
        Merge(21, 20, "steward", 1.0),
    ]
    assert merges(links[::-1]) == merges(links)
    assert merges([]) == []
