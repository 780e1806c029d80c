"""What changed in identity, day by day."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import ID_FIX, ID_WHY
from expectations.suites.vocabulary import CUSTOMER_ID

EFFECTS = ("created", "merged", "split")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="identity_changes",
        relation="marts.identity_changes",
        owner="data_stewards",
        key=("as_of_date", "to_customer_id", "from_customer_id"),
        grain="as-of date, customer and former customer",
        model="dbt_project/models/marts/customers/identity_changes.sql",
    )
    rules.unique_key()
    rules.filled(
        "as_of_date",
        "customer_id",
        "change",
        "effect",
        "to_customer_id",
        "cause",
        "records_moved",
        why="A steward reads what became of whom, when and why; half a row says nothing.",
    )
    rules.one_of(
        "change",
        (*EFFECTS, "steward"),
        why="Stewards filter on these words.",
        fix="Look at change in int_identity_changes_found.",
    )
    rules.one_of(
        "effect",
        EFFECTS,
        why="identity_health counts merges and splits by it.",
        fix="Look at effect in int_identity_changes_found.",
    )
    for column in ("from_customer_id", "to_customer_id"):
        rules.shaped(column, CUSTOMER_ID, shape="32 hex digits", why=ID_WHY, fix=ID_FIX)
    rules.never(
        "only_the_new_come_from_nobody",
        "(t.effect = 'created') <> (t.from_customer_id is null)",
        observed="t.effect",
        expectation="from_customer_id is null for a new customer and for no other",
        why="A merge or split names whom it concerns, and a new customer was nobody before.",
        fix="Look at the join with the baseline in int_identity_changes_found.",
        column="from_customer_id",
    )
    rules.between(
        "records_moved",
        "0",
        None,
        why="It is a count.",
        fix="Look at records_moved in int_identity_changes_found.",
    )
    rules.never(
        "orders_are_records",
        "t.orders_moved < 0 or t.orders_moved > t.records_moved",
        observed="t.orders_moved || ' of ' || t.records_moved",
        expectation="orders_moved is at most records_moved",
        why="An order is a record.",
        fix="Look at orders_moved in int_identity_changes_found.",
        column="orders_moved",
    )
    rules.never(
        "todays_customers_are_there",
        f"t.as_of_date = {settings.day} and not exists "
        "(select 1 from marts.customers as c where c.customer_id = t.to_customer_id)",
        observed="t.to_customer_id",
        expectation="to_customer_id of this day is a customer",
        why="Changes of the day lead to customers of the day.",
        fix="Both follow from int_identifiers_resolved: look for a filter that only one of them has.",
        column="to_customer_id",
    )
    return rules.build()
