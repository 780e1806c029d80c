"""A rule, the suite that holds it, and the builders that suites are written with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Severity(StrEnum):
    """critical refuses the release; warning and info are listed beside it."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Rule:
    """One claim about one table, the query that lists what breaks it, and what a person does then.

    `failing_rows` returns one row a failure with the columns row_key and observed_value, both text; `{batch}`
    in it stands for the table's rows and takes an alias. It never names a direct identifier as the key.
    `population` counts what could have failed, in `unit`s. `whole_table` says that the one failing row speaks
    of the table, so that its value is the observed value of the run.
    """

    id: str
    severity: Severity
    owner: str
    table: str
    column: str | None
    expectation: str
    description: str
    fix: str
    failing_rows: str
    population: str = "select count(*) from {batch} as counted"
    unit: str = "rows"
    whole_table: bool = False
    pii: bool = False


@dataclass(frozen=True)
class Told:
    """Words that people add to a list: a query of them, and what they are called."""

    query: str
    words: str


@dataclass(frozen=True)
class Suite:
    """The rules of one table. `relation` is where the engine finds it, `table` what people call it.

    `texts_of` is a condition on a row `t`: all others repeat the texts of those that meet it. None is every row.
    """

    name: str
    table: str
    relation: str
    key: tuple[str, ...]
    rules: tuple[Rule, ...]
    texts_of: str | None = None

    def of(self, chosen: Collection[str]) -> Suite:
        """The suite with the rules that are chosen, by their ids or by the suite's name."""
        if self.name in chosen:
            return self
        return replace(self, rules=tuple(rule for rule in self.rules if rule.id in chosen))

    def owned_by(self, owner: str) -> Suite:
        return replace(self, rules=tuple(replace(rule, owner=owner) for rule in self.rules))


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def as_text(expression: str) -> str:
    """An expression as text, null included, so that no key loses a part."""
    return f"coalesce(cast({expression} as varchar), '(null)')"


def key_of(columns: Iterable[str], alias: str = "t") -> str:
    """The key columns of a row as one text."""
    return " || ' | ' || ".join(as_text(f"{alias}.{quoted(column)}") for column in columns)


def quoted(column: str) -> str:
    """A column name that may be any word of a contract, such as `date` or `order`."""
    return '"' + column.replace('"', '""') + '"'


def contains_match(expression: str, pattern: str) -> str:
    """Whether a text contains a match of a pattern; the function's name differs between engines."""
    return f"regexp_matches({expression}, {literal(pattern)})"


@dataclass
class SuiteBuilder:
    """Collects the rules of one table; every method adds rules whose id begins with the table's name.

    `model` is the file to open first when a rule fails; it stands in the `fix` of rules that give none.
    """

    table: str
    relation: str
    owner: str
    key: tuple[str, ...]
    grain: str
    model: str
    suite: str = ""
    prefix: str = ""
    pii_columns: frozenset[str] = frozenset()
    texts_of: str | None = None
    _rules: list[Rule] = field(default_factory=list)

    def build(self) -> Suite:
        return Suite(
            name=self.suite or f"published.{self.table}",
            table=self.table,
            relation=self.relation,
            key=self.key,
            rules=tuple(self._rules),
            texts_of=self.texts_of,
        )

    def rows(
        self,
        name: str,
        failing_rows: str,
        *,
        expectation: str,
        why: str,
        fix: str,
        column: str | None = None,
        severity: Severity = Severity.CRITICAL,
        whole_table: bool = False,
        pii: bool = False,
        population: str = Rule.population,
        unit: str = Rule.unit,
    ) -> None:
        """A rule by its own query of row_key and observed_value."""
        self._rules.append(
            Rule(
                id=f"{self.prefix or self.table.rpartition('.')[2]}.{name}",
                severity=severity,
                owner=self.owner,
                table=self.table,
                column=column,
                expectation=expectation,
                description=why,
                fix=fix,
                failing_rows=failing_rows,
                population=population,
                unit=unit,
                whole_table=whole_table,
                pii=pii or column in self.pii_columns,
            )
        )

    def never(
        self,
        name: str,
        condition: str,
        *,
        observed: str,
        expectation: str,
        why: str,
        fix: str,
        column: str | None = None,
        severity: Severity = Severity.CRITICAL,
    ) -> None:
        """No row of the table, as `t`, meets the condition; `observed` is the value to show."""
        self.rows(
            name,
            f"select {key_of(self.key)} as row_key, {as_text(observed)} as observed_value "
            f"from {{batch}} as t where {condition}",
            expectation=expectation,
            why=why,
            fix=fix,
            column=column,
            severity=severity,
        )

    def unique_key(self, why: str | None = None, severity: Severity = Severity.CRITICAL) -> None:
        """No two rows share the grain. A null part equals another null."""
        columns = ", ".join(f"t.{quoted(column)}" for column in self.key)
        names = ", ".join(self.key)
        self.rows(
            "grain_is_unique",
            f"select {key_of(self.key)} as row_key, cast(count(*) as varchar) || ' rows' as observed_value "
            f"from {{batch}} as t group by {columns} having count(*) > 1",
            expectation=f"({names}) is unique",
            why=why or f"The table promises one row a {self.grain}: a second one counts twice in every sum and join.",
            fix=f"Open {self.model}: some join there finds two rows, or a pick lacks its last tie-breaker.",
            column=self.key[0] if len(self.key) == 1 else None,
            severity=severity,
        )

    def filled(self, *columns: str, why: str, fix: str = "", severity: Severity = Severity.CRITICAL) -> None:
        """Each of the columns is never null: one rule a column."""
        for column in columns:
            self.never(
                f"{column}_is_filled",
                f"t.{quoted(column)} is null",
                observed="null",
                expectation=f"{column} is not null",
                why=why,
                fix=fix or f"Find the rows by their key in {self.model} and follow {column} to where it is lost.",
                column=column,
                severity=severity,
            )

    def one_of(
        self,
        column: str,
        values: Iterable[str],
        *,
        why: str,
        fix: str,
        severity: Severity = Severity.CRITICAL,
        also: Told | None = None,
        where: str = "",
    ) -> None:
        """Where the column is filled, it holds one of the values, or one that people told; of all rows, or of some."""
        allowed = list(values)
        some = f" and {where}" if where else ""
        told = f" and t.{quoted(column)} not in ({also.query})" if also else ""
        self.never(
            f"{column}_is_known",
            f"t.{quoted(column)} not in ({', '.join(literal(value) for value in allowed)}){told}{some}",
            observed=f"t.{quoted(column)}",
            expectation=f"{column} is one of {', '.join(allowed)}{f', or {also.words}' if also else ''}",
            why=why,
            fix=fix,
            column=column,
            severity=severity,
        )

    def between(
        self,
        column: str,
        low: str | None,
        high: str | None,
        *,
        why: str,
        fix: str,
        claim: str = "",
        severity: Severity = Severity.CRITICAL,
    ) -> None:
        """Where the column is filled, it lies between the bounds, both included; `claim` says so in words."""
        bounds = [f"t.{quoted(column)} < {low}"] if low is not None else []
        bounds += [f"t.{quoted(column)} > {high}"] if high is not None else []
        claim = claim or (
            f"{column} is between {low} and {high}"
            if low is not None and high is not None
            else f"{column} is at least {low}"
            if low is not None
            else f"{column} is at most {high}"
        )
        self.never(
            f"{column}_is_in_range",
            " or ".join(bounds),
            observed=f"t.{quoted(column)}",
            expectation=claim,
            why=why,
            fix=fix,
            column=column,
            severity=severity,
        )

    def shaped(
        self,
        column: str,
        pattern: str,
        *,
        shape: str,
        why: str,
        fix: str,
        severity: Severity = Severity.CRITICAL,
    ) -> None:
        """Where the column is filled, the whole of it matches the pattern; `shape` says so in words."""
        self.never(
            f"{column}_is_well_formed",
            f"not {contains_match(f't.{quoted(column)}', f'^({pattern})$')}",
            observed=f"t.{quoted(column)}",
            expectation=f"{column} is {shape}",
            why=why,
            fix=fix,
            column=column,
            severity=severity,
        )

    def refers(
        self,
        column: str,
        parent: str,
        parent_column: str,
        *,
        why: str,
        fix: str,
        severity: Severity = Severity.CRITICAL,
    ) -> None:
        """Where the column is filled, its value is a row of the parent."""
        parent_name = parent.removeprefix("marts.")
        self.rows(
            f"{column}_exists_in_{parent_name.rpartition('.')[2]}",
            f"select {key_of(self.key)} as row_key, {as_text(f't.{quoted(column)}')} as observed_value "
            f"from {{batch}} as t where t.{quoted(column)} is not null and not exists "
            f"(select 1 from {parent} as p where p.{quoted(parent_column)} = t.{quoted(column)})",
            expectation=f"{column} is a {parent_column} of {parent_name}",
            why=why,
            fix=fix,
            column=column,
            severity=severity,
        )
