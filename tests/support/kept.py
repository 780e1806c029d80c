"""Which tables tell what earlier days said: they differ between homes that refreshed other days."""

from __future__ import annotations

import json
from functools import cache

from orchestration.lib.transform import dbt


@cache
def history_tables() -> frozenset[str]:
    """By name, from the manifest: those that are kept, and those that are made of them."""
    nodes = json.loads(dbt.manifest_path().read_text(encoding="utf-8"))["nodes"].values()
    return frozenset(node["name"] for node in nodes if node["config"].get("meta", {}).get("history"))
