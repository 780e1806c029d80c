"""What a world amounts to."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

# The last day of a world when none is given: fixed, so that a world never depends on the day it is made.
DEFAULT_END = date(2026, 6, 30)


class WorldTooSmallError(ValueError):
    """The world holds no row that a fault could be planted in."""


@dataclass(frozen=True)
class WorldSummary:
    out: Path
    # Files written, faults included; world.json names the good ones.
    files: int
    # Rows of the good world by table (`shopify.order`); versions of one record count one by one.
    rows: dict[str, int]
    start: date
    end: date
    truth: Path
    # Planted faults, as in faults.json; none without faults.
    faults: list[dict[str, object]]
