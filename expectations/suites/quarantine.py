"""The refused rows themselves: restricted."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.vocabulary import QUARANTINE_REASONS


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="restricted.quarantine",
        relation="restricted.quarantine",
        owner="data_platform",
        key=("file", "line"),
        grain="row of a file",
        model="dbt_project/models/marts/restricted/quarantine.sql",
        pii_columns=frozenset({"raw_text"}),
    )
    rules.unique_key(
        "A row with several faults counts once, under its first column: twice is one row too many.", Severity.WARNING
    )
    rules.filled(
        "source",
        "table_name",
        "file",
        "line",
        "reason",
        why="A steward finds the row by them, and sends it back to its owner.",
    )
    rules.one_of(
        "reason",
        QUARANTINE_REASONS,
        why="Stewards filter on these words.",
        fix="Look at the reasons that orchestration/lib/landing gives.",
    )
    rules.refers(
        "file",
        "marts.load_ledger",
        "file",
        why="A quarantined row of a file that nobody lists is in no count.",
        fix="Both tables filter files by the as-of date: look for a filter that only one of them has.",
    )
    return rules.build()
