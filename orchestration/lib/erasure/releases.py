"""Kept releases without the people who were erased: files written anew and put in place by one rename each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ..landing.casting import literal, quoted
from ..settings import Home
from .databases import cells, masked, text_columns
from .files import flush
from .texts import Finder, Pattern, Values

_FILES = ("restricted.duckdb", "marts.duckdb")
_CONTACTS, _QUARANTINE = "restricted.customer_contacts", "restricted.quarantine"


@dataclass
class Plan:
    """What a release must lose: customers by id, quarantine rows by their place."""

    customers: set[str]
    quarantined: set[tuple[str, int]]


@dataclass(frozen=True)
class Erased:
    """Whom requests reach: identifiers as (type, hash, until), and the places of quarantined rows that name them."""

    identifiers: list[tuple[str, str, datetime]]
    quarantined: list[tuple[str, int]]


def clean_releases(home: Home, erased: Erased | None, finder: Finder, values: Values) -> list[str]:
    """Take erased people out of every kept release; gives the names of those that were written anew.

    erased: None where nobody is reached who was not before; then only what holds a value in clear is looked for.
    """
    return [release.name for release in kept_releases(home) if _clean(release, erased, finder, values)]


def kept_releases(home: Home) -> list[Path]:
    """Folders of complete releases."""
    folder = home.published / "releases"
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(p for p in found if not p.name.startswith(".") and (p / "manifest.json").exists())


def customers_reached(home: Home, erased: Erased) -> set[str]:
    """The ids of customers that kept releases still have to lose, and the ids that led to them.

    To be asked before they are cleaned: who came back since may have an id that a cleaned release knows.
    """
    found: set[str] = set()
    for release in kept_releases(home):
        con = _opened(release)
        try:
            customers = _customers(con, erased)
            found.update(customers)
            known = con.execute(
                "select 1 from duckdb_tables() where database_name = 'marts_file' and table_name = 'customer_redirects'"
            ).fetchone()
            if customers and known:
                led = con.execute(
                    "select retired_customer_id from marts_file.marts.customer_redirects "
                    "where customer_id in (select unnest(?))",
                    [sorted(customers)],
                ).fetchall()
                found.update(r[0] for r in led)
        finally:
            con.close()
    return found


def _clean(release: Path, erased: Erased | None, finder: Finder, values: Values) -> bool:
    for leftover in release.glob(".next-*"):
        leftover.unlink()
    plan = _plan(release, erased, finder) if erased else Plan(set(), set())
    patterns = list(values.patterns())
    rewritten = False
    for name in _FILES:
        path = release / name
        if path.exists():
            rewritten |= _rewrite(path, plan, patterns)
    if rewritten or _is_stale(release):
        _write_manifest(release)
        rewritten = True
    return rewritten


def _opened(release: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"attach {literal(str(release / 'marts.duckdb'))} as marts_file (read_only)")
    con.execute(f"attach {literal(str(release / 'restricted.duckdb'))} as restricted_file (read_only)")
    return con


def _customers(con: duckdb.DuckDBPyConnection, erased: Erased) -> set[str]:
    """Customers of an opened release whom requests reach and who still have contacts in it."""
    con.execute(
        "create or replace temp table erased (identifier_type varchar, identifier_hash varchar, erased_until timestamp)"
    )
    columns = [list(column) for column in zip(*erased.identifiers, strict=True)]
    if columns:
        con.execute("insert into erased select unnest(?), unnest(?), unnest(?)", columns)
    # An old release may know an identifier that its customer has lost since: its customer goes all the same.
    rows = con.execute(
        "select distinct i.customer_id from marts_file.marts.customer_identifiers as i "
        "join erased as e using (identifier_type, identifier_hash) "
        "join restricted_file.restricted.customer_contacts as c on i.customer_id = c.customer_id "
        "where i.first_seen_at is null or i.first_seen_at <= e.erased_until"
    ).fetchall()
    return {r[0] for r in rows}


def _plan(release: Path, erased: Erased, finder: Finder) -> Plan:
    con = _opened(release)
    try:
        customers = _customers(con, erased)
        rows = con.execute(
            "select file, line, source, table_name, raw_text from restricted_file.restricted.quarantine "
            "where raw_text is not null"
        ).fetchall()
    finally:
        con.close()
    known = set(erased.quarantined)
    named = {
        (file, line)
        for file, line, source, table, text in rows
        if (file, line) in known or finder.names_one(source, table, text)
    }
    return Plan(customers, named)


def _rewrite(path: Path, plan: Plan, patterns: list[Pattern]) -> bool:
    """Write a file without what it must lose, if it holds any; rows that go are never written to the new one."""
    con = duckdb.connect()
    try:
        con.execute(f"attach {literal(str(path))} as old (read_only)")
        con.execute(
            "create temp table lost (customer_id varchar); create temp table places (file varchar, line bigint)"
        )
        if plan.customers:
            con.execute("insert into lost select unnest(?)", [sorted(plan.customers)])
        if plan.quarantined:
            con.executemany("insert into places values (?, ?)", sorted(plan.quarantined))
        tables = con.execute(
            "select schema_name, table_name, comment from duckdb_tables() where database_name = 'old'"
        ).fetchall()
        selects, is_changed = [], False
        for schema, table, comment in tables:
            select, touched = _select(con, schema, table, plan, patterns)
            is_changed |= touched
            selects.append((schema, table, comment, select))
        if not is_changed:
            return False
        fresh = path.with_name(f".next-{path.name}")
        con.execute(f"attach {literal(str(fresh))} as fresh")
        for schema, table, comment, select in selects:
            name = f"{quoted(schema)}.{quoted(table)}"
            con.execute(f"create schema if not exists fresh.{quoted(schema)}")
            con.execute(f"create table fresh.{name} as {select}")
            con.execute(f"comment on table fresh.{name} is {literal(comment or '')}")
            columns = con.execute(
                "select column_name, comment from duckdb_columns() where database_name = 'old' and schema_name = ? "
                "and table_name = ?",
                [schema, table],
            ).fetchall()
            for column, said in columns:
                con.execute(f"comment on column fresh.{name}.{quoted(column)} is {literal(said or '')}")
        con.execute("detach fresh")
    finally:
        con.close()
    fresh.chmod(path.stat().st_mode & 0o777)
    flush(fresh)
    os.replace(fresh, path)
    flush(path.parent)
    return True


def _select(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, plan: Plan, patterns: list[Pattern]
) -> tuple[str, bool]:
    name, relation = f"{schema}.{table}", f"old.{quoted(schema)}.{quoted(table)}"
    touched = False
    replaced: dict[str, str] = {}
    for column in text_columns(con, "old", schema, table):
        for pattern in patterns:
            if cells(con, relation, [column], pattern):
                replaced[column] = masked(replaced.get(column, quoted(column)), pattern)
                touched = True
    where = ""
    if name == _CONTACTS and plan.customers:
        where, touched = " where t.customer_id not in (select customer_id from lost)", True
    if name == _QUARANTINE and plan.quarantined:
        raw_text = replaced.get("raw_text", "raw_text")
        replaced["raw_text"] = (
            f"case when (t.file, t.line) not in (select (file, line) from places) then {raw_text} end"
        )
        touched = True
    changes = ", ".join(f"{expression} as {quoted(column)}" for column, expression in replaced.items())
    return f"select * {f'replace ({changes}) ' if changes else ''}from {relation} as t{where}", touched


def _each_table(release: Path, do: Callable[[duckdb.DuckDBPyConnection, str, str, dict[str, Any]], bool]) -> bool:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    found = False
    for name in _FILES:
        if not (release / name).exists():
            continue
        con = duckdb.connect()
        try:
            con.execute(f"attach {literal(str(release / name))} as old (read_only)")
            for schema, table in con.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'old'"
            ).fetchall():
                full = table if schema == "marts" else f"{schema}.{table}"
                found |= do(con, f"old.{quoted(schema)}.{quoted(table)}", full, manifest["tables"])
        finally:
            con.close()
    return found


def _is_stale(release: Path) -> bool:
    """Whether a manifest tells of more rows than there are: its file was replaced, and then the refresh was killed."""

    def differs(con: duckdb.DuckDBPyConnection, relation: str, name: str, tables: dict[str, Any]) -> bool:
        row = con.execute(f"select count(*) from {relation}").fetchone()
        return bool(name in tables and row and row[0] != tables[name]["rows"])

    return _each_table(release, differs)


def _write_manifest(release: Path) -> None:
    path = release / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))

    def count(con: duckdb.DuckDBPyConnection, relation: str, name: str, tables: dict[str, Any]) -> bool:
        row = con.execute(
            f"select count(*), coalesce(cast(sum(hash(t)) as varchar), '0') from {relation} as t"
        ).fetchone()
        assert row is not None
        manifest["tables"][name] = {"rows": row[0], "checksum": row[1]}
        return False

    _each_table(release, count)
    fresh = release / ".next-manifest.json"
    fresh.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    fresh.chmod(0o644)
    flush(fresh)
    # Its time is the age of the release, by which old ones are pruned.
    before = path.stat()
    os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(fresh, path)
    flush(release)
