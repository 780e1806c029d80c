"""Random worlds: every published row of orders and money against a recomputation in exact fractions."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.compiled_project import CompiledProject, refresh_vars, rows_of
from tests.support.order_worlds import AS_OF, owners, worlds
from tests.support.orders_oracle import Expected, expect

MARTS = ["orders", "order_lines", "refunds", "money_reconciliation", "cohort_retention", "customer_rfm"]
KEYS = {
    "orders": ("order_id",),
    "order_lines": ("order_line_id",),
    "refunds": ("refund_id",),
    "money_reconciliation": ("month", "currency"),
    "cohort_retention": ("cohort_month", "month_number"),
    "customer_rfm": ("customer_id",),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return CompiledProject(MARTS, tmp_path_factory.mktemp("orders"), refresh_vars(AS_OF, own_sources={}))


def records(customers: dict[str, str]) -> str:
    """The resolved order records, in place of the identity graph."""
    listed = "".join(
        f" union all select 'shopify', 'orders', '{order}', '{customer}'" for order, customer in customers.items()
    )
    return (
        "select * from (select 'shopify' as source, 'orders' as record_type, '' as record_id, '' as customer_id"
        f"{listed}) as listed where record_id <> ''"
    )


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


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=worlds, customers=owners)
def test_every_row_equals_the_recomputation(project: CompiledProject, world: Any, customers: dict[str, str]) -> None:
    con = project.build(world, given={"int_records_resolved": records(customers)})
    try:
        compare(con, expect(world, customers, AS_OF))
    finally:
        con.close()
