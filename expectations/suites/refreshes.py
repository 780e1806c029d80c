"""Every run and its end."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    # History cannot be mended, and a fault of an earlier run does not make this release wrong: all of it warns.
    rules = SuiteBuilder(
        table="refreshes",
        relation="marts.refreshes",
        owner="data_platform",
        key=("run_id",),
        grain="run",
        model="dbt_project/models/marts/operations/refreshes.sql",
    )
    rules.unique_key(severity=Severity.WARNING)
    rules.filled(
        "run_id",
        "as_of_date",
        "started_at",
        "status",
        why="The history of runs is where a person looks first when something is wrong.",
        severity=Severity.WARNING,
    )
    rules.one_of(
        "status",
        ("published", "refused", "failed"),
        why="A run has exactly one of three ends.",
        fix="Look at where the refresh records its end.",
        severity=Severity.WARNING,
    )
    rules.never(
        "finishes_after_it_starts",
        "t.finished_at < t.started_at",
        observed="t.started_at || ' / ' || t.finished_at",
        expectation="finished_at is not before started_at",
        why="Durations are taken from these times, and alarms from durations.",
        fix="Both times must be UTC.",
        column="finished_at",
        severity=Severity.WARNING,
    )
    rules.never(
        "published_names_its_release",
        "t.status = 'published' and t.release is null",
        observed="t.status",
        expectation="a published run names its release",
        why="A release must be traceable to the run, the code and the data that made it.",
        fix="Look at where the refresh records its end.",
        column="release",
        severity=Severity.WARNING,
    )
    rules.never(
        "not_published_says_why",
        "t.status <> 'published' and coalesce(trim(t.reason), '') = ''",
        observed="t.status",
        expectation="a run that was refused or failed gives its reason",
        why="Whoever is called at night starts from this sentence.",
        fix="Look at where the refresh records its end.",
        column="reason",
        severity=Severity.WARNING,
    )
    return rules.build()
