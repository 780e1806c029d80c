"""Pairs of segments that share customers."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="segment_overlap",
        relation="marts.segment_overlap",
        owner="marketing",
        key=("segment_a", "segment_b"),
        grain="pair of segments",
        model="dbt_project/models/marts/segments/segment_overlap.sql",
    )
    rules.unique_key()
    rules.filled("segment_a", "segment_b", "customers", "jaccard", why="A pair has two sides and a size.")
    for column in ("segment_a", "segment_b"):
        rules.refers(
            column,
            "marts.segments",
            "segment",
            why="A pair with a segment that is not there cannot be looked at.",
            fix="Both sides come from segment_membership: check segment_membership.segments_are_active first.",
        )
    rules.never(
        "a_pair_stands_once",
        "t.segment_a >= t.segment_b",
        observed="t.segment_a || ' / ' || t.segment_b",
        expectation="segment_a comes before segment_b",
        why="A pair in both orders is read as two overlaps.",
        fix="Look at the join in segment_overlap.sql.",
        column="segment_a",
    )
    rules.between(
        "customers",
        "1",
        None,
        why="Pairs that share nobody are left out.",
        fix="Look at the join in segment_overlap.sql.",
    )
    rules.between(
        "jaccard",
        "0",
        "1",
        why="It is the shared customers over those of either segment.",
        fix="Look at jaccard in segment_overlap.sql.",
    )
    rules.rows(
        "jaccard_adds_up",
        "select t.segment_a || ' | ' || t.segment_b as row_key, t.customers || ' shared, of ' || a.size || ' and ' || "
        "b.size || ': ' || t.jaccard as observed_value from {batch} as t "
        "join marts.segments as a on a.segment = t.segment_a join marts.segments as b on b.segment = t.segment_b "
        "where t.customers > least(a.size, b.size) "
        "or abs(t.jaccard - t.customers / (a.size + b.size - t.customers)) > 1e-9",
        expectation="jaccard is customers over those of either segment, by segments.size",
        why="Two segments that overlap by much are one; the figure decides which is retired.",
        fix="segment_overlap.sql and segments.sql count the same membership: look at both.",
        column="jaccard",
    )
    return rules.build()
