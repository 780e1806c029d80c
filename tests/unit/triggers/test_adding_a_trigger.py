"""The recipe of CONTRIBUTING.md, done as it stands there: two files, and the trigger fires."""

from __future__ import annotations

import re
import textwrap
from datetime import date, datetime
from pathlib import Path

import yaml

from tests.support.compiled_project import ROOT, copy_of_project, refresh_vars
from tests.support.dbt_warehouse import Warehouse

D = date(2024, 6, 30)


def recipe() -> tuple[str, str]:
    """The SQL and the YAML that the recipe shows."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("\n## Add a trigger\n")[2].partition("\n## ")[0]
    blocks = dict(re.findall(r"^ *```(\w+)\n(.*?)^ *```", section, flags=re.MULTILINE | re.DOTALL))
    return textwrap.dedent(blocks["sql"]), textwrap.dedent(blocks["yaml"])


def test_the_recipe_makes_a_trigger_that_fires(tmp_path: Path) -> None:
    sql, described = recipe()
    (model,) = yaml.safe_load(described)["models"]
    project = copy_of_project(tmp_path)
    folder = project / "models" / "triggers"
    before = {path.stem for path in folder.iterdir()}
    (folder / f"{model['name']}.sql").write_text(sql, encoding="utf-8")
    (folder / f"{model['name']}.yml").write_text(described, encoding="utf-8")
    assert model["name"] not in before

    warehouse = Warehouse(tmp_path, refresh_vars(D, own_sources={}), project)
    warehouse.fill(
        {
            ("shopify", "order"): [
                {
                    "id": "o1",
                    "email": "jo@example.org",
                    "created_at": datetime(2024, 6, 1),
                    "currency": "USD",
                    "total_price": 20.0,
                    "_file": "shopify/order.csv",
                    "_line": 2,
                }
            ],
            ("shopify", "refund"): [
                {
                    "id": "r1",
                    "order_id": "o1",
                    "created_at": datetime(2024, 6, 9, 8),
                    "_file": "shopify/refund.csv",
                    "_line": 2,
                }
            ],
            ("shopify", "order_line_refund"): [
                {"id": "l1", "refund_id": "r1", "subtotal": 5.0, "_file": "shopify/order_line_refund.csv", "_line": 2}
            ],
        }
    )
    warehouse.run(["run", "--select", "+customer_triggers"])
    fired = warehouse.records(
        "select fired_at, segment, offer, evidence, expires_at from marts.customer_triggers "
        f"where trigger = '{model['name']}'"
    )
    trigger = model["config"]["meta"]["trigger"]
    assert fired == [
        {
            "fired_at": datetime(2024, 6, 9, 8),
            "segment": trigger["segment"],
            "offer": trigger["offer"],
            "evidence": "refund of 5.00 on 2024-06-09",
            "expires_at": datetime(2024, 6, 23, 8),
        }
    ]
