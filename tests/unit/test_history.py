"""History: what a published day said stays, and only that day's own release rewrites it."""

from __future__ import annotations

import json
from datetime import date, datetime

import duckdb
import pytest

from orchestration.lib.publish.history import publish_day, settle
from orchestration.lib.publish.release import make_current
from orchestration.lib.runs import record
from orchestration.lib.settings import Home
from orchestration.lib.transform.catalog import KeptTable, kept_tables

TABLES = [KeptTable("marts", "sizes")]
NOW = datetime(2024, 7, 1, 2)


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("create schema marts")
        record.create_tables(con)
        yield con


def build(con, rows, columns="as_of_date date, size integer"):
    """Build the mart as a refresh does."""
    con.execute(f"create or replace table marts.sizes ({columns})")
    con.executemany(f"insert into marts.sizes values ({', '.join('?' * len(rows[0]))})", rows)


def start(con, run_id, day):
    record.start(con, record.Run(run_id, day, NOW, "code"))


def publish(con, run_id, day):
    start(con, run_id, day)
    publish_day(con, TABLES, day, run_id, NOW, f"release-{run_id}")


def kept(con):
    return con.execute("select * from history.sizes order by all").fetchall()


FIRST, SECOND = date(2024, 6, 29), date(2024, 6, 30)


def test_a_day_is_rewritten_by_its_own_release_alone(con):
    build(con, [(FIRST, 1)])
    publish(con, "a", FIRST)
    build(con, [(FIRST, 7), (SECOND, 2), (SECOND, 3)])
    publish(con, "b", SECOND)
    assert kept(con) == [(FIRST, 1), (SECOND, 2), (SECOND, 3)]
    build(con, [(FIRST, 5), (SECOND, 9)])
    publish(con, "c", FIRST)
    assert kept(con) == [(FIRST, 5), (SECOND, 2), (SECOND, 3)]


def test_columns_may_come_go_and_change_their_type(con):
    build(con, [(FIRST, 1)])
    publish(con, "a", FIRST)
    build(con, [(SECOND, 2**40, "new")], "as_of_date date, size bigint, word varchar")
    publish(con, "b", SECOND)
    assert kept(con) == [(FIRST, 1, None), (SECOND, 2**40, "new")]
    build(con, [(SECOND, "w")], "as_of_date date, word varchar")
    publish(con, "c", SECOND)
    assert kept(con) == [(FIRST, 1, None), (SECOND, None, "w")]


def test_history_and_the_runs_own_row_change_together(con, monkeypatch):
    build(con, [(FIRST, 1)])
    publish(con, "a", FIRST)
    build(con, [(FIRST, 2)])
    start(con, "b", FIRST)

    def fail(*arguments, **named):
        raise RuntimeError

    monkeypatch.setattr(record, "finish", fail)
    with pytest.raises(RuntimeError):
        publish_day(con, TABLES, FIRST, "b", NOW, "release-b")
    assert kept(con) == [(FIRST, 1)]


def test_a_table_that_is_kept_whole_takes_the_place_of_what_history_had(con, monkeypatch):
    tables = [*TABLES, KeptTable("marts", "stays", is_whole=True)]
    told = "select * from history.stays order by all"

    def build_stays(rows, columns="customer_id varchar, valid_from date, valid_to date"):
        build(con, [(FIRST, 1)])
        con.execute(f"create or replace table marts.stays ({columns})")
        con.executemany(f"insert into marts.stays values ({', '.join('?' * len(rows[0]))})", rows)

    def publish_all(run_id, day):
        start(con, run_id, day)
        publish_day(con, tables, day, run_id, NOW, f"release-{run_id}")

    build_stays([("a", FIRST, None), ("b", FIRST, None)])
    publish_all("a", FIRST)
    build_stays([("a", FIRST, None), ("b", FIRST, SECOND)])
    publish_all("b", SECOND)
    assert con.execute(told).fetchall() == [("a", FIRST, None), ("b", FIRST, SECOND)]

    build_stays([("a", FIRST, SECOND)])
    monkeypatch.setattr(record, "finish", lambda *_: (_ for _ in ()).throw(RuntimeError()))
    with pytest.raises(RuntimeError):
        publish_all("c", SECOND)
    assert con.execute(told).fetchall() == [("a", FIRST, None), ("b", FIRST, SECOND)], "what fails changes nothing"
    monkeypatch.undo()

    build_stays([("a", "x", FIRST)], "customer_id varchar, segment varchar, valid_from date")
    publish_all("d", SECOND)
    assert con.execute(told).fetchall() == [("a", "x", FIRST)]


def test_what_a_killed_run_left_undone_is_settled_once(con, tmp_path):
    home = Home(tmp_path)
    settle(con, home, TABLES)
    build(con, [(FIRST, 1)])
    start(con, "killed-run", FIRST)
    folder = home.published / "releases/r1"
    folder.mkdir(parents=True)
    manifest = {
        "release": "r1",
        "run_id": "killed-run",
        "as_of_date": str(FIRST),
        "published_at": "2024-07-01T02:00:00Z",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    make_current(home, "r1")
    settle(con, home, TABLES)
    told = "select status, release, reason, finished_at from ops.refreshes"
    assert con.execute(told).fetchall() == [("published", "r1", None, NOW)]
    assert kept(con) == [(FIRST, 1)]
    build(con, [(FIRST, 8)])
    settle(con, home, TABLES)
    assert kept(con) == [(FIRST, 1)], "a run that is settled has nothing left to keep"


def test_a_rebuild_forgets_everything_but_history(con):
    build(con, [(FIRST, 1)])
    publish(con, "a", FIRST)
    record.forget_all_but_history(con)
    assert kept(con) == [(FIRST, 1)]
    assert con.execute("select count(*) from ops.refreshes").fetchone() == (1,)
    assert con.execute("select count(*) from duckdb_tables() where schema_name = 'marts'").fetchone() == (0,)


def test_models_say_that_their_days_are_kept():
    def model(name, **meta):
        return {"resource_type": "model", "schema": "marts", "name": name, "config": {"meta": meta}}

    nodes = {"a": model("b", history=True), "b": model("a", history=True), "c": model("c"), "d": model("d")}
    assert kept_tables({"nodes": nodes}) == [KeptTable("marts", "a"), KeptTable("marts", "b")]
    assert kept_tables({"nodes": {"e": model("e", history="stays")}}) == [KeptTable("marts", "e", is_whole=True)]
    with pytest.raises(ValueError, match="is true, stays or read, not yes"):
        kept_tables({"nodes": {"f": model("f", history="yes")}})
