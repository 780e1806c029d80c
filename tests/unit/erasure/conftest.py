"""One warehouse for all tests of erasure: parsing the project takes longer than any of them."""

from __future__ import annotations

import pytest

from orchestration.lib.landing.ledger import create_tables
from tests.support.dbt_warehouse import Warehouse
from tests.support.identity_worlds import AS_OF, CUTOFF


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    made = Warehouse(tmp_path_factory.mktemp("erasure"), {"as_of_date": str(AS_OF), "cutoff_at": str(CUTOFF)})
    with made.connect() as con:
        create_tables(con)
    return made
