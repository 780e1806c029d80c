"""Every scenario of SCENARIOS.md in one batch, day by day, and in any order of files and lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import identity_scenarios as told
from tests.support.identity_refreshes import Refreshes

TEXT = Path(__file__).with_name("SCENARIOS.md")
# The names that identity graphs are usually asked about, and those of this product's own rules.
NAMES = [
    "simple", "chain", "fanin", "fanout", "diamond", "disjoint", "longchain", "altchain", "mergeonly", "remap",
    "multiid", "uid_conflict", "late", "stable", "reobserve", "selfbridge", "rapid_remerge", "highfanin",
    "bridge_creates", "three_way_bridge", "cross_batch_triple", "shared_identifier_collision", "late_merge",
    "reverse_chain", "merge_then_uid", "interleaved_merge", "deep_single_batch",
]  # fmt: skip
SCENARIOS = {scenario.name: scenario for scenario in told.parse(TEXT.read_text(encoding="utf-8"))}
ARRIVALS = [landed for scenario in SCENARIOS.values() for landed in scenario.arrivals]
LAST = max(day for scenario in SCENARIOS.values() for day in scenario.outcomes)
DAYS = range(1, LAST + 1)
KEY = "scenarios"

each_scenario = pytest.mark.parametrize("name", SCENARIOS)


@pytest.fixture(scope="module")
def refreshes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refreshes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIBUTARY_HASH_KEY", KEY)
        yield Refreshes(tmp_path_factory.mktemp("scenarios"))


def refresh(refreshes: Refreshes, day: int) -> told.Published:
    refreshes.refresh(told.date_of(day), decisions(day))
    return published(refreshes)


def decisions(day: int) -> Iterator[tuple[Any, ...]]:
    """The lines of steward_links.csv that the refresh of a day finds."""
    for rule in (rule for scenario in SCENARIOS.values() for rule in scenario.rules):
        if rule.holds(day):
            sides = [*told.hashed(rule.left, KEY), *told.hashed(rule.right, KEY)]
            yield rule.rule, *sides, "steward", "a scenario", str(told.date_of(rule.first_day))


def published(refreshes: Refreshes) -> told.Published:
    warehouse = refreshes.warehouse
    members: dict[str, set[tuple[str, str]]] = {}
    for customer, kind, digest in warehouse.rows(
        "select customer_id, identifier_type, identifier_hash from marts.customer_identifiers"
    ):
        assert (kind, digest) not in members.setdefault(customer, set()), "an identifier stands twice"
        members[customer].add((kind, digest))
    redirects = warehouse.rows("select retired_customer_id, customer_id from marts.customer_redirects")
    assert len(dict(redirects)) == len(redirects), "an id redirects twice"
    return told.Published(
        {customer: frozenset(found) for customer, found in members.items()},
        dict(redirects),
        set(warehouse.rows("select * from marts.identity_suppressed")),
    )


@pytest.fixture(scope="module")
def in_one_batch(refreshes: Refreshes) -> told.Published:
    refreshes.start_over()
    told.land_in_one_batch(refreshes.landing, ARRIVALS, LAST)
    return refresh(refreshes, LAST)


@pytest.fixture(scope="module")
def day_by_day(refreshes: Refreshes) -> dict[int, told.Published]:
    refreshes.start_over()
    released = {}
    for day in DAYS:
        told.land_day(refreshes.landing, ARRIVALS, day)
        released[day] = refresh(refreshes, day)
    return released


@pytest.fixture(scope="module")
def in_disorder(refreshes: Refreshes) -> dict[int, told.Published]:
    """Everything has landed; the days are refreshed from the last to the first."""
    refreshes.start_over()
    told.land_in_disorder(refreshes.landing, ARRIVALS, seed=3)
    return {day: refresh(refreshes, day) for day in reversed(DAYS)}


def hold(name: str, published: told.Published, day: int, is_remembered: bool = False) -> None:
    scenario = SCENARIOS[name]
    must = told.expected(scenario.after(day), KEY, is_remembered)
    hashes = {told.hashed(identifier, KEY) for identifier in scenario.identifiers}
    ids = {told.customer_id(identifier, KEY) for identifier in scenario.identifiers}
    found = published.only(hashes, ids)
    assert _named(scenario, found) == _named(scenario, must), f"{name} after day {day}"
    assert found == must, f"{name} after day {day}"


def _named(scenario: told.Scenario, published: told.Published) -> list[tuple[str, list[str]]]:
    """Customers in the words of the text, for a failure that can be read."""
    names = {told.hashed(i, KEY): " ".join(i) for i in scenario.identifiers}
    anchors = {told.customer_id(i, KEY): " ".join(i) for i in scenario.identifiers}
    return sorted(
        (anchors.get(customer, customer), sorted(names.get(member, str(member)) for member in members))
        for customer, members in published.customers.items()
    )


def test_the_text_tells_every_scenario_once() -> None:
    headings = [line[3:] for line in TEXT.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert [name for name in headings if name in NAMES] == NAMES
    assert len(set(headings)) == len(headings)


def test_scenarios_share_no_identifier() -> None:
    owner: dict[tuple[str, str], str] = {}
    for scenario in SCENARIOS.values():
        for identifier in scenario.identifiers:
            assert owner.setdefault(identifier, scenario.name) == scenario.name


@each_scenario
def test_in_one_batch(name: str, in_one_batch: told.Published) -> None:
    hold(name, in_one_batch, LAST)


@each_scenario
def test_day_by_day(name: str, day_by_day: dict[int, told.Published]) -> None:
    for day in DAYS:
        hold(name, day_by_day[day], day, is_remembered=True)


@each_scenario
def test_in_any_order(name: str, in_disorder: dict[int, told.Published]) -> None:
    for day in DAYS:
        hold(name, in_disorder[day], day)


def test_nothing_else_comes_out(
    in_one_batch: told.Published, day_by_day: dict[int, told.Published], in_disorder: dict[int, told.Published]
) -> None:
    known = {told.hashed(i, KEY) for scenario in SCENARIOS.values() for i in scenario.identifiers}
    for published in [in_one_batch, *day_by_day.values(), *in_disorder.values()]:
        named = {member for members in published.customers.values() for member in members}
        assert named | {(kind, digest) for kind, digest, _, _ in published.suppressed} <= known


@each_scenario
def test_every_id_given_out_leads_to_a_customer_of_later_days(name: str, day_by_day: dict[int, told.Published]) -> None:
    ids = {told.customer_id(identifier, KEY): identifier for identifier in SCENARIOS[name].identifiers}
    given_out: set[str] = set()
    for day in DAYS:
        published = day_by_day[day]
        given_out |= published.customers.keys() & ids.keys()
        for customer in given_out:
            current = published.redirects.get(customer, customer)
            assert current in published.customers, f"{name}: {ids[customer]} leads nowhere on day {day}"
