"""How every active segment did, day by day, and whether it met its goal."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings

COUNTS = ("size", "reach_30d", "purchases_30d")
RATES = ("activation_rate_30d", "conversion_rate_30d", "retention_rate_90d", "churn_rate_90d")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="segment_performance",
        relation="marts.segment_performance",
        owner="marketing",
        key=("as_of_date", "segment"),
        grain="as-of date and segment",
        model="dbt_project/models/marts/segments/segment_performance.sql",
    )
    rules.unique_key()
    rules.filled(
        *("as_of_date", "segment", *COUNTS, "net_revenue_30d", "goal_metric", "goal_target"),
        why="Every day tells the same of every active segment, of one without members too.",
    )
    for column in COUNTS:
        rules.between(column, "0", None, why="It is a count.", fix=f"Look at {column} in segment_performance.sql.")
    for column in RATES:
        rules.between(
            column,
            "0",
            "1",
            why="It is a share of the members, or of those of them who bought before.",
            fix=f"Look at the numerator and denominator of {column} in segment_performance.sql.",
        )
    rules.between(
        "nps",
        "-100",
        "100",
        why="It is the percentage of promoters less that of detractors.",
        fix="Look at the macro nps_points.",
    )
    rules.never(
        "reach_is_of_members",
        "t.reach_30d > t.size",
        observed="t.reach_30d || ' of ' || t.size",
        expectation="reach_30d is at most size",
        why="Only members are counted.",
        fix="Look for a join in segment_performance.sql that finds a member twice.",
        column="reach_30d",
    )
    rules.never(
        "churn_is_the_rest",
        "abs(t.retention_rate_90d + t.churn_rate_90d - 1) > 1e-9 "
        "or (t.retention_rate_90d is null) <> (t.churn_rate_90d is null)",
        observed="concat_ws(' and ', t.retention_rate_90d, t.churn_rate_90d)",
        expectation="retention_rate_90d and churn_rate_90d sum to 1",
        why="Whoever bought before either bought again or did not.",
        fix="Both divide by the same buyers: look at segment_performance.sql.",
        column="churn_rate_90d",
    )
    rules.never(
        "goal_met_is_what_it_says",
        "t.goal_met is distinct from case when t.goal_direction = 'at_most' then t.goal_actual <= t.goal_target "
        "else t.goal_actual >= t.goal_target end",
        observed="concat_ws(' / ', t.goal_actual, t.goal_direction, t.goal_target, t.goal_met)",
        expectation="goal_met says on which side of goal_target goal_actual is; unknown where goal_actual is",
        why="Owners are told that they reached a goal by this column.",
        fix="Look at goal_met in segment_performance.sql.",
        column="goal_met",
    )
    rules.rows(
        "agrees_with_segments",
        "select coalesce(s.segment, t.segment) as row_key, concat_ws(' / ', t.size, s.size, t.goal_metric, "
        "s.goal_metric, t.goal_target, s.goal_target) as observed_value "
        "from (select * from marts.segments where status = 'active') as s "
        f"full join (select * from {{batch}} as p where p.as_of_date = {settings.day}) as t on t.segment = s.segment "
        "where s.segment is null or t.segment is null or t.size <> s.size or t.goal_metric <> s.goal_metric "
        "or t.goal_target <> s.goal_target",
        expectation="the day has a row of every active segment and no other, with its size and goal",
        why="A day that misses a segment is a gap in every line that is drawn.",
        fix="segment_performance.sql begins with the active segments: look at its joins and at with_history.",
        column="segment",
        population="select count(*) from marts.segments where status = 'active'",
        unit="segments",
    )
    return rules.build()
