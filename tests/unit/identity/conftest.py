"""One warehouse for all tests of identity: parsing the project takes longer than any of them."""

from __future__ import annotations

import pytest

from tests.support.dbt_warehouse import Warehouse
from tests.support.identity_worlds import AS_OF, CUTOFF


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    made = Warehouse(tmp_path_factory.mktemp("identity"), {"as_of_date": str(AS_OF), "cutoff_at": str(CUTOFF)})
    made.run(["seed"])
    return made
