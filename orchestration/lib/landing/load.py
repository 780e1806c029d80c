"""Bring raw in line with the landing folder: load what is new, unload what is gone, quarantine what is broken.

The state is a function of the folder as it is (landing.md). A refresh compares size and times of every file
with the ledger and reads only what changed. Rows and their ledger entry are written in one transaction, so a
load that is killed goes on from there the next time.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from . import readers
from .casting import RAW_TYPES, fault, literal, quoted, typed
from .contracts import TableContract
from .files import UNREAD, Content, LandedFile, UnreadableError, csv_header, inspect, scan
from .ledger import LEDGER_COLUMNS, create_tables

# Small files of one header are read by one statement: a statement a file costs more than its rows do.
BATCH_BYTES = 256 << 20
BATCH_FILES = 500
_EXPANDED = set("*?[]{}")
# What the loader adds to the columns of a contract. Erasure marks the rows whose direct identifiers it took.
_OWN_COLUMNS = "_file varchar, _line bigint, _export_date date, _erased boolean default false"
_IDENTIFIER = re.compile(r"[^\s@,;]+@[^\s@,;]+|\+?\d[\d\s().-]{6,}\d")


@dataclass
class Entry:
    """One ledger row in the making."""

    file: LandedFile
    sha256: str = ""
    lines: int = 0
    status: str = ""
    reason: str | None = None
    drift: str | None = None
    rows_loaded: int = 0
    rows_quarantined: int = 0


@dataclass
class TableLoad:
    """What loading did for one table."""

    source: str
    table: str
    files: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_in_raw: int = 0


@dataclass
class LoadReport:
    """What one look at the landing folder did: per table, and the files of each status it newly found."""

    tables: list[TableLoad] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def rows_loaded(self) -> int:
        return sum(t.rows_loaded for t in self.tables)

    @property
    def rows_quarantined(self) -> int:
        return sum(t.rows_quarantined for t in self.tables)


# What goes wrong with the machine says nothing of the file: it ends the refresh, and the file is read the next time.
_OF_THE_MACHINE = (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException)


class _Refused(Exception):
    """The engine's reader does not take the files as they are; the next, more tolerant reader is tried."""


def raw_table(contract: TableContract) -> str:
    """The raw table of a contract, quoted."""
    return f"{quoted('raw_' + contract.source)}.{quoted(contract.table)}"


def masked(name: str) -> str:
    """A name that a file gave, fit for the ledger: what looks like an e-mail or phone masked, 60 characters."""
    return _IDENTIFIER.sub("[masked]", name.strip())[:60]


def load_landing(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    contracts: list[TableContract],
    loaded_at: datetime,
    scratch: Path,
    progress: Callable[[str], None] = lambda text: None,
) -> LoadReport:
    """Load every new or changed file below `landing`; unload every row whose file is gone or replaced.

    con: a connection to the warehouse, in no transaction. loaded_at: UTC. scratch: a folder for files that must
    be decompressed to be split; it is private to this load.
    """
    create_tables(con)
    con.execute("set timezone = 'UTC'")
    by_name = {(c.source, c.table): c for c in contracts}
    files = scan(landing, set(by_name))
    report = LoadReport()
    groups: dict[tuple[str, str], list[LandedFile]] = {key: [] for key in by_name}
    for file in files:
        groups.setdefault((file.source, file.table), []).append(file)
    # Tables that left the contracts, or whose every file left the folder, have rows to unload too.
    known = con.execute("select distinct source, table_name from ops.load_ledger").fetchall()
    for source, table in known:
        groups.setdefault((source, table), [])
    for key, found in groups.items():
        contract = by_name.get(key)
        done = _load_table(con, landing, contract, key, found, loaded_at, scratch, report)
        if done.files:
            progress(f"  {done.source}.{done.table}: {done.rows_loaded:,} rows from {done.files:,} files")
        report.tables.append(done)
    return report


def _load_table(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    contract: TableContract | None,
    key: tuple[str, str],
    files: list[LandedFile],
    loaded_at: datetime,
    scratch: Path,
    report: LoadReport,
) -> TableLoad:
    source, table = key
    done = TableLoad(source, table)
    if contract is not None:
        _ensure_raw(con, contract)
    rows = con.execute(
        "select file, stat, contract, sha256, status, reason from ops.load_ledger where source = ? and table_name = ?",
        [source, table],
    ).fetchall()
    before = {r[0]: r[1:] for r in rows}
    fingerprint = contract.fingerprint if contract else ""
    entries: dict[str, Entry] = {}
    kept: set[str] = set()
    for file in files:
        stat, used, sha256, status, reason = before.get(file.path, ("", "", "", "", None))
        same_place = (status == "unknown_table") == (file.status == "unknown_table")
        if stat == file.stat and used == fingerprint and same_place:
            kept.add(file.path)
            entries[file.path] = Entry(file, sha256=sha256, status=status, reason=reason)
        else:
            entries[file.path] = _looked_at(landing, file)
    _settle_duplicates(landing, entries, kept)
    _unload(con, contract, [path for path in before if path not in kept])
    changed = [e for path, e in entries.items() if path not in kept]
    ledger = _Ledger(con, fingerprint, loaded_at)
    to_load = [e for e in changed if not e.status]
    ledger.write([e for e in changed if e.status])
    if contract is not None:
        _Loader(con, landing, contract, scratch, ledger).load(to_load)
    for e in changed:
        done.rows_loaded += e.rows_loaded
        done.rows_quarantined += e.rows_quarantined
        report.statuses[e.status] = report.statuses.get(e.status, 0) + 1
        if e.status in ("rejected", "unreadable", "unknown_table"):
            report.problems.append((e.file.path, e.status, e.reason or ""))
    done.files = len(changed)
    if contract is not None:
        counted = con.execute(f"select count(*) from {raw_table(contract)}").fetchone()
        done.rows_in_raw = counted[0] if counted else 0
    return done


def _ensure_raw(con: duckdb.DuckDBPyConnection, contract: TableContract) -> None:
    """Make the raw table; where its contract changed, drop it and forget its files, so that all load again."""
    args = [contract.source, contract.table]
    row = con.execute("select fingerprint from ops.contracts where source = ? and table_name = ?", args).fetchone()
    if row and row[0] == contract.fingerprint:
        return
    con.execute(f"create schema if not exists {quoted('raw_' + contract.source)}")
    # Staging views depend on the table by name only; dbt rebuilds them in the same refresh.
    con.execute(f"drop table if exists {raw_table(contract)}")
    columns = ", ".join(f"{quoted(c.name)} {RAW_TYPES[c.data_type]}" for c in contract.columns)
    con.execute(f"create table {raw_table(contract)} ({columns}, {_OWN_COLUMNS})")
    con.execute("delete from ops.load_ledger where source = ? and table_name = ?", args)
    con.execute("delete from ops.quarantine where source = ? and table_name = ?", args)
    con.execute("delete from ops.contracts where source = ? and table_name = ?", args)
    con.execute("insert into ops.contracts values (?, ?, ?)", [*args, contract.fingerprint])


def _looked_at(landing: Path, file: LandedFile) -> Entry:
    """The file's content as bytes: hashed, and for text proven readable."""
    if file.status == "unreadable":
        return Entry(file, status=file.status, reason=f"nothing of it was loaded: {file.problem}")
    try:
        content = inspect(landing / file.path, file.format, file.compressed)
    except UnreadableError as error:
        status = file.status or "unreadable"
        reason = file.problem or f"nothing of it was loaded: {error}. Export it again."
        # What the system did not give now it may give the next time.
        place = file if error.sha256 else replace(file, stat=UNREAD)
        return Entry(place, sha256=error.sha256, status=status, reason=reason)
    return _entry(file, content)


def _entry(file: LandedFile, content: Content) -> Entry:
    return Entry(file, content.sha256, content.lines, file.status, file.problem or None)


def _settle_duplicates(landing: Path, entries: dict[str, Entry], kept: set[str]) -> None:
    """Of equal files of one table and date the first path counts; every later one is a duplicate of it.

    A file that loaded and has become the later one is unloaded; one that was a duplicate and has become the
    first is loaded: both leave `kept`.
    """
    first: dict[tuple[object, str], str] = {}
    for path, entry in entries.items():
        if entry.file.status or not entry.sha256:
            continue
        original = first.setdefault((entry.file.export_date, entry.sha256), path)
        was_duplicate = path in kept and entry.status == "duplicate"
        if original != path:
            reason = f"its bytes are those of {original}"
            if not was_duplicate or entry.reason != reason:
                kept.discard(path)
            entries[path] = replace(entry, status="duplicate", reason=reason)
        elif was_duplicate:
            kept.discard(path)
            entries[path] = _looked_at(landing, entry.file)


def _unload(con: duckdb.DuckDBPyConnection, contract: TableContract | None, paths: list[str]) -> None:
    if not paths:
        return
    con.begin()
    if contract is not None:
        con.execute(f"delete from {raw_table(contract)} where _file in (select unnest(?))", [paths])
    con.execute("delete from ops.quarantine where file in (select unnest(?))", [paths])
    con.execute("delete from ops.load_ledger where file in (select unnest(?))", [paths])
    con.commit()


class _Ledger:
    """Writes what became of files."""

    def __init__(self, con: duckdb.DuckDBPyConnection, fingerprint: str, loaded_at: datetime) -> None:
        self.con, self.fingerprint, self.loaded_at = con, fingerprint, loaded_at

    def write(self, entries: list[Entry]) -> None:
        if entries:
            self.con.executemany(
                f"insert into ops.load_ledger ({', '.join(LEDGER_COLUMNS)}) "
                f"values ({', '.join('?' * len(LEDGER_COLUMNS))})",
                [self._row(e) for e in entries],
            )

    def _row(self, entry: Entry) -> list[object]:
        f = entry.file
        read = entry.rows_loaded + entry.rows_quarantined
        return [
            *(f.source, f.table, f.path, f.export_date, entry.sha256),
            *(read, entry.rows_loaded, entry.rows_quarantined, entry.status, entry.reason, entry.drift),
            *(self.loaded_at, f.stat, self.fingerprint),
        ]


class _Loader:
    """Loads the changed files of one table: reads a batch into a temporary table, then settles it."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        landing: Path,
        contract: TableContract,
        scratch: Path,
        ledger: _Ledger,
    ) -> None:
        self.con, self.landing, self.contract = con, landing, contract
        self.scratch, self.ledger = scratch, ledger

    def load(self, entries: list[Entry]) -> None:
        shapes: dict[object, list[Entry]] = {}
        for entry in entries:
            shape = self._shape(entry)
            if not entry.status:
                shapes.setdefault(shape, []).append(entry)
        self.ledger.write([e for e in entries if e.status])
        for shape, members in shapes.items():
            for batch in _batches(members, self.landing):
                self._load_batch(shape, batch)

    def _full(self, entry: Entry) -> str:
        """The file as the engine must be given it: by a link where its name holds what the engine expands."""
        full = self.landing / entry.file.path
        suffix = ".gz" if entry.file.compressed else ""
        if not _EXPANDED.intersection(str(full)) and str(full).endswith(suffix):
            return str(full)
        link = self.scratch / (hashlib.sha256(entry.file.path.encode()).hexdigest() + suffix)
        if not link.is_symlink():
            self.scratch.mkdir(parents=True, exist_ok=True)
            link.symlink_to(full)
        return str(link)

    # What files of one batch share: their format and header.
    def _shape(self, entry: Entry) -> object:
        kind = entry.file.format
        if kind != "parquet" and entry.lines == 0:
            entry.status = "empty"
            return None
        try:
            if kind == "csv":
                header, first = csv_header(Path(self._full(entry)), entry.file.compressed)
                if not header:
                    entry.status = "empty"
                    return None
                self._check_header(entry, header)
                return (kind, entry.file.compressed, tuple(header), first)
            if kind == "parquet":
                columns = self._parquet_columns(self._full(entry))
                self._check_header(entry, [name for name, _ in columns])
                return (kind, tuple(columns))
        except UnreadableError as error:
            entry.status, entry.reason = "unreadable", f"nothing of it was loaded: {error}. Export it again."
        return (kind, entry.file.compressed)

    def _parquet_columns(self, path: str) -> list[tuple[str, str]]:
        try:
            schema = self.con.execute("select name, num_children from parquet_schema(?)", [path]).fetchall()
            types = self.con.execute(
                f"describe select * from read_parquet({literal(path)}, hive_partitioning = false, "
                "binary_as_string = true)"
            ).fetchall()
        except _OF_THE_MACHINE:
            raise
        except duckdb.Error as error:
            raise UnreadableError("it is no whole Parquet file") from error
        names, skip = [], 0
        for name, children in schema[1:]:
            if skip == 0:
                names.append(name)
            else:
                skip -= 1
            skip += children or 0
        return list(zip(names, [t[1] for t in types], strict=True))

    def _check_header(self, entry: Entry, header: list[str], seen_twice: Iterable[str] = ()) -> None:
        """Reject the file for its header, or note its drift."""
        keys = [h.strip().lower() for h in header if h.strip()]
        twice = sorted({k for k in keys if keys.count(k) > 1} | set(seen_twice))
        if twice:
            entry.status = "rejected"
            names = ", ".join(masked(k) for k in twice)
            entry.reason = f"two columns are named {names}: keep one of them, then export again"
            return
        missing = [c for c in self.contract.columns if c.key not in keys]
        required = [c.header or c.name for c in missing if c.required]
        if required:
            entry.status = "rejected"
            entry.reason = f"required column missing: {', '.join(required)}. Export it, or correct the header line"
            return
        unknown = [masked(h) for h in header if self.contract.column_for(h) is None]
        notes = []
        if unknown:
            notes.append("unknown: " + ", ".join(u or "(no name)" for u in unknown))
        if missing:
            notes.append("missing: " + ", ".join(c.header or c.name for c in missing))
        entry.drift = "; ".join(notes) or None

    def _load_batch(self, shape: object, batch: list[Entry]) -> None:
        """Read a batch by the fastest reader; where that refuses, each file by itself, down to the tolerant one."""
        readings: list[Callable[[object, list[Entry]], None]]
        kind = batch[0].file.format
        if kind == "parquet":
            readings = [self._parquet]
        elif kind == "csv":
            # The engine takes a blank first line for the header.
            at_first_line = shape[3]  # type: ignore[index]
            readings = [self._csv_plain, self._csv_multiline, self._csv_split] if at_first_line else [self._csv_split]
        else:
            readings = [self._json_plain, self._json_split]
        if len(batch) > 1:
            try:
                readings[0](shape, batch)
            except _OF_THE_MACHINE:
                raise
            except (_Refused, duckdb.Error):
                for entry in batch:
                    self._load_batch(shape, [entry])
                return
        else:
            self._load_one(readings, shape, batch[0])
        self._settle(batch)

    def _load_one(self, readings: list[Callable[[object, list[Entry]], None]], shape: object, entry: Entry) -> None:
        problem = "the engine cannot read it"
        for reading in readings:
            try:
                reading(shape, [entry])
                return
            except _Refused as error:
                problem = str(error)
            except _OF_THE_MACHINE:
                raise
            except duckdb.Error as error:
                if "No space left" in str(error) or "max_temp_directory_size" in str(error):
                    raise
                # Its message quotes the file's rows, so it goes nowhere.
                continue
        entry.status, entry.drift = "unreadable", None
        entry.reason = f"nothing of it was loaded: {problem}. Export it again."

    # -- readings --------------------------------------------------------------------------------------------

    def _csv_plain(self, shape: object, batch: list[Entry]) -> None:
        self._csv(shape, batch, multiline=False)

    def _csv_multiline(self, shape: object, batch: list[Entry]) -> None:
        self._csv(shape, batch, multiline=True)

    def _csv(self, shape: object, batch: list[Entry], multiline: bool) -> None:
        header = shape[2]  # type: ignore[index]
        names, wanted = self._wanted(header)
        relation = readers.csv_records([self._full(e) for e in batch], len(header), wanted, multiline)
        starts = None if multiline else [e.lines - 1 for e in batch]
        self._stage(relation, names, batch, starts, first_line=2)
        self._check_lines(batch, multiline)

    def _csv_split(self, shape: object, batch: list[Entry]) -> None:
        (entry,) = batch
        header = shape[2]  # type: ignore[index]
        names, wanted = self._wanted(header)
        with self._plain_text(entry) as path:
            covered = self.con.execute(readers.csv_split_covers(path)).fetchone()
            if not covered or not covered[0]:
                raise _Refused("a quoted field is never closed")
            relation = readers.csv_split(path, len(header), wanted)
            self._stage(relation, names, batch, None, first_line=2, read_as=[path])

    def _json_plain(self, shape: object, batch: list[Entry]) -> None:
        paths = [self._full(e) for e in batch]
        self._json(batch, paths, lambda keys: readers.json_lines(paths, keys), [e.lines for e in batch])

    def _json_split(self, shape: object, batch: list[Entry]) -> None:
        with self._plain_text(batch[0]) as path:
            self._json(batch, [path], lambda keys: readers.json_split(path, keys), None)

    def _json(
        self,
        batch: list[Entry],
        paths: list[str],
        relation: Callable[[list[list[str]]], str],
        starts: list[int] | None,
    ) -> None:
        found = self.con.execute(readers.json_key_spellings(relation([]))).fetchall()
        spellings: dict[str, list[str]] = {}
        for entry, path in zip(batch, paths, strict=True):
            own = [(key, twice) for file, key, twice in found if file == path]
            if not own:
                continue
            keys = [key for key, _ in own if key is not None]
            names = [key.strip().lower() for key in keys]
            # `twice` marks every key of an object in which some name stands twice: the name that does is one
            # with two spellings, or, spelled alike, any of them.
            marked = [key.strip().lower() for key, twice in own if twice]
            repeated = [n for n in marked if names.count(n) > 1] or marked[:1]
            self._check_header(entry, _one_a_name(keys), repeated)
            for key in keys:
                column = self.contract.column_for(key)
                if column is not None and key not in spellings.setdefault(column.name, []):
                    spellings[column.name].append(key)
        names = [c.name for c in self.contract.columns if c.name in spellings]
        self._stage(relation([spellings[n] for n in names]), names, batch, starts, first_line=1, read_as=paths)
        if starts is not None:
            self._check_lines(batch, multiline=False, header=0)

    def _parquet(self, shape: object, batch: list[Entry]) -> None:
        columns = shape[1]  # type: ignore[index]
        names, texts = [], []
        for name, data_type in columns:
            column = self.contract.column_for(name)
            if column is not None:
                names.append(column.name)
                texts.append(_as_text(quoted(name), data_type))
        relation = readers.parquet_records([self._full(e) for e in batch], texts)
        self._stage(relation, names, batch, None, first_line=1)

    # -- steps -----------------------------------------------------------------------------------------------

    def _wanted(self, header: Iterable[str]) -> tuple[list[str], list[int]]:
        pairs = [(c.name, i) for i, h in enumerate(header) if (c := self.contract.column_for(h)) is not None]
        return [n for n, _ in pairs], [i for _, i in pairs]

    def _stage(
        self,
        relation: str,
        names: list[str],
        batch: list[Entry],
        rows: list[int] | None,
        first_line: int,
        read_as: list[str] | None = None,
    ) -> None:
        """Read a relation of texts into the temporary table `incoming`: typed values, place, fault.

        rows: the number of records of each file, where `line` counts through all of them; else None.
        """
        texts = {name: f"f{i}" for i, name in enumerate(names)}
        values = {name: f"v{i}" for i, name in enumerate(names)}
        types = {c.name: c for c in self.contract.columns}
        casts = "".join(f", {typed(types[n], texts[n])} as {values[n]}" for n in names)
        self.con.execute(
            "create or replace temporary table landed (name varchar, path varchar, export_date date, shift bigint)"
        )
        shift = 1 - first_line if rows is not None else 0
        for position, entry in enumerate(batch):
            name = read_as[position] if read_as else self._full(entry)
            self.con.execute(
                "insert into landed values (?, ?, ?, ?)",
                [name, entry.file.path, entry.file.export_date, shift],
            )
            shift += rows[position] if rows is not None else 0
        columns = "".join(
            f", {values[c.name] if c.name in names else f'cast(null as {RAW_TYPES[c.data_type]})'} as {quoted(c.name)}"
            for c in self.contract.columns
        )
        broken = f"case when malformed then ':malformed_row' else {fault(self.contract, texts, values)} end"
        self.con.execute(
            f"create or replace temporary table incoming as "
            f"select file as _name, line as _line, last_line as _last_line, {broken} as _fault, "
            f"raw_text as _raw_text{columns} from (select *{casts} from ({relation})) as typed"
        )
        # A table keeps the order of its rows, so its row ids count them; numbering the rows within the read
        # would leave it to one thread. Nothing may be joined before, lest the order is lost.
        number = "coalesce(_line, i.rowid + 1 - shift)"
        self.con.execute(
            f"create or replace temporary view placed as "
            f"select i.* replace ({number} as _line), landed.path as _file, landed.export_date as _export_date, "
            f"i.rowid as _position from incoming as i join landed on landed.name = i._name"
        )

    def _check_lines(self, batch: list[Entry], multiline: bool, header: int = 1) -> None:
        found = dict(
            self.con.execute(
                f"select _file, {'max(_last_line)' if multiline else f'count(*) + {header}'} from placed group by 1"
            ).fetchall()
        )
        for entry in batch:
            if found.get(entry.file.path, 1 if header else 0) != entry.lines:
                raise _Refused("its lines do not add up")

    def _settle(self, batch: list[Entry]) -> None:
        """Move `incoming` into raw and quarantine, and say in each entry what became of its file."""
        if any(e.status == "unreadable" for e in batch):
            self.ledger.write(batch)
            return
        turned_away = [e.file.path for e in batch if e.status]
        if turned_away:
            self.con.execute("delete from landed where path in (select unnest(?))", [turned_away])
        counts = {
            path: (good, bad)
            for path, good, bad in self.con.execute(
                "select _file, count(*) filter (where _fault is null), count(*) filter (where _fault is not null) "
                "from placed group by 1"
            ).fetchall()
        }
        for entry in batch:
            if not entry.status:
                entry.rows_loaded, entry.rows_quarantined = counts.get(entry.file.path, (0, 0))
                entry.status = "loaded" if entry.rows_loaded + entry.rows_quarantined else "empty"
        self._find_raw_text([e for e in batch if e.rows_quarantined])
        names = ", ".join(quoted(c.name) for c in self.contract.columns)
        self.con.begin()
        try:
            self.con.execute(
                f"insert into {raw_table(self.contract)} by name "
                f"select {names}, _file, _line, _export_date from placed where _fault is null"
            )
            self.con.execute(
                "insert into ops.quarantine by name select ? as source, ? as table_name, _file as file, "
                "_export_date as export_date, _line as line, "
                "nullif(regexp_extract(_fault, '(?s)^(.*):', 1), '') as column_name, "
                "split_part(_fault, ':', -1) as reason, _raw_text as raw_text from placed "
                "where _fault is not null",
                [self.contract.source, self.contract.table],
            )
            self.ledger.write(batch)
            self.con.commit()
        except BaseException:
            self.con.rollback()
            raise
        self.con.execute("drop view placed; drop table incoming; drop table landed")

    def _find_raw_text(self, entries: list[Entry]) -> None:
        """Give faulty rows that the engine's reader took apart the text that stands in the file."""
        if not entries:
            return
        self.con.execute(
            "create or replace temporary table faulty as select _file, _line, _position from placed "
            "where _fault is not null and _raw_text is null"
        )
        self.con.execute("create or replace temporary table texts (position bigint, raw_text varchar)")
        for entry in entries:
            if entry.file.format == "csv":
                with self._plain_text(entry) as path:
                    self._keep_raw_text(entry, readers.csv_split(path, 0, []))
            elif entry.file.format == "parquet":
                columns = [name for name, _ in self._parquet_columns(self._full(entry))]
                self._keep_raw_text(entry, readers.parquet_rows(self._full(entry), columns))
        self.con.execute(
            "update incoming set _raw_text = texts.raw_text from texts where incoming.rowid = texts.position"
        )
        self.con.execute("drop table faulty; drop table texts")

    def _keep_raw_text(self, entry: Entry, texts: str) -> None:
        self.con.execute(
            f"insert into texts select faulty._position, found.raw_text from faulty "
            f"join ({texts}) as found on found.line = faulty._line where faulty._file = ?",
            [entry.file.path],
        )

    def _plain_text(self, entry: Entry) -> _PlainText:
        return _PlainText(Path(self._full(entry)), entry.file.compressed, self.scratch)


class _PlainText:
    """The path of a text file, decompressed into the scratch folder for as long as it is needed."""

    def __init__(self, path: Path, compressed: bool, scratch: Path) -> None:
        self.path, self.compressed, self.scratch = path, compressed, scratch
        self.copy: Path | None = None

    def __enter__(self) -> str:
        if not self.compressed:
            return str(self.path)
        self.scratch.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.scratch)
        self.copy = Path(name)
        with gzip.open(self.path, "rb") as stream, open(handle, "wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
        return name

    def __exit__(self, *_: object) -> None:
        if self.copy is not None:
            self.copy.unlink()


def _one_a_name(keys: list[str]) -> list[str]:
    """Spellings of JSON keys, one a name: other objects of a file may spell a key in another way."""
    seen: dict[str, str] = {}
    for key in keys:
        seen.setdefault(key.strip().lower(), key)
    return list(seen.values())


def _as_text(column: str, data_type: str) -> str:
    """A Parquet column as the text that the same value has in a CSV file."""
    if data_type in ("DOUBLE", "FLOAT"):
        # Ids that passed through a data frame with nulls arrive as 123.0.
        return (
            f"case when {column} = trunc({column}) and abs({column}) < 1e15 "
            f"then cast(cast({column} as bigint) as varchar) else cast({column} as varchar) end"
        )
    if "[" in data_type or data_type.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"


def _batches(entries: list[Entry], landing: Path) -> Iterable[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        own = (landing / entry.file.path).stat().st_size
        if batch and (size + own > BATCH_BYTES or len(batch) >= BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += own
    if batch:
        yield batch
