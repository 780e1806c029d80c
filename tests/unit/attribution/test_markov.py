"""Removal effects against their definition in exact fractions, and on chains that can be worked out by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.attribution import markov
from orchestration.lib.attribution.chain import build_chain
from orchestration.lib.attribution.markov import effects_of, removal_effects
from tests.support import effects_oracle
from tests.support.channel_paths import aggregated, worlds


def effects(world, order=1, dense_states=markov.DENSE_STATES):
    paths = aggregated(world)
    chain = build_chain(paths, order)
    found = effects_of(chain, chain.count(paths.conversions, paths.non_conversions), dense_states)
    return dict(zip(paths.channels, found.tolist(), strict=True))


def test_the_textbook_chain():
    # Begin goes to C1 (2/3) and C2 (1/3), C1 to C2 or nowhere, C2 to C3, C3 to a conversion or nowhere.
    world = [(("C1", "C2", "C3"), 1, 0), (("C1",), 0, 1), (("C2", "C3"), 0, 1)]
    # P(conversion) is 1/3. Without C1 it is 1/3 x 1/2 = 1/6; without C2 or C3 it is 0.
    assert effects(world) == pytest.approx({"C1": 1 / 2, "C2": 1, "C3": 1})


def test_a_channel_that_only_leads_to_those_that_convert_has_an_effect():
    # No path with `a` converted, but on the chain half of those who came by `a` to `b` would have.
    world = [(("a", "b"), 0, 1), (("b",), 1, 0)]
    assert effects(world) == pytest.approx({"a": 1 / 2, "b": 1})


def test_a_chain_of_order_two_remembers_the_channel_before():
    # a, b converts and c, b does not. At order 1 both look alike after b.
    world = [(("a", "b"), 1, 0), (("c", "b"), 0, 1)]
    assert effects(world) == pytest.approx({"a": 1 / 2, "b": 1, "c": 1 / 2})
    assert effects(world, order=2) == pytest.approx({"a": 1, "b": 1, "c": 0})
    assert effects(world, order=2)["c"] == 0


def test_a_chain_of_order_three_remembers_two_before():
    world = [(("a", "x", "b"), 1, 0), (("c", "x", "b"), 0, 1), (("d", "d", "d", "d"), 1, 1)]
    # d leads nowhere else: 1/4 of all begin with it for good, 1/4 convert on it.
    assert effects(world, order=3) == pytest.approx({"a": 1 / 2, "b": 1 / 2, "c": 0, "d": 1 / 2, "x": 1 / 2})


@pytest.mark.parametrize("order", [1, 2, 3])
@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_effects_equal_their_definition(order, world):
    expected = {channel: float(effect) for channel, effect in effects_oracle.removal_effects(world, order).items()}
    # By the inverse of the whole matrix, and by a system a channel.
    assert effects(world, order) == pytest.approx(expected, abs=1e-9)
    assert effects(world, order, dense_states=0) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_effects_equal_their_definition_on_long_paths(order):
    chance = random.Random(order)
    world = [(tuple(chance.choices("abcd", [9, 3, 1, 1], k=500)), number % 2, 1) for number in range(3)]
    world += [(("a",) * 500, 0, 1), (("e", "f") * 250, 1, 0), (("g",), 3, 5)]
    expected = {channel: float(effect) for channel, effect in effects_oracle.removal_effects(world, order).items()}
    for dense_states in (0, 10_000):
        assert effects(world, order, dense_states) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_sixty_channels_equal_a_walk_of_all_probabilities(order):
    chance = random.Random(60 + order)
    names = [f"channel {number}" for number in range(60)]
    world = []
    for _ in range(400):
        won = chance.randint(0, 1)
        world.append((tuple(chance.choices(names, k=chance.randint(1, 6))), won, 1 - won))
    found = effects(world, order)
    assert len(found) == 60
    assert found == pytest.approx(effects(world, order, dense_states=0), abs=1e-9)
    whole = walked(world, order, None)
    for channel in names[:10]:
        assert found[channel] == pytest.approx(1 - walked(world, order, channel) / whole, abs=1e-9)


def walked(world, order, removed):
    """P(conversion), by following all probability step by step until none is under way."""
    steps = {}
    for path, won, lost in world:
        state = ()
        for channel in path:
            steps.setdefault(state, []).append(((*state, channel)[-order:], won + lost))
            state = (*state, channel)[-order:]
        steps.setdefault(state, []).append((True, won))
        steps.setdefault(state, []).append((False, lost))
    total = {state: sum(count for _, count in after) for state, after in steps.items()}
    under_way, converted = {(): 1.0}, 0.0
    while sum(under_way.values()) > 1e-15:
        moved = {}
        for state, chance in under_way.items():
            for after, count in steps[state]:
                if after is True:
                    converted += chance * count / total[state]
                elif after is not False and after[-1] != removed:
                    moved[after] = moved.get(after, 0.0) + chance * count / total[state]
        under_way = moved
    return converted


@given(worlds())
def test_at_order_one_repeats_change_nothing(world):
    collapsed = [
        (tuple(c for place, c in enumerate(path) if place == 0 or path[place - 1] != c), won, lost)
        for path, won, lost in world
    ]
    assert effects(world) == effects(collapsed)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_paths_that_never_convert_have_no_effects(order):
    assert effects([(("a", "b"), 0, 5), (("c",), 0, 1)], order) == {"a": 0.0, "b": 0.0, "c": 0.0}
    assert effects([], order) == {}


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("dense_states", [0, 1000])
def test_one_path_cannot_do_without_its_channels(order, dense_states):
    # At order 1 the chain forgets that a came before: it goes on to c half of the time.
    expected = {"a": 1, "b": 1 / 2 if order == 1 else 1, "c": 1}
    assert effects([(("a", "b", "a", "c"), 3, 0)], order, dense_states) == pytest.approx(expected)
    assert effects([(("a",) * 500, 1, 1)], order, dense_states) == pytest.approx({"a": 1})


@given(worlds(), st.sampled_from([0, 1000]), st.sampled_from([1, 2, 3]))
def test_what_never_leads_to_a_conversion_is_exactly_zero(world, dense_states, order):
    dead_end = [(("dead", "end", "dead", "dead", "end"), 0, 3), (("Email", "dead", "end"), 0, 1)]
    found = effects([*world, *dead_end], order, dense_states)
    assert (found["dead"], found["end"]) == (0, 0)
    assert all(0 <= effect <= 1 for effect in found.values())


def test_where_iteration_leaves_a_doubt_the_matrix_is_factorised(monkeypatch):
    chance = random.Random(1)
    world = [(tuple(chance.choices("abcdefgh", k=chance.randint(1, 30))), n % 2, 1) for n in range(200)]
    expected = effects(world, 2)
    # Too few iterations to know how long a path stays, and enough for that but not for the result.
    for iterations in (1, 4):
        monkeypatch.setattr(markov, "_ITERATIONS", {"rtol": 1e-14, "atol": 0.0, "maxiter": iterations})
        assert effects(world, 2, dense_states=0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("order", [0, 4, -1])
def test_other_orders_are_refused(order):
    with pytest.raises(ValueError, match=f"1, 2 or 3, not {order}"):
        removal_effects(aggregated([(("a",), 1, 0)]), order)


def test_counts_beyond_single_precision_are_exact():
    million = 10**12
    world = [(("a", "b"), million + 1, million), (("b",), 1, 3)]
    assert np.allclose(
        list(effects(world).values()),
        [float(effects_oracle.removal_effects(world, 1)[c]) for c in ("a", "b")],
        rtol=0,
        atol=1e-12,
    )
