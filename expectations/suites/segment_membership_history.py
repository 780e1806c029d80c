"""Who was in which segment from when to when, by the ids of those days."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="segment_membership_history",
        relation="marts.segment_membership_history",
        owner="marketing",
        key=("customer_id", "segment", "valid_from"),
        grain="customer, segment and stay",
        model="dbt_project/models/marts/segments/segment_membership_history.sql",
    )
    rules.unique_key()
    rules.filled("customer_id", "segment", "valid_from", why="A stay is somebody's, somewhere, since some day.")
    rules.never(
        "a_stay_ends_after_it_begins",
        "t.valid_to <= t.valid_from",
        observed="t.valid_from || ' to ' || t.valid_to",
        expectation="valid_to is after valid_from",
        why="valid_to is the first day without: a stay of no day would count in none, and be listed all the same.",
        fix="Look at the macro stays.",
        column="valid_to",
    )
    rules.rows(
        "stays_never_meet",
        "select s.customer_id || ' | ' || s.segment as row_key, s.ended_on || ' / ' || s.valid_from as observed_value "
        "from (select t.customer_id, t.segment, t.valid_from, max(coalesce(t.valid_to, date '9999-12-31')) over ("
        "partition by t.customer_id, t.segment order by t.valid_from "
        "rows between unbounded preceding and 1 preceding) as ended_on from {batch} as t) as s "
        "where s.valid_from <= s.ended_on",
        expectation="stays of one customer in one segment neither overlap nor touch",
        why="A day in two stays counts a member twice; two that touch are one stay, told as if somebody had left.",
        fix="Look at the macro stays: the refresh of a day takes the day out and puts today's members in its place.",
        column="valid_from",
    )
    rules.rows(
        "agrees_with_membership",
        "select coalesce(m.customer_id, t.customer_id) || ' | ' || coalesce(m.segment, t.segment) as row_key, "
        "case when t.customer_id is null then 'a member without a stay' else 'a stay without a member' end "
        "as observed_value from marts.segment_membership as m full join (select h.customer_id, h.segment from {batch} "
        f"as h where h.valid_from <= {settings.day} and (h.valid_to is null or h.valid_to > {settings.day})) as t "
        "on t.customer_id = m.customer_id and t.segment = m.segment "
        "where m.customer_id is null or t.customer_id is null",
        expectation="the stays that hold on the as-of date (on the newest day: the open ones) are segment_membership",
        why="What is read from history of today must be today.",
        fix="segment_membership_history.sql begins with segment_membership: look at the macro stays.",
        column="valid_to",
        population="select count(*) from marts.segment_membership",
        unit="memberships",
    )
    return rules.build()
