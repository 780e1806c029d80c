"""The benchmark's figures as tables of text. Numbers in, text out; nothing is measured here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One line of the figures: a process, and the floor over the same files where the step has one."""

    customers: int
    step: str
    rows: int
    seconds: float
    cpu: float
    peak_mb: float
    floor_seconds: float | None = None
    floor_mb: float | None = None


@dataclass(frozen=True)
class Compared:
    """One published table. equal: rows that agree in every column that both have; None where the floor has no table."""

    table: str
    release: int
    floor: int | None
    equal: int | None
    # Columns of the release that the floor does not write.
    missing: list[str]


def table(header: Sequence[str], rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """Text in columns: the first `names` columns to the left, all others to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]

    def padded(line: list[str]) -> str:
        cells = [
            text.ljust(width) if i < names else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([padded(lines[0]), padded(["-" * width for width in widths]), *map(padded, lines[1:])])


def figures(steps: Sequence[Step]) -> str:
    """What each step took, the floor beside it, and how many times the floor's seconds it took."""
    rows = []
    for s in steps:
        floor = ["", "", ""]
        if s.floor_seconds is not None and s.floor_mb is not None:
            ratio = f"{s.seconds / s.floor_seconds:.1f}" if s.floor_seconds > 0 else ""
            floor = [f"{s.floor_seconds:.1f}", f"{s.floor_mb:,.0f}", ratio]
        rows.append(
            [f"{s.customers:,}", s.step, f"{s.rows:,}", f"{s.seconds:.1f}", f"{s.cpu:.1f}", f"{s.peak_mb:,.0f}", *floor]
        )
    header = ["world", "step", "rows", "seconds", "cpu s", "peak MB", "floor s", "floor MB", "ratio"]
    return table(header, rows, names=2)


def stages(first: dict[str, float], second: dict[str, float]) -> str:
    """Seconds by stage of the first refresh and of the one with nothing new."""
    names = [*first, *(name for name in second if name not in first)]
    rows = [[name, *(f"{taken[name]:.1f}" if name in taken else "" for taken in (first, second))] for name in names]
    return table(["stage", "first s", "second s"], rows)


def rows_beside(compared: Sequence[Compared]) -> str:
    """Rows of each published table in the release and in the floor, and what the floor does not write."""
    lines, apart = [], []
    for c in compared:
        if c.floor is None:
            apart.append(c.table)
            continue
        same = "yes" if c.release == c.floor == c.equal else f"{c.equal:,} rows"
        lines.append([c.table, f"{c.release:,}", f"{c.floor:,}", same])
    text = table(["table", "release", "floor", "equal"], lines)
    for c in compared:
        if c.missing:
            text += f"\n{c.table}: the floor does not write {', '.join(c.missing)}"
    if apart:
        text += f"\nthe floor does not write {', '.join(apart)}"
    return text


@dataclass(frozen=True)
class Graph:
    """Components of one graph: seconds of the work itself, and of its process the processor and the peak."""

    shape: str
    edges: int
    by: str
    seconds: float
    cpu: float
    peak_mb: float
    nodes: int
    components: int
    # Nodes that the two ways put in different components.
    different: int


def graphs(found: Sequence[Graph]) -> str:
    """What each way took for each graph."""
    header = ["graph", "by", "edges", "nodes", "components", "seconds", "cpu s", "peak MB", "different"]
    rows = []
    for g in found:
        counts = [f"{count:,}" for count in (g.edges, g.nodes, g.components)]
        rows.append(
            [g.shape, g.by, *counts, f"{g.seconds:.1f}", f"{g.cpu:.1f}", f"{g.peak_mb:,.0f}", f"{g.different:,}"]
        )
    return table(header, rows, names=2)


@dataclass(frozen=True)
class Built:
    """RFM and features on made-up tables: rows of each table, seconds of each model, and what the process took."""

    rows: dict[str, int]
    models: dict[str, float]
    seconds: float
    cpu: float
    peak_mb: float


def built(found: Built) -> str:
    """What was read, and what each model took."""
    read = ", ".join(f"{name.rpartition('.')[2]} {rows:,}" for name, rows in found.rows.items())
    rows = [[name, f"{seconds:.1f}"] for name, seconds in found.models.items()]
    rows += [["all models", f"{sum(found.models.values()):.1f}"], ["whole process", f"{found.seconds:.1f}"]]
    took = table(["model", "seconds"], rows)
    return f"rows: {read}\n\n{took}\n\ncpu {found.cpu:.1f} s, peak {found.peak_mb:,.0f} MB"


@dataclass(frozen=True)
class Effects:
    """Effects of channels at one order of the Markov chain: seconds of each part, and what the process took.

    read: paths out of the warehouse, merged and sorted. rounds: both models again, with all rounds of the bootstrap.
    """

    paths: int
    touches: int
    order: int
    read: float
    markov: float
    shapley: float
    rounds: float
    cpu: float
    peak_mb: float


def effects(found: Sequence[Effects]) -> str:
    """What each order took."""
    header = ["order", "paths", "touches", "read s", "markov s", "shapley s", "with rounds s", "cpu s", "peak MB"]
    rows = []
    for e in found:
        seconds = [f"{taken:.1f}" for taken in (e.read, e.markov, e.shapley, e.rounds, e.cpu)]
        rows.append([str(e.order), f"{e.paths:,}", f"{e.touches:,}", *seconds, f"{e.peak_mb:,.0f}"])
    return table(header, rows)
