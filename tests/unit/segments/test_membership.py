"""Who is in a segment: the compiled rules against plain Python, unknown values, and one pass whatever their number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.compiled_project import CompiledProject, copy_of_project, refresh_vars, rows_of
from tests.unit.segments.test_definitions import write

AS_OF = date(2026, 6, 30)
Profile = dict[str, Any]
TYPES = {
    **dict.fromkeys(
        ["orders_30d", "orders_365d", "orders_lifetime", "engaged_sessions_90d", "carts_abandoned_30d", "m_score"],
        "bigint",
    ),
    **dict.fromkeys(["checkouts_abandoned_30d"], "bigint"),
    **dict.fromkeys(["discount_share", "price_sensitivity", "nps_last"], "double"),
    **dict.fromkeys(["intent_class", "lifecycle_stage", "price_band", "top_category"], "varchar"),
    "net_revenue_lifetime": "decimal(18, 2)",
}


def _known(*values: Any) -> bool:
    return all(value is not None for value in values)


# The shipped segments by priority, as their files say in words.
SHIPPED: list[tuple[str, Callable[[Profile], bool]]] = [
    (
        "cart_abandoners",
        lambda p: p["carts_abandoned_30d"] + p["checkouts_abandoned_30d"] > 0 and p["orders_30d"] == 0,
    ),
    ("ready_to_buy_prospects", lambda p: p["orders_lifetime"] == 0 and p["intent_class"] == "ready_to_buy"),
    (
        "at_risk_high_value",
        lambda p: p["lifecycle_stage"] == "at_risk" and _known(p["m_score"]) and p["m_score"] >= 4,
    ),
    (
        "core_engagers",
        lambda p: p["orders_365d"] >= 2 and p["engaged_sessions_90d"] >= 3 and p["lifecycle_stage"] == "retention",
    ),
    (
        "premium_adopters",
        lambda p: (
            p["orders_365d"] >= 1
            and p["price_band"] == "high"
            and _known(p["discount_share"])
            and p["discount_share"] <= 0.25
        ),
    ),
    (
        "budget_conscious",
        lambda p: p["orders_lifetime"] >= 2 and _known(p["price_sensitivity"]) and p["price_sensitivity"] >= 0.5,
    ),
    ("new_customers", lambda p: p["lifecycle_stage"] == "purchase"),
    ("lapsed", lambda p: p["lifecycle_stage"] == "lapsed"),
]

profiles = st.fixed_dictionaries(
    {
        "orders_30d": st.integers(0, 2),
        "orders_365d": st.integers(0, 3),
        "orders_lifetime": st.integers(0, 3),
        "engaged_sessions_90d": st.integers(2, 4),
        "carts_abandoned_30d": st.integers(0, 1),
        "checkouts_abandoned_30d": st.integers(0, 1),
        "m_score": st.none() | st.integers(1, 5),
        "discount_share": st.sampled_from([None, 0.0, 0.25, 0.26, 1.0]),
        "price_sensitivity": st.sampled_from([None, 0.0, 0.49, 0.5, 1.0]),
        "nps_last": st.none(),
        "intent_class": st.sampled_from(["ready_to_buy", "considering", "none"]),
        "lifecycle_stage": st.sampled_from(["awareness", "purchase", "retention", "at_risk", "lapsed"]),
        "price_band": st.sampled_from([None, "low", "high"]),
        "top_category": st.none(),
        "net_revenue_lifetime": st.integers(0, 100),
    }
)


def _values(rows: list[Profile]) -> str:
    """The profiles as a query, customers named c0, c1 ..."""

    def literal(value: Any) -> str:
        return "null" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

    selects = [
        f"select 'c{number}' as customer_id, "
        + ", ".join(f"cast({literal(row.get(name))} as {data_type}) as {name}" for name, data_type in TYPES.items())
        for number, row in enumerate(rows)
    ]
    return " union all ".join(selects)


def _members(project: CompiledProject, rows: list[Profile]) -> dict[tuple[str, str], bool]:
    con = project.build({}, given={"int_customers_profiled": _values(rows)})
    try:
        found = rows_of(con, "select customer_id, segment, is_primary from marts.segment_membership")
    finally:
        con.close()
    members = {(row["customer_id"], row["segment"]): row["is_primary"] for row in found}
    assert len(members) == len(found)
    return members


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return CompiledProject(["segment_membership"], tmp_path_factory.mktemp("shipped"), refresh_vars(AS_OF))


@settings(max_examples=25, deadline=None)
@given(st.lists(profiles, min_size=1, max_size=40))
def test_the_shipped_rules_hold_whom_their_words_name(shipped: CompiledProject, rows: list[Profile]) -> None:
    expected = {}
    for number, row in enumerate(rows):
        held = [name for name, rule in SHIPPED if rule(row)]
        expected |= {(f"c{number}", name): name == held[0] for name in held}
    assert _members(shipped, rows) == expected


@pytest.fixture(scope="module")
def with_more(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The project with odd rules and fifty plain ones beside what is shipped."""
    project = copy_of_project(tmp_path_factory.mktemp("more"))
    write(project, "ratio", "net_revenue_lifetime / orders_lifetime > 10", priority=101)
    write(project, "promoters", "nps_last >= 9", priority=102)
    write(project, "no_promoters", "not nps_last >= 9", priority=103)
    write(project, "nobody", "orders_lifetime < 0", priority=104)
    write(project, "everybody", "true", priority=105)
    write(project, "resting", "true", priority=106, status="retired")
    write(project, "planned", "true", priority=107, status="draft")
    write(project, "quoted", "top_category = 'it''s -- here, or {{ var('reporting_currency') }}'", priority=108)
    for number in range(50):
        write(project, f"more_{number}", f"orders_lifetime > {100 + number}", priority=200 + number)
    folder = tmp_path_factory.mktemp("compiled")
    return CompiledProject(["segment_membership"], folder, refresh_vars(AS_OF), project=project)


def test_unknown_values_and_divisions_by_zero_keep_out(with_more: CompiledProject) -> None:
    base = dict.fromkeys(TYPES, 0) | dict.fromkeys(["intent_class", "lifecycle_stage", "price_band"], "none")
    rows = [
        base | {"orders_lifetime": 0, "net_revenue_lifetime": 0, "nps_last": None, "top_category": None},
        base
        | {"orders_lifetime": 0, "net_revenue_lifetime": 50, "nps_last": 9, "top_category": "it''s -- here, or USD"},
        base | {"orders_lifetime": 2, "net_revenue_lifetime": 50, "nps_last": 8, "top_category": "x"},
    ]
    members = _members(with_more, rows)
    by_segment: dict[str, set[str]] = {}
    for customer, segment in members:
        by_segment.setdefault(segment, set()).add(customer)
    assert by_segment == {
        "ratio": {"c2"},
        "promoters": {"c1"},
        "no_promoters": {"c2"},
        "everybody": {"c0", "c1", "c2"},
        "quoted": {"c1"},
    }
    assert members["c0", "everybody"]
    assert not members["c1", "everybody"]


def test_fifty_more_segments_cost_one_pass_over_the_profiles(with_more: CompiledProject) -> None:
    con = with_more.build({}, given={"int_customers_profiled": _values([dict.fromkeys(TYPES)])})
    try:
        con.execute("create table profiles as from intermediate.int_customers_profiled")
        sql = with_more.nodes["model.tributary.segment_membership"]["compiled_code"]
        sql = sql.replace('"world"."intermediate"."int_customers_profiled"', "profiles")
        plan = con.execute(f"explain {sql}").fetchall()[0][1]
    finally:
        con.close()
    assert plan.count("profiles") == 1


def test_without_any_segment_nobody_is_in_one(tmp_path: Path) -> None:
    project = copy_of_project(tmp_path)
    for path in (project / "models" / "segments").iterdir():
        path.unlink()
    compiled = CompiledProject(
        ["segment_membership", "segments"], tmp_path / "compiled", refresh_vars(AS_OF), project=project
    )
    given = {
        "int_customers_profiled": _values([dict.fromkeys(TYPES)]),
        "int_customers_described": "select 'c0' as customer_id",
    }
    con = compiled.build({}, given=given)
    try:
        assert rows_of(con, "from marts.segment_membership") == []
        assert rows_of(con, "from marts.segments") == []
    finally:
        con.close()
