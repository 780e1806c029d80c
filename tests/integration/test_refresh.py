"""The daily refresh as users run it: a command in, a release out."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
from datetime import timedelta

import duckdb
import pytest

from tests.conftest import REPOSITORY, marts, tributary
from tests.support.kept import history_tables

# Published tables that tell of runs, not of data: their times and ids differ between runs.
OF_RUNS = {"load_ledger", "refreshes", "quality_results", "quality_exceptions", "erasures"}


def checksums(home, without=frozenset(OF_RUNS)):
    manifest = json.loads((home / "published/current/manifest.json").read_text())
    return {name: t["checksum"] for name, t in manifest["tables"].items() if name not in without}


def test_a_release_is_whole_and_says_what_it_is(released, world_end):
    current = released / "published/current"
    assert current.is_symlink()
    assert not os.path.isabs(os.readlink(current))
    manifest = json.loads((current / "manifest.json").read_text())
    assert manifest["release"] == os.readlink(current).split("/")[-1]
    assert manifest["as_of_date"] == world_end.isoformat()
    with marts(released) as con, marts(released, "restricted.duckdb") as restricted:
        for name, table in manifest["tables"].items():
            source = restricted if name.startswith("restricted.") else con
            relation = name if "." in name else f"marts.{name}"
            assert source.execute(f"select count(*) from {relation}").fetchone() == (table["rows"],), name
        assert con.execute(
            "select status, release, finished_at is not null from marts.refreshes where run_id = ?",
            [manifest["run_id"]],
        ).fetchone() == ("published", manifest["release"], True)
        undescribed = con.execute(
            "select table_name, column_name from duckdb_columns() "
            "where schema_name = 'marts' and coalesce(comment, '') = ''"
        ).fetchall()
        assert undescribed == []


def test_segments_are_told_of_the_release(released):
    found = json.loads(tributary("segments", "--home", released, "--json").out)
    with marts(released) as con:
        sizes = con.execute("select segment, size from marts.segments order by priority").fetchall()
        inside = con.execute("select count(distinct customer_id) from marts.segment_membership").fetchone()
    assert [(s["segment"], s["size"]) for s in found["segments"]] == sizes
    assert (len(sizes), found["customers_in_a_segment"]) == (8, *inside)
    assert all(s["verdict"] for s in found["segments"])
    shown = tributary("segments", "core_engagers", "--home", released)
    assert (shown.code, shown.err) == (0, "")
    assert max(len(line) for line in shown.out.splitlines()) <= 120
    assert "core_engagers: active" in shown.out
    done = tributary("segments", "core_engager", "--home", released)
    assert (done.code, done.out) == (2, "")
    assert "Did you mean core_engagers?" in done.err


def test_only_the_owner_reads_files_with_identifiers(released):
    current = released / "published/current"
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in current.iterdir()}
    assert modes == {"marts.duckdb": 0o644, "restricted.duckdb": 0o600, "manifest.json": 0o644}
    assert stat.S_IMODE((released / "warehouse.duckdb").stat().st_mode) == 0o600


def test_every_planted_fault_ends_where_it_should(released, world):
    faults = json.loads((world / "_truth/faults.json").read_text())
    assert len(faults) > 20
    with marts(released) as con, marts(released, "restricted.duckdb") as restricted:
        uneven = con.execute(
            "select file from marts.load_ledger where rows_read <> rows_loaded + rows_quarantined"
        ).fetchall()
        assert uneven == []
        for fault in faults:
            row = con.execute(
                "select status, rows_read, rows_loaded, rows_quarantined, coalesce(reason, ''), coalesce(drift, '') "
                "from marts.load_ledger where file = ?",
                [fault["file"]],
            ).fetchone()
            if fault["status"] is None:
                assert row is None, fault
                continue
            assert row is not None, fault
            counts = ("rows_read", "rows_loaded", "rows_quarantined")
            assert row[:4] == (fault["status"], *(fault[c] for c in counts)), (fault, row)
            assert all(c in row[4] for c in fault["columns"]), (fault, row)
            assert all(c in row[5] for c in fault["drift_unknown"] + fault["drift_missing"]), (fault, row)
            quarantined = restricted.execute(
                "select line, column_name, reason from restricted.quarantine where file = ? order by line",
                [fault["file"]],
            ).fetchall()
            assert quarantined == [(q["line"], q["column"], q["reason"]) for q in fault["quarantine"]], fault


def test_a_second_refresh_gives_the_same_rows_with_another_number_of_threads(released, world, copied):
    home = copied(released)
    before = checksums(home)
    done = tributary("refresh", "--landing", world, "--home", home, "--json", TRIBUTARY_THREADS="1")
    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert (summary["status"], summary["rows_loaded"], summary["segments"]) == ("published", 0, 8)
    assert checksums(home) == before


def test_days_one_by_one_give_what_the_last_day_gives_alone(released, world, world_end, tmp_path):
    home = tmp_path / "home"
    first = world_end - timedelta(days=2)
    done = tributary("backfill", "--landing", world, "--home", home, "--from", str(first), "--to", str(world_end))
    assert done.code == 0, done.out + done.err
    assert len(list((home / "published/releases").iterdir())) == 3
    assert checksums(home, OF_RUNS | history_tables()) == checksums(released, OF_RUNS | history_tables())

    # The day in the middle once more: nothing else changes.
    before = kept_history(home)
    assert {"segment_membership_history", "int_primary_segments_held", "segment_performance"} <= before.keys()
    middle = str(first + timedelta(days=1))
    done = tributary("refresh", "--landing", world, "--home", home, "--as-of", middle)
    assert done.code == 0, done.out + done.err
    assert kept_history(home) == before
    with marts(home) as con:
        days = con.execute("select count(distinct as_of_date) from marts.segment_performance").fetchone()
        assert days == (3,), "later days stay"


def kept_history(home):
    """What the warehouse keeps of published days."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        names = con.execute("select table_name from duckdb_tables() where schema_name = 'history'").fetchall()
        return {name: con.execute(f"from history.{name} order by all").fetchall() for (name,) in names}


def test_nothing_landed_is_exit_code_4_and_one_paragraph(tmp_path):
    (tmp_path / "landing").mkdir()
    done = tributary("refresh", "--landing", tmp_path / "landing", "--home", tmp_path / "home")
    assert done.code == 4
    assert done.out == ""
    assert "No usable input" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "home/published").exists()
    done = tributary("refresh", "--landing", tmp_path / "nowhere", "--home", tmp_path / "home")
    assert (done.code, "does not exist" in done.err) == (4, True)


def test_a_folder_that_cannot_be_listed_unloads_nothing(world, monkeypatch):
    from orchestration.lib.faults import NoInputError
    from orchestration.lib.landing import files

    def refuse(path, *arguments):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files.os, "scandir", refuse)
    with pytest.raises(NoInputError, match="cannot be listed"):
        files.scan(world, set())


def test_a_day_far_from_today_can_be_refreshed(released, world, copied):
    home = copied(released)
    done = tributary("refresh", "--landing", world, "--home", home, "--as-of", "2031-01-01", "--json")
    assert json.loads(done.out)["status"] == "published", done.err
    done = tributary("refresh", "--landing", world, "--home", home, "--as-of", "9999-12-31", "--json")
    assert (done.code, json.loads(done.out)["exit_code"]) == (2, 2)


def test_a_rebuild_gives_the_same_rows_and_keeps_the_history(released, world, copied):
    home = copied(released)
    before = checksums(home)
    done = tributary("refresh", "--landing", world, "--home", home, "--rebuild")
    assert done.code == 0, done.out + done.err
    assert checksums(home) == before
    with marts(home) as con:
        assert con.execute("select count(*) from marts.refreshes").fetchone() == (2,)


def test_customers_and_orders_alone_make_a_release(world, tmp_path):
    for table in ("customer", "order"):
        shutil.copytree(world / "shopify" / table, tmp_path / "landing/shopify" / table)
    done = tributary("refresh", "--landing", tmp_path / "landing", "--home", tmp_path / "home")
    assert done.code == 0, done.out + done.err
    with marts(tmp_path / "home") as con:
        for table, some in (("customers", True), ("orders", True), ("order_lines", False), ("sessions", False)):
            assert (con.execute(f"select count(*) > 0 from marts.{table}").fetchone()[0]) is some, table


def test_a_refused_release_leaves_the_last_one(released, world, copied, tmp_path):
    home, landing = copied(released), copied(world)
    before = os.readlink(home / "published/current")
    bad = landing / "shopify/order/dt=2026-06-30/zz_bad.csv"
    rows = "".join(f"bad{n},not a time,USD,1\n" for n in range(2_000))
    bad.write_text("id,created_at,currency,total_price\n" + rows)
    done = tributary("refresh", "--landing", landing, "--home", home, "--json")
    assert done.code == 3, done.out + done.err
    summary = json.loads(done.out)
    assert summary["status"] == "refused"
    assert any("critical" in rule for rule in summary["rules_failed"])
    assert os.readlink(home / "published/current") == before
    found = json.loads(tributary("status", "--home", home, "--json").out)
    assert found["runs"][0]["status"] == "refused"
    assert any(f["severity"] == "critical" for f in found["open_failures"])
    bad.unlink()
    assert tributary("refresh", "--landing", landing, "--home", home).code == 0
    assert os.readlink(home / "published/current") != before


@pytest.mark.parametrize(
    ("place", "published"),
    [
        ("orchestration.lib.landing.load:_Loader._settle", False),
        ("orchestration.lib.publish.release:_counted", False),
        ("orchestration.defs.publish.assets:make_current", False),
        ("orchestration.lib.runs.record:finish", True),
    ],
)
def test_a_killed_refresh_leaves_a_whole_release_and_the_next_one_succeeds(released, world, copied, place, published):
    home, landing = copied(released), copied(world)
    (landing / "shopify/order/dt=2026-06-30/again.csv").write_text(
        "id,created_at,currency,total_price\nkill-1,2026-06-30,USD,5\n"
    )
    before = checksums(home)
    killed = tributary("refresh", "--landing", landing, "--home", home, kill_at=place)
    assert killed.code == -signal.SIGKILL, killed.err
    assert (checksums(home) != before) is published
    with marts(home) as con:
        assert con.execute("select count(*) > 0 from marts.orders").fetchone() == (True,)
    done = tributary("refresh", "--landing", landing, "--home", home)
    assert done.code == 0, done.out + done.err
    with marts(home) as con:
        assert con.execute("select count(*) from marts.orders where order_id = 'kill-1'").fetchone() == (1,)
        assert con.execute("select count(*) from marts.refreshes where finished_at is null").fetchone() == (0,)
        runs = con.execute("select status from marts.refreshes order by started_at").fetchall()
        assert [r[0] for r in runs] == ["published", "published" if published else "failed", "published"]
    assert len([p for p in (home / "published/releases").iterdir() if p.name.startswith(".")]) == 0


def test_two_refreshes_of_one_home_do_not_meet(released, world, copied):
    import fcntl

    home = copied(released)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = tributary("refresh", "--landing", world, "--home", home)
    assert done.code == 2
    assert "Another refresh is running" in done.err


def test_a_users_mistakes_are_told_in_a_sentence(tmp_path):
    for arguments in (
        ["refresh", "--as-of", "yesterday"],
        ["refresh", "--vars", "[1]"],
        ["refresh", "--vars", "{reporting_curency: GBP}"],
        ["refresh", "--vars", "{reporting_timezone: Mars/X}"],
        ["status", "--home", tmp_path / "none"],
        ["backfill", "--from", "2024-01-02", "--to", "2024-01-01"],
        ["demo", "--out", REPOSITORY],
    ):
        done = tributary(*arguments)
        assert done.code == 2, arguments
        assert "Traceback" not in done.err


def test_no_direct_identifier_leaves_the_files_that_may_hold_it(released, world):
    with duckdb.connect() as con:
        emails = [
            row[0].encode()
            for row in con.execute(
                f"select distinct lower(trim(email)) from read_csv('{world}/shopify/customer/*/customer_full.csv', "
                "all_varchar = true) where email like '%@%' and length(email) > 8"
            ).fetchall()
        ]
    assert len(emails) > 100
    allowed = {"warehouse.duckdb", "restricted.duckdb", "warehouse.duckdb.wal"}
    for path in released.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.name not in allowed:
            content = path.read_bytes().lower()
            assert not any(e in content for e in emails), path
