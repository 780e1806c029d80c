"""Who came back, by the month of the first purchase."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, as_text, key_of
from expectations.settings import Settings
from expectations.suites.shared import month_is_a_month


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="cohort_retention",
        relation="marts.cohort_retention",
        owner="commerce",
        key=("cohort_month", "month_number"),
        grain="cohort month and month number",
        model="dbt_project/models/marts/orders/cohort_retention.sql",
    )
    rules.unique_key()
    rules.filled(
        "cohort_month",
        "month_number",
        "customers",
        "active_customers",
        "retention",
        "net_revenue",
        why=("The triangle has a figure in every cell, zeros too: a hole reads as a month that has not come yet."),
    )
    month_is_a_month(rules, "cohort_month", settings)
    rules.between(
        "retention",
        "0",
        "1",
        why="A rate is between 0 and 1; above 1 customers were counted twice.",
        fix="cohort_retention.sql counts each customer once a month: look for a join that multiplies them.",
    )
    rules.never(
        "retention_is_the_share",
        "abs(t.retention - cast(t.active_customers as double) / nullif(t.customers, 0)) > 1e-9",
        observed="concat_ws(' / ', t.active_customers, t.customers, t.retention)",
        expectation="retention = active_customers / customers",
        why="The rate and the two counts stand beside each other in one chart.",
        fix="Look at the division in cohort_retention.sql.",
        column="retention",
    )
    rules.never(
        "starts_complete",
        "t.month_number = 0 and t.active_customers <> t.customers",
        observed="concat_ws(' / ', t.active_customers, t.customers)",
        expectation="in month 0 every customer of the cohort is active",
        why="A cohort is those who first bought in that month, so all of them did.",
        fix="The cohort month and the activity month must be cut from the same date, in the same timezone.",
        column="active_customers",
    )
    rules.never(
        "customers_stay_the_same",
        "exists (select 1 from {batch} as o where o.cohort_month = t.cohort_month and o.customers <> t.customers)",
        observed="t.customers",
        expectation="customers is the same in every month of a cohort",
        why="The size of a cohort is its denominator throughout.",
        fix="cohort_retention.sql takes customers from month 0: look at that join.",
        column="customers",
    )
    last = f"(12 * year({settings.day}) + month({settings.day}))"
    rules.rows(
        "has_every_month",
        f"select {as_text('t.cohort_month')} as row_key, count(*) || ' months, ' || min(t.month_number) || "
        "' to ' || "
        "max(t.month_number) as observed_value from {batch} as t group by t.cohort_month "
        f"having min(t.month_number) <> 0 "
        f"or max(t.month_number) <> {last} - (12 * year(t.cohort_month) + month(t.cohort_month)) "
        "or count(*) <> max(t.month_number) + 1",
        expectation="a cohort has a row for every month from 0 to that of the as-of date",
        why="A month without purchases is a zero, not a gap: averages over months would leave it out.",
        fix="Look at the list of month numbers in cohort_retention.sql.",
        column="month_number",
        population="select count(distinct cohort_month) from {batch} as counted",
        unit="cohorts",
    )
    month = f"date_trunc('month', {settings.date_of('ordered_at')})"
    rules.rows(
        "agrees_with_orders",
        "select 'all cohorts' as row_key, concat_ws(' / ', b.customers, t.customers, b.active, t.active, "
        "b.net_revenue, t.net_revenue) as observed_value from ("
        f"select count(distinct customer_id) as customers, count(distinct {key_of(('customer_id',), 'o')} "
        f"|| {month}) "
        "as active, coalesce(sum(net_revenue), 0) as net_revenue from marts.orders as o "
        "where o.order_number is not null) as b cross join ("
        "select coalesce(sum(case when month_number = 0 then customers end), 0) as customers, "
        "coalesce(sum(active_customers), 0) as active, coalesce(sum(net_revenue), 0) as net_revenue "
        "from {batch} as c) as t "
        "where b.customers <> t.customers or b.active <> t.active or b.net_revenue <> t.net_revenue",
        expectation=("cohorts hold every customer with a purchase once, and all of their purchases' net_revenue"),
        why=("Retention is only as good as its cohorts: a customer outside of them is neither retained nor lost."),
        fix=("Group the purchases of orders by customer and month by hand, and compare with cohort_retention.sql."),
        whole_table=True,
    )
    return rules.build()
