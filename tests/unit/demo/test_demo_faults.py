"""Each planted fault is in the file that faults.json names, and the loader takes it for what it is."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.landing.contracts import load_contracts
from orchestration.lib.landing.load import load_landing
from tests.support.demo_world import CUSTOMERS, DAYS, END, World

STATUSES = {"loaded", "empty", "duplicate", "rejected", "unreadable", "unknown_table", None}
REASONS = {
    "required_null", "not_a_number", "not_an_integer", "not_a_timestamp", "not_a_date", "not_a_boolean", "not_json",
    "malformed_row",
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(world: World, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    project = Path(__file__).resolve().parents[3] / "dbt_project"
    load_landing(con, world.out, load_contracts(project), datetime(2026, 7, 1), tmp_path_factory.mktemp("scratch"))
    return con


def test_every_status_and_every_reason_is_planted(world: World) -> None:
    assert {fault["status"] for fault in world.faults} == STATUSES
    assert {row["reason"] for fault in world.faults for row in fault["quarantine"]} == REASONS
    assert len({fault["id"] for fault in world.faults}) == len(world.faults) == len(world.summary.faults)
    for fault in world.faults:
        assert (world.out / fault["file"]).is_file(), fault["id"]
        assert fault["rows_read"] == fault["rows_loaded"] + fault["rows_quarantined"]


def test_broken_rows_stand_on_the_lines_that_are_named(world: World) -> None:
    for fault in world.faults:
        if fault["status"] != "loaded" or not fault["file"].endswith(".csv"):
            continue
        text = (world.out / fault["file"]).read_bytes().decode("utf-8-sig")
        lines = csv.reader(text.splitlines(keepends=True))
        csv.field_size_limit(1 << 30)
        header = [name.strip().lower() for name in next(lines)]
        begins, rows = lines.line_num + 1, {}
        for row in lines:
            rows[begins] = row
            begins = lines.line_num + 1
        assert len(rows) == fault["rows_read"], fault["id"]
        for broken in fault["quarantine"]:
            row = rows[broken["line"]]
            if broken["column"] is None:
                assert len(row) != len(header)
            else:
                value = row[header.index(broken["column"])]
                assert (value.strip() == "") == (broken["reason"] == "required_null"), fault["id"]


def test_files_are_broken_in_the_way_that_is_said(world: World) -> None:
    by_id = {fault["id"]: world.out / fault["file"] for fault in world.faults}
    for name in ("truncated_csv", "truncated_json_lines"):
        with pytest.raises(EOFError):
            gzip.decompress(by_id[name].read_bytes())
    for name in ("latin1_csv", "broken_encoding_json_lines"):
        with pytest.raises(UnicodeDecodeError):
            by_id[name].read_bytes().decode()
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"select * from read_parquet('{by_id['cut_parquet']}')").fetchall()
    assert by_id["empty_csv"].stat().st_size == 0
    assert by_id["odd_header"].read_bytes().startswith(b"\xef\xbb\xbf")
    assert max(len(line) for line in by_id["large_field"].read_text().splitlines()) > 3_000_000
    for line in by_id["only_malformed_json_lines"].read_text().splitlines():
        try:
            assert not isinstance(json.loads(line), dict)
        except json.JSONDecodeError:
            continue


def test_the_loader_ends_each_fault_where_it_must_end(world: World, warehouse: duckdb.DuckDBPyConnection) -> None:
    ledger = {
        row[0]: row[1:]
        for row in warehouse.execute(
            "select file, status, rows_read, rows_loaded, rows_quarantined, reason, drift from ops.load_ledger"
        ).fetchall()
    }
    quarantine: dict[str, list[tuple]] = {}
    for file, *row in warehouse.execute(
        "select file, line, column_name, reason from ops.quarantine order by file, line"
    ).fetchall():
        quarantine.setdefault(file, []).append(tuple(row))
    for fault in world.faults:
        found = ledger.pop(fault["file"], None)
        if fault["status"] is None:
            assert found is None, fault["id"]
            continue
        assert found is not None, fault["id"]
        expected = (fault["status"], fault["rows_read"], fault["rows_loaded"], fault["rows_quarantined"])
        assert found[:4] == expected, fault["id"]
        assert quarantine.get(fault["file"], []) == [
            (row["line"], row["column"], row["reason"]) for row in fault["quarantine"]
        ], fault["id"]
        for column in fault["columns"]:
            assert column in found[4], fault["id"]
        for column in [*fault["drift_unknown"], *fault["drift_missing"]]:
            assert column in found[5], fault["id"]
    # Everything else is good to the last row.
    rows = world.about["files"]
    assert {name: found[:4] for name, found in ledger.items()} == {
        name: ("loaded", count, count, 0) for name, count in rows.items()
    }
    assert {found[5] for found in ledger.values()} == {None}


def test_faults_leave_the_good_world_as_it_is(world: World, write) -> None:
    plain = write(customers=CUSTOMERS, days=DAYS, end=END, seed=7, faults=False)
    good = sorted(path for path in plain.rglob("*") if path.is_file() and "_truth" not in path.parts)
    assert {str(path.relative_to(plain)) for path in good} == set(world.about["files"])
    for path in good:
        assert path.read_bytes() == (world.out / path.relative_to(plain)).read_bytes()


# What a table's row says, apart from where it came from: the newest version of each key.
NEWEST = """select {columns} from (select *, row_number() over (partition by {key}
    order by {version} _export_date desc nulls last, _file desc, _line desc) as nth from raw_{source}."{name}"
    where {good}) where nth = 1"""


def test_rows_of_fault_files_change_nothing_that_is_known(world: World, warehouse: duckdb.DuckDBPyConnection) -> None:
    from orchestration.lib.demo.contract import TABLES

    planted = ", ".join(f"'{fault['file']}'" for fault in world.faults)
    nobody = {"zendesk/user": "role <> 'agent' or id like '3%'", "survey/response": "id like 'sv-%'"}
    for path, table in TABLES.items():
        columns = ", ".join(f'"{name}"' for name in table.columns)
        version = f"{table.version} desc nulls last," if table.version else ""
        names = {
            "columns": columns,
            "key": ", ".join(table.key),
            "version": version,
            "source": table.source,
            "name": table.name,
        }
        with_faults = NEWEST.format(good="true", **names)
        without = NEWEST.format(good=f"_file not in ({planted})", **names)
        where = nobody.get(path, "true")
        changed = warehouse.execute(
            f"(select * from ({with_faults}) where {where} except select * from ({without})) union all "
            f"(select * from ({without}) except select * from ({with_faults}))"
        ).fetchall()
        assert changed == [], path
