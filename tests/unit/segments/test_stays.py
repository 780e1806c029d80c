"""Stays of random sequences of refreshed days against an oracle that keeps a set a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.publish.history import publish_day
from orchestration.lib.runs import record
from orchestration.lib.transform.catalog import KeptTable
from tests.support.compiled_project import CATALOG, refresh_vars, run_dbt

AS_OF, NOW = date(2024, 6, 30), datetime(2024, 7, 1)
MODELS = {"segment_membership_history": "marts", "int_primary_segments_held": "intermediate"}
KEPT = [KeptTable(schema, name, is_whole=True) for name, schema in MODELS.items()]
Held = frozenset[tuple[str, str]]
Stays = list[tuple[str, str, date, date | None]]
COLUMNS = "customer_id varchar, segment varchar, valid_from date, valid_to date"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[bool, str]]:
    """The queries of both models, by whether schema history has their tables yet."""
    folder = tmp_path_factory.mktemp("stays")
    warehouse = folder / f"{CATALOG}.duckdb"
    queries: dict[str, dict[bool, str]] = {name: {} for name in MODELS}
    for has_history in (False, True):
        if has_history:
            with duckdb.connect(str(warehouse)) as con:
                con.execute("create schema history")
                for name in MODELS:
                    con.execute(f"create table history.{name} ({COLUMNS})")
        result = run_dbt(["compile", "--select", *MODELS], warehouse, folder / "target", refresh_vars(AS_OF))
        assert result.success
        for node in (r for r in result.result.results if r.node.name in MODELS):
            queries[node.node.name][has_history] = node.node.compiled_code
    return queries


class Home:
    """A warehouse in which days are refreshed."""

    def __init__(self, compiled: dict[str, dict[bool, str]]) -> None:
        self.compiled, self.runs = compiled, 0
        self.con = duckdb.connect()
        self.con.execute(f"attach ':memory:' as {CATALOG}; use {CATALOG}")
        self.con.execute("create schema marts; create schema intermediate")
        record.create_tables(self.con)
        self.con.execute("create view marts.refreshes as select * from ops.refreshes")
        self.con.execute(
            "create table marts.segment_membership (customer_id varchar, segment varchar, is_primary boolean)"
        )

    def refresh(self, day: date, held: Held, primary: Held | None = None, publishes: bool = True) -> None:
        self.runs += 1
        run = record.Run(f"run{self.runs}", day, NOW, "code")
        record.start(self.con, run)
        primary = held if primary is None else primary
        self.con.execute("delete from marts.segment_membership")
        for customer, segment in sorted(held):
            self.con.execute(
                "insert into marts.segment_membership values (?, ?, ?)",
                [customer, segment, (customer, segment) in primary],
            )
        known = self.kept()
        for name, schema in MODELS.items():
            query = self.compiled[name][name in known].replace(f"cast('{AS_OF}' as date)", f"cast('{day}' as date)")
            self.con.execute(f"create or replace table {schema}.{name} as {query}")
        if publishes:
            publish_day(self.con, KEPT, day, run.run_id, NOW, "release")

    def kept(self) -> set[str]:
        """The tables that schema history has."""
        names = self.con.execute("select table_name from duckdb_tables() where schema_name = 'history'").fetchall()
        return {name for (name,) in names}

    def stays(self, table: str = "history.segment_membership_history") -> Stays:
        return self.con.execute(f"select * from {table} order by all").fetchall()


def expected(days: dict[date, Held]) -> Stays:
    """The stays of a sequence of days, each with its own set."""
    stays: dict[tuple[str, str], list[list[Any]]] = {}
    ordered = sorted(days)
    for place, day in enumerate(ordered):
        following = ordered[place + 1] if place + 1 < len(ordered) else None
        for key in days[day]:
            of_key = stays.setdefault(key, [])
            if of_key and of_key[-1][1] == day:
                of_key[-1][1] = following
            else:
                of_key.append([day, following])
    return sorted(
        ((*key, begin, end) for key, of_key in stays.items() for begin, end in of_key),
        key=lambda stay: (stay[:3], stay[3] or date.max),
    )


members = st.frozensets(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y"])), max_size=6)
refreshes = st.lists(st.tuples(st.integers(0, 9), members, st.sampled_from([True, True, True, False])), max_size=14)


@settings(max_examples=150, deadline=None)
@given(refreshes)
def test_stays_are_what_the_sequence_of_published_days_gives(
    compiled: dict[str, dict[bool, str]], sequence: list[tuple[int, Held, bool]]
) -> None:
    home, days = Home(compiled), {}
    primaries: dict[date, Held] = {}
    for offset, held, publishes in sequence:
        day = AS_OF + timedelta(days=offset * 3 % 10)
        primary = frozenset((c, s) for c, s in held if s == min(o for k, o in held if k == c))
        before = home.stays() if home.kept() else None
        home.refresh(day, held, primary, publishes)
        if publishes:
            days[day], primaries[day] = held, primary
        elif before is not None:
            assert home.stays() == before, "a refused run changes nothing"
        with_today = expected({**days, day: held})
        assert home.stays("marts.segment_membership_history") == with_today
        if days:
            assert home.stays() == expected(days)
            assert home.stays("history.int_primary_segments_held") == expected(primaries)
            assert {stay[:2] for stay in home.stays() if stay[3] is None} == days[max(days)]
    if home.kept():
        overlapping = home.con.execute(
            "select * from history.segment_membership_history as a join history.segment_membership_history as b "
            "on a.customer_id = b.customer_id and a.segment = b.segment and a.valid_from < b.valid_from "
            "where a.valid_to is null or a.valid_to >= b.valid_from"
        ).fetchall()
        assert overlapping == []
