"""Which day's exports are there, by looking at the landing folder alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from .files import UNREAD, scan
from .usable import is_enough


def newest_complete_day(
    landing: Path, known: set[tuple[str, str]], own_sources: dict[str, Any], now: float, quiet_seconds: float
) -> date | None:
    """The newest dt whose files are enough for a refresh and none of which changed lately.

    known: tables with a contract, by (source, table). now: seconds since the epoch. None where there is no such day.
    """
    tables: dict[date, set[tuple[str, str]]] = {}
    changed: dict[date, float] = {}
    for file in scan(landing, known):
        if file.export_date is None or file.stat == UNREAD:
            continue
        modified = int(file.stat.split(":")[1]) / 1e9
        changed[file.export_date] = max(modified, changed.get(file.export_date, 0.0))
        # What does not load, such as an upload under another name, makes no day complete.
        if not file.status:
            tables.setdefault(file.export_date, set()).add((file.source, file.table))
    complete = [
        day for day, found in tables.items() if is_enough(found, own_sources) and now - changed[day] >= quiet_seconds
    ]
    return max(complete, default=None)
