"""What erasure asks of raw tables, as SQL made from their contracts: no table is known here by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..landing.casting import literal, quoted
from ..landing.contracts import Column, TableContract

TOKEN = "^erased:(?:ok|invalid|placeholder):[0-9a-f]{64}$"
CONTACTS = ("email", "phone")
# What a column may hold that is not by itself an identifier of a record.
_OTHER = ("country", "first_name", "last_name", "full_name", "street")
MASK = "[masked]"


def raw_table(contract: TableContract) -> str:
    """The raw table of a contract, quoted."""
    return f"{quoted('raw_' + contract.source)}.{quoted(contract.table)}"


def is_token(column: str) -> str:
    """Whether a value is what erasure left of one."""
    return f"regexp_matches({column}, '{TOKEN}')"


def columns_of(contract: TableContract, *types: str) -> list[Column]:
    """The columns that hold identifiers of some types."""
    return [c for c in contract.columns if c.identifier in types]


def ids_of(contract: TableContract) -> list[Column]:
    """The columns that hold ids of accounts or devices."""
    return [c for c in contract.columns if c.identifier and c.identifier not in (*CONTACTS, *_OTHER)]


def holds_people(contract: TableContract) -> bool:
    """Whether rows may hold something of a person that erasure takes."""
    return any(c.pii or c.identifier in CONTACTS for c in contract.columns) or bool(ids_of(contract))


def key_of(contract: TableContract) -> str:
    """The primary key of a row as the id of its record; null where the table has none, or one of several columns."""
    if len(contract.primary_key) != 1:
        return "cast(null as varchar)"
    return f"cast(t.{quoted(contract.primary_key[0])} as varchar)"


def time_of(contract: TableContract) -> str:
    """When the record of a row began; null where nothing says so."""
    times = ", ".join(f"t.{quoted(name)}" for name in contract.happened_at)
    return f"coalesce({times})" if times else "cast(null as timestamp)"


def free_texts(contract: TableContract) -> list[str]:
    """Columns in which anybody may have written anything: neither ids nor identifiers of the row's own person."""
    return [c.name for c in contract.columns if c.data_type in ("string", "json") and not c.id and not c.identifier]


@dataclass(frozen=True)
class Reader:
    """The rows of a raw table as `t`, joined with what tells the country of their phones."""

    relation: str
    country: str


def reader(contract: TableContract, contracts: list[TableContract]) -> Reader:
    """How to read a raw table with the country that its phones are written in: its own, of an order its customer's."""
    relation = f"{raw_table(contract)} as t"
    own = columns_of(contract, "country")
    if own:
        return Reader(relation, f"t.{quoted(own[0].name)}")
    for other in contracts:
        if contract.record == "orders" and other.source == contract.source and other.record == "customers":
            there, key = columns_of(other, "country"), other.primary_key
            of = {c.name: c.identifier for c in other.columns}.get(key[0], "") if len(key) == 1 else ""
            here = columns_of(contract, of) if of else []
            if there and here:
                owners = (
                    f"(select {quoted(key[0])} as owner, {quoted(there[0].name)} as country from ({newest(other)}))"
                )
                return Reader(
                    f"{relation} left join {owners} as owners on t.{quoted(here[0].name)} = owners.owner",
                    "owners.country",
                )
    return Reader(relation, "cast(null as varchar)")


def newest(contract: TableContract) -> str:
    """A query of the newest row of each key, over everything that landed."""
    key = ", ".join(quoted(name) for name in contract.primary_key)
    version = f"{quoted(contract.version)} desc nulls last, " if contract.version else ""
    return (
        f"select * from (select *, row_number() over (partition by {key} order by {version}"
        f"_export_date desc nulls last, _file desc, _line desc) as newest_rank from {raw_table(contract)}) "
        "where newest_rank = 1"
    )


def contact_values(contracts: list[TableContract]) -> str:
    """A query of every distinct spelling of an e-mail or phone in raw, with the country that a phone is read with."""
    parts = []
    for contract in contracts:
        rows = reader(contract, contracts)
        for column in columns_of(contract, *CONTACTS):
            value = f"t.{quoted(column.name)}"
            country = rows.country if column.identifier == "phone" else "cast(null as varchar)"
            parts.append(
                f"select {literal(column.identifier)} as identifier_type, {value} as raw_value, {country} as country "
                f"from {rows.relation} where {value} is not null and not {is_token(value)}"
            )
    return f"select distinct identifier_type, raw_value, country from ({' union all '.join(parts)})"


def tokens(contract: TableContract, contracts: list[TableContract], doomed: str) -> str:
    """A query (row_id, one column a contact column) of what takes the place of the contact details of doomed rows.

    doomed: a table of row_id. What is a token already stays one.
    """
    rows = reader(contract, contracts)
    columns, joins = ["t.rowid as row_id"], []
    for number, column in enumerate(columns_of(contract, *CONTACTS)):
        value, known = f"t.{quoted(column.name)}", f"known_{number}"
        country = f" and {known}.country is not distinct from {rows.country}" if column.identifier == "phone" else ""
        joins.append(
            f" left join known_values as {known} on {known}.identifier_type = {literal(column.identifier)} "
            f"and {known}.raw_value = {value}{country}"
        )
        columns.append(
            f"case when {is_token(value)} then {value} "
            f"else 'erased:' || {known}.validity || ':' || {known}.identifier_hash end as {quoted(column.name)}"
        )
    return (
        f"select {', '.join(columns)} from {rows.relation}{''.join(joins)} "
        f"where t.rowid in (select row_id from {doomed})"
    )


def carried(contract: TableContract, contracts: list[TableContract]) -> Iterator[str]:
    """Queries (row_id, record_id, happened_at, identifier_type, identifier_hash, erased_until, request_id).

    Each gives the rows that carry an erased identifier in one column. They read the tables erased_values (spellings),
    erased_ids (ids in clear) and ops.erased_identifiers.
    """
    rows = reader(contract, contracts)
    start = f"select t.rowid as row_id, {key_of(contract)} as record_id, {time_of(contract)} as happened_at, "
    found = "e.identifier_type, e.identifier_hash, e.erased_until, e.request_id"
    for column in columns_of(contract, *CONTACTS):
        value, kind = f"t.{quoted(column.name)}", literal(column.identifier)
        country = f" and e.country is not distinct from {rows.country}" if column.identifier == "phone" else ""
        yield (
            f"{start}{found} from {rows.relation} join erased_values as e "
            f"on e.identifier_type = {kind} and e.raw_value = {value}{country}"
        )
        yield (
            f"{start}{found} from {rows.relation} join ops.erased_identifiers as e "
            f"on e.identifier_type = {kind} and 'erased:ok:' || e.identifier_hash = {value} where t._erased"
        )
    for column in ids_of(contract):
        value = f"t.{quoted(column.name)}"
        yield (
            f"{start}{found} from {rows.relation} join erased_ids as e "
            f"on e.identifier_type = {literal(column.identifier)} and e.identifier_value = {value}"
        )
