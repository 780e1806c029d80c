"""Everything that the warehouse holds of one customer's identity, in clear: read here, masked in `told`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import duckdb

from .graph import Carried, Hop, Join, Pair, pairs, path

Row = dict[str, Any]


@dataclass
class Evidence:
    """The identifiers of some customers, with what joins and parts them.

    nodes: rows of int_identifiers_resolved by node_id. records: by record key. Everything else in an order of its own.
    """

    nodes: dict[int, Row]
    carried: list[Carried]
    records: dict[str, Row]
    links: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    cuts: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)

    @cached_property
    def parts(self) -> dict[int, int]:
        """The part of every node."""
        return {number: row["part_id"] for number, row in self.nodes.items()}

    @cached_property
    def edges(self) -> list[Pair]:
        return pairs(self.carried, self.parts)

    @cached_property
    def record_nodes(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row in self.carried:
            if row.node in self.nodes:
                found.setdefault(row.record, []).append(row.node)
        return {record: sorted(nodes) for record, nodes in found.items()}

    @cached_property
    def joins(self) -> list[Join]:
        """Links and standing force_links; a join's number is its place in `links`, or after them in `decisions`."""
        found = []
        for number, link in enumerate(self.links):
            if link["match_type"] == "probabilistic":
                left, right = self.ends_of(link)
                if left and right:
                    found.append(Join(number, "probabilistic", link["match_probability"], left, right))
        for number, rule in enumerate(self.decisions, len(self.links)):
            nodes = (rule["left_node_id"], rule["right_node_id"])
            if rule["rule"] == "force_link" and rule["status"] == "in_effect" and all(n in self.nodes for n in nodes):
                found.append(Join(number, "steward", 1.0, (nodes[0],), (nodes[1],)))
        return found

    def ends_of(self, link: Row) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The identifiers on either side of a link: those of its records."""
        return (
            self._of_record(link["left_record_key"], link["left_part_id"]),
            self._of_record(link["right_record_key"], link["right_part_id"]),
        )

    def _of_record(self, record: str | None, part: int) -> tuple[int, ...]:
        """The nodes of a record within a part; the part's first node where the record has none left."""
        nodes = [n for n in self.record_nodes.get(record or "", []) if self.parts[n] == part]
        return tuple(nodes or [n for n in sorted(self.nodes) if self.parts[n] == part][:1])

    def path(self, starts: list[int], ends: list[int]) -> list[Hop] | None:
        return path(self.carried, self.parts, self.joins, starts, ends)


def gather(con: duckdb.DuckDBPyConnection, customer_id: str) -> Evidence:
    """The evidence of a customer."""
    nodes = _rows(
        con,
        "select node_id, identifier_type, identifier_value, identifier_hash, customer_id, source, first_seen_at, "
        "last_seen_at, match_type, match_probability, component_id, part_id "
        "from intermediate.int_identifiers_resolved where customer_id = ? order by node_id",
        [customer_id],
    )
    found = _around(con, {row["node_id"]: row for row in nodes})
    ids = sorted(found.nodes)
    found.links = _rows(
        con,
        "select left_part_id, right_part_id, match_type, match_probability, left_record_key, right_record_key, "
        "evidence from computed.identity_links where left_part_id in (select unnest(?)) "
        "and right_part_id in (select unnest(?)) order by all",
        [sorted(set(found.parts.values()))] * 2,
    )
    keys = sorted(found.records)
    found.pairs = _rows(
        con,
        "select left_record_key, right_record_key, match_probability, evidence, outcome from computed.identity_pairs "
        "where left_record_key in (select unnest(?)) or right_record_key in (select unnest(?)) "
        "order by case outcome when 'held_back' then 0 when 'review' then 1 else 2 end, match_probability desc, "
        "left_record_key, right_record_key",
        [keys, keys],
    )
    linked = {frozenset((row["left_record_key"], row["right_record_key"])) for row in found.links}
    found.pairs = [p for p in found.pairs if frozenset((p["left_record_key"], p["right_record_key"])) not in linked]
    found.cuts = _rows(
        con,
        "select cuts.left_node_id, cuts.right_node_id, cuts.record_count, cuts.rule_number, rules.author, "
        "rules.reason, rules.decided_at from computed.identity_cuts as cuts "
        "left join computed.steward_rules as rules on cuts.rule_number = rules.rule_number "
        "where cuts.left_node_id in (select unnest(?)) or cuts.right_node_id in (select unnest(?)) "
        "order by cuts.left_node_id, cuts.right_node_id",
        [ids, ids],
    )
    found.decisions = _rows(
        con,
        "select rule_number, rule, left_node_id, right_node_id, author, reason, decided_at, status "
        "from computed.steward_rules where left_node_id in (select unnest(?)) or right_node_id in (select unnest(?)) "
        "order by rule_number",
        [ids, ids],
    )
    for row in (*found.links, *found.pairs):
        row["evidence"] = json.loads(row["evidence"] or "{}")
    return found


def gather_device(con: duckdb.DuckDBPyConnection, node_id: int) -> Evidence:
    """The evidence of a device that belongs to no customer: its component has nothing but devices."""
    nodes = _rows(
        con,
        "select nodes.node_id, nodes.identifier_type, nodes.identifier_value, nodes.identifier_hash, nodes.source, "
        "nodes.first_seen_at, nodes.last_seen_at, coalesce(parts.part_id, connected.component_id, nodes.node_id) "
        "as part_id from intermediate.int_identity_nodes_numbered as nodes "
        "left join intermediate.int_identity_nodes_connected as connected on nodes.node_id = connected.node_id "
        "left join computed.identity_parts as parts on nodes.node_id = parts.node_id "
        "where nodes.node_id = ?",
        [node_id],
    )
    return _around(con, {row["node_id"]: row for row in nodes})


def _around(con: duckdb.DuckDBPyConnection, nodes: dict[int, Row]) -> Evidence:
    """Nodes with the records that carry them, and those records' other nodes."""
    carried = con.execute(
        "select record_key, node_id, record_count, first_at, last_at from intermediate.int_identity_records_noded "
        "where node_id in (select unnest(?)) order by record_key, node_id",
        [sorted(nodes)],
    ).fetchall()
    keys = sorted({row[0] for row in carried})
    records = _rows(
        con,
        "select records.record_key, min(records.source) as source, min(records.record_type) as record_type, "
        "min(records.record_id) as record_id, max(records.record_count) as record_count, "
        "min(records.first_at) as first_at, max(records.last_at) as last_at, "
        "min(resolved.customer_id) as customer_id "
        "from intermediate.int_identity_records_unioned as records "
        "left join intermediate.int_records_resolved as resolved on records.source = resolved.source "
        "and records.record_type = resolved.record_type and records.record_id = resolved.record_id "
        "where records.record_key in (select unnest(?)) group by records.record_key order by records.record_key",
        [keys],
    )
    return Evidence(nodes, [Carried(*row) for row in carried], {row["record_key"]: row for row in records})


def known(con: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The values that survive, with where they come from and how many candidates there were."""
    return _rows(
        con,
        "select attribute, attribute_value, source, updated_at, candidate_count "
        "from intermediate.int_customer_attributes_survived where customer_id = ? order by attribute",
        [customer_id],
    )


def published(con: duckdb.DuckDBPyConnection, customer_id: str) -> Row:
    """The customer's row of the mart customers."""
    rows = _rows(con, "select * from marts.customers where customer_id = ?", [customer_id])
    return rows[0] if rows else {}


def totals(con: duckdb.DuckDBPyConnection, customer_id: str) -> Row:
    """How much hangs on the customer."""
    return _rows(
        con,
        "select (select count(*) from marts.orders where customer_id = $id) as orders, "
        "(select coalesce(sum(net_revenue), 0) from marts.orders where customer_id = $id) as net_revenue, "
        "(select count(*) from marts.sessions where customer_id = $id) as sessions",
        {"id": customer_id},
    )[0]


def redirects(con: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """Ids that lead to the customer, each with the identifier that it stands for where that is still known."""
    return _rows(
        con,
        "select redirects.retired_customer_id, min(nodes.node_id) as node_id "
        "from marts.customer_redirects as redirects "
        "left join intermediate.int_identity_nodes_numbered as nodes "
        "on redirects.retired_customer_id = nodes.issuable_customer_id "
        "where redirects.customer_id = ? group by 1 order by 2 nulls last, 1",
        [customer_id],
    )


def sessions_of_device(con: duckdb.DuckDBPyConnection, identifier_hash: str) -> int:
    row = con.execute("select count(*) from marts.sessions where anonymous_id_hash = ?", [identifier_hash]).fetchone()
    return int(row[0]) if row else 0


def device_links(con: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """Devices that never signed in and whose surroundings point to the customer."""
    return _linked_devices(con, "links.customer_id = ?", customer_id)


def link_of_device(con: duckdb.DuckDBPyConnection, identifier_hash: str) -> Row | None:
    """The customer to whom a device's surroundings point, if any."""
    return next(iter(_linked_devices(con, "links.anonymous_id_hash = ?", identifier_hash)), None)


def _linked_devices(con: duckdb.DuckDBPyConnection, condition: str, parameter: str) -> list[Row]:
    rows = _rows(
        con,
        "select nodes.identifier_type, nodes.identifier_value, nodes.identifier_hash, links.customer_id, "
        "links.match_probability, links.evidence from marts.identity_device_links as links "
        "inner join intermediate.int_identity_nodes_numbered as nodes on nodes.identifier_type = 'anonymous_id' "
        f"and nodes.identifier_hash = links.anonymous_id_hash where {condition} "
        "order by links.match_probability desc, links.anonymous_id_hash",
        [parameter],
    )
    for row in rows:
        row["evidence"] = json.loads(row["evidence"] or "{}")
    return rows


def identifiers(con: duckdb.DuckDBPyConnection, node_ids: list[int]) -> dict[int, Row]:
    """Nodes of whatever customer, for those that a decision, a cut or a pair names."""
    rows = _rows(
        con,
        "select nodes.node_id, nodes.identifier_type, nodes.identifier_value, nodes.identifier_hash, "
        "resolved.customer_id from intermediate.int_identity_nodes_numbered as nodes "
        "left join intermediate.int_identifiers_resolved as resolved on nodes.node_id = resolved.node_id "
        "where nodes.node_id in (select unnest(?))",
        [sorted(set(node_ids))],
    )
    return {row["node_id"]: row for row in rows}


def record_places(con: duckdb.DuckDBPyConnection, keys: list[str]) -> dict[str, Row]:
    """Source, type, id and customer of some records."""
    rows = _rows(
        con,
        "select records.record_key, min(records.source) as source, min(records.record_type) as record_type, "
        "min(records.record_id) as record_id, min(resolved.customer_id) as customer_id "
        "from intermediate.int_identity_records_unioned as records "
        "left join intermediate.int_records_resolved as resolved on records.source = resolved.source "
        "and records.record_type = resolved.record_type and records.record_id = resolved.record_id "
        "where records.record_key in (select unnest(?)) group by records.record_key",
        [sorted(set(keys))],
    )
    return {row["record_key"]: row for row in rows}


def shared_suppressed(con: duckdb.DuckDBPyConnection, left: list[str], right: list[str]) -> list[Row]:
    """What records of both sides carry that nobody is merged on, with how many records of each do."""
    return _rows(
        con,
        """
        with carried as (
            select
                normalised.record_key,
                normalised.identifier_type,
                case
                    when normalised.validity = 'ok' or normalised.identifier_type in ('email', 'phone')
                        then normalised.identifier_value
                    else lower(trim(normalised.identifier_value))
                end as identifier_value
            from intermediate.int_identifiers_normalised as normalised
            where normalised.record_key in (select unnest($left)) or normalised.record_key in (select unnest($right))
        )
        select
            suppressed.identifier_type,
            suppressed.identifier_value,
            suppressed.reason,
            suppressed.linked_count,
            count(distinct carried.record_key) filter (where carried.record_key in (select unnest($left)))
                as left_records,
            count(distinct carried.record_key) filter (where carried.record_key in (select unnest($right)))
                as right_records
        from carried
        inner join intermediate.int_identifiers_suppressed as suppressed
            on carried.identifier_type = suppressed.identifier_type
            and carried.identifier_value = suppressed.identifier_value
        group by all
        having left_records > 0 and right_records > 0
        order by all
        """,
        {"left": left, "right": right},
    )


def _rows(con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any]) -> list[Row]:
    con.execute(query, parameters)
    names = [column[0] for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def later(left: datetime | None, right: datetime | None) -> datetime | None:
    return max((t for t in (left, right) if t), default=None)


def earlier(left: datetime | None, right: datetime | None) -> datetime | None:
    return min((t for t in (left, right) if t), default=None)
