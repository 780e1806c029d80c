"""The identity step between two builds of dbt: what else than records joins and parts people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from ..linking.decide import DEFAULT_THRESHOLDS, Decisions, Thresholds, decide_links
from ..linking.evidence import read_pairs, read_parts
from ..linking.score import score_pairs
from .computed import TABLES, create_tables
from .merges import Link, merges
from .stewards import Edge, Parted, Rule, part_graph

# A record that lists more identifiers than this gives edges from its first alone: pairs would be quadratic.
_PAIRED = 50


@dataclass(frozen=True)
class Resolved:
    """What the step did: rows written by table of schema computed."""

    rows: dict[str, int]


def resolve_identity(
    con: duckdb.DuckDBPyConnection,
    progress: Callable[[str], None] = lambda text: None,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Resolved:
    """Apply stewards' decisions and probable links to the graph of this refresh, and write schema computed anew.

    con: the warehouse after the first part of the build (intermediate.int_identity_records_noded,
    int_identity_nodes_connected, int_identity_nodes_numbered, int_steward_links_resolved, int_persons_prepared), in no
    transaction.
    """
    create_tables(con)
    decisions = con.execute(
        "select rule_number, rule, left_node_id, right_node_id, author, reason, decided_at, usability "
        "from intermediate.int_steward_links_resolved order by rule_number"
    ).fetchall()
    rules = [Rule(d[0], d[1] == "do_not_link", d[2], d[3]) for d in decisions if d[7] == "usable"]
    parted = part_graph(_edges_around(con, rules), rules) if rules else Parted()
    links = _stewards_links(con, parted, {d[0]: d for d in decisions})
    probable = _probable(con, parted, links, thresholds, progress)
    links += probable.links
    status = {r.number: "outranked" if r.number in parted.outranked else "in_effect" for r in rules}
    written = {
        "steward_rules": [(*d[:7], status.get(d[0], d[7])) for d in decisions],
        "identity_parts": sorted(parted.parts.items()),
        "identity_cuts": [(e.left, e.right, e.records, number) for e, number in parted.cuts],
        "identity_links": [
            (k.left, k.right, k.match_type, k.probability, k.left_record, k.right_record, k.evidence) for k in links
        ],
        "identity_pairs": [
            (p.left_record, p.right_record, p.probability, p.evidence, outcome) for p, outcome in probable.pairs
        ],
        "identity_merges": [(m.part, m.survivor, m.match_type, m.probability) for m in merges(links)],
    }
    con.begin()
    try:
        for table, rows in written.items():
            _write(con, table, rows)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    if decisions:
        in_effect = sum(s == "in_effect" for s in status.values())
        progress(f"  {in_effect:,} of {len(decisions):,} decisions of stewards are in effect")
    return Resolved({table: len(rows) for table, rows in written.items()})


def _probable(
    con: duckdb.DuckDBPyConnection,
    parted: Parted,
    forced: list[Link],
    thresholds: Thresholds,
    progress: Callable[[str], None],
) -> Decisions:
    """What records that share no identifier add: links that neither stewards nor strong evidence forbid."""
    score_pairs(con, thresholds, progress)
    part_of = _parts_of(con, parted, {node for rule in parted.apart for node in (rule.left, rule.right)})
    found = decide_links(
        read_pairs(con, parted.parts),
        read_parts(con),
        thresholds,
        apart=[(part_of[rule.left], part_of[rule.right]) for rule in parted.apart],
        together=[(link.left, link.right) for link in forced],
    )
    if found.pairs:
        told = Counter(outcome for _, outcome in found.pairs)
        progress(
            f"  {len(found.links):,} probable links applied; pairs of records left to a steward: "
            f"{told['review']:,} to review, {told['held_back']:,} held back"
        )
    return found


def _edges_around(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> list[Edge]:
    """All pairs of nodes that records join in the components that the rules speak of."""
    nodes = sorted({node for rule in rules for node in (rule.left, rule.right)})
    rows = con.execute(
        """
        with touched as (
            select distinct component_id from intermediate.int_identity_nodes_connected
            where node_id in (select unnest(?))
        ),
        carried as (
            select
                noded.*,
                count(*) over (partition by noded.record_key) as node_count,
                min(noded.node_id) over (partition by noded.record_key) as first_node_id
            from intermediate.int_identity_records_noded as noded
            inner join intermediate.int_identity_nodes_connected as connected on noded.node_id = connected.node_id
            inner join touched on connected.component_id = touched.component_id
        )
        select one.node_id, other.node_id, sum(one.record_count), max(one.last_at)
        from carried as one
        inner join carried as other on one.record_key = other.record_key and one.node_id < other.node_id
        where one.node_count <= ? or one.node_id = one.first_node_id
        group by one.node_id, other.node_id
        """,
        [nodes, _PAIRED],
    ).fetchall()
    return [Edge(left, right, int(records), last_at) for left, right, records, last_at in rows]


def _stewards_links(con: duckdb.DuckDBPyConnection, parted: Parted, decisions: dict[int, Any]) -> list[Link]:
    """The force_links that stand, between the parts of their nodes."""
    part_of = _parts_of(con, parted, {node for rule in parted.joins for node in (rule.left, rule.right)})
    found: dict[tuple[int, int], Link] = {}
    for rule in sorted(parted.joins, key=lambda r: r.number):
        left, right = sorted((part_of[rule.left], part_of[rule.right]))
        if left != right:
            _, _, _, _, author, reason, decided_at, _ = decisions[rule.number]
            told = {"rule": "force_link", "author": author, "reason": reason, "decided_at": str(decided_at)}
            found[left, right] = Link(left, right, "steward", 1.0, evidence=json.dumps(told, ensure_ascii=False))
    return [found[pair] for pair in sorted(found)]


def _parts_of(con: duckdb.DuckDBPyConnection, parted: Parted, nodes: set[int]) -> dict[int, int]:
    """The part of each of some nodes: after the cuts, else its component, else itself."""
    rows = con.execute(
        "select node_id, component_id from intermediate.int_identity_nodes_connected "
        "where node_id in (select unnest(?))",
        [sorted(nodes)],
    ).fetchall()
    components: dict[int, int] = {node: component for node, component in rows}
    return {node: parted.parts.get(node, components.get(node, node)) for node in nodes}


def _write(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        # A list a column: row by row takes a thousand times as long.
        types = [column.split()[1] for column in TABLES[table].split(", ")]
        lists = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in types)
        con.execute(
            f"insert into computed.{table} select {lists}", [list(column) for column in zip(*rows, strict=True)]
        )
