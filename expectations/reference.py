"""The page of all rules: `python -m expectations.reference > docs/reference/expectations.md` writes it anew."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from expectations.rules import Rule, Suite
from expectations.settings import Settings
from expectations.suites import LEAVING, arrivals, segments, waivers
from expectations.suites.privacy import identifiers_in_clear

_INTRODUCTION = """\
# Rules of the quality gate

Every refresh checks these rules with Great Expectations, after dbt and before anything is published. A rule that
fails is a row of `quality_results`, with what to do; the first rows that break it are in `quality_exceptions`.

- **critical** refuses the release, and the last one stays. **warning** and **info** are listed beside it.
- A steward lets a critical rule fail until a day with a line in `dbt_project/seeds/waivers.csv`. It is still listed.
- A rule that compares with a table that is not published is left out. A rule that cannot be run has failed.
- Rules are written in `expectations/suites`, a file for each table. `tests/unit/expectations` plants a fault for each.

This page is made from the rules: `python -m expectations.reference > docs/reference/expectations.md`.
"""


@dataclass(frozen=True)
class _Column:
    name: str
    required: bool
    pii: bool = False


@dataclass(frozen=True)
class _Contract:
    """A contract that stands for every other: its names are placeholders."""

    source: str = "<source>"
    table: str = "<table>"
    columns: tuple[_Column, ...] = (_Column("every required column", True),)
    primary_key: tuple[str, ...] = ("primary key",)
    version: str | None = "version"
    owner: str | None = "the source's"


def render() -> str:
    """The page as Markdown."""
    settings = Settings.for_day(date(2024, 6, 30))
    search = identifiers_in_clear(Suite("", "<table>", "marts.t", ("key",), ()), ["text"], "the table's")
    parts = [
        _INTRODUCTION,
        "## What arrives\n\nOne suite for each source table, generated from its contract.\n",
        _table(arrivals.source_table(_Contract(), settings).rules),
        "The ledger of all files.\n",
        _table(arrivals.ledger(settings).rules),
        "## What leaves\n\nEvery published table outside `restricted`, whether it has rules of its own or not.\n",
        _table(search.rules),
    ]
    for build in LEAVING.values():
        suite = build(settings)
        parts += [f"### {suite.table}\n", _table(suite.rules)]
        if build is segments.suite:
            owners = segments.owners_suite(settings, {"<segment>": "the segment's"})
            parts += ["Of every segment, so that its owner is warned:\n", _table(owners.rules)]
    parts += ["## Decisions of stewards\n", _table(waivers.suite(settings, []).rules)]
    return "\n".join(parts)


def _table(rules: Iterable[Rule]) -> str:
    lines = ["| rule | severity | holds | why | when it fails | owner |", "|---|---|---|---|---|---|"]
    for rule in rules:
        cells = [rule.expectation, rule.description, rule.fix]
        shown = " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
        lines.append(f"| `{rule.id}` | {rule.severity.value} | {shown} | {rule.owner} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
