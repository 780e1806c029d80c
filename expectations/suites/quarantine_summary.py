"""What was refused, by column and reason."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, as_text
from expectations.settings import Settings
from expectations.suites.vocabulary import QUARANTINE_REASONS


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="quarantine_summary",
        relation="marts.quarantine_summary",
        owner="data_platform",
        key=("source", "table_name", "column_name", "reason"),
        grain="source table column and reason",
        model="dbt_project/models/marts/operations/quarantine_summary.sql",
    )
    rules.unique_key()
    rules.filled(
        "source",
        "table_name",
        "reason",
        "rows",
        "first_file",
        why="The summary tells the owner of a source what to correct, and where to look.",
    )
    rules.one_of(
        "reason",
        QUARANTINE_REASONS,
        why="Owners filter on these words.",
        fix="Look at the reasons that orchestration/lib/landing gives.",
    )
    rules.between(
        "rows",
        "1",
        None,
        why="A line of the summary is there because rows are.",
        fix="Look at the grouping in quarantine_summary.sql.",
    )
    rules.never(
        "only_malformed_rows_lack_a_column",
        "(t.column_name is null) <> (t.reason = 'malformed_row')",
        observed=f"{as_text('t.column_name')} || ' / ' || t.reason",
        expectation="column_name is null for malformed_row, and for nothing else",
        why="Every other reason is a fault of one column, which its owner has to know.",
        fix="Look at the quarantine of orchestration/lib/landing.",
        column="column_name",
    )
    rules.rows(
        "agrees_with_the_ledger",
        "select coalesce(l.source, q.source) || '.' || coalesce(l.table_name, q.table_name) as row_key, "
        "coalesce(l.quarantined, 0) || ' / ' || coalesce(q.quarantined, 0) as observed_value from ("
        "select source, table_name, sum(rows_quarantined) as quarantined from marts.load_ledger "
        "group by source, table_name having sum(rows_quarantined) > 0) as l full join ("
        'select t.source, t.table_name, sum(t."rows") as quarantined from {batch} as t '
        "group by t.source, t.table_name) as q on q.source = l.source and q.table_name = l.table_name "
        "where coalesce(l.quarantined, 0) <> coalesce(q.quarantined, 0)",
        expectation="the rows of a table sum to the quarantined rows of its files in load_ledger",
        why="Rows read = loaded + quarantined, down to the reason.",
        fix="Compare restricted.quarantine with load_ledger for the listed table.",
        column="rows",
    )
    return rules.build()
