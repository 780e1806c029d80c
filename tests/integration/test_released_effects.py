"""channel_effects of a release: what its paths say, an invariant that is seen to fail, and vars that mean nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.conftest import marts, tributary
from tests.support import effects_oracle
from tests.support.compiled_project import refresh_vars, run_dbt

CLAIM = "assert_channel_effects_add_up_in_both_models"
BREAKS = [
    "insert into marts.channel_effects select * from marts.channel_effects limit 1",
    "delete from marts.channel_effects where model = 'markov' and channel = 'Direct'",
    "update marts.channel_effects set model = 'another' where channel = 'Direct'",
    "update marts.channel_effects set share = share * 1.001 where model = 'markov'",
    "update marts.channel_effects set share = null",
    "update marts.channel_effects set effect = effect + 0.001 where model = 'shapley' and channel = 'Direct'",
]


def test_published_effects_are_those_of_the_published_paths(released: Path) -> None:
    with marts(released) as con:
        counted = con.execute(
            "select path, conversions, non_conversions from marts.conversion_paths where path_transform = 'full'"
        ).fetchall()
        [(conversions, revenue)] = con.execute(
            "select count(*), cast(sum(revenue) as double) from marts.conversions where path_length > 0"
        ).fetchall()
        rows = con.execute("select * from marts.channel_effects").fetchall()
    world = [(tuple(path), won, lost) for path, won, lost in counted]
    removal = {channel: float(effect) for channel, effect in effects_oracle.removal_effects(world, 1).items()}
    shared = dict.fromkeys(removal, 0.0)
    for path, won, _ in world:
        for channel in set(path):
            shared[channel] += won / len(set(path))
    for model, expected in (("markov", removal), ("shapley", shared)):
        found = {row[1]: row[2:] for row in rows if row[0] == model}
        assert {channel: effect for channel, (effect, *_) in found.items()} == pytest.approx(expected, abs=1e-9)
        total = sum(expected.values())
        for channel, (effect, share, of_conversions, of_revenue, low, high) in found.items():
            assert share == pytest.approx(effect / total), channel
            assert of_conversions == pytest.approx(share * conversions), channel
            assert of_revenue == pytest.approx(share * revenue), channel
            assert 0 <= low <= high <= 1, channel


def test_effects_that_do_not_add_up_are_told(
    released: Path, copied: Callable[[Path], Path], world_end: date, tmp_path: Path
) -> None:
    warehouse = copied(released) / "warehouse.duckdb"
    asked = ["test", "--select", CLAIM]
    assert run_dbt(asked, warehouse, tmp_path / "target", refresh_vars(world_end)).success
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create table whole as select * from marts.channel_effects")
    for damage in BREAKS:
        with duckdb.connect(str(warehouse)) as con:
            con.execute("create or replace table marts.channel_effects as select * from whole")
            con.execute(damage)
        assert not run_dbt(asked, warehouse, tmp_path / "target", refresh_vars(world_end)).success, damage


def test_an_order_that_no_chain_has_is_a_mistake_of_who_asks(
    world: Path, released: Path, copied: Callable[[Path], Path]
) -> None:
    home = copied(released)
    done = tributary("refresh", "--landing", world, "--home", home, TRIBUTARY_VARS='{"attribution_markov_order": 4}')
    assert done.code == 2
    assert "attribution_markov_order must be a whole number from 1 to 3, not 4." in done.out + done.err
