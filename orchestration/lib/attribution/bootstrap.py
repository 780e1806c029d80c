"""Intervals of shares, by drawing as many paths with replacement as there are, again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .paths import AggregatedPaths

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]
    # Effects by channel, of so many conversions and non-conversions of each path.
    Measure = Callable[[Integers, Integers], Numbers]

# The middle 90 % of the rounds.
_LOW, _HIGH = 0.05, 0.95
# One draw costs a twentieth of a binomial number, so up to so many occurrences a cell they are drawn one by one.
_DRAWN = 16


@dataclass(frozen=True, eq=False)
class Interval:
    """By channel: the 5th and the 95th percentile of its shares, interpolated between rounds."""

    low: Numbers
    high: Numbers


def shares(effects: Numbers) -> Numbers | None:
    """Effects over their sum; none where all are 0."""
    total = effects.sum()
    return effects / total if total > 0 else None


def share_intervals(
    paths: AggregatedPaths, measures: Sequence[Measure], rounds: int, seed: int
) -> list[Interval | None]:
    """An interval for each measure. All see the same draws, which the seed decides.

    A round draws conversions and non-conversions alike, as many as there are together. Rounds without any conversion
    have no shares, and are left out; none where every round is one of them.
    """
    import numpy as np

    draw = _drawing(np.concatenate([paths.conversions, paths.non_conversions]), seed)
    found: list[list[Numbers]] = [[] for _ in measures]
    for _ in range(rounds):
        conversions, non_conversions = np.split(draw(), 2)
        for measure, kept in zip(measures, found, strict=True):
            drawn = shares(measure(conversions, non_conversions))
            if drawn is not None:
                kept.append(drawn)
    return [Interval(*np.quantile(np.stack(kept), [_LOW, _HIGH], axis=0)) if kept else None for kept in found]


def _drawing(counts: Integers, seed: int) -> Callable[[], Integers]:
    """A function that draws sum(counts) occurrences with replacement, and counts them as counts does."""
    import numpy as np

    random = np.random.Generator(np.random.PCG64(seed))
    cells = np.flatnonzero(counts)
    total = int(counts.sum())
    whole = np.zeros(len(counts), dtype=np.int64)
    if not total:
        return lambda: whole

    if total <= _DRAWN * len(cells):
        cell_of = np.repeat(cells, counts[cells])
        return lambda: np.bincount(cell_of[random.integers(0, total, total)], minlength=len(counts))

    def draw() -> Integers:
        drawn = whole.copy()
        drawn[cells] = random.multinomial(total, counts[cells] / total)
        return drawn

    return draw
