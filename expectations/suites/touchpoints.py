"""What customers came by: sessions, and clicks that no session tells of."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.vocabulary import CHANNELS, OWN_CHANNELS

KINDS = ("session", "email_click", "sms_click", "partner_click")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="touchpoints",
        relation="marts.touchpoints",
        owner="marketing_analytics",
        key=("touchpoint_id",),
        grain="touchpoint",
        model="dbt_project/models/marts/attribution/touchpoints.sql",
    )
    rules.unique_key("A touch counted twice takes credit from the others of its path.")
    rules.filled(
        "touchpoint_id",
        "customer_id",
        "touched_at",
        "kind",
        "channel",
        why="A touch of nobody, at no time or of no channel falls out of every path.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A touch of a customer whom no table knows is lost in every join.",
        fix="touchpoints.sql takes customers from sessions and int_records_resolved; erased ones are null there.",
    )
    rules.one_of(
        "kind",
        KINDS,
        why="Sessions and clicks are counted apart by these words.",
        fix="Look at the branches of touchpoints.sql.",
    )
    rules.one_of(
        "channel",
        CHANNELS,
        also=OWN_CHANNELS,
        why="Spend, attribution and reports meet by these words.",
        fix="Sessions bring their channel; clicks are Email, SMS or Affiliates.",
    )
    rules.never(
        "seen_by_the_cutoff",
        f"t.touched_at >= {settings.cutoff}",
        observed="t.touched_at",
        expectation="touched_at is before the end of the as-of date",
        why="A refresh of a day shows nothing later, or the same day could not be rebuilt to the same figures.",
        fix="The staging model of the events lets a later one through: look for its visibility filter.",
        column="touched_at",
    )
    rules.rows(
        "clicks_are_no_sessions",
        "select t.touchpoint_id as row_key, cast(s.started_at as varchar) as observed_value from {batch} as t "
        "inner join marts.sessions as s on t.customer_id = s.customer_id and s.started_at >= t.touched_at "
        "and s.started_at < t.touched_at + interval 30 minute where t.kind <> 'session'",
        expectation="no session of the customer starts in the 30 minutes from a click",
        why="The click and the session that it opened are one touch; both would take credit twice.",
        fix="Look at next_session_at in touchpoints.sql.",
        column="kind",
    )
    return rules.build()
