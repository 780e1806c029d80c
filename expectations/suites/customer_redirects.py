"""Where every other id of a customer leads."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import ID_FIX, ID_WHY
from expectations.suites.vocabulary import CUSTOMER_ID


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customer_redirects",
        relation="marts.customer_redirects",
        owner="insights",
        key=("retired_customer_id",),
        grain="retired id",
        model="dbt_project/models/marts/customers/customer_redirects.sql",
    )
    rules.unique_key("A retired id that leads to two customers resolves to neither.")
    rules.filled(
        "retired_customer_id",
        "customer_id",
        why="Exports that hold an older id find today's customer through this row alone.",
    )
    for column in ("retired_customer_id", "customer_id"):
        rules.shaped(column, CUSTOMER_ID, shape="32 hex digits", why=ID_WHY, fix=ID_FIX)
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A redirect to nobody loses what was booked on the older id.",
        fix=("customer_redirects.sql must lead to customers of today: look at the component of the identifier."),
    )
    rules.rows(
        "never_chains",
        "select t.retired_customer_id as row_key, t.customer_id as observed_value from {batch} as t "
        "where exists (select 1 from {batch} as n where n.retired_customer_id = t.customer_id)",
        expectation="customer_id is not itself retired",
        why="Readers join once: an id that needs two steps is lost.",
        fix="Redirects lead from every identifier of a component straight to its customer.",
        column="customer_id",
    )
    rules.rows(
        "retired_is_no_customer",
        "select t.retired_customer_id as row_key, t.customer_id as observed_value from {batch} as t "
        "where exists (select 1 from marts.customers as c where c.customer_id = t.retired_customer_id)",
        expectation="a retired id is no customer of today",
        why="An id that is both would give its history to somebody else.",
        fix="Only identifiers other than the component's earliest are retired.",
        column="retired_customer_id",
    )
    rules.rows(
        "every_identifier_leads_somewhere",
        "select i.customer_id as row_key, i.identifiers || ' identifiers, ' || coalesce(r.redirects, 0) || "
        "' redirects' "
        "as observed_value from (select customer_id, count(*) as identifiers from marts.customer_identifiers "
        "group by customer_id) as i left join (select t.customer_id, count(*) as redirects from {batch} as t "
        "group by t.customer_id) as r on r.customer_id = i.customer_id "
        "where coalesce(r.redirects, 0) < i.identifiers - 1",
        expectation="a customer of n identifiers has n - 1 redirects or more",
        why="Any id ever issued, or issuable, resolves to today's customer.",
        fix="customer_redirects.sql has one row for every identifier but the earliest, and those that vanished.",
        population="select count(*) from marts.customers as counted",
        unit="customers",
    )
    return rules.build()
