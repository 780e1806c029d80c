"""The unit tests of the dbt models. A refresh leaves them out: they speak of the models, not of a day's data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from orchestration.lib.transform import dbt
from tests.support.compiled_project import refresh_vars, run_dbt


def test_every_dbt_unit_test_passes(
    released: Path, copied: Callable[[Path], Path], world_end: date, tmp_path: Path
) -> None:
    # They read the columns of what a model reads from the warehouse, so it must have been built.
    warehouse = copied(released) / "warehouse.duckdb"
    result = run_dbt(["test", "--select", "test_type:unit"], warehouse, tmp_path / "target", refresh_vars(world_end))
    # What runs before any build is there too: it checks definitions.
    tests = [node for node in result.result.results if node.node.resource_type == "unit_test"]
    failed = {node.node.unique_id: node.message for node in tests if str(node.status) != "pass"}
    assert failed == {}
    assert len(tests) == len(dbt.parse().unit_tests)
