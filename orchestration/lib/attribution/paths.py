"""Paths of channels, each once, with how many conversions and non-conversions ended on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

# Channels are numbered in 16 bits.
MOST_CHANNELS = 65_536


@dataclass(frozen=True, eq=False)
class AggregatedPaths:
    """Distinct paths in one order, whatever order and shares their rows came in. The arrays cannot be written to.

    channels: every channel of any path, sorted; a name is never taken apart. codes: the channels of all paths, one
    after the other, as places in `channels`. lengths, conversions, non_conversions: by path. Paths are sorted by their
    codes, a shorter one before those that go on from it.
    """

    channels: tuple[str, ...]
    codes: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    conversions: npt.NDArray[np.int64]
    non_conversions: npt.NDArray[np.int64]

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where each path begins in `codes`."""
        ends: npt.NDArray[np.int64] = self.lengths.cumsum()
        return ends - self.lengths


def aggregate_paths(table: pa.Table) -> AggregatedPaths:
    """Merge equal paths of a table: path (a list of texts), conversions and non_conversions (whole numbers).

    Rows that count nothing are left out. Raises ValueError for a path that is null, empty or holds a null, for counts
    that are null or below 0, and for more than MOST_CHANNELS channels.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    conversions, non_conversions = (_counts(table, name) for name in ("conversions", "non_conversions"))
    paths = table.column("path").cast(pa.large_list(pa.large_string())).combine_chunks()
    counted = (conversions > 0) | (non_conversions > 0)
    if not counted.all():
        paths = paths.filter(pa.array(counted))
        conversions, non_conversions = conversions[counted], non_conversions[counted]
    if paths.null_count:
        raise ValueError(f"{paths.null_count:,} paths are null.")
    lengths = pc.list_value_length(paths).to_numpy(zero_copy_only=False).astype(np.int64)
    if (lengths == 0).any():
        raise ValueError(f"{int((lengths == 0).sum()):,} paths are empty: a path has at least one touch.")
    touches = paths.flatten()
    if touches.null_count:
        raise ValueError(f"{touches.null_count:,} touches have no channel.")

    encoded = touches.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    if len(names) > MOST_CHANNELS:
        raise ValueError(f"Paths have {len(names):,} channels; at most {MOST_CHANNELS:,} can be told apart.")
    channels = sorted(names)
    place = {name: number for number, name in enumerate(channels)}
    # Two bytes a touch, the larger first: a path is a text whose order is that of its codes.
    letters = np.array([place[name] for name in names], dtype=">u2")[encoded.indices.to_numpy()]
    offsets = np.concatenate([[0], lengths.cumsum()]) * 2
    spelled = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(lengths), [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(letters)]
    ).dictionary_encode()
    order = pc.sort_indices(spelled.dictionary)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    distinct = spelled.dictionary.take(order)
    of_row = rank[spelled.indices.to_numpy()]
    summed = []
    for counts in (conversions, non_conversions):
        total = np.zeros(len(distinct), dtype=np.int64)
        np.add.at(total, of_row, counts)
        summed.append(total)
    codes = np.frombuffer(b"".join(distinct.to_pylist()), dtype=">u2").astype(np.int64)
    kept = (codes, pc.binary_length(distinct).to_numpy().astype(np.int64) // 2, *summed)
    for array in kept:
        array.setflags(write=False)
    return AggregatedPaths(tuple(channels), *kept)


def _counts(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    import pyarrow as pa

    column = table.column(name)
    if column.null_count:
        raise ValueError(f"{column.null_count:,} {name} are null.")
    counts: npt.NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
    if (counts < 0).any():
        raise ValueError(f"{int((counts < 0).sum()):,} {name} are below 0.")
    return counts
