"""`tributary segments`: what an owner reads of a release, in words, and what a program does."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.faults import UsageError
from orchestration.lib.publish.release import make_current, write_release
from orchestration.lib.settings import Home
from orchestration.lib.transform.catalog import PublishedColumn, PublishedTable
from orchestration.segments import segments

WAREHOUSE = Path(__file__).parents[1] / "expectations" / "warehouse.sql"


def publish(home: Home, without: str = "", change: str = "") -> None:
    """A release of the warehouse in which every rule holds, less the tables whose names begin so."""
    with duckdb.connect() as con:
        con.execute(WAREHOUSE.read_text(encoding="utf-8") + change)
        found: dict[str, list[str]] = {}
        for name, column in con.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'marts' "
            "order by table_name, ordinal_position"
        ).fetchall():
            found.setdefault(name, []).append(column)
        tables = [
            PublishedTable("marts", name, "", "", tuple(PublishedColumn(c, "", "", False) for c in columns), ())
            for name, columns in found.items()
            if not without or not name.startswith(without)
        ]
        write_release(con, home, "release-1", tables, {"as_of_date": "2024-06-30"}, ("run", datetime(2024, 7, 1)))
    make_current(home, "release-1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    root = tmp_path / "home"
    root.mkdir()
    monkeypatch.setenv("TRIBUTARY_HOME", str(root))
    monkeypatch.setenv("TRIBUTARY_VARS", "{}")
    return Home(root)


def told(capsys: pytest.CaptureFixture[str], name: str | None = None) -> dict:
    assert segments(name, as_json=True) == 0
    return json.loads(capsys.readouterr().out)


def lines(capsys: pytest.CaptureFixture[str], name: str | None = None) -> list[str]:
    assert segments(name, as_json=False) == 0
    text = capsys.readouterr().out
    assert max(len(line) for line in text.splitlines()) <= 120
    return [" ".join(line.split()) for line in text.splitlines()]


def test_every_definition_is_told_with_its_size_goal_and_verdict(home, capsys):
    publish(home)
    found = told(capsys)
    assert (found["customers"], found["customers_in_a_segment"], found["note"]) == (3, 2, None)
    assert [
        (s["segment"], s["status"], s["owner"], s["size"], s["primary_customers"], s["goal_actual"], s["verdict"])
        for s in found["segments"]
    ] == [
        ("core", "active", "ana", 1, 1, 1.0, "keep"),
        ("buyers", "active", "bo", 2, 1, 1.0, "watch"),
        ("dreamers", "draft", "ana", 0, 0, None, None),
        ("past", "retired", "bo", 0, 0, None, None),
    ]
    shown = lines(capsys)
    assert "3 customers: 2 in a segment, 1 in none" in shown
    assert "2 buyers active bo 2 66.7 % 1 watch 2024-09-30" in shown
    assert "goal: conversion_rate_30d at least 50.0 % by 2024-12-31; now 100.0 %, met" in shown
    assert "goal: conversion_rate_30d at least 50.0 % by 2024-12-31; now unknown" in shown
    assert "why watch: differentiable -0.1 is below 0.2" in shown


def test_an_overdue_review_is_told_of_what_is_not_retired(home, capsys):
    publish(home, change="update marts.segments set review_due_on = date '2024-06-29';")
    overdue = {s["segment"] for s in told(capsys)["segments"] if s["is_review_overdue"]}
    assert overdue == {"core", "buyers", "dreamers"}
    assert "1 core active ana 1 33.3 % 1 keep 2024-06-29, overdue" in lines(capsys)


def test_one_segment_is_told_in_full(home, capsys):
    publish(
        home,
        change="insert into marts.segment_performance select * replace (date '2024-06-20' as as_of_date, 7 as size) "
        "from marts.segment_performance where segment = 'buyers';"
        "insert into marts.segment_performance select * replace (date '2024-08-01' as as_of_date, 99 as size) "
        "from marts.segment_performance where segment = 'buyers' and size = 2;"
        "insert into marts.segment_transitions values (date '2024-06-28', 'core', 'buyers', 4), "
        "(date '2024-06-01', 'past', 'buyers', 40), (date '2024-07-02', 'past', 'buyers', 50), "
        "(date '2024-06-29', 'buyers', 'none', 1), (date '2024-06-29', 'buyers', 'buyers', 9);",
    )
    found = told(capsys, "buyers")["segment"]
    # Days after the release's own are not told, nor those of longer than a week ago.
    assert (found["performance"]["size"], found["performance_before"]["size"]) == (2, 7)
    assert [(t["from_segment"], t["to_segment"], t["customers"]) for t in found["transitions"]] == [
        ("core", "buyers", 4),
        ("buyers", "none", 1),
        ("none", "buyers", 1),
    ]
    assert "nobody came" in lines(capsys, "core")
    assert found["overlaps"] == [{"segment": "core", "customers": 1, "jaccard": 0.5}]
    shown = lines(capsys, "buyers")
    for expected in (
        "buyers: active, priority 2, owner bo, review by 2024-09-30",
        "Those who are buyers",
        "size: 2 of 3 customers (66.7 %), the primary segment of 1",
        "verdict: watch, differentiable -0.1 is below 0.2",
        "channels email, search",
        "actions 1. write",
        "2. wait",
        "rule, in dbt_project/models/segments/buyers.sql",
        "orders_lifetime > 0",
        "reads orders_lifetime",
        "2024-06-30 2024-06-20",
        "size 2 7",
        "net_revenue_30d 110.00 USD 110.00 USD",
        "churn_rate_90d 75.0 % 75.0 %",
        "contribution_margin_30d unknown unknown",
        "accessible 50.0 %",
        "substantial 100.0 %",
        "stable unknown",
        "core 1 0.500",
        "came from core 4, none 1",
        "went to none 1",
    ):
        assert expected in shown, expected


def test_a_name_that_is_none_is_told_with_those_that_are(home, capsys):
    publish(home)
    with pytest.raises(
        UsageError, match=r"called buyer\. Did you mean buyers\? There are: core, buyers, dreamers, past"
    ):
        segments("buyer", as_json=False)


def test_before_the_first_release_there_is_nothing_to_tell(home, capsys, monkeypatch):
    assert (told(capsys)["release"], told(capsys)["segments"], told(capsys, "core")["segment"]) == (None, [], None)
    assert lines(capsys) == [f"{home.root} has no release yet"]
    monkeypatch.setenv("TRIBUTARY_HOME", str(home.root / "nowhere"))
    with pytest.raises(UsageError, match="no home folder"):
        segments(None, as_json=False)


def test_a_release_of_before_segments_is_told_and_one_without_history_is_read(home, capsys, monkeypatch):
    publish(home, without="segment")
    assert lines(capsys) == ["The current release release-1 has no segments yet: refresh first"]
    assert told(capsys)["note"]
    other = Home(home.root / "other")
    other.root.mkdir()
    publish(other, without="segment_")
    monkeypatch.setenv("TRIBUTARY_HOME", str(other.root))
    assert [s["size"] for s in told(capsys)["segments"]] == [1, 2, 0, 0]
    assert told(capsys, "core")["segment"]["overlaps"] == []


def test_a_release_without_a_segment_is_told(home, capsys):
    publish(home, change="delete from marts.segments;")
    assert lines(capsys)[-1] == "There is no segment in it."
    with pytest.raises(UsageError, match="There is none"):
        segments("core", as_json=False)
