"""The page of the triggers, docs/reference/triggers.md, from the manifest; the page says how it is made anew."""

from __future__ import annotations

import json
import sys
from typing import Any

from . import dbt

_INTRODUCTION = """\
# Triggers

A trigger says at which moments a customer should hear of something. Each firing of the last
`vars.trigger_window_days` dates is a row of `customer_triggers`, with the segment whose plan it opens, the offer, the
evidence, and when the offer ends. A moment fires where none of that customer and trigger lies in the quiet days before
it, fired or not: who shows it every day is asked once. Numbers can be changed where a [var](vars.md) is named.
[How moments are found](../decisions/0025-triggers.md) where a word leaves a choice.

A trigger is two files of `dbt_project/models/triggers`; [CONTRIBUTING](../../CONTRIBUTING.md) has the steps. This page
is made from their YAML: `python -m orchestration.lib.transform.triggers > docs/reference/triggers.md`.

| trigger | fires when | segment | offer | expires after | quiet for | owner | status |
|---|---|---|---|---|---|---|---|
"""


def triggers(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What config.meta.trigger says of every trigger, by name; quiet_days filled in."""
    nodes = (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
    found = {n["name"]: n["config"]["meta"]["trigger"] for n in nodes if n["config"]["meta"].get("trigger")}
    return {name: {"quiet_days": t["expires_after_days"], **t} for name, t in sorted(found.items())}


def row(name: str, trigger: dict[str, Any]) -> str:
    """The line of one trigger."""
    cells = [trigger[key] for key in ("description", "segment", "offer")]
    cells += [f"{trigger[key]} days" for key in ("expires_after_days", "quiet_days")]
    cells += [trigger["owner"], trigger["status"]]
    shown = " | ".join(str(cell).strip().replace("|", "\\|").replace("<", "&lt;") for cell in cells)
    return f"| `{name}` | {shown} |"


def render(manifest: dict[str, Any]) -> str:
    """The page as Markdown."""
    return _INTRODUCTION + "".join(f"{row(name, trigger)}\n" for name, trigger in triggers(manifest).items())


if __name__ == "__main__":
    sys.stdout.write(render(json.loads(dbt.manifest_path().read_text(encoding="utf-8"))))
