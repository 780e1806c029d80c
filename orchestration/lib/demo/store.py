"""Where the tables of a world stand until they are written: typed, with when each row lands and whose it is."""

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np

from .contract import SQL_TYPES, TABLES

# Columns beside the contract: the day on which an export first shows the row, the person behind it, the order
# of rows, and the person's phone in E.164 where the row carries it in some other form.
LANDED, PERSON, ROW, PHONE = "_landed", "_person", "_row", "_phone"


class Store:
    """Tables by `<source>/<name>` in an in-memory database."""

    def __init__(self) -> None:
        # One thread: row order, and so the bytes of every file, depend on nothing but the arguments.
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute("set TimeZone = 'UTC'")

    def load(self, name: str, columns: Mapping[str, Any], types: Mapping[str, str] | None = None) -> None:
        """A work table from columns of numpy."""
        self.con.register("_incoming", {name: _readable(column) for name, column in columns.items()})
        casts = ", ".join(f'cast("{c}" as {types[c]}) as "{c}"' if types and c in types else f'"{c}"' for c in columns)
        self.con.execute(f'create table "{name}" as select {casts} from _incoming')
        self.con.unregister("_incoming")

    def add(
        self,
        path: str,
        columns: Mapping[str, Any],
        landed: np.ndarray | None = None,
        person: np.ndarray | None = None,
        phone: np.ndarray | None = None,
    ) -> None:
        """The rows of one exported table. landed is a day number since 1970, null for an undated dump."""
        contract = TABLES[path].columns
        unknown, missing = set(columns) - set(contract), set(contract) - set(columns)
        if unknown or missing:
            raise ValueError(f"{path}: columns not in the contract {sorted(unknown)}, not given {sorted(missing)}")
        size = len(columns[next(iter(contract))])
        frame = {name: columns[name] for name in contract}
        types = {name: SQL_TYPES[kind] for name, kind in contract.items()}
        frame[LANDED] = np.full(size, None, dtype=object) if landed is None else landed.astype("datetime64[D]")
        frame[PERSON] = np.full(size, -1) if person is None else person
        frame[PHONE] = np.full(size, None, dtype=object) if phone is None else phone
        frame[ROW] = np.arange(size)
        self.load(path, frame, types | {LANDED: "DATE", PERSON: "BIGINT", PHONE: "VARCHAR"})

    def close(self) -> None:
        self.con.close()


def _readable(column: Any) -> np.ndarray:
    """A column in a type that the database reads: days become seconds, fixed-width texts become objects."""
    values = np.asarray(column)
    if values.dtype.kind == "M" and np.datetime_data(values.dtype)[0] == "D":
        return values.astype("datetime64[s]")
    return values.astype(object) if values.dtype.kind == "U" else values
