"""From which primary segment to which customers went, day by day."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="segment_transitions",
        relation="marts.segment_transitions",
        owner="marketing",
        key=("as_of_date", "from_segment", "to_segment"),
        grain="as-of date and pair of segments",
        model="dbt_project/models/marts/segments/segment_transitions.sql",
    )
    rules.unique_key()
    rules.filled(
        *("as_of_date", "from_segment", "to_segment", "customers"),
        why="Who is in no segment comes from none: a null would be lost when days are drawn.",
    )
    rules.between(
        "customers",
        "1",
        None,
        why="A way that nobody went has no row.",
        fix="Look at the count in segment_transitions.sql.",
    )
    rules.rows(
        "add_up_to_customers",
        "select coalesce(c.segment, t.segment) as row_key, coalesce(t.customers, 0) || ' / ' || "
        "coalesce(c.customers, 0) as observed_value from (select coalesce(primary_segment, 'none') as segment, "
        "count(*) as customers from marts.customers group by 1) as c full join (select w.to_segment as segment, "
        f"sum(w.customers) as customers from {{batch}} as w where w.as_of_date = {settings.day} group by 1) as t "
        "on t.segment = c.segment where coalesce(t.customers, 0) <> coalesce(c.customers, 0)",
        expectation="those who came to a segment on the day, or stayed, are the customers whose primary segment it is",
        why="A customer who is in two of the day's ways, or in none, makes segments grow or shrink by nobody.",
        fix="segment_transitions.sql begins with all customers of the day: look at its joins and at with_history.",
        column="customers",
        population="select count(*) from marts.customers",
        unit="customers",
    )
    return rules.build()
