"""The decisions of stewards on rules: they name a rule that exists, an author, an end and a reason."""

from __future__ import annotations

from collections.abc import Iterable

from expectations.rules import Severity, Suite, SuiteBuilder, as_text, literal
from expectations.settings import Settings


def suite(settings: Settings, known_rules: Iterable[str]) -> Suite:
    rules = SuiteBuilder(
        table="seeds.waivers",
        relation="seeds.waivers",
        owner="data_platform",
        key=("rule", "waived_by", "waived_until"),
        grain="waiver",
        model="dbt_project/seeds/waivers.csv",
        suite="decisions.waivers",
    )
    rules.never(
        "rule_exists",
        f"t.rule not in ({', '.join(literal(rule) for rule in known_rules)})",
        observed="t.rule",
        expectation="rule is one of this run",
        why="A waiver of a rule that was renamed waives nothing: the next failure refuses the release.",
        fix="Correct the id in dbt_project/seeds/waivers.csv, or take the line out.",
        column="rule",
        severity=Severity.WARNING,
    )
    for column in ("rule", "waived_by", "waived_until", "reason"):
        rules.never(
            f"{column}_is_given",
            f"coalesce(trim({as_text(f't.{column}')}), '') in ('', '(null)')",
            observed="t.rule",
            expectation=f"{column} is filled",
            why="An exception without an end is the new rule, and one without an author has nobody to ask.",
            fix="Complete the line in dbt_project/seeds/waivers.csv; until then it may not hold.",
            column=column,
            severity=Severity.WARNING,
        )
    return rules.build()
