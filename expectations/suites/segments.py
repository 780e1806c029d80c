"""What a segment is, whose it is, and how large it is; and what its owner is warned of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from expectations.rules import Rule, Severity, Suite, SuiteBuilder, literal
from expectations.settings import Settings

STATUSES = ("draft", "active", "retired")
PRICE_TIERS = ("low", "mid", "high", "any")
DIRECTIONS = ("at_least", "at_most")
GOAL_METRICS = (
    *("size", "reach_30d", "activation_rate_30d", "purchases_30d", "conversion_rate_30d", "net_revenue_30d"),
    *("average_order_value", "arpu_30d", "contribution_margin_30d", "retention_rate_90d", "churn_rate_90d"),
    *("engagement_velocity", "nps", "csat"),
)


def suite(settings: Settings) -> Suite:
    rules = _builder()
    rules.unique_key()
    rules.filled(
        *("segment", "description", "owner", "goal_metric", "goal_target", "goal_direction", "goal_due_on"),
        *("positioning", "price_tier", "channel_mix", "key_metrics", "action_plan", "priority", "status"),
        *("review_due_on", "size", "rule", "rule_inputs"),
        why="A segment without an owner, a goal or a plan is a list that nobody works with and nobody ends.",
        fix="Complete config.meta.segment in the segment's YAML; the build refuses one that lacks it.",
    )
    for column, values in (
        ("status", STATUSES),
        ("price_tier", PRICE_TIERS),
        ("goal_direction", DIRECTIONS),
        ("goal_metric", GOAL_METRICS),
    ):
        rules.one_of(
            column,
            values,
            why="Readers compare with these words; any other falls out of every comparison.",
            fix="Write one of these words in the segment's YAML.",
        )
    rules.rows(
        "priorities_differ",
        "select cast(t.priority as varchar) as row_key, string_agg(t.segment, ', ' order by t.segment) "
        "as observed_value from {batch} as t where t.status <> 'retired' group by t.priority having count(*) > 1",
        expectation="no two segments that are not retired have one priority",
        why="Of two equal ones neither is a customer's primary segment for a reason.",
        fix="Give one of the named segments another priority in its YAML.",
        column="priority",
    )
    rules.rows(
        "size_is_the_members",
        "select t.segment as row_key, t.size || ' / ' || coalesce(m.members, 0) as observed_value from {batch} as t "
        "left join (select segment, count(*) as members from marts.segment_membership group by segment) as m "
        "on m.segment = t.segment where t.size <> coalesce(m.members, 0)",
        expectation="size is the segment's rows in segment_membership",
        why="Owners plan by this number and export the members.",
        fix="Both are built from the same definitions: look at the join in segments.sql.",
        column="size",
    )
    rules.rows(
        "share_is_of_customers",
        "select t.segment as row_key, coalesce(cast(t.share as varchar), 'null') || ' of ' || c.customers as "
        "observed_value from {batch} as t cross join (select count(*) as customers from marts.customers) as c "
        "where c.customers > 0 and (t.share is null or t.share not between 0 and 1 "
        "or abs(t.share - t.size / c.customers) > 1e-9)",
        expectation="share is size over the number of customers",
        why="Shares are compared between companies and days; another denominator makes them incomparable.",
        fix="Look at everybody in segments.sql.",
        column="share",
    )
    rules.rows(
        "active_segments_are_few",
        "select t.segment as row_key, 'priority ' || t.priority || ', owner ' || t.owner as observed_value "
        f"from {{batch}} as t where t.status = 'active' and (select count(*) from {{batch}} as a "
        f"where a.status = 'active') > {settings.active_segments_limit}",
        expectation=f"at most {settings.active_segments_limit} segments are active",
        why="More segments than people to work with them get no campaign of their own, and customers are in too many.",
        fix="Retire what the scorecard calls watch or retire, join what overlaps, or raise vars.active_segments_limit.",
        column="status",
        severity=Severity.WARNING,
    )
    return rules.build()


def owners_suite(settings: Settings, owners: Mapping[str, str]) -> Suite:
    """What owners are warned of: two rules a segment, each of the segment's owner. owners: by segment."""
    rules = _builder(suite="owners.segments")
    found: list[Rule] = []
    for segment, owner in owners.items():
        rules.rows(
            f"{segment}.review_is_not_overdue",
            "select t.segment as row_key, 'due on ' || t.review_due_on as observed_value from {batch} as t "
            f"where t.segment = {literal(segment)} and t.status <> 'retired' and t.review_due_on < {settings.day}",
            expectation=f"the review of {segment} is not overdue",
            why="Customers change; a segment that nobody looks at again speaks to them as they were.",
            fix=f"tributary segments {segment} shows how it does. Then set review_due_on or status in its YAML.",
            column="review_due_on",
            severity=Severity.WARNING,
            population=f"select count(*) from {{batch}} as t where t.segment = {literal(segment)}",
        )
        rules.rows(
            f"{segment}.is_worth_having",
            "select c.segment as row_key, c.verdict || ': ' || coalesce(c.reasons, 'no reasons') as observed_value "
            f"from marts.segment_scorecard as c where c.segment = {literal(segment)} and c.as_of_date = {settings.day} "
            "and c.verdict = 'retire'",
            expectation=f"the scorecard does not say that {segment} should be retired",
            why="A segment that is too small, out of reach or like everybody else costs work and changes nothing.",
            fix=f"tributary segments {segment} shows the scorecard. Sharpen the rule, or set its status to retired.",
            column="status",
            severity=Severity.WARNING,
            population=f"select count(*) from {{batch}} as t where t.segment = {literal(segment)}",
        )
        found += [replace(rule, owner=owner) for rule in rules.build().rules[len(found) :]]
    return replace(rules.build(), rules=tuple(found))


def _builder(suite: str = "") -> SuiteBuilder:
    return SuiteBuilder(
        table="segments",
        relation="marts.segments",
        owner="marketing",
        key=("segment",),
        grain="segment",
        model="dbt_project/models/marts/segments/segments.sql",
        suite=suite,
    )
