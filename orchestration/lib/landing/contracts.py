"""The contract of each exported table, read from the dbt sources YAML of its staging folder."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

# Which columns the loader itself adds to a raw table: homes of another layout load again.
_LAYOUT = "_file _line _export_date _erased"
TYPES = ("string", "integer", "number", "boolean", "timestamp", "date", "json")


class ContractError(ValueError):
    """A sources YAML that the loader cannot follow; the message names file, table and column."""


@dataclass(frozen=True)
class Column:
    """One column of an exported table. `header` is its name in the export where that is not `name`.

    identifier: the type of identifier that it holds, or `country` for the one that its row's phones are read with.
    """

    name: str
    data_type: str
    required: bool = False
    pii: bool = False
    id: bool = False
    header: str = ""
    identifier: str = ""

    @property
    def key(self) -> str:
        """The header as files are matched to it: without regard to case and surrounding white space."""
        return (self.header or self.name).strip().lower()


@dataclass(frozen=True)
class TableContract:
    """What a table's files must hold. `fingerprint` changes with everything that decides how rows load.

    record: the entity of identity that a row is a version of. happened_at: columns of which the first that is known
    says when the record began. Both tell erasure what a row is; empty for a table that is no record.
    """

    source: str
    table: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    version: str | None = None
    owner: str | None = None
    description: str = ""
    file: str = ""
    record: str = ""
    happened_at: tuple[str, ...] = ()
    _by_key: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_key.update({c.key: c for c in self.columns})

    def column_for(self, header: str) -> Column | None:
        """The column that a file's header names, or None where the contract knows no such column."""
        return self._by_key.get(header.strip().lower())

    @property
    def fingerprint(self) -> str:
        columns = [{key: value for key, value in asdict(c).items() if key != "identifier"} for c in self.columns]
        text = json.dumps([_LAYOUT, *columns], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def declared_sources(project: dict[str, Any]) -> list[str]:
    """Names of the sources that dbt_project.yml lists: `vars.sources`, then `vars.own_sources`."""
    declared = project["vars"]
    return [*declared["sources"], *(declared.get("own_sources") or {})]


def load_project(dbt_project_dir: Path) -> dict[str, Any]:
    """dbt_project.yml as a dictionary."""
    return yaml.safe_load((dbt_project_dir / "dbt_project.yml").read_text(encoding="utf-8"))


def load_contracts(dbt_project_dir: Path) -> list[TableContract]:
    """The contracts of all declared sources, in the order of dbt_project.yml and of each YAML.

    Raises ContractError where a declared source has no YAML, or a table's YAML is not a contract.
    """
    contracts: list[TableContract] = []
    for source in declared_sources(load_project(dbt_project_dir)):
        path = dbt_project_dir / "models" / "staging" / source / f"_{source}__sources.yml"
        where = path.relative_to(dbt_project_dir).as_posix()
        if not path.exists():
            raise ContractError(
                f"dbt_project.yml lists the source {source}, but {where} does not exist. "
                "Add the file, or take the source out of vars.sources / vars.own_sources."
            )
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            if entry["name"] != source:
                raise ContractError(f"{where}: the source is named {entry['name']}; name it {source}.")
            owner = _meta(entry).get("owner")
            contracts += [_table(source, owner, table, where) for table in entry["tables"]]
    return contracts


def _meta(entry: dict[str, Any]) -> dict[str, Any]:
    return (entry.get("config") or {}).get("meta") or {}


def _table(source: str, owner: str | None, entry: dict[str, Any], where: str) -> TableContract:
    meta = _meta(entry)
    place = f"{where}: table {entry['name']}"
    columns = tuple(_column(c, place) for c in entry.get("columns") or [])
    names = [c.name for c in columns]
    keys = [c.key for c in columns]
    if not columns:
        raise ContractError(f"{place} has no columns. List the columns that its files hold.")
    for values in (names, keys):
        if len(set(values)) < len(values):
            twice = sorted({v for v in values if values.count(v) > 1})
            raise ContractError(f"{place} lists a column twice: {', '.join(twice)}.")
    primary_key = tuple(meta.get("primary_key") or ())
    version = meta.get("version")
    happened_at = tuple(meta.get("happened_at") or ())
    for name in [*primary_key, *([version] if version else []), *happened_at]:
        if name not in names:
            raise ContractError(
                f"{place}: {name} is in primary_key, version or happened_at, but is no column of the table."
            )
    return TableContract(
        source=source,
        table=entry["name"],
        columns=columns,
        primary_key=primary_key,
        version=version,
        owner=meta.get("owner") or owner,
        description=entry.get("description") or "",
        file=where,
        record=meta.get("record") or "",
        happened_at=happened_at,
    )


def _column(entry: dict[str, Any], place: str) -> Column:
    meta = _meta(entry)
    data_type = str(entry.get("data_type") or "")
    if data_type not in TYPES:
        raise ContractError(
            f"{place}, column {entry['name']}: data_type is '{data_type}'; it must be one of {', '.join(TYPES)}."
        )
    return Column(
        name=entry["name"],
        data_type=data_type,
        required=bool(meta.get("required")),
        pii=bool(meta.get("pii")),
        id=bool(meta.get("id")),
        header=meta.get("header") or "",
        identifier=meta.get("identifier") or _told_by_name(entry["name"], bool(meta.get("pii"))),
    )


def _told_by_name(name: str, pii: bool) -> str:
    """What a direct identifier is that the contract gives no type: contracts need not know of erasure."""
    if pii and re.search(r"e_?mail", name.lower()):
        return "email"
    if pii and re.search(r"phone|mobile|(^|_)tel(_|$)", name.lower()):
        return "phone"
    return ""
