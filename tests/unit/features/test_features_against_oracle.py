"""Every feature of random small worlds against a recomputation row by row, at two days of each world."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from tests.support.compiled_project import refresh_vars
from tests.support.feature_worlds import EARLIER, LATER, FeatureProject, future, make
from tests.support.features_oracle import expect

WEIGHTS = {"product_views_30d": 1, "cart_adds_7d": 2.5, "checkouts_30d": 5, "leads_90d": 10, "searches_30d": 0}
THRESHOLDS = {"considering": 5, "ready_to_buy": 12.5}
SEEDS = range(12)


@pytest.fixture(scope="module", params=["UTC", "America/New_York"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FeatureProject:
    variables = refresh_vars(LATER, request.param, own_sources={}, intent_weights=WEIGHTS, intent_thresholds=THRESHOLDS)
    return FeatureProject(tmp_path_factory.mktemp("features"), variables)


def differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    told = []
    for customer in sorted(set(found) | set(wanted)):
        got, want = found.get(customer), wanted.get(customer)
        if got is None or want is None:
            told.append((customer, "row", got is not None, want is not None))
            continue
        assert set(got) == set(want), sorted(set(got) ^ set(want))
        for name, value in want.items():
            same = got[name] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value)
            if not same or (got[name] is None) != (value is None):
                told.append((customer, name, got[name], value))
    return told


def test_every_feature_equals_the_recomputation_at_two_days_of_each_world(project: FeatureProject) -> None:
    zone = project.variables["reporting_timezone"]
    values: dict[str, set[Any]] = defaultdict(set)
    for seed in SEEDS:
        made = make(seed)
        for day in (EARLIER, LATER):
            found = project.features(made.raw, made, refresh_vars(day, zone))
            wanted = expect(made.raw, made, day, zone, WEIGHTS, THRESHOLDS)
            assert differences(found, wanted) == [], (seed, day)
            for row in found.values():
                for name, value in row.items():
                    values[name].add(value)
    # A feature that never moves was compared with nothing.
    still = {name for name, seen in values.items() if len(seen - {None}) < 2}
    assert still <= {"loyalty_tier"}
    assert values["price_band"] == {None, "low", "mid", "high"}
    assert values["intent_class"] == {"none", "exploring", "considering", "ready_to_buy"}


@pytest.mark.parametrize("day", [EARLIER, LATER], ids=["earlier", "later"])
def test_what_happens_or_lands_later_changes_no_feature(project: FeatureProject, day: date) -> None:
    zone = project.variables["reporting_timezone"]
    for seed in SEEDS[::4]:
        made = make(seed)
        before = project.features(made.raw, made, refresh_vars(day, zone))
        grown = future(made, day, seed + 1000)
        assert sum(map(len, grown.values())) > sum(map(len, made.raw.values()))
        assert project.features(grown, made, refresh_vars(day, zone)) == before


WINDOWS_THAT_DO_NOT_GROW = [
    "orders_30d = orders_90d + 1",
    "orders_365d = orders_lifetime + 1",
    "page_views_7d = page_views_30d + 1",
    "engaged_sessions_90d = sessions_90d + 1",
    "carts_abandoned_30d = cart_adds_30d + 1",
    "bad_ratings_365d = tickets_365d + 1",
    "email_open_rate_90d = 1.01",
    "returns_rate = -0.01",
    "intent_class = 'none', intent_score = 1",
]
FEATURES_OF_OTHER_PURCHASES = [
    "delete from marts.customer_features where customer_id = 'customer-1'",
    "insert into marts.customer_features by name select 'nobody' as customer_id",
    "update marts.customer_features set orders_lifetime = orders_lifetime + 1 where customer_id = 'customer-1'",
    "update marts.customer_features set net_revenue_lifetime = null where customer_id = 'customer-1'",
]


def test_each_assertion_fails_once_its_claim_is_broken(project: FeatureProject) -> None:
    made, con = make(1), project.con
    project.features(made.raw, made, project.variables)
    # What customers count is given to this project, not computed: here it is what features count.
    con.execute(
        "create or replace table intermediate.int_customers_described as "
        "select customer_id, orders_lifetime as lifetime_orders, net_revenue_lifetime as lifetime_net_revenue "
        "from marts.customer_features"
    )
    changes = [
        ("assert_features_of_windows_grow_with_them", f"update marts.customer_features set {change}")
        for change in WINDOWS_THAT_DO_NOT_GROW
    ] + [("assert_every_customer_has_one_row_of_features", change) for change in FEATURES_OF_OTHER_PURCHASES]
    for claim, change in changes:
        assert project.failures(con, claim) == []
        con.execute("begin")
        con.execute(change)
        assert project.failures(con, claim), change
        con.execute("rollback")
