"""The answer as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from .masking import printable
from .sections import Section

_WIDEST = 60


def table(section: Section, limit: int) -> list[str]:
    """A section as lines: its first rows, and how many more there are."""
    rows = [[printable(cell) for cell in row] for row in section.rows[:limit]]
    cut = [
        [
            cell if len(cell) <= _WIDEST or last or section.is_whole else cell[: _WIDEST - 1] + "…"
            for cell, last in _ends(row)
        ]
        for row in rows
    ]
    widths = [max(len(row[i]) for row in [list(section.headers), *cut]) for i in range(len(section.headers))]
    total = f" ({len(section.rows):,})" if len(section.rows) > 1 else ""
    lines = ["", f"{section.title}{total}"]
    for row in [list(section.headers), *cut]:
        cells = [
            cell.rjust(width) if index in section.numeric else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(cells)).rstrip())
    if len(section.rows) > limit:
        lines.append(f"  and {len(section.rows) - limit:,} more: --json lists all")
    return lines


def _ends(row: list[str]) -> Iterable[tuple[str, bool]]:
    # The last column may be as long as it likes: nothing stands after it.
    return ((cell, index == len(row) - 1) for index, cell in enumerate(row))
