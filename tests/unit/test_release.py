"""Readers see whole releases only, through any number of swaps; old ones go, open ones stay readable."""

from __future__ import annotations

import json
import os
import threading
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.publish.release import current_release, make_current, prune_releases, write_release
from orchestration.lib.settings import Home
from orchestration.lib.transform.catalog import PublishedColumn, PublishedTable

AT = datetime(2024, 1, 1)


def table(schema: str, name: str, *columns: str) -> PublishedTable:
    described = tuple(PublishedColumn(c, "bigint", f"the {c}", False) for c in columns)
    return PublishedTable(schema, name, f"the {name}", "team", described, ())


TABLES = [
    table("marts", "one", "n"),
    table("marts", "two", "n"),
    table("marts", "refreshes", "run_id", "status", "release", "reason", "finished_at"),
    table("restricted", "secret", "n"),
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def reading(folder: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"attach '{folder}/marts.duckdb' as release (read_only); use release")
    return con


def publish(home: Home, con: duckdb.DuckDBPyConnection, n: int, keep: int = 7) -> str:
    con.execute("create schema if not exists marts; create schema if not exists restricted")
    for name in ("marts.one", "marts.two", "restricted.secret"):
        con.execute(f"create or replace table {name} as select {n} as n from range({n + 1})")
    con.execute(
        "create or replace table marts.refreshes as select 'run' as run_id, 'failed' as status, "
        "cast(null as varchar) as release, 'x' as reason, cast(null as timestamp) as finished_at"
    )
    name = f"release-{n:03}"
    write_release(con, home, name, TABLES, {"n": n}, ("run", AT))
    make_current(home, name)
    prune_releases(home, keep)
    return name


def test_a_reader_that_polls_through_twenty_refreshes_sees_whole_releases_only(home):
    con = duckdb.connect()
    publish(home, con, 0)
    seen: set[int] = set()
    problems: list[str] = []
    done = threading.Event()

    def poll() -> None:
        while not done.is_set():
            try:
                folder = home.published / "current"
                with reading(folder) as reader:
                    rows = reader.execute(
                        "select min(n), max(n), count(*) "
                        "from (select n from marts.one union all select n from marts.two)"
                    ).fetchone()
                if rows[0] != rows[1] or rows[2] != 2 * (rows[0] + 1):
                    problems.append(f"half a release: {rows}")
                seen.add(rows[0])
            except Exception as error:
                problems.append(repr(error))

    reader = threading.Thread(target=poll)
    reader.start()
    for n in range(1, 21):
        publish(home, con, n)
    done.set()
    reader.join()
    assert problems == []
    assert len(seen) > 3


def test_the_release_says_that_its_own_run_published(home):
    con = duckdb.connect()
    publish(home, con, 1)
    with reading(home.published / "current") as reader:
        row = reader.execute("select status, release, reason, finished_at from marts.refreshes").fetchone()
    assert row == ("published", "release-001", None, AT)
    assert con.execute("select status from marts.refreshes").fetchone() == ("failed",)


def test_a_held_release_stays_readable_after_it_is_pruned(home):
    con = duckdb.connect()
    publish(home, con, 0, keep=2)
    with reading(home.published / "current") as held:
        for n in range(1, 5):
            publish(home, con, n, keep=2)
        assert sorted(p.name for p in (home.published / "releases").iterdir()) == ["release-003", "release-004"]
        assert held.execute("select n from marts.one").fetchall() == [(0,)]


def test_a_release_that_was_not_finished_is_cleared_away_and_never_current(home):
    con = duckdb.connect()
    publish(home, con, 0)
    broken = [*TABLES, table("marts", "missing", "n")]
    with pytest.raises(duckdb.Error):
        write_release(con, home, "broken", broken, {}, ("run", AT))
    assert current_release(home)["release"] == "release-000"
    publish(home, con, 1)
    assert sorted(p.name for p in (home.published / "releases").iterdir()) == ["release-000", "release-001"]


def test_checksums_do_not_depend_on_row_order(home):
    con = duckdb.connect()
    publish(home, con, 3)
    con.execute("create or replace table marts.one as select n from range(5) t(n) order by n")
    first = write_release(con, home, "a", TABLES, {}, ("run", AT))
    con.execute("create or replace table marts.one as select n from range(5) t(n) order by n desc")
    second = write_release(con, home, "b", TABLES, {}, ("run", AT))
    con.execute("create or replace table marts.one as select n + 1 as n from range(5) t(n)")
    third = write_release(con, home, "c", TABLES, {}, ("run", AT))
    sums = [m["tables"]["one"]["checksum"] for m in (first, second, third)]
    assert sums[0] == sums[1] != sums[2]
    assert json.loads((home.published / "releases/a/manifest.json").read_text()) == first
    assert os.stat(home.published / "releases/a/restricted.duckdb").st_mode & 0o777 == 0o600
