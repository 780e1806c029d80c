"""Every table of attribution on random worlds against a recomputation touch by touch."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from orchestration.lib.attribution.computed import read_paths
from orchestration.lib.attribution.effects import Settings as EffectSettings
from orchestration.lib.attribution.effects import channel_effects
from tests.support.attribution_oracle import (
    MODELS,
    Given,
    Oracle,
    Row,
    Settings,
    collapsed,
    enumerated_shapley_values,
    shapley_values,
)
from tests.support.attribution_worlds import (
    PUBLISHED,
    AttributionProject,
    effects_in_doubles,
    make,
    number_orders,
    tables_of,
)
from tests.support.compiled_project import Rows

SETTINGS = {
    "the shipped vars": Settings(),
    # Weights of the oldest touches are too small for a double.
    "an hour's memory": Settings("America/New_York", lookback_days=7, half_life_days=0.002, markov_order=3),
}
SEEDS = range(30)
RATIOS = {"roas": ("revenue", "spend"), "cpa": ("spend", "conversions"), "cac": ("spend", "first_purchases")}


@dataclass
class World:
    """A world as it was built, and what must come of it."""

    project: AttributionProject
    oracle: Oracle
    tables: dict[str, Rows]
    credits: dict[Any, Row]


@pytest.fixture(scope="module")
def project_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], AttributionProject]:
    """The compiled models under named settings."""

    @cache
    def compiled(name: str) -> AttributionProject:
        return AttributionProject(tmp_path_factory.mktemp("attribution"), SETTINGS[name])

    return compiled


@pytest.fixture(params=SETTINGS)
def project(request: pytest.FixtureRequest, project_of: Callable[[str], AttributionProject]) -> AttributionProject:
    return project_of(request.param)


@pytest.fixture(params=SEEDS)
def world(request: pytest.FixtureRequest, project: AttributionProject) -> World:
    oracle = Oracle(make(request.param, project.settings), project.settings)
    effects = effects_in_doubles(oracle)
    if request.param % 3 == 0:
        # Credit is shared by whatever effects are told, none included.
        r = random.Random(request.param)
        effects = [{**row, "effect": r.choice([0.0, 0.0, r.random()])} for row in effects]
    tables = {**tables_of(oracle.given, oracle.settings), "stg_computed__channel_effects": effects}
    project.attribute(tables)
    credits = oracle.credits({(row["model"], row["channel"]): row["effect"] for row in effects})
    return World(project, oracle, tables, oracle.credits_table(credits))


def keyed(rows: Rows, *names: str) -> dict[Any, Row]:
    found = {tuple(tuple(v) if isinstance(v := row[n], list) else v for n in names): row for row in rows}
    assert len(found) == len(rows), f"two rows of one {names}"
    return found


def same(found: dict[Any, Row], wanted: dict[Any, Row], tolerance: float = 1e-9) -> None:
    """Every row and column that is wanted stands, and no other row."""
    assert set(found) == set(wanted)
    for key, want in wanted.items():
        got = {name: found[key][name] for name in want}
        for name, value in want.items():
            if isinstance(value, Fraction):
                assert got[name] is not None, (key, name, value)
                assert abs(Fraction(got[name]) - value) <= tolerance, (key, name, got[name], float(value))
            else:
                assert got[name] == value, (key, name, got[name], value)


def same_figures(found: dict[Any, Row], wanted: dict[Any, Row]) -> None:
    """Counts and money as wanted; ratios are those of the row's own figures, and null where one is missing or 0."""
    same(found, {key: {n: v for n, v in row.items() if n not in RATIOS} for key, row in wanted.items()}, 1e-7)
    for key, row in found.items():
        for name, (above, below) in RATIOS.items():
            if row[above] is None or not row[below]:
                assert row[name] is None, (key, name, row)
            else:
                assert row[name] == pytest.approx(float(row[above]) / float(row[below]), rel=1e-12), (key, name)
                if abs(float(row[below])) > 1e-6:
                    assert row[name] == pytest.approx(float(wanted[key][name]), rel=1e-6), (key, name)


def same_conversions_and_paths(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    assert {r["conversion_id"]: r for r in project.rows("conversions")} == oracle.conversions_table()
    assert keyed(project.rows("conversion_paths"), "path_transform", "path") == oracle.conversion_paths()


def same_credits(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    found = keyed(project.rows("attribution_credits"), "conversion_id", "touchpoint_id", "model")
    money = {key: {"credited_revenue": row["credited_revenue"]} for key, row in credits.items()}
    same(found, {key: {n: v for n, v in row.items() if n != "credited_revenue"} for key, row in credits.items()}, 1e-12)
    same(found, money, 1e-9)
    sums: dict[Any, Fraction] = defaultdict(Fraction)
    for (conversion, _, model), row in found.items():
        sums[conversion, model] += Fraction(row["credit"])
    assert all(abs(total - 1) <= 1e-9 for total in sums.values())


def same_channels_and_campaigns(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    for table, name, wanted in (
        ("attribution_by_channel", "channel", oracle.by_channel(credits)),
        ("attribution_by_campaign", "campaign", oracle.by_campaign(credits)),
    ):
        same_figures(keyed(project.rows(table), "converted_on", "model", name), wanted)


def same_reconciliation(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    found = keyed(project.rows("attribution_reconciliation"), "month", "conversion_type", "model")
    same(found, oracle.reconciliation())
    assert {(row["difference"], row["conversions_difference"]) for row in found.values()} <= {(Decimal("0.00"), 0)}


def same_segments(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    found = keyed(project.rows("attribution_by_segment"), "month", "model", "segment", "channel")
    wanted = oracle.by_segment(credits)
    spends = oracle.monthly_spend()
    without = {(month, model, "none", channel) for month, channel in spends for model in MODELS}
    assert set(wanted) <= set(found) <= set(wanted) | without
    shared: dict[Any, list[tuple[Any, Fraction]]] = defaultdict(list)
    for key, row in found.items():
        month, model, _, channel = key
        conversions, first, revenue = wanted.get(key, (Fraction(0), Fraction(0), Fraction(0)))
        same({key: row}, {key: {"conversions": conversions, "first_purchases": first, "revenue": revenue}}, 1e-7)
        shared[month, model, channel].append((row["spend"], conversions))
        assert row["roas"] == (None if not row["spend"] else pytest.approx(row["revenue"] / float(row["spend"])))
        for name, below in (("cpa", row["conversions"]), ("cac", row["first_purchases"])):
            unknown = row["spend"] is None or not below
            assert row[name] == (None if unknown else pytest.approx(float(row["spend"]) / below)), (key, name)
    assert set(shared) >= {(month, model, channel) for month, channel in spends for model in MODELS}
    for (month, model, channel), parts in shared.items():
        spend = spends.get((month, channel), Decimal(0))
        if spend is None:
            # Who was credited with nothing spent nothing, whatever the sum is.
            assert None in {part for part, _ in parts}, (month, model, channel)
            assert all(part is None or (part == 0 and conversions < 1e-15) for part, conversions in parts)
            continue
        assert sum(part for part, _ in parts) == spend, (month, model, channel)
        total = sum(conversions for _, conversions in parts)
        for part, conversions in parts:
            fair = Fraction(spend) * conversions / total if total > 1e-9 else None
            assert fair is None or abs(Fraction(part) - fair) < Fraction(1, 100), (month, model, channel)


def same_agreement(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    found = {row["channel"]: row for row in project.rows("attribution_model_agreement")}
    wanted = oracle.shares(credits)
    assert set(found) == set(wanted)
    for channel, shares in wanted.items():
        row = found[channel]
        same({channel: row}, {channel: {f"share_{model}": share for model, share in shares.items()}})
        assert abs(row["spread"] - float(max(shares.values()) - min(shares.values()))) < 1e-9
        for name, extreme in (("highest_model", max(shares.values())), ("lowest_model", min(shares.values()))):
            assert abs(shares[row[name]] - extreme) < 1e-9
        # Equal shares, as they are published, have one rank.
        for model in MODELS:
            larger = sum(other[f"share_{model}"] > row[f"share_{model}"] for other in found.values())
            assert row[f"rank_{model}"] == larger + 1, (channel, model)


def same_effects(project: AttributionProject, oracle: Oracle, credits: dict[Any, Row]) -> None:
    paths, revenue = read_paths(project.con)
    settings = EffectSettings(order=project.settings.markov_order, rounds=1)
    found = {(row.model, row.channel): vars(row) for row in channel_effects(paths, revenue, settings)}
    same(found, oracle.channel_effects())


def test_every_table_equals_the_recomputation_whatever_the_order_of_rows(world: World) -> None:
    for check in (
        *(same_conversions_and_paths, same_credits, same_channels_and_campaigns),
        *(same_reconciliation, same_segments, same_agreement, same_effects),
    ):
        check(world.project, world.oracle, world.credits)
    before = {table: world.project.exact_rows(table) for table in PUBLISHED}
    r = random.Random(1)
    world.project.attribute({name: r.sample(rows, len(rows)) for name, rows in world.tables.items()})
    for table in PUBLISHED:
        assert world.project.exact_rows(table) == before[table], table


def test_the_worlds_hold_what_they_are_for(project: AttributionProject) -> None:
    """Whatever is rare above was compared at least once."""
    seen: dict[str, set[Any]] = defaultdict(set)
    for number in SEEDS:
        oracle = Oracle(make(number, project.settings), project.settings)
        lookback = timedelta(days=project.settings.lookback_days)
        for c in oracle.conversions:
            touches = oracle.paths[c.conversion_id]
            seen["type and reason"].add((c.conversion_type, oracle.unattributed_reason(c)))
            seen["length"].add(min(len(touches), 500))
            seen["all direct"].add(len(touches) > 1 and {t["channel"] for t in touches} == {"Direct"})
            for t in oracle.touches(c.customer_id):
                seen["edge"].add((c.converted_at - lookback - t["touched_at"]) // timedelta(microseconds=1))
                seen["instant"].add((c.converted_at - t["touched_at"]) // timedelta(microseconds=1))
            for before, after in pairwise(touches):
                seen["tie"].add(before["touched_at"] == after["touched_at"])
            if touches:
                seen["segment"].add(oracle.segment_on(str(c.customer_id), oracle.day(c.converted_at)))
                seen["another day"].add(oracle.day(c.converted_at) != c.converted_at.date())
        seen["no effect"] |= {model for (model, _), effect in oracle.effects.items() if not effect}
        seen["spend"] |= {s["spend"] is None for s in oracle.given.spend}
        seen["collapses"] |= {collapsed(path) == path for path in oracle.full_paths}
        seen["renamed"] |= {
            written is not None and written.strip().lower() != name
            for written, name in oracle.reported_campaigns.items()
        }
    types = {kind for kind, _ in seen["type and reason"]}
    assert types == {"first_purchase", "repeat_purchase", "lead", "sign_up"}
    reasons = {None, "no_customer", "no_touch_in_lookback"}
    assert seen["type and reason"] >= {(kind, reason) for kind in types - {"repeat_purchase"} for reason in reasons}
    assert seen["length"] >= {0, 1, 2, 3, 500}
    assert {-1, 0, 1} <= seen["edge"] & seen["instant"]
    assert all(seen[name] == {True, False} for name in ("all direct", "tie", "spend", "collapses", "renamed"))
    assert seen["another day"] == ({False} if project.settings.zone == "UTC" else {True, False})
    assert "none" in seen["segment"]
    assert len(seen["segment"]) == 4
    assert seen["no effect"]


# Seconds around the edges of the lookback and of the conversion, and channels, Direct among them.
_edges = [timedelta(0), timedelta(days=30)]
_aside = st.sampled_from([timedelta(0), timedelta(microseconds=1), -timedelta(microseconds=1), timedelta(days=7)])
_before = st.one_of(
    st.builds(lambda edge, aside: edge + aside, st.sampled_from(_edges), _aside),
    st.timedeltas(-timedelta(days=2), timedelta(days=32)),
)
_touches = st.lists(
    st.tuples(_before, st.sampled_from(["Direct", "Email", "a > b"]), st.sampled_from("abc")), max_size=6
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(_touches, st.lists(st.integers(0, 2), min_size=1, max_size=3))
def test_rules_share_any_journey_as_told_touch_by_touch(
    project_of: Callable[[str], AttributionProject], drawn: list[tuple[timedelta, str, str]], later: list[int]
) -> None:
    project = project_of("the shipped vars")
    at = datetime(2024, 3, 31, 12)
    touchpoints = [
        touchpoint(f"email:{letter}{number}", "ann", at - before, channel)
        for number, (before, channel, letter) in enumerate(drawn)
    ]
    orders = [order(f"o{n}", "ann", at + timedelta(days=days), "10.00") for n, days in enumerate(later)]
    number_orders(orders)
    oracle = Oracle(Given(touchpoints=touchpoints, orders=orders), project.settings)
    effects = effects_in_doubles(oracle)
    project.attribute({**tables_of(oracle.given, oracle.settings), "stg_computed__channel_effects": effects})
    credits = oracle.credits({(row["model"], row["channel"]): row["effect"] for row in effects})
    same_conversions_and_paths(project, oracle, {})
    same_credits(project, oracle, oracle.credits_table(credits))
    same_reconciliation(project, oracle, {})


def touchpoint(touchpoint_id: str, customer: str, at: datetime, channel: str) -> Row:
    return {
        **{"touchpoint_id": touchpoint_id, "customer_id": customer, "touched_at": at, "kind": "email_click"},
        **{"channel": channel, "source": None, "medium": None, "campaign": None},
    }


def order(order_id: str, customer: str | None, at: datetime, net: str) -> Row:
    return {
        **{"order_id": order_id, "customer_id": customer, "ordered_at": at, "status": "paid"},
        **{"net_revenue": Decimal(net), "refunded": Decimal(0), "currency": "USD"},
    }


def test_effects_share_credit_as_counted_by_hand(project_of: Callable[[str], AttributionProject]) -> None:
    """A > B and B convert, A does not.

    Two of three begin with A, and half of those go on to B, which always converts: 2/3 in all. Without A a third
    converts, without B nobody: effects of 1/2 and 1. As sets, A > B counts half for each, and B is alone once.
    """
    project = project_of("the shipped vars")
    at = datetime(2024, 3, 31, 12)
    moments = [("a1", "ann", 3, "A > B"), ("a2", "ann", 2, "B"), ("b1", "ben", 2, "B"), ("c1", "cat", 2, "A > B")]
    world = Given(
        touchpoints=[touchpoint(name, who, at - timedelta(hours=ago), channel) for name, who, ago, channel in moments],
        orders=[order("1", "ann", at, "9.00"), order("2", "ben", at, "3.00")],
    )
    number_orders(world.orders)
    tables = tables_of(world, project.settings)
    project.attribute(tables)
    effects = channel_effects(*read_paths(project.con), EffectSettings())
    project.attribute({**tables, "stg_computed__channel_effects": [vars(row) for row in effects]})
    columns = ("model", "channel", "effect", "share", "textbook_conversions", "textbook_revenue")
    assert [tuple(row[c] for c in columns) for row in project.rows("channel_effects")] == [
        ("markov", "A > B", pytest.approx(1 / 2), pytest.approx(1 / 3), pytest.approx(2 / 3), pytest.approx(4)),
        ("markov", "B", pytest.approx(1), pytest.approx(2 / 3), pytest.approx(4 / 3), pytest.approx(8)),
        ("shapley", "A > B", pytest.approx(1 / 2), pytest.approx(1 / 4), pytest.approx(1 / 2), pytest.approx(3)),
        ("shapley", "B", pytest.approx(3 / 2), pytest.approx(3 / 4), pytest.approx(3 / 2), pytest.approx(9)),
    ]
    credits = {(r["touchpoint_id"], r["model"]): r["credit"] for r in project.rows("attribution_credits")}
    assert {key: credit for key, credit in credits.items() if key[1] in ("markov", "shapley")} == {
        ("a1", "markov"): pytest.approx(1 / 3),
        ("a2", "markov"): pytest.approx(2 / 3),
        ("a1", "shapley"): pytest.approx(1 / 4),
        ("a2", "shapley"): pytest.approx(3 / 4),
        ("b1", "markov"): 1,
        ("b1", "shapley"): 1,
    }


def test_the_segment_is_that_of_the_day_in_the_reporting_timezone(
    project_of: Callable[[str], AttributionProject],
) -> None:
    """New York's first of April begins at four. Who was two customers once is known by the stay of today's id."""
    project = project_of("an hour's memory")
    midnight = datetime(2024, 4, 1, 4)
    orders = [
        order("ann-march", "ann", midnight - timedelta(microseconds=1), "1.00"),
        order("ann-april", "ann", midnight, "2.00"),
        order("ben", "ben", midnight, "4.00"),
        order("cat", "cat", midnight, "8.00"),
        order("dan", "dan", midnight, "16.00"),
    ]
    number_orders(orders)
    march, april = date(2024, 3, 31), date(2024, 4, 1)
    stays = [
        ("ann", "before", march, april),
        ("ann", "after", april, None),
        ("ben", "of today", march, None),
        ("a-ben", "of the past", march, None),
        ("b-cat", "larger id", march, None),
        ("a-cat", "smaller id", march, None),
        ("dan", "too late", date(2024, 4, 2), None),
    ]
    touches = [
        touchpoint(f"email:{name}", name, midnight - timedelta(days=1), "Email")
        for name in ("ann", "ben", "cat", "dan")
    ]
    world = Given(touchpoints=touches, orders=orders)
    world.stays = [dict(zip(("customer_id", "segment", "valid_from", "valid_to"), stay, strict=True)) for stay in stays]
    world.redirects = {"a-ben": "ben", "a-cat": "cat", "b-cat": "cat"}
    project.attribute(tables_of(world, project.settings))
    rows = [row for row in project.rows("attribution_by_segment") if row["model"] == "last_touch"]
    assert {(row["month"], row["segment"]): row["revenue"] for row in rows} == {
        (date(2024, 3, 1), "before"): 1,
        (april, "after"): 2,
        (april, "of today"): 4,
        (april, "smaller id"): 8,
        (april, "none"): 16,
    }


def test_equal_shares_are_one_rank(project_of: Callable[[str], AttributionProject]) -> None:
    """A third of three conversions is as much as the whole of one."""
    project = project_of("the shipped vars")
    at = datetime(2024, 3, 31, 12)
    touches = [
        touchpoint(f"email:{customer}{place}", customer, at - timedelta(hours=3 - place), channel)
        for customer in ("ann", "ben", "cat")
        for place, channel in enumerate(["A", "B", "C"])
    ]
    touches.append(touchpoint("email:dan", "dan", at - timedelta(hours=1), "D"))
    orders = [order(customer, customer, at, "3.00") for customer in ("ann", "ben", "cat", "dan")]
    number_orders(orders)
    project.attribute(tables_of(Given(touchpoints=touches, orders=orders), project.settings))
    found = {row["channel"]: row for row in project.rows("attribution_model_agreement")}
    assert {channel: row["rank_linear"] for channel, row in found.items()} == {"A": 1, "B": 1, "C": 1, "D": 1}
    assert {channel: row["rank_first_touch"] for channel, row in found.items()} == {"A": 1, "B": 3, "C": 3, "D": 2}
    assert {channel: row["share_linear"] for channel, row in found.items()} == dict.fromkeys("ABCD", 0.25)


@pytest.mark.parametrize("number", range(0, 30, 3))
def test_the_closed_form_of_shapley_values_is_their_enumeration(number: int) -> None:
    paths = Oracle(make(number, Settings()), Settings()).full_paths
    values = shapley_values(paths)
    assert enumerated_shapley_values(paths) == {c: values.get(c, 0) for path in paths for c in path}
