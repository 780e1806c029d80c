"""Paths of channels for tests: as Arrow tables, and as hypothesis draws them, strange names included."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from hypothesis import strategies as st

from orchestration.lib.attribution.paths import AggregatedPaths, aggregate_paths
from tests.support.effects_oracle import Counted

SCHEMA = pa.schema([("path", pa.list_(pa.string())), ("conversions", pa.int64()), ("non_conversions", pa.int64())])
STRANGE = [
    "Email",
    "A > B",
    "A",
    "B",
    "",
    " ",
    "(not set)",
    'say "x"',
    "it's",
    "🛒 shop",
    "日本",
    "\\N",
    "null",
    "a,b\n",
    "\0",
]


def table(paths: Sequence[Counted]) -> pa.Table:
    """Paths as the warehouse gives them."""
    columns = list(zip(*paths, strict=True)) or [(), (), ()]
    return pa.table([list(column) for column in columns], schema=SCHEMA)


def aggregated(paths: Sequence[Counted]) -> AggregatedPaths:
    return aggregate_paths(table(paths))


@st.composite
def worlds(draw: st.DrawFn, most_channels: int = 6, longest: int = 6) -> list[Counted]:
    """Some paths over a few channels: repeats, equal paths, paths that count nothing, and perhaps no conversion."""
    channels = draw(st.lists(st.sampled_from(STRANGE), min_size=1, max_size=most_channels, unique=True))
    path = st.lists(st.sampled_from(channels), min_size=1, max_size=longest).map(tuple)
    count = st.integers(0, 3)
    return draw(st.lists(st.tuples(path, count, count), min_size=1, max_size=12))
