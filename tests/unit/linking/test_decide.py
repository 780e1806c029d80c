"""What is merged and what is not, on pairs made by hand."""

from __future__ import annotations

import json
import random

import pytest

from orchestration.lib.identity.merges import merges
from orchestration.lib.linking.decide import (
    DEFAULT_THRESHOLDS,
    Decisions,
    Pair,
    Part,
    conflict,
    decide_links,
    edits,
    same_first_name,
)


def pair(left: int, right: int, probability: float, weight: float | None = None, **levels: str) -> Pair:
    told = [{"compared": name.replace("_", " "), "level": level, "weight": 1.0} for name, level in levels.items()]
    records = (f"loyalty:members:{left}", f"loyalty:members:{right}")
    return Pair(
        left, right, probability, 100 * probability if weight is None else weight, *records,
        json.dumps({"comparisons": told}),
    )  # fmt: skip


def person(*dates: str, name: str = "ana", last: str = "silva", account: str = "", reachable: bool = True) -> Part:
    counted = {day: dates.count(day) for day in dates}
    accounts = frozenset([account] if account else [])
    return Part(counted, frozenset([name] if name else []), frozenset([last]), accounts, reachable)


def groups(decided: Decisions) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for merge in merges(decided.links):
        found.setdefault(merge.survivor, {merge.survivor}).add(merge.part)
    return {frozenset(g) for g in found.values()}


def outcomes(decided: Decisions) -> dict[tuple[int, int], str]:
    return {(p.left_part, p.right_part): outcome for p, outcome in decided.pairs}


def test_thresholds_part_what_is_applied_from_what_is_asked():
    parts = {n: person() for n in (1, 2, 3)}
    decided = decide_links([pair(1, 2, 0.95), pair(2, 3, 0.949)], parts, DEFAULT_THRESHOLDS)
    assert groups(decided) == {frozenset({1, 2})}
    assert outcomes(decided) == {(1, 2): "applied", (2, 3): "review"}


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (person("1950-03-12"), person("1980-03-12"), "birth dates differ"),
        (person("1980-03-12"), person("1981-07-01"), "birth dates differ"),
        (person("1950-03-12", reachable=False), person("1979-06-30", reachable=False), "birth dates differ"),
        (person(name="anna"), person(name="bella"), "first names differ"),
        (person(name="anna"), person(name="anna marie"), "first names differ"),
        (person(account="1"), person(account="2"), "each has an account and an e-mail address of its own"),
        (person("1980-03-12"), person("1980-12-03"), None),
        (person("1980-03-12"), person("1980-03-13"), None),
        (person(name="katherine"), person(name="kathrine"), None),
        (person(name="katherine"), person(name="kat"), None),
        (person(name="ana"), person(name="silva", last="ana"), None),
        (person(name="ana"), person(name=""), None),
        (person(account="1"), person(), None),
        (person(account="1"), person(account="1"), None),
    ],
)
def test_strong_evidence_keeps_two_apart(left, right, reason):
    assert conflict(left, right) == reason
    assert conflict(right, left) == reason
    decided = decide_links([pair(1, 2, 0.99)], {1: left, 2: right}, DEFAULT_THRESHOLDS)
    assert outcomes(decided) == {(1, 2): "held_back" if reason else "applied"}
    if reason:
        assert json.loads(decided.pairs[0][0].evidence)["held_back"] == reason


HOME = {"street": "equal", "postcode": "equal", "last_name": "equal"}


def test_one_thing_may_be_wrong_where_nothing_else_tells_two_apart():
    unreachable = {
        1: person("1950-03-12", name="ana", reachable=False),
        2: person("1950-03-12", name="berta", reachable=False),
        3: person("1961-01-01", name="ana", reachable=False),
    }
    renamed = pair(1, 2, 0.99, first_name="different", date_of_birth="equal", **HOME)
    reborn = pair(1, 3, 0.99, first_name="equal", date_of_birth="different", **HOME)
    both = pair(2, 3, 0.99, first_name="different", date_of_birth="different", **HOME)
    assert groups(decide_links([renamed], unreachable, DEFAULT_THRESHOLDS)) == {frozenset({1, 2})}
    assert groups(decide_links([reborn], unreachable, DEFAULT_THRESHOLDS)) == {frozenset({1, 3})}
    assert groups(decide_links([both], unreachable, DEFAULT_THRESHOLDS)) == set()
    elsewhere = pair(1, 2, 0.99, first_name="different", date_of_birth="equal", last_name="equal")
    assert groups(decide_links([elsewhere], unreachable, DEFAULT_THRESHOLDS)) == set()
    for reached in (1, 2):
        parts = {**unreachable, reached: person("1950-03-12", name=f"name{reached}", reachable=True)}
        assert groups(decide_links([renamed], parts, DEFAULT_THRESHOLDS)) == set()


def test_a_father_and_son_at_one_address_are_two_and_a_date_of_one_record_alone_may_be_wrong():
    told = {"first_name": "equal", "date_of_birth": "different", **HOME}
    father, son = person("1950-03-12", reachable=False), person("1980-07-01", reachable=False)
    assert conflict(father, son, {"first name": "equal", "street": "equal", "postcode": "equal"})
    for fathers, are_one in ((2, False), (4, True)):
        numbers = range(1, fathers + 1)
        same = [pair(1, n, 0.999, 40, first_name="equal", date_of_birth="equal", **HOME) for n in numbers if n > 1]
        found = decide_links(
            [*same, pair(1, 9, 0.99, 10, **told)], {**dict.fromkeys(numbers, father), 9: son}, DEFAULT_THRESHOLDS
        )
        assert groups(found) == {frozenset({*numbers, 9} if are_one else numbers)}
    each_twice = [
        pair(1, 2, 0.999, 40, first_name="equal", date_of_birth="equal", **HOME),
        pair(3, 4, 0.999, 40, first_name="equal", date_of_birth="equal", **HOME),
        pair(1, 3, 0.99, 10, **told),
    ]
    parts = {1: father, 2: father, 3: son, 4: son}
    assert groups(decide_links(each_twice, parts, DEFAULT_THRESHOLDS)) == {frozenset({1, 2}), frozenset({3, 4})}


def test_a_chain_of_links_joins_no_two_ends_that_conflict():
    ends = {1: person("1950-03-12"), 2: person(name=""), 3: person(name=""), 4: person("1980-09-01")}
    chain = [pair(1, 2, 0.99), pair(2, 3, 0.98), pair(3, 4, 0.97)]
    decided = decide_links(chain, ends, DEFAULT_THRESHOLDS)
    assert groups(decided) == {frozenset({1, 2, 3})}
    assert outcomes(decided)[3, 4] == "held_back"
    accounts = {1: person(account="1"), 2: person(), 3: person(), 4: person(account="4")}
    assert groups(decide_links(chain, accounts, DEFAULT_THRESHOLDS)) == {frozenset({1, 2, 3})}


def test_who_fits_two_people_about_equally_well_joins_neither():
    parts = {1: person(account="1"), 2: person(account="2"), 3: person()}
    tied = decide_links([pair(1, 3, 0.99, 7.0), pair(2, 3, 0.97, 5.0)], parts, DEFAULT_THRESHOLDS)
    assert groups(tied) == set()
    assert set(outcomes(tied).values()) == {"held_back"}
    clear = decide_links([pair(1, 3, 0.999, 12.0), pair(2, 3, 0.97, 5.0)], parts, DEFAULT_THRESHOLDS)
    assert groups(clear) == {frozenset({1, 3})}


def test_stewards_outrank_what_is_probable():
    parts = {1: person("1950-03-12"), 2: person("1980-03-12"), 3: person(name=""), 4: person()}
    pairs = [pair(1, 3, 0.99), pair(2, 3, 0.98), pair(3, 4, 0.8)]
    joined = decide_links(pairs, parts, DEFAULT_THRESHOLDS, together=[(1, 2)])
    assert outcomes(joined) == {(1, 3): "applied", (2, 3): "applied", (3, 4): "review"}
    # Whoever is apart from a part is apart from all that it joins.
    parted = decide_links(pairs, parts, DEFAULT_THRESHOLDS, apart=[(2, 3), (1, 4)], together=[(1, 2)])
    assert outcomes(parted) == {(1, 3): "kept_apart", (2, 3): "kept_apart", (3, 4): "review"}
    assert parted.links == []


def test_the_order_of_the_arguments_never_matters():
    rng = random.Random(11)
    days = ["1950-03-12", "1980-03-12", "1980-03-13", ""]
    for _ in range(60):
        parts = {
            n: Part(
                {d: 1 for d in [rng.choice(days)] if d},
                frozenset(rng.sample(["ana", "anna", "berta"], rng.choice([0, 1, 1]))),
                frozenset(["silva"]),
                frozenset([str(n)] if rng.random() < 0.2 else []),
                rng.random() < 0.8,
            )
            for n in range(1, 13)
        }
        pairs = []
        for _ in range(20):
            left, right = rng.sample(range(1, 13), 2)
            pairs.append(pair(left, right, rng.choice([0.8, 0.96, 0.97, 0.99]), first_name="equal", **HOME))
        apart = [tuple(rng.sample(range(1, 13), 2)) for _ in range(2)]
        first = decide_links(pairs, parts, DEFAULT_THRESHOLDS, apart)
        for _ in range(3):
            rng.shuffle(pairs)
            again = decide_links(pairs, dict(reversed(parts.items())), DEFAULT_THRESHOLDS, apart[::-1])
            assert again.links == first.links
            assert sorted(map(str, again.pairs)) == sorted(map(str, first.pairs))
        # No customer holds what strong evidence keeps apart.
        for group in groups(first):
            for one in group:
                for other in group - {one}:
                    assert (one, other) not in apart
                    if parts[one].is_reachable or parts[other].is_reachable:
                        assert conflict(parts[one], parts[other]) is None


@pytest.mark.parametrize(
    ("left", "right", "count"),
    [("ana", "ana", 0), ("ana", "aan", 1), ("ana", "an", 1), ("ana", "anna", 1), ("ana", "", 3), ("abcd", "badc", 2)],
)
def test_slips_are_counted(left, right, count):
    assert edits(left, right) == edits(right, left) == count


def test_short_names_have_no_room_for_slips():
    assert not same_first_name("ana", "eva")
    assert same_first_name("a", "ana")
    assert same_first_name("jose maria", "jose mari")
