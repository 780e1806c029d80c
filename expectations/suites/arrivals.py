"""What arrives: a suite for each source table, generated from its contract, and one for the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from expectations.rules import Severity, Suite, SuiteBuilder, as_text, literal, quoted
from expectations.settings import Settings
from expectations.suites.vocabulary import FILE_STATUSES

RARE_SHARE = 0.01
LIMIT_SHARE = 0.20
# Of a handful of rows a share says nothing; below this many quarantined rows no release is refused.
LIMIT_ROWS = 100
FRESH_DAYS = 3
# Tables that change rarely are exported rarely. Where fewer exports than this show how often, the source's other
# tables say whether it still exports.
FRESH_EXPORTS = 3
# An export is compared with the median of this many before it: of five at least, and not below 100 rows.
VOLUME_EXPORTS = 7


class ContractColumn(Protocol):
    """A column of a contract; any object with these attributes will do."""

    @property
    def name(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def pii(self) -> bool: ...


class Contract(Protocol):
    """The contract of a source table; any object with these attributes will do."""

    @property
    def source(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def columns(self) -> Sequence[ContractColumn]: ...
    @property
    def primary_key(self) -> Sequence[str]: ...
    @property
    def version(self) -> str | None: ...
    @property
    def owner(self) -> str | None: ...


def source_table(contract: Contract, settings: Settings) -> Suite:
    """What the contract of one table promises, and what its files have shown so far."""
    name = f"{contract.source}.{contract.table}"
    relation = f"{quoted('raw_' + contract.source)}.{quoted(contract.table)}"
    rules = SuiteBuilder(
        table=f"raw_{name}",
        relation=relation,
        owner=contract.owner or contract.source,
        key=("_file", "_line"),
        grain="row of a file",
        model=f"dbt_project/models/staging/{contract.source}/_{contract.source}__sources.yml",
        suite=f"arrivals.{name}",
        prefix=name,
    )
    files = (
        f"(select * from ops.load_ledger where source = {literal(contract.source)} "
        f"and table_name = {literal(contract.table)} and (export_date is null or export_date <= "
        f"{settings.day}))"
    )
    count_of_files = f"select count(*) from {files} as counted"
    _required(rules, contract)
    rules.rows(
        "rows_are_all_there",
        "select coalesce(l.file, t.file) as row_key, coalesce(l.rows_loaded, 0) || ' / ' || "
        "coalesce(t.rows_found, 0) "
        f"as observed_value from (select * from ops.load_ledger where source = {literal(contract.source)} "
        f"and table_name = {literal(contract.table)}) as l full join ("
        "select b._file as file, count(*) as rows_found from {batch} as b group by b._file) as t on t.file "
        "= l.file "
        "where coalesce(l.rows_loaded, 0) <> coalesce(t.rows_found, 0)",
        expectation="raw holds of every file the rows that the ledger says were loaded",
        why=("A row that the ledger counts and raw does not hold is lost; one that raw alone holds came from nowhere."),
        fix="Refresh with --rebuild: the files are read again from the landing folder.",
        population=f"select count(*) from {files} as counted",
        unit="files",
    )
    _quarantine(rules, files)
    rules.rows(
        "every_file_is_read",
        "select file as row_key, status || ': ' || coalesce(reason, 'no reason given') as observed_value "
        f"from {files} as t where status in ('rejected', 'unreadable')",
        expectation="no file was rejected or unreadable",
        why=(
            "Nothing of such a file is in the release: the day it exports is missing, and nobody sees it in "
            "the figures."
        ),
        fix=("Read the reason, have the owner of the source export the file again, and land it under the same path."),
        severity=Severity.WARNING,
        population=count_of_files,
        unit="files",
    )
    rules.rows(
        "is_fresh",
        "select 'newest export' as row_key, newest || ', ' || age || ' days before the as-of date' as observed_value "
        f"from (select max(export_date) as newest, {settings.day} - max(export_date) as age, "
        "count(*) as exports, max(pause) as longest_pause from ("
        "select export_date, export_date - lag(export_date) over (order by export_date) as pause from "
        f"(select distinct export_date from {files} as f where export_date is not null) as d) as p) as t "
        f"where age > {FRESH_DAYS} and case when exports >= {FRESH_EXPORTS} then age > 2 * longest_pause else "
        f"{settings.day} - (select max(export_date) from ops.load_ledger where source = {literal(contract.source)} "
        f"and export_date <= {settings.day}) > {FRESH_DAYS} end",
        expectation=f"the newest export is at most {FRESH_DAYS} days, or twice the longest pause, old",
        why="A source that has stopped exporting looks like customers who have stopped coming.",
        fix="Ask the owner of the source whether its export still runs.",
        severity=Severity.WARNING,
        whole_table=True,
    )
    rules.rows(
        "volume_holds",
        "select 'newest export' as row_key, rows_read || ' rows, median ' || cast(usual as varchar) as "
        "observed_value "
        "from (select export_date, rows_read, row_number() over (order by export_date desc) as age, "
        f"median(rows_read) over (order by export_date rows between {VOLUME_EXPORTS} preceding and 1 "
        "preceding) as usual, "
        f"count(*) over (order by export_date rows between {VOLUME_EXPORTS} preceding and 1 preceding) as "
        "exports from ("
        f"select export_date, sum(rows_read) as rows_read from {files} as f where export_date is not null "
        "group by export_date) as d) as t where age = 1 and exports >= 5 and usual >= 100 and rows_read < "
        "usual / 10",
        expectation=(
            f"the newest export has at least a tenth of the rows of the median of the {VOLUME_EXPORTS} before it"
        ),
        why="An export that was cut off halfway is valid row by row: only its size gives it away.",
        fix="Compare the row count with the source, and have the day exported again.",
        severity=Severity.WARNING,
        whole_table=True,
    )
    rules.rows(
        "columns_are_as_agreed",
        "select file as row_key, drift as observed_value from ("
        f"select *, max(export_date) over () as newest from {files} as f) as t "
        "where coalesce(trim(drift), '') <> '' and export_date is not distinct from newest",
        expectation="the newest export has exactly the columns of the contract",
        why=(
            "A new column is news, and a missing one is null from now on: both are decisions for the contract's owner."
        ),
        fix=f"Add the column to {rules.model}, or agree with the source to export it again.",
        severity=Severity.INFO,
        population=count_of_files,
        unit="files",
    )
    _keys(rules, contract, settings)
    return rules.build()


def _required(rules: SuiteBuilder, contract: Contract) -> None:
    required = [column.name for column in contract.columns if column.required]
    if not required:
        return
    missing = ", ".join(f"case when t.{quoted(name)} is null then {literal(name)} end" for name in required)
    rules.never(
        "required_values_are_there",
        " or ".join(f"t.{quoted(name)} is null" for name in required),
        observed=f"concat_ws(', ', {missing})",
        expectation=f"{', '.join(required)} {'is' if len(required) == 1 else 'are'} not null",
        why="Rows without a required value belong in quarantine; behind it every model relies on them.",
        fix=(
            "The loader quarantines such rows: refresh with --rebuild, and if they come back look at "
            "orchestration/lib/landing."
        ),
    )


def _quarantine(rules: SuiteBuilder, files: str) -> None:
    """Two limits on the share of quarantined rows, in the newest export and in all: the worse one counts."""
    shares = (
        "select 'newest export' as what, 1 as place, sum(rows_quarantined) as bad, sum(rows_read) as "
        "all_rows from ("
        f"select *, max(export_date) over () as newest from {files} as f) as n "
        "where export_date is not distinct from newest union all "
        f"select 'all exports', 2, sum(rows_quarantined), sum(rows_read) from {files} as f"
    )
    shown = (
        "what || ': ' || bad || ' of ' || all_rows || ' rows (' || "
        "cast(round(100.0 * bad / all_rows, 1) as varchar) || ' %)'"
    )
    for name, severity, share, extra, fix in (
        (
            "quarantine_is_rare",
            Severity.WARNING,
            RARE_SHARE,
            "",
            "Read quarantine_summary for this table: it names column and reason. The rows are in "
            "restricted.quarantine.",
        ),
        (
            "quarantine_is_limited",
            Severity.CRITICAL,
            LIMIT_SHARE,
            f" and bad >= {LIMIT_ROWS}",
            "Have the export corrected and landed again. If the change is meant, change the contract; until "
            "then waive the rule.",
        ),
    ):
        rules.rows(
            name,
            f"select what as row_key, {shown} as observed_value from ({shares}) as t "
            f"where all_rows > 0 and bad > {share} * all_rows{extra} order by bad / all_rows desc, place limit 1",
            expectation=f"at most {share:.0%} of the rows are in quarantine"
            + (f", or fewer than {LIMIT_ROWS}" if extra else ""),
            why=(
                "Quarantined rows are missing from every figure; beyond a few, the figures no longer "
                "describe the business."
            ),
            fix=fix,
            severity=severity,
            whole_table=True,
        )


def _keys(rules: SuiteBuilder, contract: Contract, settings: Settings) -> None:
    """Rows of one key and one version in one export: landing order alone decides between them."""
    key = list(contract.primary_key)
    if not key:
        return
    same = [f"t.{quoted(name)}" for name in [*key, *([contract.version] if contract.version else []), "_export_date"]]
    columns = ", ".join(same)
    visible = f"(t._export_date is null or t._export_date <= {settings.day})"
    pii = {column.name for column in contract.columns if column.pii}
    shown = " || ' | ' || ".join(as_text(f"t.{quoted(name)}") for name in key)
    rules.rows(
        "keys_arrive_once",
        "select min(t._file || ':' || t._line) as row_key, "
        f"{shown} || ': ' || count(*) || ' rows' as observed_value from {{batch}} as t "
        # Hashes first: grouping millions of long keys to find none that occurs twice costs ten times as much.
        f"where {visible} and hash({columns}) in (select hash({columns}) from {{batch}} as t where {visible} "
        f"group by 1 having count(*) > 1) group by {columns} having count(*) > 1",
        expectation=f"({', '.join(key)}) arrives once an export, or in different versions",
        why=("Of rows of one key and one version the last line wins: which one is true, the source alone knows."),
        fix=("Ask the owner of the source why a key is exported twice, or name a version column in the contract."),
        severity=Severity.INFO,
        pii=bool(pii.intersection(key)),
    )


def ledger(settings: Settings) -> Suite:
    """What holds of every file, whatever its table."""
    rules = SuiteBuilder(
        table="ops.load_ledger",
        relation="ops.load_ledger",
        owner="data_platform",
        key=("file",),
        grain="file",
        model="orchestration/lib/landing/ledger.py",
        suite="arrivals.ledger",
        prefix="ledger",
    )
    rules.unique_key("A file that is listed twice has its rows counted twice.")
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
        fix="Refresh with --rebuild; if it stays, the loader loses rows: keep the file, it is the test case.",
    )
    rules.rows(
        "quarantine_agrees",
        "select coalesce(t.file, q.file) as row_key, coalesce(t.rows_quarantined, 0) || ' / ' || "
        "coalesce(q.rows_found, 0) as observed_value from {batch} as t full join ("
        "select file, count(*) as rows_found from ops.quarantine group by file) as q on q.file = t.file "
        "where coalesce(t.rows_quarantined, 0) <> coalesce(q.rows_found, 0)",
        expectation="the quarantine holds of every file the rows that the ledger counts",
        why="A row that was refused must be there to be looked at, or it was dropped silently.",
        fix="Refresh with --rebuild: the files are read again from the landing folder.",
        column="rows_quarantined",
    )
    rules.never(
        "every_folder_is_known",
        f"t.status = 'unknown_table' and (t.export_date is null or t.export_date <= {settings.day})",
        observed="coalesce(t.reason, t.status)",
        expectation="every file belongs to a table with a contract",
        why="Somebody exports something that nobody loads: a misspelt folder, or a source to add.",
        fix="Rename the folder to <source>/<table>, or add the source: CONTRIBUTING.md says how.",
        column="status",
        severity=Severity.WARNING,
    )
    rules.never(
        "failures_give_a_reason",
        "t.status in ('rejected', 'unreadable', 'unknown_table') and coalesce(trim(t.reason), '') = ''",
        observed="t.status",
        expectation="a file that did not load says why",
        why="Whoever exports it again has only this sentence to go by.",
        fix="Look at the reasons that orchestration/lib/landing gives.",
        column="reason",
        severity=Severity.WARNING,
    )
    return rules.build()
