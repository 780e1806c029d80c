"""Which published tables keep what earlier days said: they differ between homes that refreshed other days."""

from __future__ import annotations

import json
from functools import cache

from orchestration.lib.transform import dbt
from orchestration.lib.transform.catalog import kept_tables


@cache
def history_tables() -> frozenset[str]:
    """By name, from the manifest."""
    manifest = json.loads(dbt.manifest_path().read_text(encoding="utf-8"))
    return frozenset(table.name for table in kept_tables(manifest))
