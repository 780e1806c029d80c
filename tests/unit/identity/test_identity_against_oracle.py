"""The identity models against a brute-force recomputation, on random worlds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.dbt_warehouse import Warehouse
from tests.support.identity_oracle import Expected, expect
from tests.support.identity_worlds import AS_OF, CUTOFF, worlds

WORLDS = 200
# Worlds that share nothing stand in one warehouse side by side.
WORLDS_A_RUN = 100
IDENTITIES = ["customer_identifiers", "customer_redirects", "identity_suppressed"]
MARTS = [
    *("int_devices_resolved", "int_records_resolved"),
    *IDENTITIES,
    *("customer_contacts", "customers"),
]


def build(
    warehouse: Warehouse, tables: dict[tuple[str, str], list[dict[str, Any]]], marts: Sequence[str] = MARTS
) -> None:
    warehouse.fill(tables)
    warehouse.run(["run", "--select", *(f"+{mart}" for mart in marts)])


def published(warehouse: Warehouse) -> Expected:
    """What the models give, in the form of the oracle's answer."""
    contacts = {row.pop("customer_id"): row for row in warehouse.records("select * from restricted.customer_contacts")}
    for row in contacts.values():
        row["date_of_birth"] = row["date_of_birth"].isoformat() if row["date_of_birth"] else None
    return Expected(
        identifiers=distinct(warehouse, "select * from marts.customer_identifiers"),
        redirects=distinct(warehouse, "select * from marts.customer_redirects"),
        suppressed=distinct(warehouse, "select * from marts.identity_suppressed"),
        records=distinct(warehouse, "select * from intermediate.int_records_resolved"),
        devices=distinct(warehouse, "select * from intermediate.int_devices_resolved"),
        contacts=contacts,
        customers={row.pop("customer_id"): row for row in warehouse.records("select * from marts.customers")},
    )


def distinct(warehouse: Warehouse, query: str) -> set[tuple[Any, ...]]:
    rows = warehouse.rows(query)
    assert len(set(rows)) == len(rows), f"repeated rows: {query}"
    return set(rows)


def compare(found: Expected, expected: Expected) -> None:
    for part in ("suppressed", "identifiers", "redirects", "records", "devices"):
        missing = getattr(expected, part) - getattr(found, part)
        surplus = getattr(found, part) - getattr(expected, part)
        assert (missing, surplus) == (set(), set()), part
    assert found.contacts == expected.contacts
    assert set(found.customers) == set(expected.customers)
    for customer, row in expected.customers.items():
        assert {column: found.customers[customer][column] for column in row} == row, customer


# A world's seed says nothing about its size, so there is nothing to shrink.
@settings(
    max_examples=WORLDS // WORLDS_A_RUN,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_random_worlds_resolve_as_recomputed_in_any_order(warehouse: Warehouse, seed: int) -> None:
    tables = worlds(seed, WORLDS_A_RUN)
    build(warehouse, tables)
    expected = expect(tables, AS_OF, CUTOFF)
    assert len(expected.customers) > WORLDS_A_RUN / 2, "the worlds are too poor to tell anything"
    compare(published(warehouse), expected)

    before = identities(warehouse)
    rng = random.Random(seed)
    shuffled = {name: rng.sample(rows, len(rows)) for name, rows in rng.sample(sorted(tables.items()), len(tables))}
    build(warehouse, shuffled, IDENTITIES)
    assert identities(warehouse) == before


def identities(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    return [warehouse.rows(f"select * from marts.{mart} order by all") for mart in IDENTITIES]
