"""The as-of date D and the instant at which it ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from .landing.files import scan


def cutoff(day: date, timezone: str) -> datetime:
    """The first instant after `day` in the reporting timezone, as a naive UTC time."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(timezone))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def latest_landed(landing: Path, known: set[tuple[str, str]]) -> date | None:
    """The latest dt among the files of known tables, or None where nothing dated landed."""
    days = [f.export_date for f in scan(landing, known) if f.export_date and not f.status]
    return max(days, default=None)


def day_before(moment: datetime, timezone: str) -> date:
    """The last day that is over at `moment` (with a zone) in the reporting timezone."""
    return moment.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)
