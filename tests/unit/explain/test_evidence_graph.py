"""Paths and pairs of one customer's evidence, held to brute force over all simple ways."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.explain.graph import PAIRED, Carried, Hop, Join, pairs, path

AT = datetime(2026, 1, 1)
NODES = range(1, 7)

worlds = st.tuples(
    st.lists(st.frozensets(st.sampled_from(NODES), min_size=1, max_size=3), max_size=7),
    st.fixed_dictionaries({n: st.sampled_from((1, 2)) for n in NODES}),
    st.lists(
        st.tuples(
            st.sampled_from(("steward", "probabilistic")),
            st.lists(st.sampled_from(NODES), min_size=1, max_size=2, unique=True),
            st.lists(st.sampled_from(NODES), min_size=1, max_size=2, unique=True),
            st.sampled_from((0.95, 0.99)),
        ),
        max_size=3,
    ),
    st.sets(st.sampled_from(NODES), min_size=1, max_size=2),
    st.sets(st.sampled_from(NODES), min_size=1, max_size=2),
)


def carried(records):
    return [Carried(f"r{i}", node, 1, AT, AT) for i, nodes in enumerate(records) for node in sorted(nodes)]


def price(one, other, records, part_of, joins):
    """The cheapest step between two nodes, or None."""
    ways = []
    if part_of[one] == part_of[other] and any({one, other} <= nodes for nodes in records):
        ways.append((0, 0, 2))
    for kind, left, right, _ in joins:
        if (one in left and other in right) or (one in right and other in left):
            ways.append((0, 1, 1) if kind == "steward" else (1, 0, 3))
    return min(ways, default=None)


def cheapest(records, part_of, joins, starts, ends):
    """Cost and nodes of the best of all simple ways; the first by nodes where several cost the same."""
    found = []
    for length in range(1, len(NODES) + 1):
        for way in permutations(NODES, length):
            if way[0] not in starts or way[-1] not in ends:
                continue
            prices = [price(a, b, records, part_of, joins) for a, b in pairwise(way)]
            if None not in prices:
                cost = tuple(map(sum, zip((0, 0, 0), *prices, strict=True)))
                found.append((cost, way))
    return min(found, default=None)


@settings(max_examples=150, deadline=None)
@given(worlds, st.randoms())
def test_the_path_is_the_cheapest_of_all_and_the_first_of_those(world, random):
    records, part_of, joins, starts, ends = world
    rows = carried(records)
    random.shuffle(rows)
    numbered = [Join(i, kind, p, tuple(left), tuple(right)) for i, (kind, left, right, p) in enumerate(joins)]
    random.shuffle(numbered)
    hops = path(rows, part_of, numbered, starts, ends)
    best = cheapest(records, part_of, joins, starts, ends)
    if best is None:
        assert hops is None
        return
    assert hops is not None
    nodes = best[1]
    assert [(h.left, h.right) for h in hops] == list(pairwise(nodes))
    for hop in hops:
        if hop.kind == "records":
            assert hop.records == tuple(
                sorted(f"r{i}" for i, carries in enumerate(records) if {hop.left, hop.right} <= carries)
            )
        else:
            kind, left, right, _ = joins[hop.join]
            assert (kind, {hop.left, hop.right} <= {*left, *right}) == (hop.kind, True)


def test_records_outweigh_stewards_and_stewards_likeness():
    chain = [Carried(f"r{i}", n, 1, AT, AT) for i in range(1, 5) for n in (i, i + 1)]
    parts = dict.fromkeys(range(1, 6), 1)
    likely, steward = Join(0, "probabilistic", 0.99, (1,), (5,)), Join(1, "steward", 1.0, (1,), (5,))
    assert len(path(chain, parts, [likely, steward], [1], [5])) == 4
    assert path(chain[:-1], parts, [likely, steward], [1], [5]) == [Hop("steward", 1, 5, join=1)]
    assert path(chain[:-1], parts, [likely], [1], [5]) == [Hop("probabilistic", 1, 5, join=0)]
    assert path(chain[:-1], parts, [], [1], [5]) is None
    assert path(chain, parts, [], [3], [3, 4]) == []


def test_a_cut_leaves_no_way_through_the_records_that_it_parts():
    rows = [Carried("r", n, 1, AT, AT) for n in (1, 2, 3)]
    assert path(rows, {1: 1, 2: 2, 3: 1}, [], [1], [2]) is None
    assert path(rows, {1: 1, 3: 1}, [], [1], [3]) == [Hop("records", 1, 3, ("r",))]
    assert [(p.left, p.right) for p in pairs(rows, {1: 1, 2: 2, 3: 1})] == [(1, 3)]


def test_pairs_count_what_their_records_count():
    rows = [
        Carried("a", 1, 3, datetime(2026, 1, 2), datetime(2026, 1, 3)),
        Carried("a", 2, 3, datetime(2026, 1, 2), datetime(2026, 1, 3)),
        Carried("b", 1, 1, None, None),
        Carried("b", 2, 1, None, None),
    ]
    (pair,) = pairs(rows, {1: 1, 2: 1})
    assert (pair.count, pair.first_at, pair.last_at) == (4, datetime(2026, 1, 2), datetime(2026, 1, 3))
    assert pair.records == ("a", "b")


def test_a_record_of_thousands_is_a_star_and_a_long_chain_is_walked():
    many = [Carried("r", n, 1, AT, AT) for n in range(1, 5_001)]
    parts = dict.fromkeys(range(1, 5_001), 1)
    assert {p.left for p in pairs(many, parts)} == {1}
    assert len(pairs(many, parts)) == 4_999
    assert len(path(many, parts, [], [2], [5_000])) == 1
    chain = [Carried(f"r{i}", n, 1, AT, AT) for i in range(1, 5_000) for n in (i, i + 1)]
    assert len(path(chain, parts, [], [1], [5_000])) == 4_999
    assert len(pairs(many[:PAIRED], parts)) == PAIRED * (PAIRED - 1) / 2
