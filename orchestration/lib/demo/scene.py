"""The stage of one world: its size, its calendar, its seasons, and one random stream a topic."""

import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

DAY = 86_400
EPOCH = date(1970, 1, 1)
# Days at the end of the world that arrive as daily increments behind the history dump.
INCREMENT_DAYS = 7
# Monday to Sunday, then the hours of a day: when people shop.
_WEEK = np.array([0.98, 0.94, 0.96, 1.00, 1.08, 1.10, 1.14])
_HOURS = np.array([3, 2, 1, 1, 1, 2, 5, 9, 13, 16, 17, 18, 21, 19, 17, 17, 18, 20, 23, 27, 29, 25, 16, 8], dtype=float)


@dataclass(frozen=True)
class Scene:
    customers: int
    days: int
    end: date
    seed: int
    hash_key: str
    # Per day of the world, how busy it is (mean about 1).
    season: np.ndarray = field(init=False, repr=False)
    _cumulated: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ordinal = np.arange(self.days) + (self.first_date - EPOCH).days
        weekday = (ordinal + 3) % 7
        dates = ordinal.astype("datetime64[D]")
        of_year = (dates - dates.astype("datetime64[Y]")).astype(int)
        # Busiest around mid December, quietest in June, with four days of sales at the end of November.
        yearly = 1 + 0.22 * np.cos(2 * np.pi * (of_year - 348) / 365.25)
        sales = np.where((of_year >= 328) & (of_year < 332), 1.9, 1.0)
        season = _WEEK[weekday] * yearly * sales
        object.__setattr__(self, "season", season)
        object.__setattr__(self, "_cumulated", np.concatenate([[0.0], np.cumsum(season)]))

    @property
    def first_date(self) -> date:
        return self.end - timedelta(days=self.days - 1)

    @property
    def start(self) -> int:
        """The first second of the world (UTC)."""
        return (self.first_date - EPOCH).days * DAY

    @property
    def stop(self) -> int:
        """The first second after the world."""
        return self.start + self.days * DAY

    @property
    def increments(self) -> int:
        return min(INCREMENT_DAYS, self.days - 1)

    @property
    def dump_date(self) -> date:
        return self.end - timedelta(days=self.increments)

    @property
    def dump_stop(self) -> int:
        """The first second after the history dump."""
        return self.stop - self.increments * DAY

    def rng(self, topic: str) -> np.random.Generator:
        """A stream of its own per topic, so that one table can change without moving every other."""
        return np.random.default_rng([self.seed % 2**64, zlib.crc32(topic.encode())])

    def moments(self, rng: np.random.Generator, low: np.ndarray | int, high: np.ndarray | int, size: int) -> np.ndarray:
        """Seconds between low and high (exclusive), more of them on busy days and at busy hours."""
        low_at = np.clip(np.broadcast_to(low, size), self.start, self.stop - 1)
        high_at = np.clip(np.broadcast_to(high, size), low_at + 1, self.stop)
        grid = np.arange(self.days + 1)
        lower = np.interp((low_at - self.start) / DAY, grid, self._cumulated)
        upper = np.interp((high_at - self.start) / DAY, grid, self._cumulated)
        drawn = np.interp(lower + (upper - lower) * rng.random(size), self._cumulated, grid)
        second = self.start + (drawn * DAY).astype(np.int64)
        at_hour = self.at_hour(rng, second)
        fits = (at_hour >= low_at) & (at_hour < high_at)
        return np.clip(np.where(fits, at_hour, second), low_at, high_at - 1)

    def at_hour(self, rng: np.random.Generator, seconds: np.ndarray) -> np.ndarray:
        """The same dates with a time of day drawn from the busy hours."""
        hours = rng.choice(24, size=len(seconds), p=_HOURS / _HOURS.sum())
        return seconds - seconds % DAY + hours * 3600 + rng.integers(0, 3600, len(seconds))

    def day_index(self, seconds: np.ndarray) -> np.ndarray:
        return (seconds - self.start) // DAY


def at(seconds: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Seconds as timestamps; null where not known."""
    times = np.asarray(seconds).astype("datetime64[s]")
    return times if known is None else where(known, times, np.datetime64("NaT", "s"))


def where(condition: np.ndarray, yes: Any, no: Any) -> np.ndarray:
    """numpy.where, for values of which one side may be None."""
    return np.where(condition, yes, no)


def text(values: Any, known: np.ndarray | None = None) -> np.ndarray:
    """A column of texts; null where not known."""
    column = np.asarray(values)
    if column.dtype != object:
        column = column.astype(str).astype(object)
    return column if known is None else where(known, column, None)


def pick(rng: np.random.Generator, options: list, size: int, weights: list[float] | None = None) -> np.ndarray:
    """Draws of a short list as a column of objects."""
    values = np.empty(len(options), dtype=object)
    values[:] = options
    if weights is None:
        return values[rng.integers(0, len(options), size)]
    share = np.asarray(weights, dtype=float)
    return values[rng.choice(len(options), size=size, p=share / share.sum())]


def money(cents: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Cents as an amount in the major unit; null where not known."""
    amount = np.asarray(cents) / 100.0
    return amount if known is None else np.where(known, amount, np.nan)


def ranks(groups: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... within each group, in the order of the array."""
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    starts = np.r_[True, sorted_groups[1:] != sorted_groups[:-1]] if len(groups) else np.array([], dtype=bool)
    first = np.maximum.accumulate(np.where(starts, np.arange(len(groups)), 0)) if len(groups) else order
    result = np.empty(len(groups), dtype=np.int64)
    result[order] = np.arange(len(groups)) - first
    return result


def spread(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For counts per parent: the parent of every child, and its number within the parent."""
    parent = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return parent, np.arange(len(parent)) - np.repeat(starts, counts)
