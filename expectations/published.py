"""Which tables are published, read from dbt's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PUBLISHED_SCHEMAS = ("marts", "restricted")


@dataclass(frozen=True)
class PublishedTable:
    """One published table: where it is, who answers for it, and which of its columns identify a person."""

    name: str
    schema: str
    owner: str | None = None
    pii_columns: frozenset[str] = frozenset()


def published_tables(manifest: Mapping[str, Any]) -> list[PublishedTable]:
    """The published tables of a parsed dbt manifest (target/manifest.json), in the order of their names."""
    tables = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] not in PUBLISHED_SCHEMAS:
            continue
        pii = {
            name
            for name, column in node["columns"].items()
            if (column.get("config") or {}).get("meta", {}).get("pii")
            or (column.get("meta") or {}).get("pii")
        }
        owner = (node["config"].get("meta") or {}).get("owner")
        tables.append(PublishedTable(node["alias"], node["schema"], owner, frozenset(pii)))
    return sorted(tables, key=lambda table: (table.schema, table.name))
