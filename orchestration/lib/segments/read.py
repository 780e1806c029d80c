"""Every segment of a release with its definition, size, goal and verdict: one object, as it is printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

import duckdb

Told = dict[str, Any]

# What is compared with today, and over which days customers are seen to come and go.
BEFORE_DAYS = 7


class Pane:
    """What one release says of segments.

    con: where its tables are in schema `schema`. tables: those that it holds, as an older one may lack some.
    as_of: its day; history tables may hold later ones.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, schema: str, tables: Collection[str], as_of: date) -> None:
        self._con = con
        self._schema = schema
        self._tables = tables
        self._as_of = as_of

    def customers(self) -> Told:
        """How many customers there are, and how many are in a segment."""
        return {
            "customers": self._count("select count(*) from {}.customers", "customers"),
            "customers_in_a_segment": self._count(
                "select count(distinct customer_id) from {}.segment_membership", "segment_membership"
            ),
        }

    def segments(self) -> list[Told]:
        """Every definition, by priority."""
        rows = self._rows("select * from {}.segments order by status = 'retired', priority, segment", "segments")
        primary = self._by_segment(
            self._rows(
                "select segment, count(*) as customers from {}.segment_membership where is_primary group by segment",
                "segment_membership",
            )
        )
        performed = self._by_segment(self._of_day("segment_performance"))
        scored = self._by_segment(self._of_day("segment_scorecard"))
        return [
            self._segment(row, primary.get(row["segment"]), performed.get(row["segment"]), scored.get(row["segment"]))
            for row in rows
        ]

    def details(self, segment: str) -> Told:
        """What is told of one segment beside its line: overlaps, who came and went, and how it did before."""
        overlaps = self._rows(
            "select case when segment_a = $segment then segment_b else segment_a end as segment, customers, jaccard "
            "from {}.segment_overlap where segment_a = $segment or segment_b = $segment order by 2 desc, 1",
            "segment_overlap",
            segment=segment,
        )
        named = self._rows("select renamed_from from {}.segments where segment = $segment", "segments", segment=segment)
        # Days before it was renamed know it by its former name.
        former = named[0]["renamed_from"] if named else None
        first = self._as_of - timedelta(days=BEFORE_DAYS - 1)
        moved = self._rows(
            "select as_of_date, from_segment, to_segment, customers from {}.segment_transitions "
            "where as_of_date between $first and $day and from_segment <> to_segment "
            "and (from_segment in ($segment, $former) or to_segment in ($segment, $former)) "
            "order by as_of_date, from_segment, to_segment",
            "segment_transitions",
            segment=segment,
            former=former,
            day=self._as_of,
            first=first,
        )
        before = self._rows(
            "select * from {}.segment_performance where segment in ($segment, $former) and as_of_date <= $before "
            "order by as_of_date desc limit 1",
            "segment_performance",
            segment=segment,
            former=former,
            before=self._as_of - timedelta(days=BEFORE_DAYS),
        )
        return {"performance_before": before[0] if before else None, "overlaps": overlaps, "transitions": moved}

    def _segment(self, row: Told, primary: Told | None, performed: Told | None, scored: Told | None) -> Told:
        due = row["review_due_on"]
        return {
            **row,
            "primary_customers": primary["customers"] if primary else 0,
            "is_review_overdue": row["status"] != "retired" and due is not None and due < self._as_of,
            "goal_actual": performed["goal_actual"] if performed else None,
            "goal_met": performed["goal_met"] if performed else None,
            "verdict": scored["verdict"] if scored else None,
            "reasons": scored["reasons"] if scored else None,
            "performance": performed,
            "scorecard": scored,
        }

    def _of_day(self, table: str) -> list[Told]:
        return self._rows(f"select * from {{}}.{table} where as_of_date = $day", table, day=self._as_of)

    def _by_segment(self, rows: Iterable[Told]) -> dict[str, Told]:
        return {row["segment"]: row for row in rows}

    def _count(self, query: str, table: str) -> int:
        rows = self._rows(query, table)
        return int(next(iter(rows[0].values()))) if rows else 0

    def _rows(self, query: str, table: str, **parameters: Any) -> list[Told]:
        """The rows of a query over one table; none where the release lacks it."""
        if table not in self._tables:
            return []
        found = self._con.execute(query.replace("{}", self._schema), parameters or None)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
