"""Which day's exports are there, by looking at the landing folder alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from .files import scan
from .usable import NEEDED


def newest_complete_day(landing: Path, now: float, quiet_seconds: float) -> date | None:
    """The newest dt for which every needed table has a file and no file of the day changed lately.

    now: seconds since the epoch. None where there is no such day.
    """
    tables: dict[date, set[tuple[str, str]]] = {}
    changed: dict[date, float] = {}
    for file in scan(landing, set(NEEDED)):
        if file.export_date is None:
            continue
        tables.setdefault(file.export_date, set()).add((file.source, file.table))
        modified = (landing / file.path).stat().st_mtime
        changed[file.export_date] = max(modified, changed.get(file.export_date, 0.0))
    complete = [day for day, found in tables.items() if set(NEEDED) <= found and now - changed[day] >= quiet_seconds]
    return max(complete, default=None)
