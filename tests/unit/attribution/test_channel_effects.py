"""Rows of channel_effects: from a table of paths to the table of the warehouse, and what vars may say."""

from __future__ import annotations

import random
import struct
from dataclasses import astuple

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.attribution.computed import create_tables, read_paths, write_effects
from orchestration.lib.attribution.effects import Settings, channel_effects, read_settings
from orchestration.lib.faults import UsageError
from tests.support.channel_paths import aggregated, table, worlds

VARS = {"attribution_markov_order": 1, "attribution_bootstrap_rounds": 100, "attribution_bootstrap_seed": 7}


def bytes_of(rows):
    return [
        (row.model, row.channel, *(None if n is None else struct.pack("d", n) for n in astuple(row)[2:]))
        for row in rows
    ]


def test_a_share_is_of_the_conversions_and_of_the_revenue():
    rows = channel_effects(aggregated([(("a", "b"), 6, 0), (("b",), 2, 2)]), 500.0, Settings(rounds=20))
    assert [(row.model, row.channel) for row in rows] == [
        ("markov", "a"),
        ("markov", "b"),
        ("shapley", "a"),
        ("shapley", "b"),
    ]
    shapley = rows[2:]
    assert [row.effect for row in shapley] == [3, 5]
    assert [row.share for row in shapley] == [3 / 8, 5 / 8]
    for model in (rows[:2], rows[2:]):
        assert sum(row.share for row in model) == pytest.approx(1)
        assert sum(row.textbook_conversions for row in model) == pytest.approx(8)
        assert sum(row.textbook_revenue for row in model) == pytest.approx(500)
        assert all(row.share_low <= row.share <= row.share_high for row in model)


def test_without_conversions_there_are_effects_of_zero_and_no_shares():
    rows = channel_effects(aggregated([(("a", "b"), 0, 6)]), 0.0, Settings(rounds=3))
    assert [astuple(row)[2:] for row in rows] == [(0, None, None, None, None, None)] * 4
    assert channel_effects(aggregated([]), 0.0, Settings()) == []


@pytest.mark.parametrize("order", [1, 2, 3])
@settings(max_examples=25, deadline=None)
@given(world=worlds(), shuffle=st.randoms(use_true_random=False))
def test_shuffled_and_split_rows_give_the_same_bytes(order, world, shuffle):
    one_by_one = [(path, 1, 0) for path, won, _ in world for _ in range(won)]
    one_by_one += [(path, 0, 1) for path, _, lost in world for _ in range(lost)]
    shuffle.shuffle(one_by_one)
    asked = Settings(order, 5, 7)
    expected = bytes_of(channel_effects(aggregated(world), 12.5, asked))
    assert bytes_of(channel_effects(aggregated(one_by_one), 12.5, asked)) == expected


def test_names_of_channels_change_nothing():
    chance = random.Random(5)
    plain = [(tuple(chance.choices("abcd", k=4)), chance.randint(0, 2), 1) for _ in range(30)]
    # Sorted alike, so that the draws are alike too.
    names = dict(zip("abcd", ["", " > ", 'A > "B"', "🛒"], strict=True))
    strange = [(tuple(names[c] for c in path), won, lost) for path, won, lost in plain]
    one, other = (channel_effects(aggregated(w), 1.0, Settings(rounds=5)) for w in (plain, strange))
    assert [row.channel for row in other] == [names[row.channel] for row in one]
    assert [astuple(row)[2:] for row in one] == [astuple(row)[2:] for row in other]


def test_effects_go_from_the_warehouse_to_the_warehouse():
    with duckdb.connect() as con:
        con.register("rows", table([(("a", "A > B"), 2, 0), (("a",), 0, 1)]))
        con.execute(
            "create schema marts; create table marts.conversion_paths as "
            "select path, 'full' as path_transform, conversions, non_conversions, "
            "cast(conversions * 10.25 as decimal(18, 2)) as revenue from rows "
            "union all select ['z'], 'collapsed', 5, 5, 1000.00"
        )
        paths, revenue = read_paths(con)
        assert (paths.channels, revenue) == (("A > B", "a"), 20.5)
        rows = channel_effects(paths, revenue, Settings(rounds=4))
        for _ in range(2):
            assert write_effects(con, rows) == 4
            stored = con.execute("select * from computed.channel_effects order by model, channel").fetchall()
            assert stored == [astuple(row) for row in rows]
        con.execute("delete from marts.conversion_paths")
        paths, revenue = read_paths(con)
        assert write_effects(con, channel_effects(paths, revenue, Settings())) == 0
        assert con.execute("select count(*) from computed.channel_effects").fetchall() == [(0,)]


def test_the_table_is_there_before_there_are_effects():
    with duckdb.connect() as con:
        create_tables(con)
        assert con.execute("select * from computed.channel_effects").fetchall() == []


def test_vars_give_the_settings():
    assert read_settings({**VARS, "attribution_markov_order": 3}) == Settings(3, 100, 7)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *(("attribution_markov_order", value, "from 1 to 3") for value in (0, 4, 1.5, True, "2", None)),
        *(("attribution_bootstrap_rounds", value, "from 1 to 10000") for value in (0, -1, 10_001, "many")),
        *(("attribution_bootstrap_seed", value, f"from 0 to {2**63 - 1}") for value in (-1, 2**63, 0.5)),
    ],
)
def test_a_var_that_cannot_be_meant_is_told_with_what_it_may_be(name, value, allowed):
    with pytest.raises(UsageError, match=f"{name} is {value!r}; it must be a whole number {allowed}"):
        read_settings({**VARS, name: value})
