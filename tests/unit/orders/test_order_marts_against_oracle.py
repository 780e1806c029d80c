"""Random worlds: every published row of orders and money against a recomputation in exact fractions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.compiled_project import CompiledProject, refresh_vars, rows_of
from tests.support.order_worlds import AS_OF, as_of_dates, owners, worlds
from tests.support.orders_oracle import Expected, expect, records_query

KEYS = {
    "orders": ("order_id",),
    "order_lines": ("order_line_id",),
    "refunds": ("refund_id",),
    "money_reconciliation": ("month", "currency"),
    "cohort_retention": ("cohort_month", "month_number"),
    "customer_rfm": ("customer_id",),
}
ASSERTIONS = [
    "assert_orders_equal_their_lines",
    "assert_orders_equal_their_refunds",
    "assert_money_reconciliation_accounts_for_every_order",
    "assert_every_purchase_of_a_customer_is_in_its_cohort",
]
slow_worlds = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module", params=["UTC", "America/New_York"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    variables = refresh_vars(AS_OF, request.param, own_sources={})
    return CompiledProject(KEYS, tmp_path_factory.mktemp("orders"), variables, ASSERTIONS)


def compare(con: duckdb.DuckDBPyConnection, expected: Expected) -> None:
    for mart, keys in KEYS.items():
        want: dict[Any, dict[str, Any]] = getattr(expected, mart)
        rows = rows_of(con, f"select * from marts.{mart}")
        got = {tuple(row[key] for key in keys): row for row in rows}
        assert len(got) == len(rows), f"{mart}: its grain repeats"
        listed = {tuple(row[key] for key in keys): row for row in want.values()}
        assert set(got) == set(listed), mart
        for key, row in listed.items():
            assert {column: got[key][column] for column in row} == row, (mart, key)


@slow_worlds
@given(world=worlds, customers=owners, as_of=as_of_dates)
def test_every_row_equals_the_recomputation(
    project: CompiledProject, world: Any, customers: dict[str, str], as_of: date
) -> None:
    timezone = project.variables["reporting_timezone"]
    con = project.build(world, {"int_records_resolved": records_query(customers)}, refresh_vars(as_of, timezone))
    try:
        compare(con, expect(world, customers, as_of, reporting_timezone=timezone))
        for assertion in ASSERTIONS:
            assert project.failures(con, assertion) == []
    finally:
        con.close()


HUGE = st.sampled_from([1e300, -1e300, 1e15, 999_999_999_999.0, -999_999_999_999.0, 1e12, 1e-300, 0.0, 1.0])
COUNTS = st.sampled_from([2**63 - 1, -(2**63), 10**18, 0, 1, -1])


def exaggerated(world: dict[Any, Any], draw: Any) -> dict[Any, Any]:
    """The world with some of its numbers replaced by what no shop would send."""
    amounts = {"total_price", "total_discounts", "total_tax", "total_shipping", "price", "total_discount", "subtotal"}
    amounts |= {"unit_cost", "rate"}
    return {
        table: [
            {
                column: draw(HUGE)
                if column in amounts and value is not None and draw(st.booleans())
                else draw(COUNTS)
                if column == "quantity" and value is not None and draw(st.booleans())
                else value
                for column, value in row.items()
            }
            for row in rows
        ]
        for table, rows in world.items()
    }


@slow_worlds
@given(world=worlds, customers=owners, data=st.data())
def test_absurd_numbers_stop_nothing(
    project: CompiledProject, world: Any, customers: dict[str, str], data: st.DataObject
) -> None:
    con = project.build(exaggerated(world, data.draw), {"int_records_resolved": records_query(customers)})
    try:
        for assertion in ASSERTIONS:
            assert project.failures(con, assertion) == []
        assert rows_of(con, "select * from marts.orders where exchange_rate is null and net_revenue is not null") == []
        sums = rows_of(
            con,
            "select count(*) as orders from marts.orders where net_revenue <> gross_revenue - discount - refunded",
        )
        assert sums == [{"orders": 0}]
    finally:
        con.close()


TAMPERINGS = {
    "assert_orders_equal_their_lines": [
        "update marts.order_lines set gross_revenue = gross_revenue + 0.03",
        "update marts.order_lines set discount = discount - 0.03",
        "delete from marts.order_lines where order_line_id = 'l1'",
    ],
    "assert_orders_equal_their_refunds": [
        "update marts.refunds set amount = amount + 0.02",
        "delete from marts.refunds",
    ],
    "assert_money_reconciliation_accounts_for_every_order": [
        "update marts.money_reconciliation set orders = orders + 1",
        "update marts.money_reconciliation set orders_without_rate = orders_without_rate + 1",
        *(
            f"update marts.money_reconciliation set {column} = {column} + 0.01"
            for column in ("gross_revenue", "discount", "refunded", "net_revenue")
        ),
        "delete from marts.money_reconciliation",
    ],
    "assert_every_purchase_of_a_customer_is_in_its_cohort": [
        "update marts.cohort_retention set net_revenue = net_revenue + 0.01",
        "update marts.cohort_retention set customers = customers + 1",
        "delete from marts.cohort_retention where month_number = 0",
    ],
}


@pytest.fixture
def honest(project: CompiledProject) -> Iterator[duckdb.DuckDBPyConnection]:
    world: Any = {
        ("shopify", "order"): [
            {"id": "o1", "created_at": AS_OF, "currency": "USD", "total_price": 30.0, "total_discounts": 4.0}
        ],
        ("shopify", "order_line"): [
            {"id": "l1", "order_id": "o1", "quantity": 1, "price": 10.0},
            {"id": "l2", "order_id": "o1", "quantity": 2, "price": 10.0},
        ],
        ("shopify", "refund"): [{"id": "r1", "order_id": "o1", "created_at": AS_OF}],
        ("shopify", "order_line_refund"): [{"id": "rl1", "refund_id": "r1", "quantity": 1, "subtotal": 5.0}],
    }
    con = project.build(world, {"int_records_resolved": records_query({"o1": "someone"})})
    yield con
    con.close()


@pytest.mark.parametrize(
    ("assertion", "tampering"), [(name, change) for name, changes in TAMPERINGS.items() for change in changes]
)
def test_each_assertion_fails_once_its_claim_is_broken(
    project: CompiledProject, honest: duckdb.DuckDBPyConnection, assertion: str, tampering: str
) -> None:
    assert project.failures(honest, assertion) == []
    honest.execute(tampering)
    assert project.failures(honest, assertion)
