"""Shapley values against all subsets of channels, and what every Shapley value keeps to."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.attribution.shapley import shapley_values
from tests.support import effects_oracle
from tests.support.channel_paths import aggregated, worlds


def values(world):
    paths = aggregated(world)
    return dict(zip(paths.channels, shapley_values(paths).tolist(), strict=True))


def test_a_conversion_is_divided_equally_among_the_channels_of_its_path():
    world = [(("a", "b", "a", "c"), 3, 9), (("a",), 2, 0), (("b", "a"), 1, 1), (("d",), 0, 4)]
    assert values(world) == {"a": 1 + 2 + 0.5, "b": 1 + 0.5, "c": 1, "d": 0}


@settings(max_examples=60, deadline=None)
@given(worlds(most_channels=10, longest=10))
def test_values_equal_the_enumeration_of_all_subsets(world):
    expected = {channel: float(value) for channel, value in effects_oracle.shapley_values(world).items()}
    assert values(world) == pytest.approx(expected, abs=1e-9)


def test_values_equal_the_enumeration_of_ten_channels():
    chance = random.Random(10)
    names = [f"channel {number}" for number in range(10)]
    world = [(tuple(chance.choices(names, k=chance.randint(1, 15))), chance.randint(0, 9), 1) for _ in range(40)]
    world.append((tuple(names), 1, 0))
    expected = {channel: float(value) for channel, value in effects_oracle.shapley_values(world).items()}
    assert values(world) == pytest.approx(expected, abs=1e-9)


@given(worlds(), st.randoms(use_true_random=False))
def test_values_know_neither_the_order_of_touches_nor_repeats(world, shuffle):
    other = []
    for path, won, lost in world:
        touches = [*path, *shuffle.choices(path, k=3)]
        shuffle.shuffle(touches)
        other.append((tuple(touches), won, lost))
    assert values(other) == values(world)
    assert sum(values(world).values()) == pytest.approx(sum(won for _, won, _ in world))


def test_without_conversions_all_values_are_zero():
    assert values([(("a", "b"), 0, 3)]) == {"a": 0, "b": 0}
    assert values([]) == {}


def test_sixty_channels_on_one_path_share_it():
    names = tuple(f"channel {number}" for number in range(60))
    assert values([(names, 6, 0)]) == pytest.approx(dict.fromkeys(names, 0.1))
