"""Bootstrap intervals: drawn fairly, the same for a seed, around the share, and narrower the more paths there are."""

from __future__ import annotations

import random

import numpy as np
import pytest

from orchestration.lib.attribution import bootstrap
from orchestration.lib.attribution.bootstrap import share_intervals, shares
from orchestration.lib.attribution.chain import build_chain
from orchestration.lib.attribution.markov import effects_of
from orchestration.lib.attribution.shapley import memberships
from tests.support.channel_paths import aggregated


def measures(paths, order=1):
    chain, members = build_chain(paths, order), memberships(paths)
    return [
        lambda won, lost: effects_of(chain, chain.count(won, lost)),
        lambda won, _: members.values(won),
    ]


def world(count, seed=1, channels="abcdef"):
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        path = tuple(chance.choices(channels, range(1, len(channels) + 1), k=chance.randint(1, 6)))
        won = chance.random() < 0.3
        rows.append((path, int(won), int(not won)))
    return rows


@pytest.mark.parametrize("order", [1, 2, 3])
def test_an_interval_covers_the_share_and_narrows_with_the_number_of_paths(order):
    widths = []
    for count in (500, 8000):
        paths = aggregated(world(count))
        found = share_intervals(paths, measures(paths, order), 60, 7)
        for measure, interval in zip(measures(paths, order), found, strict=True):
            share = shares(measure(paths.conversions, paths.non_conversions))
            assert (interval.low <= share).all()
            assert (share <= interval.high).all()
        widths.append([interval.high - interval.low for interval in found])
    # Sixteen times the paths: about a quarter of the width.
    for few, many in zip(*widths, strict=True):
        assert (many < few).all()
        assert 0.15 < many.sum() / few.sum() < 0.4


def test_nine_intervals_of_ten_hold_the_share_of_all_there_is():
    everyone = aggregated(world(60_000))
    truth = shares(memberships(everyone).values(everyone.conversions))
    held, of = 0, 0
    for number in range(40):
        paths = aggregated(world(600, seed=1000 + number))
        [interval] = share_intervals(paths, measures(paths)[1:], 100, 7)
        held += int(((interval.low <= truth) & (truth <= interval.high)).sum())
        of += len(truth)
    assert 0.83 < held / of < 0.96


@pytest.mark.parametrize("copies", [1, 40])
def test_draws_are_as_many_and_as_likely_as_what_was_seen(copies, monkeypatch):
    # Few occurrences a cell are drawn one by one, many as multinomial numbers.
    counts = np.array([5, 0, 1, 2, 0, 12]) * copies
    draw = bootstrap._drawing(counts, 3)
    drawn = np.stack([draw() for _ in range(4000)])
    assert (drawn.sum(axis=1) == counts.sum()).all()
    assert (drawn[:, counts == 0] == 0).all()
    chance = counts / counts.sum()
    spread = counts.sum() * chance * (1 - chance)
    assert drawn.mean(axis=0) == pytest.approx(counts, abs=5 * (spread.max() / 4000) ** 0.5)
    seen = counts > 0
    assert drawn.var(axis=0)[seen] == pytest.approx(spread[seen], rel=0.15)


def test_a_seed_decides_the_draws():
    paths = aggregated(world(300))
    one, again, other = (share_intervals(paths, measures(paths), 20, seed) for seed in (7, 7, 8))
    assert [i.low.tobytes() + i.high.tobytes() for i in one] == [i.low.tobytes() + i.high.tobytes() for i in again]
    assert [i.low.tobytes() for i in one] != [i.low.tobytes() for i in other]


def test_one_path_has_no_width():
    paths = aggregated([(("a", "a", "b"), 7, 0)])
    for interval in share_intervals(paths, measures(paths), 10, 7):
        assert interval.low.tolist() == pytest.approx([0.5, 0.5])
        assert interval.high.tolist() == pytest.approx([0.5, 0.5])


def test_rounds_without_a_conversion_are_left_out():
    paths = aggregated([(("a",), 0, 9), (("b",), 1, 0)])
    for interval in share_intervals(paths, measures(paths), 50, 7):
        assert (interval.low.tolist(), interval.high.tolist()) == ([0, 1], [0, 1])


def test_without_conversions_or_paths_there_is_no_interval():
    for rows in ([(("a", "b"), 0, 5)], []):
        paths = aggregated(rows)
        assert share_intervals(paths, measures(paths), 5, 7) == [None, None]
