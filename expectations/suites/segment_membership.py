"""Who is in which segment."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="segment_membership",
        relation="marts.segment_membership",
        owner="marketing",
        key=("customer_id", "segment"),
        grain="customer and segment",
        model="dbt_project/models/marts/segments/segment_membership.sql",
    )
    rules.unique_key("Who is in a segment twice is sent everything twice.")
    rules.filled("customer_id", "segment", "is_primary", why="A membership of nobody, or of nothing, reaches nobody.")
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A member whom no table knows can be neither reached nor counted.",
        fix="Rules read int_customers_profiled, which begins with customer_features: look for a row beyond customers.",
    )
    rules.rows(
        "segments_are_active",
        "select t.segment as row_key, coalesce(max(s.status), 'no such segment') as observed_value from {batch} as t "
        "left join marts.segments as s on s.segment = t.segment "
        "where s.segment is null or s.status <> 'active' group by t.segment",
        expectation="every segment with members is defined and active",
        why="Whoever retires a segment expects that nobody is addressed by it any more.",
        fix="segment_membership.sql takes the active definitions: look at status in the segment's YAML.",
        column="segment",
    )
    rules.rows(
        "primary_is_the_smallest_priority",
        "select t.customer_id as row_key, t.segment || case when t.is_primary then ' is primary' else ' is not' end "
        "as observed_value from (select m.customer_id, m.segment, m.is_primary, "
        "s.priority = min(s.priority) over (partition by m.customer_id) as is_first from {batch} as m "
        "join marts.segments as s on s.segment = m.segment) as t where t.is_primary <> t.is_first",
        expectation="is_primary is true of the customer's segment with the smallest priority, and of no other",
        why="Campaigns of several segments would reach one customer at once, or none would.",
        fix="Look at the priorities in segment_membership.sql and in the YAML of the segments.",
        column="is_primary",
    )
    rules.rows(
        "primary_agrees_with_customers",
        "select coalesce(c.customer_id, t.customer_id) as row_key, "
        "coalesce(c.primary_segment, 'none') || ' / ' || coalesce(t.segment, 'none') as observed_value "
        "from (select customer_id, primary_segment from marts.customers where primary_segment is not null) as c "
        "full join (select customer_id, segment from {batch} as m where m.is_primary) as t "
        "on t.customer_id = c.customer_id where c.primary_segment is distinct from t.segment",
        expectation="customers.primary_segment is the segment that is_primary",
        why="Reports by primary segment and lists of its members must speak of the same people.",
        fix="customers.sql joins segment_membership on is_primary: look at that join.",
        column="is_primary",
    )
    return rules.build()
