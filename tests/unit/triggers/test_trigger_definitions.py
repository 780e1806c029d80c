"""Definitions of triggers: what is wrong with one is said before anything is built, by trigger and file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.compiled_project import PROJECT, copy_of_project, environment

GOOD: dict[str, Any] = {
    "description": "A customer orders.",
    "owner": "growth_marketing",
    "segment": "core_engagers",
    "offer": "More of it",
    "expires_after_days": 3,
    "quiet_days": 0,
    "status": "active",
}
SQL = """-- Grain: one row an order of a customer, with (brackets), 'quotes' and a comma in a comment
{# select nothing from here #}
with bought as (
    select customer_id, ordered_at, 'select from (' as text from {{ ref('orders') }}
)

select
    bought.customer_id,
    max(bought.ordered_at) over (partition by bought.customer_id, bought.ordered_at) as fired_at,
    concat('it''s, ', cast({{ reporting_date('ordered_at') }} as string)) as evidence
from bought
union all
select customer_id, ordered_at as fired_at, source as evidence
from {{ ref('orders') }}
"""
NO_TIMES = "whose rows carry no times of their own: write a ref to one of int_events_owned, "
# By name of the trigger: what differs from a good one, in YAML (none: the key is missing) and in SQL, and what is said.
BAD: dict[str, tuple[dict[str, Any] | None, str, str, str]] = {
    "bad_description": ({"description": None}, SQL, "yml", "description is missing: write a text"),
    "bad_owner": ({"owner": " "}, SQL, "yml", "owner is missing: write a text"),
    "bad_offer": ({"offer": 5}, SQL, "yml", "offer is missing: write a text"),
    "bad_segment": ({"segment": None}, SQL, "yml", "segment is missing: write a text"),
    "unknown_segment": ({"segment": "core_engager"}, SQL, "yml", "segment core_engager is unknown: write one of "),
    "no_expiry": (
        {"expires_after_days": None},
        SQL,
        "yml",
        "expires_after_days is None: write a whole number of days, 1 or more",
    ),
    "no_days": ({"expires_after_days": 0}, SQL, "yml", "expires_after_days is 0: write a whole number"),
    "half_days": ({"expires_after_days": 1.5}, SQL, "yml", "expires_after_days is 1.5: write a whole number"),
    "true_days": ({"expires_after_days": True}, SQL, "yml", "expires_after_days is True: write a whole number"),
    "loud": ({"quiet_days": -1}, SQL, "yml", "quiet_days is -1: write a whole number of days, 0 or more"),
    "unquiet": ({"quiet_days": "7"}, SQL, "yml", "quiet_days is 7: write a whole number"),
    "bad_status": ({"status": "live"}, SQL, "yml", "status is live: write draft, active or retired"),
    "no_status": ({"status": None}, SQL, "yml", "status is None: write draft, active or retired"),
    "misspelt": ({"expire_after_days": 3}, SQL, "yml", "expire_after_days is no key of a trigger"),
    "no_meta": (None, SQL, "yml", "config.meta.trigger is missing"),
    "star": (
        {},
        "select * from {{ ref('orders') }}",
        "sql",
        "it selects *: write select customer_id, fired_at, evidence",
    ),
    "two_columns": (
        {},
        "select customer_id, ordered_at as fired_at from {{ ref('orders') }}",
        "sql",
        "it selects customer_id, fired_at: write select",
    ),
    "other_name": (
        {},
        "select customer_id, ordered_at, source as evidence from {{ ref('orders') }}",
        "sql",
        "it selects customer_id, ordered_at, evidence: write select",
    ),
    "other_order": (
        {},
        "select customer_id, ordered_at as fired_at, source as evidence from {{ ref('orders') }} union all "
        "select source as evidence, ordered_at as fired_at, customer_id from {{ ref('orders') }}",
        "sql",
        "it selects evidence, fired_at, customer_id: write select",
    ),
    "no_select": ({}, "-- {{ ref('orders') }}\n", "sql", "it selects nothing: write select"),
    "semicolon": ({}, SQL + ";\n", "sql", "it ends with a semicolon: take it off"),
    "as_of_d": ({}, SQL.replace("ref('orders')", "ref('customers')"), "sql", "it reads customers, " + NO_TIMES),
    "raw": ({}, SQL.replace("ref('orders')", "source('shopify', 'order')"), "sql", "it reads order, " + NO_TIMES),
    "a_table": (
        {},
        "{{ config(materialized='table') }}" + SQL,
        "sql",
        "it is materialized as table: leave it ephemeral",
    ),
}


def run(project: Path, folder: Path, *arguments: str, manifest: Any = None, **variables: Any) -> Any:
    from dbt.cli.main import dbtRunner

    with environment(TRIBUTARY_WAREHOUSE=str(folder / "warehouse.duckdb")):
        return dbtRunner(manifest=manifest).invoke(
            [
                *("--quiet", "--log-level", "none", "--log-level-file", "none", *arguments),
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
                *("--vars", json.dumps(variables)),
            ]
        )


def write_trigger(project: Path, name: str, meta: dict[str, Any] | None, sql: str = SQL) -> None:
    folder = project / "models" / "triggers"
    (folder / f"{name}.sql").write_text(sql, encoding="utf-8")
    config = {} if meta is None else {"config": {"meta": {"trigger": {k: v for k, v in meta.items() if v is not None}}}}
    model = {"name": name, "description": name, **config}
    (folder / f"{name}.yml").write_text(yaml.safe_dump({"version": 2, "models": [model]}), encoding="utf-8")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What dbt says of a project with every fault at once, and a good trigger among them."""
    folder = tmp_path_factory.mktemp("faults")
    project = copy_of_project(folder)
    write_trigger(project, "good", GOOD)
    write_trigger(project, "retired_with_its_segment", GOOD | {"segment": "gone", "status": "retired"})
    for name, (changes, sql, _, _) in BAD.items():
        write_trigger(project, name, None if changes is None else GOOD | changes, sql)
    result = run(project, folder, "run", "--select", "stg_finance__fx_rates")
    assert not result.success
    return str(result.exception or [(str(r.status), r.message) for r in result.result.results])


@pytest.mark.parametrize("name", BAD)
def test_a_fault_is_named_with_trigger_and_file(said: str, name: str) -> None:
    _, _, ending, words = BAD[name]
    assert f"trigger {name} (dbt_project/models/triggers/{name}.{ending}): {words}" in said


def test_nothing_else_is_a_fault(said: str) -> None:
    faulty = {line.split()[1] for line in said.splitlines() if line.strip().startswith("trigger ")}
    assert faulty == set(BAD)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"trigger_window_days": 0}, "vars.trigger_window_days must be a whole number above 0, not 0."),
        ({"trigger_cart_abandoned_hours": "a day"}, "vars.trigger_cart_abandoned_hours must be a whole number above 0"),
        ({"trigger_repeat_visit": {"sessions": 3}}, "vars.trigger_repeat_visit.days must be a whole number above 0"),
        ({"trigger_disengaging": 21}, "vars.trigger_disengaging.silent_days must be a whole number above 0"),
        ({"trigger_tier_near_share": 2}, "vars.trigger_tier_near_share must be above 0 and at most 1, not 2."),
        ({"loyalty_tiers": {}}, "vars.loyalty_tiers must give points by tier"),
        ({"loyalty_tiers": {"gold": "many"}}, "vars.loyalty_tiers.gold must be a whole number of points, not many."),
        ({"loyalty_tiers": {"gold": 1, "plus": 1}}, "vars.loyalty_tiers: two tiers begin at the same points."),
    ],
)
def test_a_var_without_a_meaning_stops_the_build_by_name(
    tmp_path: Path, manifest: Any, variables: dict[str, Any], words: str
) -> None:
    result = run(PROJECT, tmp_path, "compile", "--select", "customer_triggers", manifest=manifest, **variables)
    assert not result.success
    assert words in str(result.exception or [r.message for r in result.result.results])


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run(PROJECT, tmp_path_factory.mktemp("parsed"), "parse").result
