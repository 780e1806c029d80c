"""Shapley values of channels, where a set of channels is worth the conversions whose channels all lie in it.

That game is a sum of unanimity games, one for the channels of each path, and the value of such a game is divided
equally among its members. So a conversion is divided equally among the distinct channels of its path: no subsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .paths import AggregatedPaths

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Memberships:
    """Which channels are on each converting path.

    paths: the converting paths. sizes: every number of distinct channels that one of them has. counted: how many
    channels each of them has. cell: for each channel of each of them, the place of its size and channel in one table.
    """

    channels: int
    paths: Integers
    sizes: Integers
    counted: Integers
    cell: Integers

    def values(self, conversions: Integers) -> Numbers:
        """Shapley values by channel, for so many conversions of each path; other paths than converting ones have 0."""
        import numpy as np

        weights = np.repeat(conversions[self.paths].astype(np.float64), self.counted)
        cells = np.bincount(self.cell, weights, minlength=len(self.sizes) * self.channels)
        # Whole numbers until here, so that the order of paths cannot matter.
        by_size = cells.reshape(len(self.sizes), self.channels)
        found: Numbers = (by_size / self.sizes[:, None]).sum(axis=0)
        return found


def shapley_values(paths: AggregatedPaths) -> Numbers:
    """Shapley values by channel: they sum to the conversions."""
    return memberships(paths).values(paths.conversions)


def memberships(paths: AggregatedPaths) -> Memberships:
    """Find the distinct channels of every path that has a conversion."""
    import numpy as np

    channels = len(paths.channels)
    converting = np.flatnonzero(paths.conversions)
    lengths = paths.lengths[converting]
    touched = np.repeat(paths.conversions > 0, paths.lengths)
    pairs = np.sort(np.repeat(np.arange(len(converting)), lengths) * channels + paths.codes[touched])
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) else pairs
    path, channel = np.divmod(pairs, max(channels, 1))
    counted = np.bincount(path, minlength=len(converting))
    sizes = np.flatnonzero(np.bincount(counted)) if len(counted) else counted
    row = np.zeros(int(sizes.max()) + 1 if len(sizes) else 0, dtype=np.int64)
    row[sizes] = np.arange(len(sizes))
    return Memberships(channels, converting, sizes, counted, row[counted][path] * channels + channel)
