"""Tables of schema computed: what the identity step hands back to dbt (described in models/staging/computed)."""

from __future__ import annotations

import duckdb

TABLES = {
    "identity_parts": "node_id bigint, part_id bigint",
    "identity_cuts": "left_node_id bigint, right_node_id bigint, record_count bigint, rule_number bigint",
    "identity_links": (
        "left_part_id bigint, right_part_id bigint, match_type varchar, match_probability double, "
        "left_record_key varchar, right_record_key varchar, evidence varchar"
    ),
    "identity_merges": "part_id bigint, survivor_part_id bigint, match_type varchar, match_probability double",
    "identity_pairs": (
        "left_record_key varchar, right_record_key varchar, match_probability double, evidence varchar, outcome varchar"
    ),
    "identity_bridges": (
        "part_id bigint, node_id bigint, side_node_id bigint, record_count bigint, side_size bigint, rest_size bigint"
    ),
    "identity_baselines": "baseline varchar, release varchar, as_of_date date",
    "identity_before": (
        "release varchar, identifier_type varchar, identifier_hash varchar, customer_id varchar, match_type varchar"
    ),
    "customer_ids_before": "release varchar, former_customer_id varchar, customer_id varchar",
    "steward_rules": (
        "rule_number bigint, rule varchar, left_node_id bigint, right_node_id bigint, author varchar, "
        "reason varchar, decided_at timestamp, status varchar"
    ),
}


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make every table of the step anew, empty."""
    con.execute("create schema if not exists computed")
    for name, columns in TABLES.items():
        con.execute(f"create or replace table computed.{name} ({columns})")
