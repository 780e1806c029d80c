"""The moments at which triggers fired, each with its offer and its end."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customer_triggers",
        relation="marts.customer_triggers",
        owner="marketing",
        key=("customer_id", "trigger", "fired_at"),
        grain="customer, trigger and moment",
        model="dbt_project/models/marts/segments/customer_triggers.sql",
    )
    rules.unique_key("A trigger that fired twice at once makes the same offer twice.")
    rules.filled(
        *("customer_id", "trigger", "fired_at", "segment", "offer", "evidence", "expires_at"),
        why="A trigger tells whom, when, what to offer, until when, and what it was seen in.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A trigger of somebody whom no table knows reaches nobody.",
        fix="Triggers take customers from events and orders, which are resolved: look at what the trigger reads.",
    )
    rules.refers(
        "segment",
        "marts.segments",
        "segment",
        why="A trigger opens a segment's offer; without the segment nobody answers for it.",
        fix="Name a segment that is defined in the trigger's YAML.",
    )
    rules.rows(
        "opens_an_active_segment",
        "select t.trigger as row_key, t.segment || ' is ' || s.status as observed_value from {batch} as t "
        "join marts.segments as s on s.segment = t.segment where s.status <> 'active' group by all",
        severity=Severity.WARNING,
        expectation="the segment that a trigger opens is active",
        why="Of a draft or retired segment nobody follows the plan, and its offer goes on being made.",
        fix="Retire the trigger in its YAML too, or name another segment there.",
        column="segment",
    )
    rules.never(
        "fired_by_the_cutoff",
        f"t.fired_at >= {settings.cutoff}",
        observed="t.fired_at",
        expectation="fired_at is before the end of the as-of date",
        why="A refresh of a day shows nothing later, or the same day could not be rebuilt to the same rows.",
        fix="The trigger reads a table that is not cut at the as-of date: look at its refs.",
        column="fired_at",
    )
    rules.never(
        "expires_after_it_fires",
        "t.expires_at <= t.fired_at",
        observed="t.fired_at || ' / ' || t.expires_at",
        expectation="expires_at is after fired_at",
        why="An offer that is over when it is made is never sent.",
        fix="Look at expires_after_days in the trigger's YAML.",
        column="expires_at",
    )
    return rules.build()
