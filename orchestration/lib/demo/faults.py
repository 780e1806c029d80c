"""The faults that a landing folder can have, one of each, with where each must end.

Every fault is a file of its own beside the good exports. Rows of such a file that are fit to load repeat what the
world already says, or name nobody: a world with faults comes to the same customers and the same money as without.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from .contract import TABLES
from .landing import select_rows
from .scene import Scene
from .store import Store
from .summary import WorldTooSmallError

Row = list[str | None]


@dataclass(frozen=True)
class Quarantined:
    """A row that must be set aside: the physical line where it begins, the column (none when malformed), the reason."""

    line: int
    column: str | None
    reason: str


@dataclass(frozen=True)
class Fault:
    """One planted file and what must become of it. A status of None: the loader passes over it."""

    id: str
    what: str
    file: str
    table: str
    status: str | None
    rows_loaded: int = 0
    quarantine: list[Quarantined] = field(default_factory=list)
    # Column names that the rejection or the drift must speak of.
    columns: list[str] = field(default_factory=list)
    drift_unknown: list[str] = field(default_factory=list)
    drift_missing: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        entry = asdict(self)
        entry["rows_quarantined"] = len(self.quarantine)
        entry["rows_read"] = self.rows_loaded + len(self.quarantine)
        return entry


class Planter:
    """Writes fault files below the landing folder and keeps the list of what was planted."""

    def __init__(self, scene: Scene, store: Store, out: Path) -> None:
        self.scene, self.store, self.out = scene, store, out
        self.planted: list[Fault] = []

    def folder(self, path: str, back: int = 0) -> str:
        """The folder of a table's extract, so many days before the last."""
        return f"{path}/dt={self.scene.end - timedelta(days=back)}"

    def header(self, path: str) -> list[str]:
        return list(TABLES[path].columns)

    def rows(self, path: str, count: int, where: str = "true") -> list[Row]:
        """Rows that the world holds already, as texts of a CSV; over again where there are too few."""
        query = select_rows(TABLES[path], "csv", where)
        columns = ", ".join(f'cast("{name}" as varchar)' for name in TABLES[path].columns)
        found = self.store.con.execute(f"select {columns} from ({query}) limit {count}").fetchall()
        if not found:
            raise WorldTooSmallError(
                f"The world is too small to plant faults: it has no {path.replace('/', '.')}. "
                "Take more customers or more days."
            )
        return [list(found[number % len(found)]) for number in range(count)]

    def write(self, file: str, content: bytes) -> None:
        target = self.out / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(content, mtime=0) if file.endswith(".gz") else content)

    def write_parquet(self, file: str, query: str) -> None:
        target = self.out / file
        target.parent.mkdir(parents=True, exist_ok=True)
        place = str(target).replace("'", "''")
        self.store.con.execute(f"copy ({query}) to '{place}' (format parquet)")

    def plant(self, fault: Fault) -> None:
        self.planted.append(fault)


def csv_text(header: Sequence[str], rows: Sequence[Sequence[str | None]], newline: str = "\n") -> str:
    """Rows as CSV: quotes where they are needed, null as the empty field."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=newline).writerows([header, *rows])
    return buffer.getvalue()


def line_of(header: Sequence[str], rows: Sequence[Sequence[str | None]], position: int) -> int:
    """The physical line on which a row begins, the header being 1."""
    return csv_text(header, rows[:position]).count("\n") + 1


def json_lines(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows]
    return "".join(line + "\n" for line in lines)


def with_value(header: Sequence[str], row: Row, **values: str | None) -> Row:
    """The row with some columns set."""
    unknown = set(values) - set(header)
    if unknown:
        raise ValueError(f"no such column: {', '.join(sorted(unknown))}")
    return [values.get(name, value) for name, value in zip(header, row, strict=True)]


def plant_faults(scene: Scene, store: Store, out: Path, files: dict[str, int]) -> list[dict[str, object]]:
    """Plant one of each; files are the good exports with their rows."""
    from . import fault_files, fault_rows

    planter = Planter(scene, store, out)
    cases: list[Callable[[Planter], None]] = [*fault_rows.CASES, *fault_files.CASES]
    for case in cases:
        case(planter)
    fault_files.repeat_files(planter, files)
    return [fault.as_json() for fault in planter.planted]
