"""The answer as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from .masking import printable
from .sections import Cell, Section

_WIDEST = 60


def table(section: Section, limit: int) -> list[str]:
    """A section as lines: its first rows, how many more there are, and its total."""
    shown = [line for row in section.rows[:limit] for line in _lines_of(section, row)]
    total = list(_lines_of(section, section.total)) if section.total else []
    every = [list(section.headers), *shown, *total]
    widths = [max(len(line[i]) for line in every) for i in range(len(section.headers))]

    def aligned(line: list[str]) -> str:
        cells = (
            cell.rjust(width) if index in section.numeric else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return ("  " + "  ".join(cells)).rstrip()

    count = f" ({len(section.rows):,})" if len(section.rows) > 1 else ""
    lines = ["", f"{section.title}{count}", aligned(every[0]), *map(aligned, shown)]
    if len(section.rows) > limit:
        lines.append(f"  and {len(section.rows) - limit:,} more: --json lists all")
    return lines + [aligned(line) for line in total]


def _lines_of(section: Section, row: Iterable[Cell]) -> Iterator[list[str]]:
    """A row as one line, or as many as its highest cell has."""
    cells = [(cell,) if isinstance(cell, str) else cell for cell in row]
    for line in zip_longest(*cells, fillvalue=""):
        printed = [printable(text) for text in line]
        # The last column may be as long as it likes: nothing stands after it.
        yield [
            text if len(text) <= _WIDEST or section.is_whole or index == len(printed) - 1 else text[: _WIDEST - 1] + "…"
            for index, text in enumerate(printed)
        ]
