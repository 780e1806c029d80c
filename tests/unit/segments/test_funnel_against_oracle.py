"""Stages of random lives, told day by day, against funnel_stages."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from statistics import median
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.compiled_project import CATALOG, refresh_vars, run_dbt

AS_OF = date(2024, 6, 30)
LIMITS = {"considering": 9, "purchase": 9, "retention": 18, "at_risk": 36}
TABLES = {
    "intermediate.int_customers_described": "customer_id varchar, first_seen_at timestamp, lifecycle_stage varchar, "
    "acquisition_channel varchar",
    "marts.segment_membership": "customer_id varchar, segment varchar, is_primary boolean",
    "marts.orders": "customer_id varchar, ordered_on date, order_number bigint, is_purchase boolean",
    "intermediate.int_events_owned": "customer_id varchar, event_name varchar, occurred_at timestamp",
    "intermediate.int_leads_resolved": "customer_id varchar, created_at timestamp",
}


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("funnel")
    variables = refresh_vars(AS_OF, lifecycle_days=LIMITS)
    result = run_dbt(["compile", "--select", "funnel_stages"], folder / f"{CATALOG}.duckdb", folder, variables)
    assert result.success
    return next(r.node.compiled_code for r in result.result.results if r.node.name == "funnel_stages")


def stage_on(day: date, first_seen: date, purchases: list[date], signs: list[date]) -> str | None:
    """What a customer was on a day, as one reads it in the table of stages; None before it was one."""
    if day < first_seen:
        return None
    bought = [p for p in purchases if p <= day]
    if not bought:
        near = [s for s in signs if 0 <= (day - s).days < LIMITS["considering"]]
        return "consideration" if near else "awareness"
    ago = (day - max(bought)).days
    if ago > LIMITS["at_risk"]:
        return "lapsed"
    if len(bought) == 1:
        return "purchase" if ago <= LIMITS["purchase"] else "at_risk"
    return "retention" if ago <= LIMITS["retention"] else "at_risk"


def expected(lives: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    rows: dict[tuple[str, str, str], list[Any]] = defaultdict(lambda: [0, 0, 0, []])
    for life in lives:
        stages = [
            stage_on(AS_OF - timedelta(days=ago), life["first_seen"], life["purchases"], life["signs"])
            for ago in range(200)
        ]
        now, before = stages[0], stages[30]
        since = next(ago for ago in range(199) if stages[ago + 1] != now)
        row = rows[life["segment"] or "none", life["channel"] or "none", str(now)]
        row[0] += 1
        row[1] += before != now
        row[3].append(since)
        if before is not None and before != now:
            rows[life["segment"] or "none", life["channel"] or "none", before][2] += 1
    return {(AS_OF, *key, *row[:3], float(median(row[3])) if row[3] else None) for key, row in rows.items()}


days_ago = st.integers(0, 120)
life = st.fixed_dictionaries(
    {
        "purchases": st.lists(days_ago, max_size=5),
        "signs": st.lists(days_ago, max_size=6),
        "older": st.integers(0, 40),
        "segment": st.sampled_from([None, "s"]),
        "channel": st.sampled_from([None, "Direct"]),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(life, max_size=8))
def test_stages_of_lives_are_told_as_day_by_day(query: str, drawn: list[dict[str, Any]]) -> None:
    lives = []
    for one in drawn:
        dates = {key: sorted(AS_OF - timedelta(days=ago) for ago in one[key]) for key in ("purchases", "signs")}
        earliest = min([*dates["purchases"], *dates["signs"], AS_OF])
        lives.append({**one, **dates, "first_seen": earliest - timedelta(days=one["older"])})
    con = duckdb.connect()
    con.execute(f"attach ':memory:' as {CATALOG}; use {CATALOG}; create schema marts; create schema intermediate")
    for table, columns in TABLES.items():
        con.execute(f"create table {table} ({columns})")
    for number, one in enumerate(lives):
        name = f"c{number}"
        now = stage_on(AS_OF, one["first_seen"], one["purchases"], one["signs"])
        con.execute(
            "insert into intermediate.int_customers_described values (?, ?, ?, ?)",
            [name, one["first_seen"], now, one["channel"]],
        )
        if one["segment"]:
            con.execute("insert into marts.segment_membership values (?, 's', true), (?, 't', false)", [name, name])
        for place, day in enumerate(one["purchases"], start=1):
            con.execute(
                "insert into marts.orders values (?, ?, ?, true), (?, ?, null, false)", [name, day, place, name, day]
            )
        for place, day in enumerate(one["signs"]):
            if place % 2:
                con.execute("insert into intermediate.int_leads_resolved values (?, ?)", [name, day])
            else:
                con.execute("insert into intermediate.int_events_owned values (?, 'product_added', ?)", [name, day])
                con.execute("insert into intermediate.int_events_owned values (?, 'product_viewed', ?)", [name, AS_OF])
    found = con.execute(query).fetchall()
    assert set(found) == expected(lives)
    assert len(found) == len(set(found))
