"""Which identifiers are one customer, and why."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import HASH_FIX, HASH_WHY
from expectations.suites.vocabulary import HASH

MATCH_TYPES = ("deterministic", "probabilistic", "steward")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customer_identifiers",
        relation="marts.customer_identifiers",
        owner="privacy",
        key=("identifier_type", "identifier_hash"),
        grain="identifier",
        model="dbt_project/models/marts/customers/customer_identifiers.sql",
    )
    rules.unique_key("An identifier of two customers would join everything of both, whichever way it is read.")
    rules.filled(
        "customer_id",
        "identifier_type",
        "identifier_hash",
        "source",
        "match_type",
        why="The table says who is who and why; a null leaves an identifier unexplained.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="An identifier of a customer whom no table knows is one that an erasure left behind.",
        fix="Both tables read int_identifiers_resolved: look for a filter that only one of them has.",
    )
    rules.shaped(
        "identifier_hash",
        HASH,
        shape="64 hex digits",
        why=HASH_WHY,
        fix=HASH_FIX,
    )
    rules.shaped(
        "identifier_type",
        "[a-z][a-z0-9_]*",
        shape="a name in snake case",
        why="Types are names of systems, never values: anything else is a column in the wrong place.",
        fix="Look at the list of types in the identity models.",
    )
    rules.one_of(
        "match_type",
        MATCH_TYPES,
        why="A steward has to know whether a rule, a model or a person joined two identifiers.",
        fix="Look at match_type in int_identifiers_resolved.",
    )
    rules.between(
        "match_probability",
        "0",
        "1",
        why="It is a probability.",
        fix="Look at match_probability in int_identifiers_resolved.",
    )
    rules.never(
        "seen_in_order",
        "t.first_seen_at > t.last_seen_at",
        observed="t.first_seen_at || ' / ' || t.last_seen_at",
        expectation="first_seen_at is not after last_seen_at",
        why="The earliest identifier gives the customer its id.",
        fix="Both must be taken over the same records of the identifier.",
        column="first_seen_at",
    )
    rules.never(
        "seen_by_the_cutoff",
        f"t.first_seen_at >= {settings.cutoff}",
        observed="t.first_seen_at",
        expectation="first_seen_at is before the end of the as-of date",
        why="An identifier of tomorrow can give a customer another id today.",
        fix="A staging model lets a later record through: look for the visibility filter of its source.",
        column="first_seen_at",
    )
    return rules.build()
