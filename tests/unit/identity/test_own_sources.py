"""Customers of a source of one's own: their own kind of id, unless the contract says whose ids they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.support.dbt_warehouse import Warehouse
from tests.support.identity_oracle import digest

CONTRACT = "source.tributary.online_retail_ii.invoice_line"
MODELS = ["+customer_identifiers", "+int_records_resolved"]


TABLES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("shopify", "customer"): [
        {"id": "17850", "email": "a@x.example", "created_at": datetime(2024, 1, 1), "_file": "a.csv", "_line": 2}
    ],
    ("online_retail_ii", "invoice_line"): [
        {
            "invoice": "536365", "stock_code": "85123A", "quantity": 6, "invoice_date": datetime(2010, 12, 1, 8, 26),
            "price": 2.55, "customer_id": "17850", "country": "United Kingdom", "_file": "b.csv", "_line": 2,
        },
    ],
}  # fmt: skip


def identifiers(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.rows("select identifier_type, customer_id from marts.customer_identifiers"))


@pytest.fixture
def contract(warehouse: Warehouse) -> Iterator[Callable[[str], None]]:
    """Says in the contract of the own source whose customer ids it holds."""
    meta = warehouse.manifest.sources[CONTRACT].config.meta

    def say(customer_ids_of: str) -> None:
        meta["customer_ids_of"] = customer_ids_of
        warehouse.manifest.build_flat_graph()

    yield say
    del meta["customer_ids_of"]
    warehouse.manifest.build_flat_graph()


def test_equal_numbers_of_two_systems_are_two_people(warehouse: Warehouse) -> None:
    warehouse.fill(TABLES)
    warehouse.run(["run", "--select", *MODELS])
    customers = identifiers(warehouse)
    assert set(customers) == {"user_id", "email", "online_retail_ii_id"}
    assert customers["user_id"] == customers["email"] == digest("user_id:17850")[:32]
    assert customers["online_retail_ii_id"] == digest("online_retail_ii_id:17850")[:32]
    records = set(warehouse.rows("select source, record_type, customer_id from intermediate.int_records_resolved"))
    assert ("online_retail_ii", "orders", customers["online_retail_ii_id"]) in records
    assert ("online_retail_ii", "contacts", customers["online_retail_ii_id"]) in records


def test_a_contract_may_say_whose_ids_they_are(warehouse: Warehouse, contract: Callable[[str], None]) -> None:
    contract("shopify")
    warehouse.fill(TABLES)
    warehouse.run(["run", "--select", *MODELS])
    customers = identifiers(warehouse)
    assert set(customers) == {"user_id", "email"}
    assert len(set(customers.values())) == 1


def test_a_contract_that_names_no_source_of_customers_is_refused(
    warehouse: Warehouse, contract: Callable[[str], None]
) -> None:
    contract("google_ads")
    warehouse.fill(TABLES)
    with pytest.raises(AssertionError, match="customer_ids_of: google_ads, which is no source with customer ids"):
        warehouse.run(["run", "--select", *MODELS])
