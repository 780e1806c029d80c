"""Releases: written aside, put in place by one rename, made current by one swap of a symbolic link."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ..landing.casting import literal, quoted
from ..settings import Home
from ..transform.catalog import PublishedTable

# One file a schema. The restricted one holds direct identifiers and is for its owner alone.
_FILES = {"marts": ("marts.duckdb", 0o644), "restricted": ("restricted.duckdb", 0o600)}
_UNFINISHED = ".unfinished-"


def release_name(as_of: date, started_at: datetime, run_id: str) -> str:
    """A name that sorts by as-of date, then by the start of the run (UTC)."""
    return f"{as_of:%Y%m%d}-{started_at:%Y%m%dT%H%M%S}-{run_id[:8]}"


def current_release(home: Home) -> dict[str, Any] | None:
    """The manifest of the current release, or None before the first."""
    path = home.published / "current" / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _current_name(home: Home) -> str | None:
    link = home.published / "current"
    return Path(os.readlink(link)).name if link.is_symlink() else None


def write_release(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    name: str,
    tables: Iterable[PublishedTable],
    manifest: dict[str, Any],
    own_run: tuple[str, datetime],
) -> dict[str, Any]:
    """Copy the published tables out of the warehouse into a complete release folder; readers do not see it yet.

    con: the warehouse. manifest: what to say of the release; rows and a checksum a table are added. The
    checksum is the sum of the engine's row hashes, so it does not depend on row order. own_run: id and end (UTC)
    of the run that publishes: within the release its row in `refreshes` says so already, whereas the warehouse
    says so only after the swap. Returns the manifest.
    """
    releases = home.published / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    # Readers of a release pass through; whether they may enter the home folder is its owner's to say.
    for path in (home.published, releases):
        path.chmod(0o755)
    for leftover in releases.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover)
    if (releases / name).exists():
        # A second try of the same run after the first one's was in place.
        if name == _current_name(home):
            return json.loads((releases / name / "manifest.json").read_text(encoding="utf-8"))
        shutil.rmtree(releases / name)
    folder = releases / f"{_UNFINISHED}{name}"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    tables = list(tables)
    contents: dict[str, dict[str, Any]] = {}
    for schema, (file, mode) in _FILES.items():
        path = folder / file
        con.execute(f"attach {literal(str(path))} as outgoing")
        try:
            con.execute(f"create schema outgoing.{quoted(schema)}")
            for table in (t for t in tables if t.schema == schema):
                _copy(con, table)
                if table.full_name == "refreshes":
                    run_id, finished_at = own_run
                    con.execute(
                        "update outgoing.marts.refreshes set status = 'published', release = ?, reason = null, "
                        "finished_at = ? where run_id = ?",
                        [name, finished_at, run_id],
                    )
                contents[table.full_name] = _counted(con, table)
        finally:
            con.execute("detach outgoing")
        path.chmod(mode)
    manifest = {**manifest, "release": name, "tables": contents}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (folder / "manifest.json").chmod(0o644)
    for path in folder.iterdir():
        _flush(path)
    _flush(folder)
    os.rename(folder, releases / name)
    _flush(releases)
    return manifest


def _target(table: PublishedTable) -> str:
    return f"outgoing.{quoted(table.schema)}.{quoted(table.name)}"


def _copy(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    target = _target(table)
    columns = ", ".join(quoted(c.name) for c in table.columns)
    con.execute(f"create table {target} as select {columns} from {quoted(table.schema)}.{quoted(table.name)}")
    con.execute(f"comment on table {target} is {literal(table.description)}")
    for column in table.columns:
        con.execute(f"comment on column {target}.{quoted(column.name)} is {literal(column.description)}")


def _counted(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> dict[str, Any]:
    row = con.execute(
        f"select count(*), coalesce(cast(sum(hash(t)) as varchar), '0') from {_target(table)} as t"
    ).fetchone()
    assert row is not None
    return {"rows": row[0], "checksum": row[1]}


def make_current(home: Home, name: str) -> None:
    """Point `published/current` at a release, atomically: a reader sees the old one or the new one."""
    link = home.published / "current"
    fresh = home.published / ".current-next"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path("releases") / name)
    os.replace(fresh, link)
    _flush(home.published)


def prune_releases(home: Home, keep: int) -> list[str]:
    """Delete all but the `keep` newest releases, by when they were written; the current one always stays.

    Readers that hold a deleted release open keep reading it: the files go when the last of them lets go.
    """
    releases = home.published / "releases"
    current = _current_name(home)
    complete = [p for p in releases.iterdir() if (p / "manifest.json").exists() and not p.name.startswith(".")]
    by_age = sorted(complete, key=lambda p: ((p / "manifest.json").stat().st_mtime_ns, p.name), reverse=True)
    gone = [p for p in by_age[max(keep, 1) :] if p.name != current]
    for path in gone:
        doomed = path.with_name(f"{_UNFINISHED}{path.name}")
        os.rename(path, doomed)
        shutil.rmtree(doomed)
    return [p.name for p in gone]


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
