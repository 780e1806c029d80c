"""A refresh for D sees what had happened by D, whatever has landed since."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.compiled_project import CompiledProject, refresh_vars, rows_of
from tests.support.orders_oracle import records_query

D = date(2024, 6, 10)
LATER = date(2024, 6, 20)
MARTS = ["orders", "order_lines", "refunds", "money_reconciliation", "cohort_retention", "customer_rfm"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    folder: Path = tmp_path_factory.mktemp("as_of")
    return CompiledProject(MARTS, folder, refresh_vars(D, own_sources={}))


def file(export_date: date | None, line: int = 2) -> dict[str, Any]:
    name = "any.csv" if export_date is None else f"any/dt={export_date}/any.csv"
    return {"_file": name, "_line": line, "_export_date": export_date}


def order(**columns: Any) -> dict[str, Any]:
    return {"id": "o1", "created_at": datetime(2024, 6, 1), "currency": "USD", "total_price": 20.0, **columns}


def marts(project: CompiledProject, world: Any, as_of: date) -> dict[str, list[dict[str, Any]]]:
    con = project.build(world, {"int_records_resolved": records_query({"o1": "someone"})}, refresh_vars(as_of))
    try:
        return {mart: rows_of(con, f"select * from marts.{mart} order by all") for mart in MARTS}
    finally:
        con.close()


LINES = [{"id": "l1", "order_id": "o1", "quantity": 2, "price": 10.0}]


def test_a_cancellation_after_d_has_not_happened_yet(project: CompiledProject) -> None:
    world = {
        ("shopify", "order"): [order(cancelled_at=datetime(2024, 6, 11), financial_status="paid")],
        ("shopify", "order_line"): LINES,
        ("shopify", "refund"): [{"id": "r1", "order_id": "o1", "created_at": datetime(2024, 6, 2)}],
        ("shopify", "order_line_refund"): [{"id": "rl1", "refund_id": "r1", "subtotal": 5.0}],
    }
    then, later = marts(project, world, D), marts(project, world, LATER)
    assert [row["status"] for row in then["orders"]] == ["paid"]
    assert [row["status"] for row in later["orders"]] == ["cancelled"]
    assert later["orders"][0]["net_revenue"] == Decimal("15.00")
    for mart in ("order_lines", "refunds", "money_reconciliation", "cohort_retention", "customer_rfm"):
        assert then[mart], mart
        assert later[mart] == [], mart


def test_a_cancellation_in_the_last_microsecond_of_d_has_happened(project: CompiledProject) -> None:
    world = {("shopify", "order"): [order(cancelled_at=datetime(2024, 6, 10, 23, 59, 59, 999999))]}
    assert marts(project, world, D)["orders"][0]["status"] == "cancelled"


def test_a_refund_after_d_has_not_happened_yet(project: CompiledProject) -> None:
    world = {
        ("shopify", "order"): [order()],
        ("shopify", "order_line"): LINES,
        ("shopify", "refund"): [{"id": "r1", "order_id": "o1", "created_at": datetime(2024, 6, 11)}],
        ("shopify", "order_line_refund"): [{"id": "rl1", "refund_id": "r1", "order_line_id": "l1", "subtotal": 20.0}],
    }
    then, later = marts(project, world, D), marts(project, world, LATER)
    assert (then["orders"][0]["refunded"], then["orders"][0]["is_purchase"]) == (Decimal("0.00"), True)
    assert then["order_lines"][0]["refunded"] == 0
    assert then["refunds"] == []
    assert (later["orders"][0]["refunded"], later["orders"][0]["is_purchase"]) == (Decimal("20.00"), False)
    assert later["order_lines"][0]["refunded"] == 20
    assert [row["amount"] for row in later["refunds"]] == [Decimal("20.00")]
    assert later["cohort_retention"] == []


def test_an_order_after_d_is_not_there_with_all_that_hangs_on_it(project: CompiledProject) -> None:
    world = {
        ("shopify", "order"): [order(processed_at=datetime(2024, 6, 11))],
        ("shopify", "order_line"): LINES,
        ("shopify", "refund"): [{"id": "r1", "order_id": "o1", "created_at": datetime(2024, 6, 2)}],
        ("shopify", "order_line_refund"): [{"id": "rl1", "refund_id": "r1", "subtotal": 5.0}],
    }
    assert all(rows == [] for rows in marts(project, world, D).values())
    assert all(rows != [] for rows in marts(project, world, LATER).values())


def test_a_version_that_landed_after_d_is_not_seen(project: CompiledProject) -> None:
    world = {
        ("shopify", "order"): [
            order(total_price=20.0, updated_at=datetime(2024, 6, 2), **file(D)),
            order(total_price=30.0, updated_at=datetime(2024, 6, 3), **file(LATER)),
            order(total_price=40.0, updated_at=datetime(2024, 6, 1), **file(LATER, line=3)),
        ]
    }
    assert [row["gross_revenue"] for row in marts(project, world, D)["orders"]] == [Decimal("20.00")]
    assert [row["gross_revenue"] for row in marts(project, world, LATER)["orders"]] == [Decimal("30.00")]


def test_a_version_written_after_d_is_seen_when_its_file_is(project: CompiledProject) -> None:
    world = {
        ("shopify", "order"): [
            order(total_price=20.0, updated_at=datetime(2024, 6, 2), **file(D)),
            order(total_price=30.0, updated_at=datetime(2025, 1, 1), **file(None)),
        ]
    }
    assert [row["gross_revenue"] for row in marts(project, world, D)["orders"]] == [Decimal("30.00")]


def test_a_rate_after_d_is_not_seen(project: CompiledProject) -> None:
    world = {
        ("shopify", "order"): [order(currency="EUR", created_at=datetime(2024, 6, 9))],
        ("finance", "fx_rate"): [
            {"date": date(2024, 6, 9), "from_currency": "EUR", "to_currency": "USD", "rate": 1.5, **file(LATER)},
            {"date": date(2024, 6, 11), "from_currency": "EUR", "to_currency": "USD", "rate": 2.0, **file(D)},
        ],
    }
    then, later = marts(project, world, D), marts(project, world, LATER)
    assert then["orders"][0]["gross_revenue"] is None
    assert then["money_reconciliation"][0]["orders_without_rate"] == 1
    assert later["orders"][0]["gross_revenue"] == Decimal("30.00")
    assert later["money_reconciliation"][0]["orders_without_rate"] == 0


def test_the_months_of_a_cohort_and_the_days_of_rfm_end_with_d(project: CompiledProject) -> None:
    world = {("shopify", "order"): [order(created_at=datetime(2024, 4, 30))]}
    then = marts(project, world, D)
    assert [row["month_number"] for row in then["cohort_retention"]] == [0, 1, 2]
    assert [(row["as_of_date"], row["recency_days"]) for row in then["customer_rfm"]] == [(D, 41)]
