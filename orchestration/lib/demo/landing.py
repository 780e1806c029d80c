"""Writes the tables as exports would: one dump of the history, then an increment a day."""

from datetime import timedelta
from pathlib import Path

from .contract import EPOCH_MS, SQL_TYPES, TABLES, Table
from .scene import Scene
from .store import LANDED, ROW, Store


def write_exports(scene: Scene, store: Store, out: Path) -> dict[str, int]:
    """Files below out with the number of rows in each."""
    written: dict[str, int] = {}
    for table in TABLES.values():
        if table.daily is None:
            _write(store, table, out, f"{table.path}.{table.dump}", table.dump, "true", written)
            continue
        # A tool that has nothing to say sends no file.
        query = f'select distinct {LANDED}, {ROW} % {table.parts} from "{table.path}"'
        spoken = set(store.con.execute(query).fetchall())
        day = scene.dump_date
        rows = f"{LANDED} <= date '{day}'"
        last_early = scene.first_date + timedelta(days=scene.days // 3)
        if table.early_dump and any(landed <= last_early for landed, _ in spoken):
            early = f"{LANDED} <= date '{last_early}'"
            _write(store, table, out, f"{table.path}.csv", "csv", early, written)
            rows += f" and not ({early} and {ROW} % 61 = 5)"
        if any(landed <= day for landed, _ in spoken):
            name = f"{table.path}/dt={day}/{table.name}_full.{table.dump}"
            _write(store, table, out, name, table.dump, rows, written)
        for number in range(scene.increments):
            day = scene.dump_date + timedelta(days=number + 1)
            for part in range(table.parts):
                if (day, part) not in spoken and not table.daily_full:
                    continue
                suffix = f"_{part}" if table.parts > 1 else ""
                name = f"{table.path}/dt={day}/{table.name}_{day:%Y%m%d}{suffix}.{table.daily}"
                until = "<=" if table.daily_full else "="
                rows = f"{LANDED} {until} date '{day}' and {ROW} % {table.parts} = {part}"
                _write(store, table, out, name, table.daily, rows, written)
    return written


def select_rows(table: Table, extension: str, where: str) -> str:
    """The rows of one file, the newest version of each key, with values as the format carries them."""
    columns = ", ".join(_expression(table, column, extension) for column in table.columns)
    rows = f'"{table.path}"'
    if table.version or table.path == "hubspot/deal":
        # Of several versions within the file's days, an export shows the last.
        keys = ", ".join(f'"{key}"' for key in table.key)
        rows = (
            f"(select * from (select *, row_number() over "
            f"(partition by {keys} order by {LANDED} desc, {ROW} desc) as _nth "
            f"from {rows} where {where}) where _nth = 1)"
        )
        return f"select {columns} from {rows} order by {ROW}"
    return f"select {columns} from {rows} where {where}"


def _expression(table: Table, column: str, extension: str) -> str:
    kind = table.columns[column]
    quoted = f'"{column}"'
    if column in table.integer_ids and not extension.startswith("csv"):
        return f"cast({quoted} as bigint) as {quoted}"
    if kind == "timestamp":
        if extension == "parquet":
            zoned = "timestamp with time zone" if table.zoned else "timestamp"
            return f"cast({quoted} as {zoned}) as {quoted}"
        if table.time_format == EPOCH_MS:
            return f"epoch_ms({quoted}) as {quoted}"
        local = f"cast({quoted} as timestamp) + interval ({table.utc_offset}) hour"
        return f"strftime({local}, '{table.time_format}') as {quoted}"
    if kind == "boolean" and extension.startswith("csv"):
        yes, no = table.booleans
        return f"case when {quoted} then '{yes}' when not {quoted} then '{no}' end as {quoted}"
    if column in table.float_integers and extension.startswith("csv"):
        return f"cast({quoted} as double) as {quoted}"
    if kind == "json" and extension.startswith("jsonl"):
        # JSON lines carry an object as an object.
        return f"cast({quoted} as json) as {quoted}"
    return f"cast({quoted} as {SQL_TYPES[kind]}) as {quoted}"


_COPY = {
    "csv": "format csv, header true",
    "csv.gz": "format csv, header true, compression gzip",
    "parquet": "format parquet, compression zstd",
    "jsonl": "format json",
    "jsonl.gz": "format json, compression gzip",
}


def _write(
    store: Store, table: Table, out: Path, name: str, extension: str, where: str, written: dict[str, int]
) -> None:
    target = out / name
    target.parent.mkdir(parents=True, exist_ok=True)
    place = str(target).replace("'", "''")
    query = f"copy ({select_rows(table, extension, where)}) to '{place}' ({_COPY[extension]})"
    rows = store.con.execute(query).fetchall()[0][0]
    written[name] = rows
