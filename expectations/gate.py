"""The gate: runs every suite against one warehouse and says whether its release may leave."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from expectations.identifiers import MASK, mask_identifiers
from expectations.rules import Rule, Severity, Suite, literal
from expectations.settings import Settings
from expectations.suites import Contract, PublishedTable, arriving_suites, leaving_suites, waivers

if TYPE_CHECKING:
    from expectations.engine import Validator

EXCEPTIONS_A_RULE = 20
EXCEPTIONS_HISTORY = "ops.quality_exceptions"
WAIVERS = "seeds.waivers"
SEGMENTS = "marts.segments"


@dataclass(frozen=True)
class Waiver:
    """A steward's decision that a rule may fail until the end of a day."""

    rule: str
    waived_by: str
    waived_until: date


@dataclass(frozen=True)
class ResultRow:
    """One row of quality_results: what one rule found in one run."""

    run_id: str
    checked_at: datetime
    as_of_date: date
    suite: str
    rule: str
    table_name: str
    column_name: str | None
    expectation: str
    description: str
    fix: str
    severity: str
    owner: str
    success: bool
    observed_value: str
    unexpected_count: int | None
    unexpected_percent: float | None
    waived_by: str | None
    waived_until: date | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class ExceptionRow:
    """One row of quality_exceptions: one row of data that a rule does not accept."""

    run_id: str
    rule: str
    table_name: str
    row_key: str
    observed_value: str
    first_seen_on: date

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class GateReport:
    """What the gate found."""

    results: tuple[ResultRow, ...]
    exceptions: tuple[ExceptionRow, ...]

    @property
    def refusing(self) -> tuple[str, ...]:
        """The critical rules that failed and that nobody waived: each of them refuses the release."""
        return tuple(
            row.rule
            for row in self.results
            if row.severity == Severity.CRITICAL and not row.success and row.waived_by is None
        )

    @property
    def refused(self) -> bool:
        return bool(self.refusing)

    def failing(self, severity: Severity | None = None) -> tuple[str, ...]:
        """The rules that failed, waived or not; of one severity, where given."""
        return tuple(
            row.rule for row in self.results if not row.success and (severity is None or row.severity == severity)
        )


def run_gate(
    warehouse: str | os.PathLike[str] | duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    as_of_date: date,
    checked_at: datetime,
    contracts: Iterable[Contract] = (),
    published: Iterable[PublishedTable] | None = None,
    project_vars: Mapping[str, Any] | None = None,
    cutoff_at: datetime | None = None,
    exceptions_a_rule: int = EXCEPTIONS_A_RULE,
    only: Collection[str] | None = None,
    on_suite: Callable[[str, int, int], None] | None = None,
) -> GateReport:
    """Check what arrived and what is about to leave, and return every result. Writes nothing.

    warehouse          the warehouse's path, or an open DuckDB connection to it. A path is opened without a
                       configuration, which DuckDB refuses where this process holds the file open with one, as
                       dbt does: then give a connection.
    run_id, checked_at stand in every row; checked_at (UTC) also decides whether a waiver still holds.
    as_of_date         the refresh's date D; cutoff_at is the first instant after it in UTC, worked out from
                       vars.reporting_timezone where not given.
    contracts          the contracts of the source tables: objects with source, table, columns (name, required,
                       pii), primary_key, version, owner. One suite is generated from each.
    published          the published tables of this warehouse: objects with schema, name, owner and columns
                       (name, pii); None is every table that has a suite. A table without a suite of its own is
                       still searched for direct identifiers. Owners given here outrank those in the suites.
    project_vars       the vars of dbt_project.yml; those that rules read are in `Settings`.
    exceptions_a_rule  how many failing rows of a rule are listed, in the order of their keys.
    only               names of suites and ids of rules to check; None is all. A part never makes a release.
    on_suite           called before each suite with its name, its number from 1, and how many there are.

    A rule whose query cannot run, because a table or column is missing, has failed with that reason.
    `first_seen_on` of an exception is taken from ops.quality_exceptions, and waivers are read from seeds.waivers,
    where those tables exist. A waived critical failure is listed, and refuses nothing.
    """
    settings = Settings.for_day(as_of_date, project_vars, cutoff_at)
    contracts = list(contracts)
    tables = None if published is None else list(published)
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        return _Run(warehouse, run_id, checked_at, settings, exceptions_a_rule).check(contracts, tables, only, on_suite)
    path = Path(os.fspath(warehouse))
    if not path.exists():
        raise FileNotFoundError(f"There is no warehouse at {path}: build it before it is checked.")
    connection = duckdb.connect(str(path))
    try:
        return _Run(connection, run_id, checked_at, settings, exceptions_a_rule).check(
            contracts, tables, only, on_suite
        )
    finally:
        connection.close()


class _Run:
    """One run of the gate over an open connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        run_id: str,
        checked_at: datetime,
        settings: Settings,
        exceptions_a_rule: int,
    ) -> None:
        self._cursor = connection.cursor()
        self._connection = connection
        self._run_id = run_id
        self._checked_at = checked_at
        self._settings = settings
        self._waivers: list[Waiver] = []
        self._exceptions_a_rule = exceptions_a_rule

    def check(
        self,
        contracts: list[Contract],
        published: list[PublishedTable] | None,
        only: Collection[str] | None,
        on_suite: Callable[[str, int, int], None] | None,
    ) -> GateReport:
        from expectations.engine import Validator

        columns = self._text_columns()
        suites = [
            *arriving_suites(contracts, self._settings),
            *leaving_suites(published, columns, self._settings, self._segment_owners()),
        ]
        if self._has(WAIVERS):
            suites.append(waivers.suite(self._settings, [rule.id for suite in suites for rule in suite.rules]))
            self._waivers = [
                Waiver(*row)
                for row in self._cursor.execute(
                    f"select rule, waived_by, waived_until from {WAIVERS} "
                    "where rule is not null and waived_by is not null and waived_until >= ?",
                    [self._checked_at.date()],
                ).fetchall()
            ]
        if only is not None:
            suites = [suite.of(only) for suite in suites]
            suites = [suite for suite in suites if suite.rules]
        validator = Validator(self._connection, suites)
        results: list[ResultRow] = []
        exceptions: list[ExceptionRow] = []
        try:
            for number, suite in enumerate(suites, start=1):
                if on_suite is not None:
                    on_suite(suite.name, number, len(suites))
                for row, failures in self._check_suite(validator, suite):
                    results.append(row)
                    exceptions.extend(failures)
        finally:
            validator.close()
        return GateReport(tuple(results), tuple(exceptions))

    def _check_suite(self, validator: Validator, suite: Suite) -> Iterable[tuple[ResultRow, list[ExceptionRow]]]:
        found = validator.validate(suite)
        for rule in suite.rules:
            outcome = found[rule.id]
            waiver = self._waiver_of(rule)
            count: int | None = None
            percent: float | None = None
            failures: list[ExceptionRow] = []
            if outcome.error is not None:
                observed = "could not be checked: " + mask_identifiers(outcome.error)
            else:
                count = outcome.failing
                if rule.whole_table and outcome.value is not None:
                    observed = MASK if rule.pii else mask_identifiers(outcome.value)
                else:
                    observed = f"{outcome.failing} failing of {outcome.rows} {rule.unit}"
                    # Rows that are missing altogether are not a share of those that are there.
                    if 0 < outcome.rows >= outcome.failing:
                        percent = 100.0 * outcome.failing / outcome.rows
                if outcome.failing:
                    failures = self._exceptions_of(rule, suite)
            yield (
                ResultRow(
                    run_id=self._run_id,
                    checked_at=self._checked_at,
                    as_of_date=self._settings.as_of_date,
                    suite=suite.name,
                    rule=rule.id,
                    table_name=rule.table,
                    column_name=rule.column,
                    expectation=rule.expectation,
                    description=rule.description,
                    fix=rule.fix,
                    severity=rule.severity.value,
                    owner=rule.owner,
                    success=outcome.error is None and outcome.failing == 0,
                    observed_value=observed,
                    unexpected_count=count,
                    unexpected_percent=percent,
                    waived_by=waiver.waived_by if waiver else None,
                    waived_until=waiver.waived_until if waiver else None,
                ),
                failures,
            )

    def _waiver_of(self, rule: Rule) -> Waiver | None:
        """The waiver that holds for a rule on the day of the check: the longest, where there are several."""
        holding = [waiver for waiver in self._waivers if waiver.rule == rule.id]
        return max(holding, key=lambda waiver: (waiver.waived_until, waiver.waived_by), default=None)

    def _exceptions_of(self, rule: Rule, suite: Suite) -> list[ExceptionRow]:
        """The first failing rows of a rule, by key: fetched only once the rule is known to fail."""
        query = rule.failing_rows.replace("{batch}", f"(select * from {suite.relation})")
        found = self._cursor.execute(
            "select coalesce(row_key, '(null)'), coalesce(observed_value, '(null)') "
            f"from ({query}) as failing order by row_key, observed_value limit {self._exceptions_a_rule}"
        ).fetchall()
        keys = [mask_identifiers(key) for key, _ in found]
        known = self._first_seen(rule, keys)
        return [
            ExceptionRow(
                run_id=self._run_id,
                rule=rule.id,
                table_name=rule.table,
                row_key=key,
                observed_value=MASK if rule.pii else mask_identifiers(value),
                first_seen_on=min(known.get(key, self._settings.as_of_date), self._settings.as_of_date),
            )
            for key, (_, value) in zip(keys, found, strict=True)
        ]

    def _first_seen(self, rule: Rule, keys: list[str]) -> dict[str, date]:
        """Since when each row is known to fail, from the exceptions of earlier runs."""
        if not self._has(EXCEPTIONS_HISTORY):
            return {}
        names = ", ".join(literal(key) for key in keys)
        rows = self._cursor.execute(
            f"select row_key, min(first_seen_on) from {EXCEPTIONS_HISTORY} "
            f"where rule = {literal(rule.id)} and row_key in ({names}) group by row_key"
        ).fetchall()
        return dict(rows)

    def _has(self, relation: str) -> bool:
        row = self._cursor.execute(
            "select count(*) from information_schema.tables where table_schema || '.' || table_name = ?",
            [relation],
        ).fetchone()
        return bool(row and row[0])

    def _segment_owners(self) -> dict[str, str]:
        """The owners of the segments of this warehouse: each is warned of their own."""
        if not self._has(SEGMENTS):
            return {}
        rows = self._cursor.execute(
            f"select segment, min(owner) from {SEGMENTS} where segment is not null and owner is not null "
            "group by segment order by segment"
        ).fetchall()
        return dict(rows)

    def _text_columns(self) -> dict[str, list[str]]:
        """The text columns of every table and view of the published schemas, by `schema.table`."""
        rows = self._cursor.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns "
            "where table_schema in ('marts', 'restricted') and data_type = 'VARCHAR' "
            "order by table_schema, table_name, ordinal_position"
        ).fetchall()
        columns: dict[str, list[str]] = {}
        for table, column in rows:
            columns.setdefault(table, []).append(column)
        return columns
