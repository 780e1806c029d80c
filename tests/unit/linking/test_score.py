"""Scores: kept from run to run, the same as all at once, and nobody's name in them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.linking import comparisons
from orchestration.lib.linking.decide import DEFAULT_THRESHOLDS, Thresholds
from orchestration.lib.linking.score import MODEL, score_pairs

KEYS = 3
COLUMNS = (*comparisons.COLUMNS, *(f"bk_{n}" for n in range(1, KEYS + 1)))


def people(count: int, seed: int) -> list[dict[str, str | None]]:
    rng = random.Random(seed)
    rows: list[dict[str, str | None]] = []
    for n in range(count):
        if rows and rng.random() < 0.4:
            row = dict(rng.choice(rows))
            if rng.random() < 0.7:
                row["last_name"] = str(row["last_name"])[:3] + "x" + str(row["last_name"])[3:]
            if rng.random() < 0.5:
                row["email"] = None
        else:
            row = {
                "first_name": rng.choice(["ana", "berta", "clara", "dora"]),
                "last_name": rng.choice(["silva", "pereira", "santos"]) + rng.choice(["", "o", "es"]),
                "date_of_birth": f"19{rng.randint(40, 99)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
                "street": f"{n} main street" if rng.random() < 0.6 else None,
                "postcode": str(rng.randint(10000, 10020)),
                "city": rng.choice(["lisboa", "porto", None]),
                "country_code": "PT",
                "email": f"person{n}@example.com",
                "phone": None,
            }
        rows.append(row)
    return rows


@pytest.fixture
def con(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute("create schema intermediate")
        yield con


def fill(con: duckdb.DuckDBPyConnection, rows: list[dict[str, str | None]]) -> None:
    con.execute(
        "create or replace table intermediate.int_persons_prepared (record_key varchar, person_key varchar, "
        + ", ".join(f"{name} varchar" for name in COLUMNS)
        + ")"
    )
    for n, row in enumerate(rows):
        keys = [row["date_of_birth"], row["postcode"], f"{row['first_name']} {row['last_name']}"]
        values = [*(row[name] for name in comparisons.COLUMNS), *keys]
        con.execute(
            f"insert into intermediate.int_persons_prepared values (?, sha256(?), {', '.join('?' * len(values))})",
            [f"r{n:04d}", json.dumps(values), *values],
        )


def tables(con: duckdb.DuckDBPyConnection) -> list[list[tuple]]:
    names = ("ops.link_scores", "ops.link_persons", "link_pairs")
    return [con.execute(f"select * from {name} order by all").fetchall() for name in names]


def test_day_by_day_gives_what_all_at_once_gives(con, tmp_path):
    rows = people(120, 5)
    with duckdb.connect(str(tmp_path / "whole.duckdb")) as whole:
        whole.execute("create schema intermediate")
        fill(whole, rows)
        at_once = score_pairs(whole, DEFAULT_THRESHOLDS)
        expected = tables(whole)
    assert expected[0]
    assert expected[2]
    compared = 0
    # Some of the second day are gone on the third.
    for day in (rows[:50], [*rows[:80], *people(30, 9)], rows):
        fill(con, day)
        compared += score_pairs(con, DEFAULT_THRESHOLDS)
        assert score_pairs(con, DEFAULT_THRESHOLDS) == 0
    assert tables(con) == expected
    assert compared >= at_once


def test_a_pair_stands_once_and_in_order_and_equal_records_are_a_pair(con):
    row = dict(people(1, 3)[0], email=None, street="1 main street", city="porto")
    fill(con, [row, row, row])
    assert score_pairs(con, DEFAULT_THRESHOLDS) == 1
    pairs = con.execute("select left_record_key, right_record_key from link_pairs order by all").fetchall()
    assert pairs == [("r0000", "r0001"), ("r0000", "r0002"), ("r0001", "r0002")]


def test_other_settings_score_everything_anew(con, tmp_path):
    fill(con, people(60, 5))
    first = score_pairs(con, DEFAULT_THRESHOLDS)
    assert score_pairs(con, Thresholds(0.95, 0.3)) == first
    other = tmp_path / "model.json"
    settings = json.loads(MODEL.read_text(encoding="utf-8"))
    settings["probability_two_random_records_match"] = 1e-9
    other.write_text(json.dumps(settings), encoding="utf-8")
    assert score_pairs(con, Thresholds(0.95, 0.3), model=other) == first
    assert score_pairs(con, Thresholds(0.95, 0.3), model=other) == 0


def test_nobody_is_named_and_nothing_is_left_behind(con):
    fill(con, people(60, 5))
    score_pairs(con, DEFAULT_THRESHOLDS)
    kept = con.execute(
        "select table_schema || '.' || table_name from information_schema.tables order by all"
    ).fetchall()
    assert not [name for (name,) in kept if "splink" in name or name.endswith("link_people")]
    assert con.execute("select count(*) from duckdb_databases() where database_name like 'linking%'").fetchall() == [
        (0,)
    ]
    text = json.dumps(tables(con)[:2])
    for word in ("silva", "pereira", "santos", "lisboa", "main street", "@example.com", "1000"):
        assert word not in text
    told = json.loads(con.execute("select evidence from link_pairs limit 1").fetchall()[0][0])
    assert {tuple(sorted(c)) for c in told["comparisons"]} == {("compared", "level", "weight")}


def test_a_run_with_nothing_new_loads_no_splink(con, tmp_path):
    fill(con, people(40, 5))
    score_pairs(con, DEFAULT_THRESHOLDS)
    con.close()
    script = (
        "import sys, duckdb\n"
        "from orchestration.lib.linking.score import score_pairs\n"
        "from orchestration.lib.linking.decide import DEFAULT_THRESHOLDS\n"
        "con = duckdb.connect(sys.argv[1])\n"
        "assert score_pairs(con, DEFAULT_THRESHOLDS) == 0\n"
        "assert not {'splink', 'pandas'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "warehouse.duckdb")],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_committed_model_is_what_the_comparisons_say():
    found = json.loads(MODEL.read_text(encoding="utf-8"))
    expected = comparisons.settings()
    for settings in (found, expected):
        for comparison in settings["comparisons"]:
            for level in comparison["comparison_levels"]:
                level.pop("m_probability", None)
                level.pop("u_probability", None)
    assert found == expected, "the levels changed: tributary train-links"


def test_people_who_are_compared_and_are_nothing_alike_have_no_score(con):
    rows = people(2, 5)
    for row, name in zip(rows, ("ana", "dora"), strict=True):
        row.update(first_name=name, last_name=name, date_of_birth=None, street=None, postcode="10000", city=None)
    fill(con, rows)
    assert score_pairs(con, DEFAULT_THRESHOLDS) == 1
    assert con.execute("select count(*) from link_pairs").fetchall() == [(0,)]
