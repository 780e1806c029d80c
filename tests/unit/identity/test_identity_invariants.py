"""Each invariant of identity holds on random worlds, and is seen to fail where somebody breaks it."""

from __future__ import annotations

import pytest

from tests.support.dbt_warehouse import Warehouse
from tests.support.identity_worlds import worlds

BREAKS = {
    "assert_no_record_has_two_customers": (
        "update intermediate.int_identifiers_resolved set customer_id = 'another' where identifier_type = 'email'"
    ),
    "assert_no_retired_customer_id_is_current": (
        "insert into marts.customer_redirects select customer_id, customer_id from marts.customers limit 1"
    ),
    "assert_no_suppressed_identifier_joins_people": (
        "insert into marts.identity_suppressed select identifier_type, identifier_hash, 'invalid', 1 "
        "from marts.customer_identifiers limit 1"
    ),
    "assert_default_country_has_a_calling_code": "delete from seeds.countries where country_code = 'US'",
}


@pytest.fixture
def built(warehouse: Warehouse) -> Warehouse:
    warehouse.run(["seed", "--select", "countries", "country_names"])
    warehouse.fill(worlds(17, 40))
    warehouse.run(
        ["run", "--select", "+customers", "+customer_identifiers", "+customer_redirects", "+identity_suppressed"]
    )
    return warehouse


def test_invariants_hold_and_fail_where_they_are_broken(built: Warehouse) -> None:
    built.run(["test", "--select", *BREAKS])
    for claim, damage in BREAKS.items():
        with built.connect() as con:
            con.execute(damage)
        with pytest.raises(AssertionError, match=claim):
            built.run(["test", "--select", claim])
    built.run(["seed", "--select", "countries", "country_names"])
