"""Stewards' decisions from a file of the deployment, in the place of the seed of the same form."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from ..faults import UsageError

COLUMNS = ("rule", "left_type", "left_hash", "right_type", "right_hash", "author", "reason", "decided_at")

Decision = tuple[str | None, ...]


def read_decisions(path: Path) -> list[Decision]:
    """The lines of the file, in the order of COLUMNS, empty fields as None. Raises UsageError.

    What a line says is judged later, with the others (computed.steward_rules); here it is only told whether it can be
    read at all.
    """
    where = f"The stewards' decisions at {path}"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if sorted(header) != sorted(COLUMNS):
                raise UsageError(f"{where} begin with another header than: {','.join(COLUMNS)}. Correct it.")
            return [
                _decision(where, reader.line_num, header, row) for row in reader if any(field.strip() for field in row)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise UsageError(f"{where} cannot be read: {reason}. Correct TRIBUTARY_STEWARD_LINKS, or the file.") from None


def _decision(where: str, line: int, header: list[str], row: list[str]) -> Decision:
    if len(row) != len(header):
        raise UsageError(f"{where}, line {line}: {len(row)} fields where the header has {len(header)}. Correct it.")
    said = {name: field.strip() or None for name, field in zip(header, row, strict=True)}
    return tuple(said[name] for name in COLUMNS)


def write_decisions(con: duckdb.DuckDBPyConnection, decisions: list[Decision]) -> None:
    """Put the decisions where the seed would be."""
    columns = ", ".join(f"{name} varchar" for name in COLUMNS)
    con.execute("create schema if not exists seeds")
    con.execute(f"create or replace table seeds.steward_links ({columns})")
    if decisions:
        con.executemany(f"insert into seeds.steward_links values ({', '.join('?' * len(COLUMNS))})", decisions)
