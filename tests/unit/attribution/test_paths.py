"""Aggregated paths: equal paths are one, in one order, whatever the channels are called and however rows come."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib.attribution.paths import AggregatedPaths, aggregate_paths
from tests.support.channel_paths import SCHEMA, STRANGE, aggregated, table, worlds


def spelled(paths: AggregatedPaths) -> list[tuple[tuple[str, ...], int, int]]:
    parts = np.split(paths.codes, paths.starts[1:]) if len(paths.lengths) else []
    return [
        (tuple(paths.channels[code] for code in part), int(won), int(lost))
        for part, won, lost in zip(parts, paths.conversions, paths.non_conversions, strict=True)
    ]


def bytes_of(paths: AggregatedPaths) -> tuple[object, ...]:
    arrays = (paths.codes, paths.lengths, paths.conversions, paths.non_conversions)
    return (paths.channels, *((a.dtype.str, a.tobytes()) for a in arrays))


def test_equal_paths_are_one_and_a_shorter_one_comes_first():
    found = aggregated([(("b", "a"), 1, 0), (("a",), 0, 2), (("b", "a"), 2, 5), (("a", "b"), 0, 1)])
    assert found.channels == ("a", "b")
    assert spelled(found) == [(("a",), 0, 2), (("a", "b"), 0, 1), (("b", "a"), 3, 5)]


def test_a_name_is_never_taken_apart():
    found = aggregated([(("A > B",), 1, 0), (("A", "B"), 2, 0), (("A > B", ""), 3, 0), (("", "A > B"), 4, 0)])
    assert [(path, won) for path, won, _ in spelled(found)] == [
        (("", "A > B"), 4),
        (("A", "B"), 2),
        (("A > B",), 1),
        (("A > B", ""), 3),
    ]


@given(worlds(most_channels=len(STRANGE)), st.randoms(use_true_random=False))
def test_paths_are_counted_as_a_dictionary_counts_them(world, shuffle):
    won, lost = Counter(), Counter()
    for path, conversions, non_conversions in world:
        won[path] += conversions
        lost[path] += non_conversions
    expected = sorted((path, won[path], lost[path]) for path in won if won[path] + lost[path])
    assert sorted(spelled(aggregated(world))) == expected

    # One row an occurrence, in any order, in chunks.
    rows = [(path, 1, 0) for path, number in won.items() for _ in range(number)]
    rows += [(path, 0, 1) for path, number in lost.items() for _ in range(number)]
    shuffle.shuffle(rows)
    cut = shuffle.randint(0, len(rows))
    chunked = pa.concat_tables([table(rows[:cut]), table(rows[cut:])])
    assert bytes_of(aggregate_paths(chunked)) == bytes_of(aggregated(world))


def test_a_thousand_channels_and_long_paths_keep_their_order():
    chance = random.Random(7)
    names = [f"channel {number}" for number in range(1000)]
    world = [(tuple(chance.choices(names, k=chance.choice([1, 2, 500]))), 1, 0) for _ in range(300)]
    found = aggregated(world)
    assert found.channels == tuple(sorted({name for path, _, _ in world for name in path}))
    assert spelled(found) == sorted((path, number, 0) for path, number in Counter(p for p, _, _ in world).items())


def test_what_counts_nothing_is_left_out_with_its_channels():
    assert aggregated([(("a",), 1, 0), (("b",), 0, 0)]).channels == ("a",)
    nothing = aggregated([])
    assert (nothing.channels, len(nothing.codes), len(nothing.lengths)) == ((), 0, 0)


@pytest.mark.parametrize("kind", [pa.list_(pa.string_view()), pa.large_list(pa.string()), pa.list_(pa.large_string())])
def test_lists_of_any_arrow_type_are_read(kind):
    given_table = table([(("a", "b"), 1, 0), (("b",), 0, 1)])
    cast = given_table.set_column(0, "path", given_table["path"].cast(kind))
    assert bytes_of(aggregate_paths(cast)) == bytes_of(aggregate_paths(given_table))


def test_a_slice_of_a_table_holds_its_own_rows():
    whole = table([(("x", "y"), 9, 9), (("a", "b"), 1, 0), (("b",), 0, 1), (("z",), 3, 3)])
    assert spelled(aggregate_paths(whole.slice(1, 2))) == [(("a", "b"), 1, 0), (("b",), 0, 1)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((None, 1, 0), "1 paths are null"),
        (([], 1, 0), "1 paths are empty"),
        ((["a", None], 1, 0), "1 touches have no channel"),
        ((["a"], None, 0), "1 conversions are null"),
        ((["a"], 1, -1), "1 non_conversions are below 0"),
    ],
)
def test_what_is_no_path_is_told(row, told):
    rows = [(["b"], 1, 1), row]
    with pytest.raises(ValueError, match=told):
        aggregate_paths(pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA))


def test_more_channels_than_have_numbers_are_told():
    with pytest.raises(ValueError, match="Paths have 65,537 channels"):
        aggregated([(tuple(str(number) for number in range(65_537)), 1, 0)])
    assert len(aggregated([(tuple(str(number) for number in range(65_536)), 1, 0)]).channels) == 65_536


def test_the_arrays_cannot_be_written_to():
    found = aggregated([(("a",), 1, 0)])
    for array in (found.codes, found.lengths, found.conversions, found.non_conversions):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
