"""The effects of all channels under both data-driven models: the rows of channel_effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..faults import UsageError
from .bootstrap import share_intervals, shares
from .chain import build_chain
from .markov import effects_of
from .paths import AggregatedPaths
from .shapley import memberships

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Settings:
    """order: of the Markov chain. rounds and seed: of the bootstrap."""

    order: int = 1
    rounds: int = 100
    seed: int = 7


@dataclass(frozen=True)
class ChannelEffect:
    """One row of channel_effects. Nothing converts: effect 0, all else none."""

    model: str
    channel: str
    effect: float
    share: float | None
    textbook_conversions: float | None
    textbook_revenue: float | None
    share_low: float | None
    share_high: float | None


_VARS = {
    "order": ("attribution_markov_order", 1, 3),
    "rounds": ("attribution_bootstrap_rounds", 1, 10_000),
    "seed": ("attribution_bootstrap_seed", 0, 2**63 - 1),
}


def read_settings(variables: Mapping[str, Any]) -> Settings:
    """The settings that the project's vars say. Raises UsageError, which names the var and what it may be."""
    found = {}
    for name, (var, low, high) in _VARS.items():
        value = variables[var]
        # true is a whole number to Python, not to whoever wrote it.
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise UsageError(f"{var} is {value!r}; it must be a whole number from {low} to {high}.")
        found[name] = value
    return Settings(**found)


def channel_effects(paths: AggregatedPaths, revenue: float, settings: Settings) -> list[ChannelEffect]:
    """A row for each model and channel, in that order. revenue: of all conversions that have a path."""
    chain = build_chain(paths, settings.order)
    members = memberships(paths)

    def markov(conversions: Integers, non_conversions: Integers) -> Numbers:
        return effects_of(chain, chain.count(conversions, non_conversions))

    def shapley(conversions: Integers, _: Integers) -> Numbers:
        return members.values(conversions)

    models = {"markov": markov, "shapley": shapley}
    intervals = share_intervals(paths, list(models.values()), settings.rounds, settings.seed)
    total = int(paths.conversions.sum())
    rows = []
    for (model, measure), interval in zip(models.items(), intervals, strict=True):
        effects = measure(paths.conversions, paths.non_conversions)
        share = shares(effects)
        for place, channel in enumerate(paths.channels):
            part = None if share is None else float(share[place])
            rows.append(
                ChannelEffect(
                    model=model,
                    channel=channel,
                    effect=float(effects[place]),
                    share=part,
                    textbook_conversions=None if part is None else part * total,
                    textbook_revenue=None if part is None else part * revenue,
                    share_low=None if interval is None else float(interval.low[place]),
                    share_high=None if interval is None else float(interval.high[place]),
                )
            )
    return rows
