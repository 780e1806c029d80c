"""Segments that are not well defined stop dbt before it builds anything, by segment, file and what is wrong."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from dbt_common.exceptions import CompilationError

from tests.support.compiled_project import copy_of_project, refresh_vars, run_dbt

GOOD: dict[str, Any] = {
    "description": "Somebody.",
    "owner": "marketing",
    "goal": {"metric": "size", "target": 10, "due_on": "2027-06-30"},
    "positioning": "Something.",
    "price_tier": "any",
    "channel_mix": ["email"],
    "key_metrics": ["size"],
    "action_plan": ["Write."],
    "priority": 100,
    "review_due_on": "2027-06-30",
    "status": "active",
}
RULE = "orders_lifetime > 0"
HEAD = "-- Grain: one row a customer of the segment.\nselect customer_id\nfrom {{ ref('int_customers_profiled') }}\n"


def write(project: Path, name: str, rule: str = RULE, sql: str | None = None, **changes: Any) -> None:
    meta = copy.deepcopy(GOOD) | changes
    meta = {key: value for key, value in meta.items() if value is not None}
    folder = project / "models" / "segments"
    (folder / f"{name}.sql").write_text(sql or f"{HEAD}where\n    {rule}\n")
    model = {
        "name": name,
        "description": "Somebody.",
        "config": {"meta": {"segment": meta}},
        "columns": [{"name": "customer_id", "description": "The customer."}],
    }
    (folder / f"{name}.yml").write_text(yaml.safe_dump({"version": 2, "models": [model]}))


def said_of(project: Path, folder: Path) -> list[str]:
    """What dbt says of the definitions of a project, a line a fault."""
    # Any run will do: they are looked at before it begins.
    run = ["seed", "--select", "waivers"]
    try:
        run_dbt(run, folder / "w.duckdb", folder / "target", refresh_vars(date(2026, 6, 30)), project)
    except CompilationError as error:
        said = str(error)
        assert "Not well defined:" in said
        return [line.strip() for line in said.splitlines() if line.strip().startswith("segment ")]
    raise AssertionError("dbt ran")


def test_every_fault_is_named_with_its_segment_and_file(tmp_path: Path) -> None:
    project = copy_of_project(tmp_path)
    goal = GOOD["goal"]
    # name -> (what is written, the file that is named, what is said)
    cases: dict[str, tuple[dict[str, Any], str, str]] = {
        "no_owner": ({"owner": None, "priority": 101}, "yml", "owner is missing"),
        "blank_owner": ({"owner": " ", "priority": 102}, "yml", "owner is missing"),
        "no_goal": ({"goal": None, "priority": 103}, "yml", "goal is missing"),
        "unknown_metric": ({"goal": goal | {"metric": "fame"}, "priority": 104}, "yml", "goal.metric is fame"),
        "no_target": ({"goal": goal | {"target": "a lot"}, "priority": 105}, "yml", "goal.target is a lot"),
        "no_day": ({"goal": goal | {"due_on": "2027-02-29"}, "priority": 106}, "yml", "goal.due_on is 2027-02-29"),
        "wrong_way": ({"goal": goal | {"direction": "up"}, "priority": 107}, "yml", "goal.direction is up"),
        "goal_typo": ({"goal": goal | {"targt": 1}, "priority": 108}, "yml", "goal.targt means nothing"),
        "typo": ({"prority": 1, "priority": 109}, "yml", "prority means nothing"),
        "half_priority": ({"priority": 1.5}, "yml", "priority is 1.5"),
        "zero_priority": ({"priority": 0}, "yml", "priority is 0"),
        "first": ({"priority": 110}, "", ""),
        "second": ({"priority": 110}, "yml", "its priority 110 is that of first too"),
        "resting": ({"priority": 110, "status": "retired"}, "", ""),
        "odd_status": ({"status": "sleeping", "priority": 111}, "yml", "status is sleeping"),
        "odd_tier": ({"price_tier": "cheap", "priority": 112}, "yml", "price_tier is cheap"),
        "no_channels": ({"channel_mix": "email", "priority": 113}, "yml", "channel_mix is missing"),
        "no_plan": ({"action_plan": [], "priority": 114}, "yml", "action_plan is missing"),
        "odd_plan": ({"action_plan": [1], "priority": 115}, "yml", "action_plan holds 1"),
        "no_review": ({"review_due_on": None, "priority": 116}, "yml", "review_due_on is None"),
        "odd_former_name": ({"renamed_from": "first", "priority": 117}, "yml", "renamed_from is first, which is still"),
        "gone_column": ({"rule": "orders_31d > 0", "priority": 118}, "sql", "its rule names 'orders_31d'"),
        "circle": ({"rule": "primary_segment = 'lapsed'", "priority": 119}, "sql", "it is decided by segments"),
        "two_clauses": ({"rule": f"{RULE} limit 5", "priority": 120}, "sql", "its rule holds 'limit'"),
        "subquery": ({"rule": "orders_30d > (select 1)", "priority": 121}, "sql", "its rule holds 'select'"),
        "half_rule": ({"rule": "orders_30d > 0 and (", "priority": 122}, "sql", "its rule is no condition"),
        "other_shape": ({"sql": "select 1 as customer_id", "priority": 123}, "sql", "it must read: select customer_id"),
        "unknown_var": (
            {"rule": "orders_30d > {{ var('min_ordrs') }}", "priority": 126},
            "sql",
            "it reads the var min_ordrs",
        ),
        "clock": (
            {"rule": "last_order_at > now() - interval 30 days", "priority": 127},
            "sql",
            "it asks for now, which",
        ),
        "today": ({"rule": "first_order_at < current_date", "priority": 128}, "sql", "it asks for current_date, which"),
        "chance": ({"rule": "random() < 0.5", "priority": 129}, "sql", "it asks for random, which"),
        "of_a_person": ({"owner": "ana@shop.example", "priority": 130}, "yml", "owner holds an e-mail address"),
        "quoted_name": ({"renamed_from": "women's", "priority": 131}, "yml", "renamed_from is women's"),
        "gone_but_retired": ({"rule": "orders_31d > 0", "priority": 132, "status": "retired"}, "", ""),
        "Shouting": ({"priority": 124}, "sql", "a segment's name is of small letters"),
        "text_and_comment": (
            {
                "rule": "top_category = 'no_column ''at'' all' -- nor is_this\n or coalesce(nps_last, 0) > 8",
                "priority": 125,
            },
            "",
            "",
        ),
    }
    for name, (written, _, _) in cases.items():
        write(project, name, **written)
    (project / "models" / "segments" / "no_meta.sql").write_text(f"{HEAD}where {RULE}\n")
    said = said_of(project, tmp_path)
    for name, (_, suffix, words) in cases.items():
        of_it = [line for line in said if line.startswith(f"segment {name} (")]
        if not words:
            assert of_it == [], name
            continue
        assert any(
            line.startswith(f"segment {name} (dbt_project/models/segments/{name}.{suffix}): ") and words in line
            for line in of_it
        ), (name, of_it)
    assert "segment no_meta (dbt_project/models/segments/no_meta.yml): config.meta.segment is missing" in said
