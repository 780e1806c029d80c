"""The queries of docs/reference/attribution.md give what the page says, on a release as a reader attaches it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs/reference/attribution.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def release(released: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(f"attach '{released}/published/current/marts.duckdb' as tributary (read_only)")
        yield con


def asked(release: duckdb.DuckDBPyConnection, part: str) -> tuple[list[str], list[tuple]]:
    (query,) = [text for text in QUERIES if part in text]
    found = release.execute(query)
    return [column[0] for column in found.description or ()], found.fetchall()


def test_every_query_of_the_page_finds_something(release):
    assert len(QUERIES) == 6
    for query in QUERIES:
        assert release.execute(query).fetchall(), query


def test_the_credits_of_the_page_add_up_to_its_figure(release):
    names, [figure] = asked(release, "conversions, revenue, spend, roas\n")
    conversions, revenue = (figure[names.index(name)] for name in ("conversions", "revenue"))
    names, rows = asked(release, "touches.touched_at, touches.kind")
    assert sum(row[names.index("credit")] for row in rows) == pytest.approx(conversions, abs=1e-9)
    assert sum(row[names.index("credited_revenue")] for row in rows) == pytest.approx(revenue, abs=1e-9)


def test_roas_of_days_divides_what_was_summed(release):
    names, rows = asked(release, "nullif(case when count(*)")
    for row in rows:
        told = dict(zip(names, row, strict=True))
        expected = told["revenue"] / float(told["spend"]) if told["spend"] else None
        assert told["roas"] == (None if expected is None else pytest.approx(expected))
    assert any(row[names.index("roas")] for row in rows)


def test_vars_of_the_page_have_the_defaults_of_the_project(release):
    from orchestration.lib.settings import project_vars

    given = project_vars()
    told = dict(re.findall(r"^\| `(attribution_[a-z_]+)` \| ([0-9.]+) \|", PAGE, re.MULTILINE))
    assert {name: str(given[name]) for name in told} == told
    assert all(f"`{name}`" in PAGE for name in given if name.startswith("attribution_"))
