"""The Markov chain of paths: its states, and how often each is entered and left under any weights of the paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .paths import AggregatedPaths

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]

# Up to so many possible numbers a table is faster than sorting.
_TABLE = 1 << 24


@dataclass(frozen=True)
class Counts:
    """How often the chain was begun, gone on with and ended: whole numbers, as doubles, which sum exactly to 2^53.

    begun, left and converted are by state: paths that begin in it, steps out of it to anywhere, and those of them that
    are a conversion. moved is by edge.
    """

    begun: Numbers
    left: Numbers
    converted: Numbers
    moved: Numbers


@dataclass(frozen=True, eq=False)
class Chain:
    """A state is the last touches of a path so far, up to as many as the order; every state occurs on some path.

    newest: the channel of the last touch, by state. source and target: the states of each edge, sorted. first and last:
    states of each path. edge: of each touch that is not the first of its path, in the order of paths; lengths: touches
    of each path.
    """

    channels: int
    newest: Integers
    source: Integers
    target: Integers
    first: Integers
    last: Integers
    edge: Integers
    lengths: Integers

    def count(self, conversions: Integers, non_conversions: Integers) -> Counts:
        """The counts for so many conversions and non-conversions of each path."""
        import numpy as np

        weights = (conversions + non_conversions).astype(np.float64)
        states = len(self.newest)
        moved = _summed(self.edge, np.repeat(weights, self.lengths - 1), len(self.source))
        begun = _summed(self.first, weights, states)
        # Whoever enters a state leaves it: to another, to a conversion, or for good.
        left = begun + _summed(self.target, moved, states)
        return Counts(begun, left, _summed(self.last, conversions, states), moved)


def build_chain(paths: AggregatedPaths, order: int) -> Chain:
    """The chain of an order from 1 to 3. Raises ValueError for any other."""
    import numpy as np

    if order not in (1, 2, 3):
        raise ValueError(f"The order of a chain is 1, 2 or 3, not {order}.")
    base = len(paths.channels) + 1
    starts, lengths = paths.starts, paths.lengths
    # The newest touch is the last digit. Before the first touch there is nothing: 0.
    keys = paths.codes + 1
    for back in range(1, order):
        earlier = np.zeros_like(keys)
        earlier[back:] = paths.codes[:-back] + 1
        for place in range(back):
            earlier[starts[lengths > place] + place] = 0
        keys += earlier * base**back
    distinct, state = _numbered(keys, base**order)
    is_first = np.zeros(len(state), dtype=bool)
    is_first[starts] = True
    goes_on = ~is_first[1:]
    source, channel = state[:-1][goes_on], paths.codes[1:][goes_on]
    # Where a state leads is told by the channel that comes next.
    edges, edge = _numbered(source * base + channel, len(distinct) * base)
    target = np.empty(len(edges), dtype=np.int64)
    target[edge] = state[1:][goes_on]
    return Chain(
        channels=len(paths.channels),
        newest=distinct % base - 1,
        source=edges // base,
        target=target,
        first=state[starts],
        last=state[starts + lengths - 1],
        edge=edge,
        lengths=lengths,
    )


def _summed(places: Integers, weights: Integers | Numbers, size: int) -> Numbers:
    """The sum of the weights at each place."""
    import numpy as np

    return np.bincount(places, weights, minlength=size).astype(np.float64, copy=False)


def _numbered(keys: Integers, limit: int) -> tuple[Integers, Integers]:
    """The distinct keys, ascending, and the place of each key among them. limit: above every key."""
    import numpy as np

    if limit > _TABLE:
        ordered = np.sort(keys)
        distinct = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(keys) else ordered
        return distinct, np.searchsorted(distinct, keys)
    is_there = np.zeros(limit, dtype=bool)
    is_there[keys] = True
    distinct = np.flatnonzero(is_there)
    return distinct, (np.cumsum(is_there) - 1)[keys]
