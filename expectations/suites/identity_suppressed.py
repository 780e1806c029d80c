"""Identifiers that are never merged on."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, as_text
from expectations.settings import Settings
from expectations.suites.shared import HASH_FIX, HASH_WHY
from expectations.suites.vocabulary import HASH

SUPPRESSION_REASONS = ("placeholder", "shared_device", "shared_contact", "invalid")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="identity_suppressed",
        relation="marts.identity_suppressed",
        owner="privacy",
        key=("identifier_type", "identifier_hash"),
        grain="identifier",
        model="dbt_project/models/marts/customers/identity_suppressed.sql",
    )
    rules.unique_key()
    rules.filled(
        "identifier_type",
        "identifier_hash",
        "reason",
        "linked_count",
        why="A steward decides on a suppressed identifier by its reason and by how much hangs on it.",
    )
    rules.shaped(
        "identifier_hash",
        HASH,
        shape="64 hex digits",
        why=HASH_WHY,
        fix=HASH_FIX,
    )
    rules.one_of(
        "reason",
        SUPPRESSION_REASONS,
        why="Stewards filter on these words.",
        fix="Look at the reasons in identity_suppressed.sql.",
    )
    rules.between(
        "linked_count",
        "1",
        None,
        why="An identifier is suppressed because of what it links; without a record it would not be known.",
        fix="Look at how identity_suppressed.sql counts records and users.",
    )
    rules.rows(
        "suppressed_joins_nobody",
        f"select t.identifier_type || ' | ' || t.identifier_hash as row_key, {as_text('t.reason')} as "
        "observed_value "
        "from {batch} as t where exists (select 1 from marts.customer_identifiers as i "
        "where i.identifier_type = t.identifier_type and i.identifier_hash = t.identifier_hash)",
        expectation="a suppressed identifier is no customer's",
        why="What is shared or made up joins strangers into one customer.",
        fix="The identity graph must leave suppressed values out before components are built.",
    )
    return rules.build()
