"""Bridges of customers, against brute force: every identifier taken out of the graph in turn."""

from __future__ import annotations

import duckdb
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.identity.bridges import Bridge, Limits, find_bridges, read_bridges, write_bridges
from orchestration.lib.identity.computed import create_tables

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


@pytest.fixture
def con():
    """Two accounts of six identifiers, joined by a phone of one order; the graph as dbt and the step leave it."""
    nodes = [(n, "user_id" if n in (1, 11) else "phone" if n == 7 else "email") for n in (*range(1, 8), *range(11, 17))]
    carried = [("a", range(1, 7), 3), ("b", range(11, 17), 3), ("c", (1, 7), 4), ("order", (11, 7), 1), ("d", (21,), 1)]
    with duckdb.connect() as con:
        create_tables(con)
        con.execute("create schema intermediate")
        con.execute("create table intermediate.int_identity_nodes_numbered (node_id bigint, identifier_type varchar)")
        con.execute("create table intermediate.int_identity_nodes_connected (node_id bigint, component_id bigint)")
        con.execute(
            "create table intermediate.int_identity_records_noded "
            "(record_key varchar, node_id bigint, record_count bigint)"
        )
        con.executemany("insert into intermediate.int_identity_nodes_numbered values (?, ?)", [*nodes, (21, "email")])
        con.executemany("insert into intermediate.int_identity_nodes_connected values (?, 1)", [(n,) for n, _ in nodes])
        con.executemany(
            "insert into intermediate.int_identity_records_noded values (?, ?, ?)",
            [(key, node, count) for key, names, count in carried for node in names],
        )
        yield con


def test_bridges_are_read_from_the_graph(con):
    found = read_bridges(con, Limits(identifiers=5, records=2))
    assert found == [Bridge(1, 7, 11, 1, 6, 6)]
    assert (write_bridges(con, found), write_bridges(con, [])) == (1, 0)
    assert read_bridges(con, Limits(identifiers=7, records=2)) == []


def test_a_stewards_word_ends_the_suspicion(con):
    con.execute("insert into computed.steward_rules values (1, 'force_link', 1, 11, 'Ana', '', null, 'in_effect')")
    assert read_bridges(con, Limits(identifiers=5, records=2)) == []


def test_what_a_steward_parted_is_searched_by_its_parts(con):
    con.execute(
        "insert into computed.identity_parts "
        "select node_id, case when node_id > 10 then 11 else 1 end from intermediate.int_identity_nodes_connected"
    )
    assert read_bridges(con, Limits(identifiers=5, records=2)) == []
