"""Removal effects of channels on an absorbing Markov chain, in closed form: linear systems, no simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chain import Chain, Counts, build_chain
from .paths import AggregatedPaths

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_array

    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

# From more states on, one sparse system a channel is cheaper than the whole inverse; at order 1, where channels are as
# many as states, from so many times more.
DENSE_STATES = 100
_AT_ORDER_ONE = 40
# How far, relative to P(conversion), a probability that was found by iteration may be off at most.
_ACCURACY = 1e-11
_ITERATIONS = {"rtol": 1e-10, "atol": 0.0, "maxiter": 400}
_REFINEMENTS = 4


def removal_effects(paths: AggregatedPaths, order: int) -> Numbers:
    """By channel: 1 - P(conversion once every step to it leads to null) / P(conversion), from 0 to 1.

    order: how many last channels decide where a path goes on, 1 to 3. All are 0 where nothing converts; a channel after
    which no conversion is ever reached has exactly 0. Raises ValueError for another order.
    """
    chain = build_chain(paths, order)
    return effects_of(chain, chain.count(paths.conversions, paths.non_conversions))


def effects_of(chain: Chain, counts: Counts, dense_states: int = DENSE_STATES) -> Numbers:
    """Removal effects under any counts of the chain. dense_states: up to so many states the matrix is inverted."""
    import numpy as np

    alive = _leading_to_conversion(chain, counts)
    if not alive.any():
        return np.zeros(chain.channels)
    limit = dense_states * (_AT_ORDER_ONE if len(chain.newest) == chain.channels else 1)
    return (_by_inverse if alive.sum() <= limit else _by_channel)(chain, counts, alive)


def _leading_to_conversion(chain: Chain, counts: Counts) -> Flags:
    """The states from which a conversion can be reached. All others are as good as null, and would make noise."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    states = len(chain.newest)
    used = counts.moved > 0
    converting = np.flatnonzero(counts.converted)
    # Backwards, from a node that stands for every conversion.
    source = np.concatenate([chain.target[used], np.full(len(converting), states)])
    target = np.concatenate([chain.source[used], converting])
    graph = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(states + 1, states + 1))
    found = breadth_first_order(graph, states, return_predecessors=False)
    alive = np.zeros(states + 1, dtype=bool)
    alive[found] = True
    return alive[:states]


def _by_inverse(chain: Chain, counts: Counts, alive: Flags) -> Numbers:
    """From the fundamental matrix: the chance to come to the channel and to convert from there, over P(conversion).

    With A = steps out of each state less steps between states, both counted, inverse(A) holds visits per step out, and
    the first visit to a set of states S is told by begun @ inverse(A)[:, S] @ inverse(inverse(A)[S, S]).
    """
    import numpy as np

    size = int(alive.sum())
    place = np.cumsum(alive) - 1
    inside = alive[chain.source] & alive[chain.target]
    matrix = np.diag(counts.left[alive])
    matrix[place[chain.source[inside]], place[chain.target[inside]]] -= counts.moved[inside]
    inverse = np.linalg.inv(matrix)
    converting = inverse @ counts.converted[alive]
    reached = counts.begun[alive] @ inverse
    whole = counts.begun[alive] @ converting
    newest = chain.newest[alive]
    effects = np.zeros(chain.channels)
    if len(set(newest.tolist())) == size:
        effects[newest] = reached * converting / (np.diag(inverse) * whole)
    else:
        for channel in np.flatnonzero(np.bincount(newest)):
            of_it = np.flatnonzero(newest == channel)
            first = np.linalg.solve(inverse[np.ix_(of_it, of_it)].T, reached[of_it])
            effects[channel] = first @ converting[of_it] / whole
    return np.clip(effects, 0.0, 1.0)


def _by_channel(chain: Chain, counts: Counts, alive: Flags) -> Numbers:
    """From one sparse system a channel, over the states that are left without it."""
    import numpy as np
    from scipy.sparse import coo_array

    size = int(alive.sum())
    place = np.cumsum(alive) - 1
    inside = alive[chain.source] & alive[chain.target] & (counts.moved > 0)
    source, target, moved = place[chain.source[inside]], place[chain.target[inside]], counts.moved[inside]
    itself = np.bincount(source, moved * (source == target), minlength=size)
    # Each state is left for another or for good at most once a visit: rows are divided by that.
    departures = counts.left[alive] - itself
    between = source != target
    matrix = coo_array(
        (
            np.concatenate([np.ones(size), -moved[between] / departures[source[between]]]),
            (np.concatenate([np.arange(size), source[between]]), np.concatenate([np.arange(size), target[between]])),
        ),
        shape=(size, size),
    ).tocsr()
    right = counts.converted[alive] / departures
    begun = counts.begun[alive] / counts.begun.sum()
    steps = _most_steps(matrix)
    whole = _absorbed(matrix, right, begun, steps)
    newest = chain.newest[alive]
    effects = np.zeros(chain.channels)
    for channel in np.flatnonzero(np.bincount(newest)):
        rest = np.flatnonzero(newest != channel)
        without = _absorbed(matrix[rest][:, rest], right[rest], begun[rest], steps, whole) if begun[rest].any() else 0.0
        effects[channel] = 1 - without / whole
    return np.clip(effects, 0.0, 1.0)


def _most_steps(matrix: csr_array) -> float:
    """No state is left for another more often than this, on average, whatever state a path is in; inf if unknown.

    It bounds what a residual means: the inverse of a chain's matrix has no entry below 0, and the sums of its rows are
    these steps. Without some of the states there are fewer.
    """
    import numpy as np

    steps, off = _iterated(matrix, np.ones(matrix.shape[0]))
    return float(steps.max()) / (1 - off) if off < 0.5 else float("inf")


def _absorbed(matrix: csr_array, right: Numbers, begun: Numbers, steps: float, whole: float | None = None) -> float:
    """begun @ inverse(matrix) @ right, no further off than _ACCURACY times `whole`, which is the result by default.

    Iteration comes first: it takes a thousandth of the time of a factorisation, whose factors fill up. Where its
    residual leaves a doubt the matrix is factorised.
    """
    from scipy.sparse.linalg import splu

    found, off = _iterated(matrix, right)
    total = float(begun @ found)
    if off * steps <= _ACCURACY * (total if whole is None else whole):
        return total
    return float(begun @ splu(matrix.tocsc()).solve(right))


def _iterated(matrix: csr_array, right: Numbers) -> tuple[Numbers, float]:
    """What matrix @ x = right is solved by, by BiCGStab, and the largest residual.

    It begins again from the residual of what it found, which takes back the digits that rounding cost on the way.
    """
    import numpy as np
    from scipy.sparse.linalg import bicgstab

    found, rest = np.zeros_like(right), right
    for _ in range(_REFINEMENTS):
        step, _ = bicgstab(matrix, rest, **_ITERATIONS)
        after = right - matrix @ (found + step)
        # Also where it broke down and there is no number.
        if not np.abs(after).max() < np.abs(rest).max():
            break
        found, rest = found + step, after
    return found, float(np.abs(rest).max())
