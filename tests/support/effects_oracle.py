"""Removal effects and Shapley values by their definitions, in exact fractions: what the closed forms are held to.

It shares no code with the project. A path is a tuple of channels; paths are given with their conversions and
non-conversions, in any order and any number of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

Path = tuple[str, ...]
Counted = tuple[Path, int, int]

CONVERSION, NULL = "(conversion)", "(null)"


def removal_effects(paths: Iterable[Counted], order: int) -> dict[str, Fraction]:
    """1 - P(conversion without the channel) / P(conversion), by the whole chain once with and once without it."""
    steps: dict[object, dict[object, int]] = defaultdict(lambda: defaultdict(int))
    channels = set()
    begin: tuple[str | None, ...] = (None,) * order
    for path, conversions, non_conversions in paths:
        if conversions + non_conversions == 0:
            continue
        state = begin
        for channel in path:
            channels.add(channel)
            after = (*state[1:], channel)
            steps[state][after] += conversions + non_conversions
            state = after
        steps[state][CONVERSION] += conversions
        steps[state][NULL] += non_conversions
    if not steps:
        return {}
    whole = _chance(steps, begin, None)
    if whole == 0:
        return dict.fromkeys(channels, Fraction(0))
    return {channel: 1 - _chance(steps, begin, channel) / whole for channel in channels}


def _chance(steps: dict, begin: object, removed: str | None) -> Fraction:
    """P(conversion) from the beginning, by Gaussian elimination over every state; the removed channel is null."""
    states = [begin, *(state for state in steps if state != begin)]
    row_of = {state: number for number, state in enumerate(states)}
    rows = []
    for state in states:
        row: dict[int, Fraction] = {row_of[state]: Fraction(1)}
        right = Fraction(0)
        total = sum(steps[state].values())
        for after, count in steps[state].items():
            if after == CONVERSION:
                right = Fraction(count, total)
            elif after != NULL and (removed is None or after[-1] != removed):
                row[row_of[after]] = row.get(row_of[after], Fraction(0)) - Fraction(count, total)
        rows.append((row, right))
    # From the last state back to the beginning, each is put into the equations of those before it.
    for number in reversed(range(1, len(states))):
        row, right = rows[number]
        pivot = row.pop(number)
        solved = {column: -factor / pivot for column, factor in row.items()}
        right = right / pivot
        for earlier in range(number):
            other, value = rows[earlier]
            factor = other.pop(number, None)
            if factor is None:
                continue
            for column, times in solved.items():
                other[column] = other.get(column, Fraction(0)) + factor * times
            rows[earlier] = (other, value - factor * right)
    row, right = rows[0]
    return right / row[0]


def shapley_values(paths: Iterable[Counted]) -> dict[str, Fraction]:
    """Over all subsets: what a channel adds to a set, weighted by how many orders of joining it adds it in."""
    paths = [(frozenset(path), path, conversions) for path, conversions, rest in paths if conversions + rest]
    channels = sorted({channel for _, path, _ in paths for channel in path})
    count = len(channels)

    def worth(members: Sequence[str]) -> int:
        return sum(conversions for needed, _, conversions in paths if needed <= set(members))

    worths = {
        frozenset(members): worth(members) for size in range(count + 1) for members in combinations(channels, size)
    }
    found = {}
    for channel in channels:
        value = Fraction(0)
        for members, before in worths.items():
            if channel not in members:
                weight = Fraction(factorial(len(members)) * factorial(count - len(members) - 1), factorial(count))
                value += weight * (worths[members | {channel}] - before)
        found[channel] = value
    return found
