"""The benchmark of effects: its paths are distinct and as many as asked, and its figures stand side by side."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.settings import Home
from tests.bench import attribution, report


@pytest.mark.parametrize("order", [1, 2])
def test_effects_are_worked_out_from_distinct_paths(order: int, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    made = attribution.make(2000, home)
    assert made["paths"] == 2000
    assert 3 < made["touches"] / made["paths"] < 7
    with duckdb.connect(str(home.warehouse)) as con:
        [(paths, channels, won)] = con.execute(
            "select count(distinct path), count(distinct channel), count(distinct path) filter (where conversions > 0) "
            "from (select path, conversions, unnest(path) as channel from marts.conversion_paths)"
        ).fetchall()
    assert (paths, channels) == (2000, attribution.CHANNELS)
    assert 0 < won < 1000
    assert set(attribution.effects(order, 3, home)) == {"read", "markov", "shapley", "rounds"}


def test_figures_of_effects_stand_side_by_side() -> None:
    found = [report.Effects(1000, 5000, 1, 0.5, 0.25, 0.01, 12.3, 13.1, 512.4)]
    assert report.effects(found) == (
        "order  paths  touches  read s  markov s  shapley s  with rounds s  cpu s  peak MB\n"
        "-----  -----  -------  ------  --------  ---------  -------------  -----  -------\n"
        "1      1,000    5,000     0.5       0.2        0.0           12.3   13.1      512"
    )
