"""The benchmark: its tables say what was measured, and its floor is the same warehouse by other means."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.lib.demo import DEFAULT_END, write_world
from orchestration.lib.erasure.tables import create_tables as create_erasure_tables
from orchestration.lib.identity.computed import create_tables
from orchestration.lib.landing.contracts import load_contracts
from orchestration.lib.landing.load import load_landing
from orchestration.lib.settings import DBT_PROJECT, Home
from orchestration.lib.transform import dbt
from orchestration.lib.warehouse import connect
from tests.bench import floor, report
from tests.bench.compare import compare
from tests.bench.measure import run

# What customers are turned into: the floor ends with the facts. These are built because customers needs them.
BEYOND_THE_FLOOR = {"customer_features", "segment_membership"}
OF_RUNS = {
    *(
        "data_map",
        "erasures",
        "load_ledger",
        "quality_exceptions",
        "quality_results",
        "quarantine",
        "quarantine_summary",
    ),
    "refreshes",
}


def test_figures_set_each_step_beside_the_floor():
    steps = [
        report.Step(2000, "demo", 118_525, 3.41, 3.0, 188.2),
        report.Step(100_000, "first refresh", 5_063_865, 96.0, 115.0, 2092.4, 16.0, 3473.0),
    ]
    assert report.figures(steps) == (
        "world    step                rows  seconds  cpu s  peak MB  floor s  floor MB  ratio\n"
        "-------  -------------  ---------  -------  -----  -------  -------  --------  -----\n"
        "2,000    demo             118,525      3.4    3.0      188\n"
        "100,000  first refresh  5,063,865     96.0  115.0    2,092     16.0     3,473    6.0"
    )


def test_rows_beside_name_what_differs_and_what_the_floor_leaves_out():
    compared = [
        report.Compared("customers", 10, 9, 8, ["lifecycle_stage"]),
        report.Compared("orders", 1234, 1234, 1234, []),
        report.Compared("refreshes", 1, None, None, []),
    ]
    assert report.rows_beside(compared) == (
        "table      release  floor   equal\n"
        "---------  -------  -----  ------\n"
        "customers       10      9  8 rows\n"
        "orders       1,234  1,234     yes\n"
        "customers: the floor does not write lifecycle_stage\n"
        "the floor does not write refreshes"
    )


def test_stages_that_one_refresh_does_not_have_stay_empty():
    assert report.stages({"landing": 5.0}, {"landing": 0.5, "transform": 7.25}).splitlines()[2:] == [
        "landing        5.0       0.5",
        "transform                7.2",
    ]


def test_a_process_is_measured_with_its_output_and_its_peak(tmp_path):
    code = "import sys; held = bytearray(200 << 20); print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = run([sys.executable, "-c", code], {}, tmp_path)
    assert (done.code, done.out, done.err) == (3, "out\n", "err\n")
    assert 200 < done.peak_mb < 1000
    assert done.cpu > 0
    assert done.seconds > 0


def test_the_floor_writes_the_rows_that_the_project_writes(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIBUTARY_HASH_KEY", "a key of the test")
    landing, home, made = tmp_path / "landing", Home(tmp_path / "home"), tmp_path / "floor.duckdb"
    home.root.mkdir()
    write_world(landing, 100, 540, DEFAULT_END, 7, False)

    with connect(home) as con:
        load_landing(con, landing, load_contracts(DBT_PROJECT), datetime.now(UTC).replace(tzinfo=None), home.scratch)
        create_tables(con)
        create_erasure_tables(con)
    rows, _ = floor.build(landing, made, DEFAULT_END, "a key of the test")
    variables = {
        "as_of_date": DEFAULT_END.isoformat(),
        "cutoff_at": f"{DEFAULT_END + timedelta(days=1)} 00:00:00",
    }
    result = dbt.build(dbt.parse(), home, variables, select=[f"+{table}" for table in rows])
    assert not result.errors

    with connect(home) as con:
        compared = compare(con, made)
    compared = [c for c in compared if c.table in rows or c.table not in BEYOND_THE_FLOOR]
    assert {c.table for c in compared} - OF_RUNS == set(rows)
    for c in compared:
        missing = ["primary_segment"] if c.table == "customers" else []
        assert (c.release, c.missing) == (c.floor, missing), c.table
        assert c.equal == c.release, c.table
    assert all(rows.values()), rows


@pytest.mark.parametrize("text", ["", "2000,", "0", "many", "2000,-1"])
def test_sizes_that_are_none_are_a_usage_error(text, monkeypatch, capsys):
    from tests.bench.__main__ import main

    monkeypatch.setattr(sys, "argv", ["bench", "--customers", text])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "is no list of whole numbers above 0" in capsys.readouterr().err
