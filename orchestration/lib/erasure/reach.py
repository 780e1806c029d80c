"""Whom requests to be erased reach: each walks the records that began before it, from the identifiers that it names.

A request sees a graph of its own, so this is no one partition: it is walked request by request, in the components that
hold a requested identifier at all, which are few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """What makes an identifier a shared one, which leads nowhere.

    of_node: from how many accounts on, by node. phones: nodes on which CRM and loyalty accounts count as well as the
    shop's. accounts: the kind of each node that is an account, and its group: ids that the CRM merged are one.
    """

    of_node: Mapping[int, int] = field(default_factory=dict)
    phones: AbstractSet[int] = frozenset()
    accounts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


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
    requests: Mapping[str, tuple[int, Sequence[int]]],
    pairs: Iterable[tuple[int, int]],
    began: Mapping[int, int | None],
    limits: Limits,
) -> dict[int, tuple[int, str]]:
    """The nodes that requests reach, each with the newest time of a request that reaches it, and that request.

    requests: time and nodes by id. pairs: (record, node). began: the time of each record, None where unknown. A
    request walks over records that began up to its own time, or at an unknown time, and limits count those alone:
    whoever opens accounts with somebody's address later does not undo an erasure. Of several requests of one time the
    smaller id counts.
    """
    nodes_of: dict[int, list[int]] = defaultdict(list)
    records_of: dict[int, list[int]] = defaultdict(list)
    for record, node in pairs:
        nodes_of[record].append(node)
        records_of[node].append(record)

    def records_at(node: int, time: int) -> list[int]:
        starts = ((record, began[record]) for record in records_of.get(node, ()))
        return [record for record, start in starts if start is None or start <= time]

    def is_shared(node: int, time: int) -> bool:
        limit = limits.of_node.get(node)
        if limit is None:
            return False
        groups: dict[str, set[str]] = defaultdict(set)
        for record in records_at(node, time):
            for other in nodes_of[record]:
                kind, group = limits.accounts.get(other, ("", ""))
                if kind == "user_id" or (kind and node in limits.phones):
                    groups[kind].add(group)
        return any(len(found) >= limit for found in groups.values())

    found: dict[int, tuple[int, str]] = {}
    for request, (time, named) in sorted(requests.items()):
        ahead = [n for n in named if not is_shared(n, time)]
        seen, looked_at, walked = set(ahead), set(named), set[int]()
        while ahead:
            for record in records_at(ahead.pop(), time):
                if record in walked:
                    continue
                walked.add(record)
                fresh = [n for n in nodes_of[record] if n not in looked_at]
                looked_at.update(fresh)
                fresh = [n for n in fresh if not is_shared(n, time)]
                seen.update(fresh)
                ahead += fresh
        for node in seen:
            if node not in found or found[node][0] < time:
                found[node] = (time, request)
    return found
