"""A rule that only the engine can refuse: the refresh stops, and says which file it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orchestration.lib.faults import UsageError
from orchestration.lib.settings import Home
from orchestration.lib.transform import dbt
from orchestration.lib.warehouse import connect
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

    # One row of them all: the others have no such language.
    write(project, "of_another_type", "case when customer_id = (LAST) then cast(language as integer) end > 3")
    rule = project / "models" / "segments" / "of_another_type.sql"
    with connect(home) as con:
        last = con.execute(
            "select max(customer_id) from intermediate.int_customers_described where language is not null"
        ).fetchone()
    assert last
    rule.write_text(rule.read_text().replace("(LAST)", f"'{last[0]}'"))
    said = broken("segments")
    assert said is not None
    assert said.startswith("of_another_type (dbt_project/models/segments/of_another_type.sql): Conversion Error")
    # The row's own value stays out of what is told.
    assert "'...'" in said

    trigger = project / "models" / "triggers" / "price_page_viewed.sql"
    trigger.write_text(trigger.read_text().replace("occurred_at", "ocurred_at"))
    said = broken("triggers")
    assert said is not None
    assert said.startswith("price_page_viewed (dbt_project/models/triggers/price_page_viewed.sql): Binder Error")
    assert "ocurred_at" in said


def test_every_fault_reaches_whoever_runs_the_refresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, project = Home(tmp_path / "home"), copy_of_project(tmp_path)
    home.root.mkdir()
    monkeypatch.setattr(dbt, "_PATHS", ["--project-dir", str(project), "--profiles-dir", str(project)])
    variables = refresh_vars(date(2026, 6, 30))
    parsed_with = dict(variables)
    write(project, "nobodys", owner=None, priority=1)
    trigger = project / "models" / "triggers" / "price_page_viewed.yml"
    trigger.write_text(trigger.read_text().replace("expires_after_days", "expires"))

    def said() -> str:
        manifest = run_dbt(["parse"], home.warehouse, tmp_path / "target", parsed_with, project).result
        with pytest.raises(UsageError) as stopped:
            dbt.build(manifest, home, variables, ["waivers"])
        return str(stopped.value)

    told = said()
    assert told.splitlines()[0] == "Not well defined:"
    assert "segment nobodys (dbt_project/models/segments/nobodys.yml): owner is missing" in told
    assert "its priority 1 is that of" in told

    for suffix in ("sql", "yml"):
        (project / "models" / "segments" / f"nobodys.{suffix}").unlink()
    told = said()
    assert "trigger price_page_viewed (dbt_project/models/triggers/price_page_viewed.yml): expires is no key" in told
    assert "expires_after_days is" in told
    assert "> in macro" not in told

    trigger.write_text(trigger.read_text().replace("expires", "expires_after_days"))
    variables["audience_weights"] = {"recency": True, "frequency": 1, "monetary": 1, "intent": 1}
    assert said() == "vars.audience_weights.recency must be a number of 0 or more, not True."
