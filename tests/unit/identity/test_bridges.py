"""Bridges of customers, against brute force: every identifier taken out of the graph in turn."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.identity.bridges import Bridge, Limits, find_bridges

# Two accounts of three identifiers each; what joins them differs by test.
ANA = [((1, 2), 4), ((2, 3), 4), ((1, 3), 1)]
BO = [((11, 12), 4), ((12, 13), 4), ((11, 13), 1)]
LIMITS = Limits(identifiers=3, records=2)


def test_a_phone_that_one_record_of_the_other_names_is_a_bridge():
    carried = [*ANA, *BO, ((1, 7), 5), ((11, 7), 1)]
    assert find_bridges(1, carried, {1, 11}, LIMITS) == [Bridge(1, 7, 11, 1, 3, 3)]


def test_many_records_make_no_bridge():
    assert find_bridges(1, [*ANA, *BO, ((1, 7), 5), ((11, 7), 3)], {1, 11}, LIMITS) == []


def test_a_second_way_makes_no_bridge():
    carried = [*ANA, *BO, ((1, 7), 5), ((11, 7), 1), ((3, 13), 1)]
    assert find_bridges(1, carried, {1, 11}, LIMITS) == []


def test_a_half_without_an_account_of_its_own_is_no_half():
    assert find_bridges(1, [*ANA, *BO, ((1, 7), 5), ((11, 7), 1)], {1}, LIMITS) == []


def test_a_chain_of_many_records_is_searched_at_once():
    chain = [((n, n + 1), 1) for n in range(1, 50_000)]
    found = find_bridges(1, chain, range(1, 50_001), Limits(identifiers=20_000, records=1))
    assert [b.node for b in found] == list(range(20_001, 30_001))


def brute_force(carried: list[tuple[tuple[int, ...], int]], accounts: set[int], limits: Limits) -> set[tuple]:
    """Halves by taking each node out; of two halves either may be named, so both are."""
    graph = nx.Graph()
    for place, (nodes, count) in enumerate(carried):
        graph.add_node(("record", place), count=count)
        graph.add_edges_from((node, ("record", place)) for node in nodes)
    found = set()
    for node in [n for n in graph if not isinstance(n, tuple)]:
        whole = nx.node_connected_component(graph, node)
        for half in nx.connected_components(graph.subgraph(whole - {node})):
            side = {n for n in half if not isinstance(n, tuple)}
            rest = {n for n in whole - half if not isinstance(n, tuple)} - {node}
            inner = sum(graph.nodes[r]["count"] for r in graph[node] if r in half)
            outer = sum(graph.nodes[r]["count"] for r in graph[node] if r not in half)
            if min(len(side), len(rest)) < limits.identifiers or min(inner, outer) > limits.records:
                continue
            if side & accounts and rest & accounts:
                found.add((node, min(side), min(inner, outer), len(side), len(rest)))
    return found


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bridges_are_those_of_brute_force(data):
    nodes = st.integers(0, 12)
    carried = data.draw(st.lists(st.tuples(st.lists(nodes, min_size=1, max_size=3), st.integers(1, 3)), max_size=16))
    together: dict[tuple[int, ...], int] = {}
    for names, count in carried:
        key = tuple(sorted(set(names)))
        together[key] = together.get(key, 0) + count
    accounts = set(data.draw(st.lists(nodes)))
    limits = Limits(data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)))
    expected = brute_force(list(together.items()), accounts, limits)
    found = find_bridges(0, carried, accounts, limits)
    told = {(b.node, b.side, b.record_count, b.side_size, b.rest_size) for b in found}
    assert len(told) == len(found)
    assert told <= expected
    for node, side, count, size, rest in expected - told:
        mirrored = [t for t in told if (t[0], *t[2:]) == (node, count, rest, size)]
        assert mirrored, (node, side)
    assert find_bridges(0, data.draw(st.permutations(carried)), accounts, limits) == found
