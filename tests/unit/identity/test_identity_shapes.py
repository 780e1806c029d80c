"""Components of every shape, chains of any length, and what must not matter."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import networkx as nx
import pytest

from tests.support.dbt_warehouse import Warehouse
from tests.support.identity_oracle import Tables, expect
from tests.support.identity_worlds import AS_OF, CUTOFF, START, worlds

EDGES = "intermediate.int_identity_edges_unioned"
RESOLVE = ["+customer_identifiers", "+customer_redirects", "+identity_suppressed", "+int_records_resolved"]


def resolve(warehouse: Warehouse, tables: Tables) -> None:
    warehouse.fill(tables)
    warehouse.run(["run", "--select", *RESOLVE])


def shapes() -> nx.Graph:
    """Every shape that has led a component algorithm astray, side by side, some numbered at random."""
    rng = random.Random(7)
    graphs = [
        nx.path_graph(10_000),
        nx.relabel_nodes(nx.path_graph(3_000), {n: 2_999 - n for n in range(3_000)}),
        nx.relabel_nodes(nx.path_graph(3_001), {n: n // 2 if n % 2 == 0 else 3_000 - n // 2 for n in range(3_001)}),
        nx.cycle_graph(1_000),
        nx.star_graph(2_000),
        nx.relabel_nodes(nx.star_graph(2_000), {n: 2_000 - n for n in range(2_001)}),
        nx.complete_graph(40),
        nx.balanced_tree(3, 6),
        nx.grid_graph([30, 30]),
        nx.barbell_graph(20, 50),
        nx.full_rary_tree(50, 2_000),
        *(nx.gnm_random_graph(60, 40, seed=seed) for seed in range(60)),
    ]
    joined = nx.Graph()
    for place, graph in enumerate(graphs):
        numbers = list(range(graph.number_of_nodes()))
        if place % 3 == 2:
            rng.shuffle(numbers)
        offset = joined.number_of_nodes() + 1
        names = dict(zip(sorted(graph.nodes), numbers, strict=True))
        joined.add_nodes_from(offset + names[node] for node in graph.nodes)
        joined.add_edges_from((offset + names[a], offset + names[b]) for a, b in graph.edges)
    return joined


def put_edges(warehouse: Warehouse, edges: list[tuple[int, int]]) -> None:
    with warehouse.connect() as con:
        con.execute(f"create or replace table {EDGES} (left_node_id bigint, right_node_id bigint)")
        if edges:
            listed = ", ".join(f"({a}, {b})" for a, b in edges)
            con.execute(f"insert into {EDGES} values {listed}")
    warehouse.run(["run", "--select", "int_identity_nodes_connected"])


def test_components_of_every_shape_are_found(warehouse: Warehouse) -> None:
    resolve(warehouse, {})
    graph = shapes()
    edges = [edge if random.Random(i).random() < 0.5 else edge[::-1] for i, edge in enumerate(graph.edges)]
    put_edges(warehouse, [*edges, *edges[:50], (5, 5)])
    found = dict(warehouse.rows("select node_id, component_id from intermediate.int_identity_nodes_connected"))
    expected = {
        node: min(component) for component in nx.connected_components(graph) if len(component) > 1 for node in component
    }
    assert found == expected


def test_a_graph_without_edges_has_no_components(warehouse: Warehouse) -> None:
    resolve(warehouse, {})
    put_edges(warehouse, [])
    assert warehouse.rows("select * from intermediate.int_identity_nodes_connected") == []


def chain(length: int) -> list[dict[str, Any]]:
    """Consents that join the n-th e-mail to the n-th phone and that to the next e-mail, as time passes."""
    rows = []
    for n in range(length):
        rows.append(
            {
                "id": f"e{n}",
                "email": f"person{(n + 1) // 2}@chain.example",
                "phone": f"+4930{1_000_001 + n // 2}",
                "purpose": "analytics",
                "status": "granted",
                "occurred_at": START + timedelta(seconds=n),
                "_file": "a.csv",
                "_line": n + 2,
            }
        )
    return rows


def test_a_chain_of_ten_thousand_records_is_one_customer(warehouse: Warehouse) -> None:
    resolve(warehouse, {("consent", "event"): chain(10_000)})
    rows = warehouse.rows("select customer_id, count(*) from marts.customer_identifiers group by 1")
    assert [count for _, count in rows] == [10_001]
    assert warehouse.rows("select count(*) from marts.customer_redirects") == [(10_000,)]
    assert len(warehouse.rows("select distinct customer_id from intermediate.int_records_resolved")) == 1


def test_a_chain_in_any_order_of_time_is_one_customer(warehouse: Warehouse) -> None:
    rows = chain(2_000)
    moments = [row["occurred_at"] for row in rows]
    random.Random(3).shuffle(moments)
    for row, moment in zip(rows, moments, strict=True):
        row["occurred_at"] = moment
    resolve(warehouse, {("consent", "event"): rows})
    assert len(warehouse.rows("select distinct customer_id from marts.customer_identifiers")) == 1
    earliest = min(rows, key=lambda row: row["occurred_at"])
    [(seen,)] = warehouse.rows("select min(first_seen_at) from marts.customer_identifiers")
    assert seen == earliest["occurred_at"]


def test_a_corrected_email_unlinks_the_wrong_one(warehouse: Warehouse) -> None:
    def customer(number: int, email: str, updated: int, line: int) -> dict[str, Any]:
        return {
            "id": f"u{number}", "email": email, "created_at": START, "updated_at": START + timedelta(hours=updated),
            "_file": "a.csv", "_line": line,
        }  # fmt: skip

    wrong = [customer(1, "a@x.example", 0, 2), customer(2, "a@x.example", 0, 3)]
    resolve(warehouse, {("shopify", "customer"): wrong})
    assert len(warehouse.rows("select distinct customer_id from marts.customer_identifiers")) == 1
    corrected = [*wrong, customer(2, "b@x.example", 1, 4)]
    resolve(warehouse, {("shopify", "customer"): corrected})
    assert len(warehouse.rows("select distinct customer_id from marts.customer_identifiers")) == 2


def test_the_hash_key_changes_every_id(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = worlds(13, 10)
    monkeypatch.setenv("TRIBUTARY_HASH_KEY", "a secret")
    resolve(warehouse, tables)
    expected = expect(tables, AS_OF, CUTOFF, key="a secret")
    assert set(warehouse.rows("select * from marts.customer_identifiers")) == expected.identifiers
    assert set(warehouse.rows("select * from marts.identity_suppressed")) == expected.suppressed
