"""Where each customer stands among the audiences."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="audience_map",
        relation="marts.audience_map",
        owner="marketing",
        key=("customer_id",),
        grain="customer",
        model="dbt_project/models/marts/segments/audience_map.sql",
    )
    rules.unique_key()
    rules.filled("customer_id", "intent_score", "audience_score", "segment_count", why="Every customer has a place.")
    for column in ("r_score", "f_score", "m_score"):
        rules.between(
            column,
            "1",
            "5",
            why="Scores are fifths from 1, the worst, to 5.",
            fix="They are those of customer_rfm: check its scores first.",
        )
    rules.between(
        "audience_score",
        "0",
        "1",
        why="It is a weighted mean of four sides that lie between 0 and 1 each.",
        fix="Look at audience_score in audience_map.sql and at vars.audience_weights.",
    )
    rules.rows(
        "agrees_with_membership",
        "select coalesce(c.customer_id, t.customer_id) as row_key, "
        "coalesce(cast(t.segment_count as varchar), 'no row') || ' / ' || coalesce(m.segments, 0) || ', ' || "
        "coalesce(t.primary_segment, 'none') || ' / ' || "
        "coalesce(c.primary_segment, 'none') as observed_value "
        "from marts.customers as c full join {batch} as t on t.customer_id = c.customer_id "
        "left join (select customer_id, count(*) as segments from marts.segment_membership group by customer_id) as m "
        "on m.customer_id = c.customer_id where c.customer_id is null "
        "or t.segment_count is distinct from coalesce(m.segments, 0) "
        "or t.primary_segment is distinct from c.primary_segment",
        expectation="every customer has a row, with its segments of segment_membership and its primary segment",
        why="The map is what audiences are picked from: it must hold everybody, where they are.",
        fix="audience_map.sql begins with customer_features and joins segment_membership: look at both joins.",
        column="segment_count",
        population="select count(*) from marts.customers",
        unit="customers",
    )
    return rules.build()
