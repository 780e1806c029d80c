"""What deciding on links needs to know of the warehouse: the scored pairs between parts, and what their parts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import duckdb

from .decide import Pair, Part
from .score import PERSONS

# What a person can be reached by, or signs in with.
_REACHED_BY = ("email", "phone", "user_id")


def read_pairs(con: duckdb.DuckDBPyConnection, parts: Mapping[int, int]) -> list[Pair]:
    """The pairs of link_pairs whose records lie in different parts. parts: node to part, where a steward cut.

    Leaves the temporary table link_records(record_key, part_id) for read_parts.
    """
    con.execute("create or replace temporary table link_cuts (node_id bigint, part_id bigint)")
    if parts:
        con.executemany("insert into link_cuts values (?, ?)", sorted(parts.items()))
    con.execute(
        f"""
        create or replace temporary table link_records as
        select
            persons.record_key,
            coalesce(cuts.part_id, connected.component_id, persons.node_id) as part_id
        from {PERSONS} as persons
        left join intermediate.int_identity_nodes_connected as connected on persons.node_id = connected.node_id
        left join link_cuts as cuts on persons.node_id = cuts.node_id
        where persons.node_id is not null
        """
    )
    rows = con.execute(
        """
        select
            l.part_id, r.part_id, pairs.match_probability, pairs.match_weight,
            pairs.left_record_key, pairs.right_record_key, pairs.evidence
        from link_pairs as pairs
        inner join link_records as l on pairs.left_record_key = l.record_key
        inner join link_records as r on pairs.right_record_key = r.record_key
        where l.part_id <> r.part_id
        order by pairs.left_record_key, pairs.right_record_key
        """
    ).fetchall()
    return [Pair(*row) for row in rows]


def read_parts(con: duckdb.DuckDBPyConnection) -> dict[int, Part]:
    """What the person records of every part say that stands in a pair of read_pairs, which goes before."""
    con.execute(
        """
        create or replace temporary table link_parts as
        select distinct records.part_id
        from (
            select left_record_key as record_key from link_pairs
            union
            select right_record_key from link_pairs
        ) as pairs
        inner join link_records as records on pairs.record_key = records.record_key
        """
    )
    in_parts = """
        left join intermediate.int_identity_nodes_connected as connected on nodes.node_id = connected.node_id
        left join link_cuts as cuts on nodes.node_id = cuts.node_id
        inner join link_parts as parts
            on coalesce(cuts.part_id, connected.component_id, nodes.node_id) = parts.part_id
        """
    # Accounts count whether or not their record says a name.
    accounts = dict(
        con.execute(
            f"""
            select parts.part_id, list(distinct nodes.identifier_value)
            from intermediate.int_identity_nodes_numbered as nodes
            {in_parts}
            inner join intermediate.int_identifiers_normalised as owners
                on
                    nodes.identifier_value = owners.identifier_value
                    and owners.identifier_type = 'user_id'
                    and owners.source = 'shopify'
                    and owners.record_type = 'customers'
                    and owners.validity = 'ok'
            inner join intermediate.int_identifiers_normalised as emails
                on
                    owners.record_key = emails.record_key
                    and emails.identifier_type = 'email'
                    and emails.validity = 'ok'
            where nodes.identifier_type = 'user_id'
            group by parts.part_id
            """
        ).fetchall()
    )
    reachable = {
        row[0]
        for row in con.execute(
            f"""
            select distinct parts.part_id
            from intermediate.int_identity_nodes_numbered as nodes
            {in_parts}
            where nodes.identifier_type in {_REACHED_BY}
            """
        ).fetchall()
    }
    rows = con.execute(
        f"""
        select
            records.part_id,
            list(persons.date_of_birth) filter (where persons.date_of_birth is not null),
            list(distinct persons.first_name) filter (where persons.first_name is not null),
            list(distinct persons.last_name) filter (where persons.last_name is not null)
        from link_records as records
        inner join link_parts as parts on records.part_id = parts.part_id
        inner join {PERSONS} as persons on records.record_key = persons.record_key
        group by records.part_id
        """
    ).fetchall()
    return {
        part: Part(
            dict(Counter(dates or ())),
            frozenset(first or ()),
            frozenset(last or ()),
            frozenset(accounts.get(part, ())),
            part in reachable,
        )
        for part, dates, first, last in rows
    }
