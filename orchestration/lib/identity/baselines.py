"""Who was who in earlier releases: what the changes of this refresh are told against."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ..landing.casting import literal
from ..publish.history import create_issued
from ..publish.release import current_release
from ..settings import Home


@dataclass(frozen=True)
class Baseline:
    """A release to compare with. name: day_before (the last kept one of an earlier day) or current."""

    name: str
    release: str
    as_of: date
    folder: Path


def find_baselines(home: Home, as_of: date) -> list[Baseline]:
    """The baselines of a refresh for a day: none, one or both; often both are one release."""
    kept = []
    for path in (home.published / "releases").glob("[!.]*/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        kept.append((date.fromisoformat(manifest["as_of_date"]), manifest["published_at"], path.parent))
    found = [_baseline("day_before", max(k for k in kept if k[0] < as_of))] if any(k[0] < as_of for k in kept) else []
    current = current_release(home)
    if current:
        folder = home.published / "releases" / current["release"]
        found.append(_baseline("current", (date.fromisoformat(current["as_of_date"]), "", folder)))
    return found


def _baseline(name: str, kept: tuple[date, str, Path]) -> Baseline:
    return Baseline(name, kept[2].name, kept[0], kept[2])


def load_baselines(con: duckdb.DuckDBPyConnection, baselines: Iterable[Baseline]) -> dict[str, int]:
    """Copy who was who, and where older ids led, out of the baselines into schema computed; gives rows by table.

    con: the warehouse, in no transaction, with the tables of computed.TABLES.
    """
    baselines = list(baselines)
    create_issued(con)
    con.execute("delete from computed.identity_baselines")
    con.execute("delete from computed.identity_before")
    con.execute("delete from computed.customer_ids_before")
    if baselines:
        rows: list[tuple[Any, ...]] = [(b.name, b.release, b.as_of) for b in baselines]
        con.executemany("insert into computed.identity_baselines values (?, ?, ?)", rows)
    for release, folder in sorted({b.release: b.folder for b in baselines}.items()):
        con.execute(f"attach {literal(str(folder / 'marts.duckdb'))} as former (read_only)")
        try:
            con.execute(
                "insert into computed.identity_before "
                "select ?, identifier_type, identifier_hash, customer_id, match_type "
                "from former.marts.customer_identifiers",
                [release],
            )
            con.execute(
                "insert into computed.customer_ids_before "
                "select ?, known.former_customer_id, known.customer_id from ("
                "select customer_id as former_customer_id, customer_id from former.marts.customers union all "
                "select retired_customer_id, customer_id from former.marts.customer_redirects "
                "where retired_customer_id in (select customer_id from history.customer_ids_issued)) as known "
                # What an erased customer was called leads to nobody, also when the same e-mail comes back.
                "where known.customer_id not in ("
                "select named.customer_id from former.marts.customer_identifiers as named "
                "inner join ops.erased_identifiers as erased on named.identifier_type = erased.identifier_type "
                "and named.identifier_hash = erased.identifier_hash "
                "and (named.first_seen_at is null or named.first_seen_at <= erased.erased_until))",
                [release],
            )
        finally:
            con.execute("detach former")
    rows_of = {}
    for table in ("identity_before", "customer_ids_before"):
        row = con.execute(f"select count(*) from computed.{table}").fetchone()
        rows_of[table] = int(row[0]) if row else 0
    return {"identity_baselines": len(baselines), **rows_of}
