"""What the dbt manifest says of the published tables: columns, descriptions, owners, pii, lineage to the exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PUBLISHED_SCHEMAS = ("marts", "restricted")


@dataclass(frozen=True)
class PublishedColumn:
    """A column of a published table, as its YAML describes it."""

    name: str
    data_type: str
    description: str
    pii: bool


@dataclass(frozen=True)
class PublishedTable:
    """A published table: schema marts or restricted. upstream: '<source>.<table>' of every export it comes from."""

    schema: str
    name: str
    description: str
    owner: str
    columns: tuple[PublishedColumn, ...]
    upstream: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The name that readers use: restricted tables carry their schema."""
        return self.name if self.schema == "marts" else f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class KeptTable:
    """A model that is kept from one published day to the next (config.meta.history).

    is_whole: it holds what all days together say, such as stays; otherwise the rows of each day, by as_of_date.
    """

    schema: str
    name: str
    is_whole: bool = False


def kept_tables(manifest: Any) -> list[KeptTable]:
    """Every model that config.meta.history keeps, by schema and name. manifest: as for published_tables.

    true keeps the rows of each day, stays a whole table; `read` keeps nothing: the model is made anew at each refresh
    from what others keep. Raises ValueError where a model says anything else.
    """
    kept = []
    for node in _plain(manifest)["nodes"].values():
        said = _meta(node).get("history") if node["resource_type"] == "model" else None
        if not said or said == "read":
            continue
        if said is not True and said != "stays":
            raise ValueError(f"{node['name']}: config.meta.history is true, stays or read, not {said}")
        kept.append(KeptTable(node["schema"], node["name"], is_whole=said == "stays"))
    return sorted(kept, key=lambda t: (t.schema, t.name))


def _plain(manifest: Any) -> dict[str, Any]:
    return manifest if isinstance(manifest, dict) else manifest.to_dict(omit_none=False)


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    return (node.get("config") or {}).get("meta") or {}


def published_tables(manifest: Any) -> list[PublishedTable]:
    """Every published table, by schema and name. manifest: dbt's Manifest, or manifest.json as a dictionary."""
    plain = _plain(manifest)
    nodes, sources = plain["nodes"], plain["sources"]
    models = {node["name"]: unique_id for unique_id, node in nodes.items() if node["resource_type"] == "model"}
    found: dict[str, frozenset[str]] = {}

    def upstream(unique_id: str) -> frozenset[str]:
        if unique_id not in found:
            if unique_id in sources:
                source = sources[unique_id]
                # What Python computed comes from what Python read.
                read = [models[name] for name in _meta(source).get("made_from", [])]
                itself = frozenset({f"{source['source_name']}.{source['name']}"})
                found[unique_id] = frozenset().union(*(upstream(m) for m in read)) if read else itself
            else:
                parents = nodes.get(unique_id, {}).get("depends_on", {}).get("nodes", [])
                found[unique_id] = frozenset().union(*(upstream(p) for p in parents))
        return found[unique_id]

    tables = []
    for unique_id, node in nodes.items():
        if node["resource_type"] != "model" or node["schema"] not in PUBLISHED_SCHEMAS:
            continue
        columns = tuple(
            PublishedColumn(
                name=c["name"],
                data_type=c.get("data_type") or "",
                description=c.get("description") or "",
                pii=bool(_meta(c).get("pii")),
            )
            for c in node["columns"].values()
        )
        tables.append(
            PublishedTable(
                schema=node["schema"],
                name=node["name"],
                description=node.get("description") or "",
                owner=str(_meta(node).get("owner") or ""),
                columns=columns,
                upstream=tuple(sorted(upstream(unique_id))),
            )
        )
    return sorted(tables, key=lambda t: (t.schema, t.name))
