"""Segments as plain text that fits a terminal of 120 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

Told = dict[str, Any]

WIDTH = 120
_MONEY = ("net_revenue_30d", "average_order_value", "arpu_30d", "contribution_margin_30d")
_SHARES = ("share", "measurable", "substantial", "accessible", "stable", "jaccard")
_DIRECTIONS = {"at_least": "at least", "at_most": "at most"}
# Of a segment's day, what is its name and what stands elsewhere.
_NOT_MEASURED = ("as_of_date", "segment", "goal_metric", "goal_target", "goal_direction", "goal_actual", "goal_met")
_NOT_SCORED = ("as_of_date", "segment", "verdict", "reasons")
_OVERLAPS = 10


def pane(found: Told) -> list[str]:
    """Every segment: a line of figures, its goal, and what its verdict stands on."""
    if not found["segments"]:
        return [*_head(found), "There is no segment in it."]
    table = [("#", "segment", "status", "owner", "size", "share", "primary", "verdict", "review by")]
    table += [
        (
            str(row["priority"]),
            row["segment"],
            row["status"],
            row["owner"],
            number(row["size"]),
            percent(row["share"]),
            number(row["primary_customers"]),
            row["verdict"] or "",
            _review(row),
        )
        for row in found["segments"]
    ]
    lines = _aligned(table, right={0, 4, 5, 6})
    told = [*_head(found), "", lines[0]]
    indent = " " * (len(str(max(row["priority"] for row in found["segments"]))) + 2)
    for row, line in zip(found["segments"], lines[1:], strict=True):
        told += [line, *_wrapped(f"goal: {_goal(row, found['reporting_currency'])}", indent)]
        if row["reasons"]:
            told += _wrapped(f"why {row['verdict']}: {row['reasons']}", indent)
    return [*told, "", "One of them: tributary segments NAME"]


def detail(found: Told) -> list[str]:
    """One segment: what it is, what to do with it, how it does."""
    row, currency = found["segment"], found["reporting_currency"]
    told = [
        *_head(found),
        "",
        f"{row['segment']}: {row['status']}, priority {row['priority']}, owner {row['owner']}, "
        f"review by {_review(row)}",
        *_wrapped(str(row["description"] or ""), ""),
        "",
        f"size: {number(row['size'])} of {number(found['customers'])} customers ({percent(row['share'])}), "
        f"the primary segment of {number(row['primary_customers'])}",
        *_wrapped(f"goal: {_goal(row, currency)}", ""),
    ]
    if row["verdict"]:
        told += _wrapped(f"verdict: {row['verdict']}" + (f", {row['reasons']}" if row["reasons"] else ""), "")
    told += ["", "plan"]
    told += _named(
        [
            ("positioning", row["positioning"]),
            ("price tier", row["price_tier"]),
            ("channels", row["channel_mix"]),
            ("key metrics", row["key_metrics"]),
            *(
                ("actions" if number == 1 else "", f"{number}. {action}")
                for number, action in enumerate((row["action_plan"] or "").split("; "), 1)
            ),
        ]
    )
    told += ["", "rule" + (f", in {row['file']}" if row.get("file") else "")]
    told += [f"  {line.strip()}" for line in str(row.get("rule") or "").splitlines() if line.strip()]
    if row.get("rule_inputs"):
        told += _wrapped(f"reads {row['rule_inputs']}", "  ")
    told += _performed(row["performance"], row["performance_before"], currency)
    told += _scored(row["scorecard"], currency)
    told += _overlapping(row["overlaps"])
    return told + _moved(row["transitions"], row["segment"])


def _head(found: Told) -> list[str]:
    customers, inside = found["customers"], found["customers_in_a_segment"]
    return [
        f"segments as of {found['as_of_date']}, release {found['release']}",
        f"{number(customers)} customers: {number(inside)} in a segment, {number(customers - inside)} in none",
    ]


def _review(row: Told) -> str:
    due = row["review_due_on"]
    return "" if due is None else f"{due}, overdue" if row["is_review_overdue"] else str(due)


def _goal(row: Told, currency: str) -> str:
    metric, due = row["goal_metric"], row["goal_due_on"]
    if not metric:
        return "none"
    direction = _DIRECTIONS.get(row.get("goal_direction") or "at_least", str(row.get("goal_direction")))
    goal = f"{metric} {direction} {measure(metric, row['goal_target'], currency)} by {due}"
    if row["goal_actual"] is None:
        return f"{goal}; now unknown"
    now = measure(metric, row["goal_actual"], currency)
    return f"{goal}; now {now}, {'met' if row['goal_met'] else 'not met'}"


def _performed(now: Told | None, before: Told | None, currency: str) -> list[str]:
    if not now:
        return []
    names = [name for name in now if name not in _NOT_MEASURED]
    table = [("", str(now["as_of_date"]), *([str(before["as_of_date"])] if before else []))]
    table += [
        (name, *(measure(name, side.get(name), currency) or "unknown" for side in (now, before) if side))
        for name in names
    ]
    return ["", "performance", *_aligned(table, right={1, 2}, indent="  ")]


def _scored(row: Told | None, currency: str) -> list[str]:
    if not row:
        return []
    said = [(name, measure(name, row[name], currency) or "unknown") for name in row if name not in _NOT_SCORED]
    return ["", "scorecard", *_named(said)]


def _overlapping(rows: Sequence[Told]) -> list[str]:
    if not rows:
        return []
    table = [("segment", "customers in both", "jaccard")]
    table += [(row["segment"], number(row["customers"]), f"{row['jaccard']:.3f}") for row in rows[:_OVERLAPS]]
    more = [f"  and {len(rows) - _OVERLAPS:,} more: --json lists all"] if len(rows) > _OVERLAPS else []
    return ["", "overlaps", *_aligned(table, right={1, 2}, indent="  "), *more]


def _moved(rows: Sequence[Told], segment: str) -> list[str]:
    """Who came and who went, as customers' primary segment, over the days that were told."""
    if not rows:
        return []
    came: dict[str, int] = {}
    went: dict[str, int] = {}
    for row in rows:
        side, other = (came, row["from_segment"]) if row["to_segment"] == segment else (went, row["to_segment"])
        side[other] = side.get(other, 0) + row["customers"]
    lines = ["", f"transitions since {rows[0]['as_of_date']}, of primary segments"]
    for way, nobody, counts in (("came from", "nobody came", came), ("went to", "nobody left", went)):
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        said = ", ".join(f"{other} {number(count)}" for other, count in ordered)
        lines += _wrapped(f"{way} {said}" if said else nobody, "  ")
    return lines


def number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def measure(name: str, value: Any, currency: str) -> str:
    """A figure in its unit: shares in percent, money in the reporting currency."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float | Decimal):
        return str(value)
    if name in _MONEY:
        return f"{value:,.2f} {currency}"
    if name in _SHARES or "_rate_" in name or name.endswith(("_rate", "_share")):
        return percent(float(value))
    return f"{value:,}" if value == int(value) and not isinstance(value, float) else _short(value)


def _short(value: float | Decimal) -> str:
    """Targets are written as whole numbers or as fractions; neither needs noughts at its end."""
    text = f"{value:,.3f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _named(rows: Iterable[tuple[str, Any]]) -> list[str]:
    """Names and texts side by side, the texts wrapped."""
    given = [(name, str(text)) for name, text in rows if text not in (None, "")]
    width = max((len(name) for name, _ in given), default=0)
    lines = []
    for name, text in given:
        wrapped = textwrap.wrap(text, WIDTH - width - 4) or [""]
        lines.append(f"  {name.ljust(width)}  {wrapped[0]}")
        lines += [" " * (width + 4) + line for line in wrapped[1:]]
    return lines


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _aligned(rows: Sequence[Sequence[str]], right: set[int], indent: str = "") -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines
