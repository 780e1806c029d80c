"""The files of a home folder: a warehouse written anew without what it once held, and a search through all bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

from ..landing.casting import literal, quoted
from ..settings import Home, memory_limit, threads

# What cannot be made again from raw.
_KEPT = ("main", "ops", "computed", "history")
_CHUNK = 16 << 20


def rewrite_warehouse(home: Home) -> None:
    """Write the warehouse into a file of its own and put that in its place.

    A database file keeps the blocks that its rows left. Schemas that transform builds are left out: this refresh makes
    them again. Nobody may hold the file open.
    """
    fresh = _fresh(home)
    discard(home)
    con = duckdb.connect()
    try:
        con.execute(f"set memory_limit = '{memory_limit()}'")
        con.execute(f"set threads = {threads()}")
        con.execute(f"set temp_directory = {literal(str(home.scratch))}")
        con.execute(f"attach {literal(str(home.warehouse))} as old")
        schemas = con.execute(
            "select schema_name from duckdb_schemas() where database_name = 'old' and not internal"
        ).fetchall()
        for (schema,) in schemas:
            if schema not in _KEPT and not schema.startswith("raw_"):
                con.execute(f"drop schema old.{quoted(schema)} cascade")
        con.execute(f"attach {literal(str(fresh))} as fresh")
        con.execute("copy from database old to fresh")
        con.execute("checkpoint fresh")
        con.execute("detach fresh")
        con.execute("detach old")
    finally:
        con.close()
    fresh.chmod(0o600)
    flush(fresh)
    for leftover in (_wal(home.warehouse), _wal(fresh)):
        leftover.unlink(missing_ok=True)
    os.replace(fresh, home.warehouse)
    flush(home.root)


def discard(home: Home) -> None:
    """Remove what an interrupted rewrite left, and what the engine spilled."""
    fresh = _fresh(home)
    for path in (fresh, _wal(fresh)):
        path.unlink(missing_ok=True)
    shutil.rmtree(home.root / "warehouse.duckdb.tmp", ignore_errors=True)


def _fresh(home: Home) -> Path:
    return home.root / ".warehouse-next.duckdb"


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def flush(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def files_that_hold(root: Path, texts: set[bytes], numbers: set[bytes]) -> dict[str, int]:
    """The files below a folder that hold any of the values, each with how many different ones, by path below it.

    numbers count only where no digit stands beside them.
    """
    values = {v: v in numbers and v not in texts for v in texts | numbers if len(v) >= 4}
    found: dict[str, int] = {}
    if not values:
        return found
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink()):
        held = set(_held(path, values))
        if held:
            found[path.relative_to(root).as_posix()] = len(held)
    return found


def _held(path: Path, values: dict[bytes, bool]) -> Iterator[bytes]:
    longest = max(len(v) for v in values)
    starts = _starts(values)
    by_start: dict[bytes, list[bytes]] = {}
    for value in values:
        by_start.setdefault(value[:4], []).append(value)
    with path.open("rb") as stream:
        kept = b""
        while chunk := stream.read(_CHUNK):
            block = kept + chunk
            for place in _candidates(block, starts):
                for value in by_start.get(block[place : place + 4], ()):
                    if block.startswith(value, place) and not (values[value] and _in_number(block, place, len(value))):
                        yield value
            # One byte more than the longest value tells what stands before it.
            kept = block[-longest - 1 :]


def _in_number(block: bytes, place: int, length: int) -> bool:
    around = block[place - 1 : place] + block[place + length : place + length + 1]
    return any(48 <= byte <= 57 for byte in around)


def _starts(values: dict[bytes, bool]) -> tuple[np.ndarray, np.ndarray]:
    """For the first two bytes of a value, and the next two, whether any value has them."""
    first, second = np.zeros(1 << 16, dtype=bool), np.zeros(1 << 16, dtype=bool)
    for value in values:
        first[value[0] | value[1] << 8] = True
        second[value[2] | value[3] << 8] = True
    return first, second


def _candidates(block: bytes, starts: tuple[np.ndarray, np.ndarray]) -> list[int]:
    if len(block) < 4:
        return []
    data = np.frombuffer(block, dtype=np.uint8)
    pairs = data[:-1].astype(np.uint16) | (data[1:].astype(np.uint16) << 8)
    places = np.flatnonzero(starts[0][pairs[:-2]])
    return places[starts[1][pairs[places + 2]]].tolist()
