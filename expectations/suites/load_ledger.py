"""What became of every file."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.vocabulary import FILE_STATUSES, HASH


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="load_ledger",
        relation="marts.load_ledger",
        owner="data_platform",
        key=("file",),
        grain="file",
        model="dbt_project/models/marts/operations/load_ledger.sql",
    )
    rules.unique_key("A file that is listed twice has its rows counted twice.")
    rules.filled(
        "source",
        "table_name",
        "file",
        "rows_read",
        "rows_loaded",
        "rows_quarantined",
        "status",
        "loaded_at",
        why="Every file is accounted for, with what became of its rows.",
    )
    rules.one_of(
        "status",
        FILE_STATUSES,
        why="Nothing is dropped silently: a file has exactly one of six fates.",
        fix="Look at the statuses that orchestration/lib/landing gives.",
    )
    rules.never(
        "rows_add_up",
        "t.rows_read is distinct from t.rows_loaded + t.rows_quarantined",
        observed="concat_ws(' / ', t.rows_read, t.rows_loaded, t.rows_quarantined)",
        expectation="rows_read = rows_loaded + rows_quarantined",
        why="A row that is neither loaded nor in quarantine is lost.",
        fix="Load the file again: remove it from the landing folder for one refresh, then put it back.",
    )
    rules.never(
        "landed_by_the_as_of_date",
        f"t.export_date > {settings.day}",
        observed="t.export_date",
        expectation="export_date is not after the as-of date",
        why="A refresh of a day sees no later file.",
        fix="Look at the visibility filter in load_ledger.sql.",
        column="export_date",
    )
    rules.shaped(
        "sha256",
        f"({HASH})?",
        shape="64 hex digits",
        why="Duplicates are found by it, and a release can be traced to the very bytes.",
        fix="Look at the checksum in orchestration/lib/landing.",
    )
    rules.never(
        "only_loaded_files_have_rows",
        "t.status not in ('loaded') and t.rows_loaded > 0",
        observed="t.status || ' with ' || t.rows_loaded || ' rows'",
        expectation="only a loaded file has rows",
        why="A rejected or unreadable file must leave nothing behind: half a file is worse than none.",
        fix="Load the file again: remove it from the landing folder for one refresh, then put it back.",
        column="status",
    )
    return rules.build()
