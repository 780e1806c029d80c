"""The benchmark of journeys: what it makes up is all that the models read, and every model is built."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.settings import Home
from tests.bench import journeys, made_up


def test_every_model_is_built_on_what_is_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBUTARY_HASH_KEY", "bench")
    home = Home(tmp_path / "home")
    made_up.make(journeys.tables(20_000), home)
    seconds = made_up.build(home, [*journeys.SEEDS, *journeys.BEFORE_EFFECTS], journeys.effects, journeys.AFTER_EFFECTS)
    assert {*journeys.BEFORE_EFFECTS, *journeys.AFTER_EFFECTS, "effects"} <= set(seconds)
    with duckdb.connect(str(home.warehouse)) as con:
        [(rows, booked, credited, difference)] = con.execute(
            "select count(*), sum(booked_conversions), sum(attributed_conversions), sum(abs(difference)) "
            "from marts.attribution_reconciliation"
        ).fetchall()
    assert rows > 0
    assert booked > credited > 0
    assert difference == 0
