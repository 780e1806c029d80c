"""The map of attribution is what it says: every step of every figure is run, and gives the figure again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.settings import Home
from orchestration.lib.transform import dbt
from tests.conftest import marts

GRAINS = {
    "attribution_by_channel": ("converted_on", "model", "channel"),
    "attribution_by_campaign": ("converted_on", "model", "campaign"),
    "attribution_by_segment": ("month", "model", "segment", "channel"),
    "attribution_reconciliation": ("month", "conversion_type", "model"),
    "attribution_model_agreement": ("channel",),
}
# What a first row of a figure may read; everything else is a step of it.
NEAREST = {
    *("marts.attribution_credits", "marts.ad_spend_daily", "marts.conversions", "marts.attribution_by_channel"),
    *("intermediate.int_credits_summed", *(f"marts.{table}" for table in GRAINS)),
}

Figures = dict[tuple[Any, ...], Any]


def rows_of(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def mapped(released: Path) -> list[dict[str, Any]]:
    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        return rows_of(con, "select * from marts.attribution_data_map order by table_name, column_name, step")


@pytest.fixture
def warehouse(released: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        # As dbt does.
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        yield con


def figures(con: duckdb.DuckDBPyConnection, step: dict[str, Any]) -> Figures:
    """The figures of a step's table, by the columns that the step compares them by."""
    column, keys = step["column_name"], step["compared_by"]
    is_grain = tuple(keys.split(", ")) == GRAINS[step["table_name"]]
    figure = f"any_value({column})" if is_grain else f"case when count({column}) = count(*) then sum({column}) end"
    rows = con.execute(f"select {keys}, {figure} from marts.{step['table_name']} group by all").fetchall()
    return {row[:-1]: row[-1] for row in rows}


def differing(con: duckdb.DuckDBPyConnection, step: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Keys by which a step does not give the figure of its table. What it has no row for is 0."""
    told = figures(con, step)
    found = {row[:-1]: row[-1] for row in con.execute(step["query"]).fetchall()}
    return [key for key in told.keys() | found.keys() if not same(told.get(key, 0), found.get(key, 0))]


def same(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def test_every_step_of_every_figure_gives_the_figure_again(mapped, warehouse):
    wrong = {
        (step["table_name"], step["column_name"], step["step"], step["reads_table"]): found[:3]
        for step in mapped
        if (found := differing(warehouse, step))
    }
    assert wrong == {}
    # Nothing compared is nothing shown.
    assert all(figures(warehouse, step) for step in mapped)


def test_every_figure_is_mapped_down_to_the_exports(mapped, warehouse):
    steps = {key: list(rows) for key, rows in groupby(mapped, lambda s: (s["table_name"], s["column_name"]))}
    for table, grain in GRAINS.items():
        columns = {
            name
            for (name,) in warehouse.execute(
                "select column_name from information_schema.columns where table_schema = 'marts' and table_name = ?",
                [table],
            ).fetchall()
        }
        assert {column for named, column in steps if named == table} == columns - set(grain), table
    for key, rows in steps.items():
        assert [row["step"] for row in rows] == list(range(1, len(rows) + 1)), key
        assert rows[0]["reads_table"] in NEAREST, key
        # What is made of other figures goes on where these are mapped.
        own = {f"marts.{key[0]}", "marts.attribution_by_channel"}
        assert rows[0]["reads_table"] in own or rows[-1]["reads_table"].startswith("raw_"), key
    credited = {row["reads_table"] for row in steps["attribution_by_channel", "conversions"]}
    assert credited >= {
        *("marts.attribution_credits", "marts.touchpoints", "marts.sessions", "marts.conversions", "marts.orders"),
        *("raw_segment.pages", "raw_segment.tracks", "raw_klaviyo.event", "raw_partner.placement_event"),
        *("raw_shopify.order", "raw_hubspot.deal"),
    }


def test_tables_and_columns_of_the_map_are_there(mapped, warehouse):
    there: dict[str, set[str]] = {}
    for table, column in warehouse.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
    ).fetchall():
        there.setdefault(table, set()).add(column)
    for step in mapped:
        assert set(step["reads_columns"].split(", ")) <= there[step["reads_table"]], step["reads_table"]
        assert step["joined_by"].strip()


def test_what_a_table_lacks_is_missing_from_the_figures_that_read_it(mapped, released, copied):
    # No conversion of the world lies in a stay: the next test has some.
    held = "intermediate.int_primary_segments_held"
    read = sorted({step["reads_table"] for step in mapped if step["joined_by"] != "the same row"} - {held})
    noticed = set()
    with duckdb.connect(str(copied(released) / "warehouse.duckdb")) as con:
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        for table in read:
            con.begin()
            con.execute(f"delete from {table}")
            if any(differing(con, step) for step in mapped if step["reads_table"] == table):
                noticed.add(table)
            con.rollback()
    assert noticed == set(read)


def test_segments_held_under_an_id_of_another_day_are_found(mapped, released, copied, world_end):
    home = Home(copied(released))
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(
            "update intermediate.int_primary_segments_held as stays set valid_from = date '2000-01-01', customer_id = "
            "coalesce((select min(r.retired_customer_id) from marts.customer_redirects as r "
            "where r.customer_id = stays.customer_id), stays.customer_id) where valid_to is null"
        )
    variables = {
        "as_of_date": world_end.isoformat(),
        "cutoff_at": f"{world_end + timedelta(days=1)} 00:00:00",
    }
    built = dbt.build(dbt.parse(), home, variables, select=["int_credits_summed", "attribution_by_segment"])
    assert not built.errors
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        steps = [step for step in mapped if step["table_name"] == "attribution_by_segment"]
        assert [step["step"] for step in steps if differing(con, step)] == []
        assert con.execute("select count(distinct segment) from marts.attribution_by_segment").fetchone()[0] > 2
        con.execute("delete from intermediate.int_primary_segments_held")
        read = {step["reads_table"] for step in steps if differing(con, step)}
        assert read == {"intermediate.int_primary_segments_held"}


def test_what_is_called_published_runs_on_a_release(mapped, released):
    steps = [step for step in mapped if step["is_published"]]
    assert {step["reads_table"].partition(".")[0] for step in steps} == {"marts"}
    assert {s["reads_table"] for s in mapped if s["reads_table"].startswith("marts.")} == {
        s["reads_table"] for s in steps
    }
    with marts(released) as con:
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        for step in steps:
            assert differing(con, step) == []
