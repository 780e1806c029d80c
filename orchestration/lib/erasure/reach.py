"""Whom requests to be erased reach: each walks the records that began before it, from the identifiers that it names.

A request sees a graph of its own, so this is no one partition: it is walked request by request, in the components that
hold a requested identifier at all, which are few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


def components(left: Numbers, right: Numbers, count: int) -> Numbers:
    """The smallest number of the connected component of each of `count` numbered things; left and right are edges."""
    root = np.arange(count, dtype=np.int64)
    while True:
        one, other = root[left], root[right]
        apart = one != other
        if not apart.any():
            return root
        left, right = left[apart], right[apart]
        # Every root that has a smaller neighbour hooks onto the smallest, and hooks are followed to their ends.
        np.minimum.at(root, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while True:
            further = root[root]
            if np.array_equal(further, root):
                break
            root = further


def within_reach(
    record: Numbers, node: Numbers, records: int, nodes: int, requested: Iterable[int]
) -> npt.NDArray[np.bool_]:
    """Which pairs of record and node lie in a component that holds a requested node, whenever the records began."""
    labels = components(record, node + records, records + nodes)
    wanted = np.unique(labels[np.fromiter((n + records for n in requested), dtype=np.int64)])
    return np.isin(labels[record], wanted)


def reached(
    requests: Mapping[str, tuple[int, Sequence[int]]], pairs: Iterable[tuple[int, int]], began: Mapping[int, int | None]
) -> dict[int, tuple[int, str]]:
    """The nodes that requests reach, each with the newest time of a request that reaches it, and that request.

    requests: time and nodes by id. pairs: (record, node). began: the time of each record, None where unknown. A
    request walks over records that began up to its own time, or at an unknown time. Of several requests of one
    time the smaller id counts.
    """
    nodes_of: dict[int, list[int]] = defaultdict(list)
    records_of: dict[int, list[int]] = defaultdict(list)
    for record, node in pairs:
        nodes_of[record].append(node)
        records_of[node].append(record)
    found: dict[int, tuple[int, str]] = {}
    for request, (time, named) in sorted(requests.items()):
        seen, walked, ahead = set(named), set[int](), list(named)
        while ahead:
            for record in records_of.get(ahead.pop(), ()):
                start = began[record]
                if record in walked or (start is not None and start > time):
                    continue
                walked.add(record)
                fresh = [n for n in nodes_of[record] if n not in seen]
                seen.update(fresh)
                ahead += fresh
        for node in seen:
            if node not in found or found[node][0] < time:
                found[node] = (time, request)
    return found
