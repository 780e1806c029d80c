"""What every rule found in every run."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder, as_text
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    # History cannot be mended, and a fault of an earlier run does not make this release wrong: all of it warns.
    rules = SuiteBuilder(
        table="quality_results",
        relation="marts.quality_results",
        owner="data_platform",
        key=("run_id", "rule"),
        grain="run and rule",
        model="dbt_project/models/marts/operations/quality_results.sql",
    )
    rules.unique_key(severity=Severity.WARNING)
    rules.filled(
        "run_id",
        "checked_at",
        "as_of_date",
        "suite",
        "rule",
        "table_name",
        "expectation",
        "description",
        "fix",
        "severity",
        "owner",
        "success",
        why="A steward reads what failed, why it matters and what to do, and whom to ask.",
        severity=Severity.WARNING,
    )
    rules.one_of(
        "severity",
        ("critical", "warning", "info"),
        why="Only critical refuses a release: another word would refuse nothing.",
        fix="Severities come from expectations/rules.py.",
        severity=Severity.WARNING,
    )
    rules.rows(
        "published_only_what_passed",
        "select t.run_id || ' | ' || t.rule as row_key, r.status as observed_value from {batch} as t "
        "join marts.refreshes as r on r.run_id = t.run_id "
        "where r.status = 'published' and t.severity = 'critical' and not t.success and t.waived_by is null",
        expectation="no published run has a critical failure that nobody waived",
        why="The gate stands for this one promise.",
        fix=(
            "Read the run's reason in refreshes, and find out whether the gate was passed by or its verdict not read."
        ),
        column="success",
        severity=Severity.WARNING,
    )
    rules.never(
        "waivers_are_complete",
        "(t.waived_by is null) <> (t.waived_until is null)",
        observed=f"{as_text('t.waived_by')} || ' / ' || {as_text('t.waived_until')}",
        expectation="a waiver has an author and an end",
        why="An exception without an end is the new rule, and one without an author has nobody to ask.",
        fix="Complete the waiver in the seed of waivers.",
        column="waived_until",
        severity=Severity.WARNING,
    )
    return rules.build()
