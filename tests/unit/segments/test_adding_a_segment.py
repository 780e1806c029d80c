"""The recipe of CONTRIBUTING.md, done as it stands there: two files, and the segment has its members."""

from __future__ import annotations

import re
import textwrap
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.support.compiled_project import ROOT, copy_of_project, refresh_vars
from tests.support.dbt_warehouse import Warehouse

D = date(2024, 6, 30)


def recipe() -> tuple[str, str]:
    """The SQL and the YAML that the recipe shows."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("\n## Add a segment\n")[2].partition("\n## ")[0]
    blocks = dict(re.findall(r"^ *```(\w+)\n(.*?)^ *```", section, flags=re.MULTILINE | re.DOTALL))
    return textwrap.dedent(blocks["sql"]), textwrap.dedent(blocks["yaml"])


def row(table: str, line: int, **values: Any) -> dict[str, Any]:
    return {**values, "_file": f"shopify/{table}.csv", "_line": line}


def order(number: int, who: str) -> dict[str, Any]:
    day = datetime(2024, 5, number)
    return row(
        "order",
        number + 1,
        id=f"o{number}",
        email=f"{who}@example.org",
        created_at=day,
        currency="USD",
        total_price=20.0,
    )


def test_the_recipe_makes_a_segment_with_members(tmp_path: Path) -> None:
    sql, described = recipe()
    (model,) = yaml.safe_load(described)["models"]
    project = copy_of_project(tmp_path)
    folder = project / "models" / "segments"
    assert model["name"] not in {path.stem for path in folder.iterdir()}
    (folder / f"{model['name']}.sql").write_text(sql, encoding="utf-8")
    (folder / f"{model['name']}.yml").write_text(described, encoding="utf-8")

    warehouse = Warehouse(tmp_path, refresh_vars(D, own_sources={}), project)
    # Jo sent back something of each of two orders, Al of one of three, Bo of the only one.
    warehouse.fill(
        {
            ("shopify", "order"): [order(n, who) for n, who in enumerate(("jo", "jo", "al", "al", "al", "bo"), 1)],
            ("shopify", "refund"): [
                row("refund", n, id=f"r{n}", order_id=f"o{n}", created_at=datetime(2024, 6, n)) for n in (1, 2, 3, 6)
            ],
            ("shopify", "order_line_refund"): [
                row("order_line_refund", n, id=f"l{n}", refund_id=f"r{n}", subtotal=5.0) for n in (1, 2, 3, 6)
            ],
        }
    )
    warehouse.run(["run", "--select", "+segments", "+customers"])
    members = warehouse.records(
        "select features.orders_365d, features.returns_rate "
        "from marts.segment_membership as membership join marts.customer_features as features using (customer_id) "
        f"where membership.segment = '{model['name']}'"
    )
    segment = model["config"]["meta"]["segment"]
    assert [(m["orders_365d"], m["returns_rate"]) for m in members] == [(2, 1.0)]
    (listed,) = warehouse.records(f"select * from marts.segments where segment = '{model['name']}'")
    assert (listed["size"], listed["share"], listed["owner"]) == (1, 1 / 3, segment["owner"])
    assert " ".join(listed["rule"].split()) == "orders_365d >= 2 and returns_rate >= 0.5"
    assert listed["goal_direction"] == "at_most"
    assert listed["action_plan"] == "; ".join(segment["action_plan"])
