"""A rule that only the engine can refuse: the refresh stops, and says which file it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orchestration.lib.settings import Home
from orchestration.lib.transform import dbt
from tests.support.compiled_project import copy_of_project, refresh_vars, run_dbt
from tests.unit.segments.test_definitions import write


def test_the_rule_that_cannot_be_run_is_named(
    released: Path,
    copied: Callable[[Path], Path],
    world_end: date,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, project = Home(copied(released)), copy_of_project(tmp_path)
    monkeypatch.setattr(dbt, "_PATHS", ["--project-dir", str(project), "--profiles-dir", str(project)])
    variables = refresh_vars(world_end)

    def broken(folder: str) -> str | None:
        manifest = run_dbt(["parse"], home.warehouse, tmp_path / "target", variables, project).result
        return dbt.broken_definition(manifest, home, variables, folder)

    assert broken("segments") is None
    assert broken("triggers") is None

    write(project, "of_another_type", "lifecycle_stage = date '2024-01-01'")
    said = broken("segments")
    assert said is not None
    assert "model of_another_type (models/segments/of_another_type.sql)" in said
    assert "Conversion Error" in said
    # The row's own value stays out of what is told.
    assert "'...'" in said

    trigger = project / "models" / "triggers" / "price_page_viewed.sql"
    trigger.write_text(trigger.read_text().replace("occurred_at", "ocurred_at"))
    said = broken("triggers")
    assert said is not None
    assert "model price_page_viewed (models/triggers/price_page_viewed.sql)" in said
    assert "ocurred_at" in said
