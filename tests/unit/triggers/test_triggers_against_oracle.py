"""Every firing of the shipped triggers on random worlds, against firings found one by one; what a later day keeps."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.support.compiled_project import CompiledProject, refresh_vars, rows_of
from tests.support.trigger_worlds import (
    DAYS,
    START,
    Firing,
    Oracle,
    Settings,
    TriggerWorld,
    random_world,
    shipped_triggers,
)

D = START.date() + timedelta(days=60)
SETTINGS = {
    "the shipped vars": Settings(),
    "short spans": Settings(
        window_days=12,
        cart_hours=3,
        visits=2,
        visit_days=2,
        follow_up_days=3,
        purchases=2,
        tiers={"first": 30, "second": 100},
        near=0.5,
        silent_days=5,
        active_days=10,
        active_sessions=2,
    ),
}
SHIPPED = {
    "price_page_viewed",
    "cart_abandoned",
    "content_downloaded",
    "repeat_visit",
    "post_purchase_follow_up",
    "replenishment_due",
    "tier_near",
    "disengaging",
}


@pytest.fixture(scope="module", params=SETTINGS)
def settings(request: pytest.FixtureRequest) -> Settings:
    return SETTINGS[request.param]


@pytest.fixture(scope="module")
def project(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    variables = refresh_vars(D, own_sources={}, **settings.variables())
    return CompiledProject(["customer_triggers"], tmp_path_factory.mktemp("triggers"), variables)


def firings(project: CompiledProject, world: TriggerWorld, as_of: date) -> set[Firing]:
    con = project.build(world.raw(), world.given(), refresh_vars(as_of))
    try:
        rows = rows_of(
            con,
            "select customer_id, trigger, fired_at, segment, offer, evidence, expires_at from marts.customer_triggers",
        )
    finally:
        con.close()
    found = [tuple(row.values()) for row in rows]
    assert len(set(found)) == len(found)
    # Triggers that a company adds have no oracle.
    return {firing for firing in found if firing[1] in SHIPPED}


def test_the_shipped_triggers_are_there() -> None:
    assert set(shipped_triggers()) >= SHIPPED


def test_the_worlds_make_every_trigger_fire(settings: Settings) -> None:
    days = [D, START.date() + timedelta(days=30)]
    fired = Counter(f[1] for seed in range(8) for d in days for f in Oracle(random_world(seed), d, settings).firings())
    assert set(fired) == SHIPPED, fired


@pytest.mark.parametrize("seed", range(5))
def test_every_firing_is_one_of_the_oracle(project: CompiledProject, settings: Settings, seed: int) -> None:
    # The world goes on after D: the oracle is shown nothing of it.
    world = random_world(seed)
    for as_of in (D, START.date() + timedelta(days=30)):
        assert firings(project, world, as_of) == Oracle(world, as_of, settings).firings()


@pytest.mark.parametrize("seed", [100, 101])
def test_adding_a_future_changes_nothing_and_a_later_day_keeps_what_fired(
    project: CompiledProject, settings: Settings, seed: int
) -> None:
    world = random_world(seed)
    days = [D + timedelta(days=number) for number in (0, 1, 9)]
    seen = {}
    for day in days:
        seen[day] = firings(project, world, day)
        end = START + timedelta(days=(day - START.date()).days + 1)
        assert seen[day] == firings(project, world.until(end), day)
    for day, later in pairwise(days):
        oldest = later - timedelta(days=settings.window_days - 1)
        assert {f for f in seen[day] if f[2].date() >= oldest} == {f for f in seen[later] if f[2].date() <= day}


@pytest.mark.parametrize("seed", [200, 201])
def test_no_trigger_fires_twice_within_its_quiet_days(project: CompiledProject, seed: int) -> None:
    by_customer: dict[tuple[str, str], list] = {}
    for customer, trigger, fired_at, *_ in firings(project, random_world(seed), START.date() + timedelta(days=DAYS)):
        by_customer.setdefault((customer, trigger), []).append(fired_at)
    for (_, trigger), moments in by_customer.items():
        said = shipped_triggers()[trigger]
        quiet = timedelta(days=said.get("quiet_days", said["expires_after_days"]))
        assert all(later - earlier >= quiet for earlier, later in pairwise(sorted(moments)))


def test_the_order_of_rows_does_not_matter(project: CompiledProject) -> None:
    world = random_world(300)
    turned = TriggerWorld(world.events[::-1], world.orders[::-1], world.points[::-1])
    assert firings(project, world, D) == firings(project, turned, D)
