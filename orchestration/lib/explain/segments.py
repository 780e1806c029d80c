"""Why a customer is in a segment or out of it: each rule taken apart, and each part held to the customer's values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb

from .evidence import Row

if TYPE_CHECKING:
    from sqlglot.tokens import Token

# What a warehouse lacks that was built by an older version, or whose first build failed on the way.
_SEGMENTS = ("marts.segments", "marts.segment_membership", "marts.segment_membership_history")
_PROFILES = "intermediate.int_customers_profiled"
_TRIGGERS = "marts.customer_triggers"


@dataclass(frozen=True)
class Condition:
    """One part of a rule, of those that must all hold. inputs: the columns that it reads, in their order."""

    text: str
    inputs: tuple[str, ...]


def conditions(rule: str, inputs: Sequence[str]) -> list[Condition]:
    """The conditions at the top of a rule, between its ANDs, in the words of its author without comments.

    inputs: the columns that the rule may read.
    """
    import sqlglot

    known = {name.lower(): name for name in inputs}
    found = []
    for part in _parted(sqlglot.tokenize(rule, read="duckdb")):
        names = [known.get(_written(rule, token).lower().strip('"')) for token in part]
        found.append(Condition(_text(rule, part), tuple(dict.fromkeys(name for name in names if name))))
    return found


def _parted(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """What must hold for a condition to hold, however its ANDs are nested in brackets. One with an OR is one."""
    cuts, depth, cases, ranges, closings = [-1], 0, 0, 0, []
    for index, token in enumerate(tokens):
        kind = token.token_type.name
        if kind == "L_PAREN":
            depth += 1
        elif kind == "R_PAREN":
            depth -= 1
            closings += [index] if depth == 0 else []
        elif depth:
            continue
        elif kind in ("CASE", "END"):
            cases += 1 if kind == "CASE" else -1
        elif cases:
            continue
        elif kind == "OR":
            return [tokens]
        elif kind == "BETWEEN":
            ranges += 1
        elif kind == "AND" and ranges:
            ranges -= 1
        elif kind == "AND":
            cuts.append(index)
    if len(cuts) > 1:
        ends = [*cuts[1:], len(tokens)]
        return [part for cut, end in zip(cuts, ends, strict=True) for part in _parted(tokens[cut + 1 : end])]
    # A bracket that opens first and closes last is around all of it.
    is_wrapped = bool(closings) and tokens[0].token_type.name == "L_PAREN" and closings[0] == len(tokens) - 1
    return _parted(tokens[1:-1]) if is_wrapped else [tokens]


def _written(rule: str, token: Token) -> str:
    return rule[token.start : token.end + 1]


def _text(rule: str, tokens: Sequence[Token]) -> str:
    """Tokens as they were written; whatever stood between two of them, a comment too, is one space."""
    text = _written(rule, tokens[0]) if tokens else ""
    for before, token in pairwise(tokens):
        text += (" " if token.start > before.end + 1 else "") + _written(rule, token)
    return text


def segments_of(con: duckdb.DuckDBPyConnection, customer_id: str, as_of: date) -> list[Row]:
    """Every active segment, and every other that the customer was ever in, by priority."""
    if not _has(con, *_SEGMENTS, _PROFILES):
        return []
    stays = _stays(con, customer_id)
    member = dict(
        con.execute(
            "select segment, is_primary from marts.segment_membership where customer_id = ?", [customer_id]
        ).fetchall()
    )
    rows = _rows(
        con,
        "select segment, owner, status, priority, rule, rule_inputs from marts.segments "
        "order by status = 'retired', priority, segment",
    )
    # Of a segment whose file is gone only its stays are known.
    known = {row["segment"] for row in rows}
    rows += [
        {"segment": name, "owner": None, "status": "gone", "priority": None, "rule": None, "rule_inputs": None}
        for name in sorted(stays.keys() - known)
    ]
    found = []
    for row in rows:
        name = row["segment"]
        held = stays.get(name, [])
        if row["status"] != "active" and not held:
            continue
        begun = [stay for stay in held if stay[0] <= as_of]
        since, left = begun[-1] if begun else (None, None)
        is_over = left is not None and left <= as_of
        parts = conditions(row["rule"], (row["rule_inputs"] or "").split(", ")) if row["status"] == "active" else []
        found.append(
            {
                **{key: row[key] for key in ("segment", "owner", "status", "priority", "rule")},
                "is_member": name in member,
                "is_primary": bool(member.get(name)),
                "since": None if is_over else since,
                "left_on": left if is_over else None,
                "stays": [{"valid_from": first, "valid_to": last} for first, last in held],
                "conditions": _judged(con, customer_id, parts),
            }
        )
    return found


def triggers_of(con: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """What fired for the customer, the latest first."""
    if not _has(con, _TRIGGERS):
        return []
    return _rows(
        con,
        "select trigger, fired_at, segment, offer, evidence, expires_at from marts.customer_triggers "
        "where customer_id = ? order by fired_at desc, trigger",
        customer_id,
    )


def _judged(con: duckdb.DuckDBPyConnection, customer_id: str, parts: Sequence[Condition]) -> list[Row]:
    """Each condition with the values that it read: it holds, it does not, or that is unknown."""
    if not parts:
        return []
    names = list(dict.fromkeys(name for part in parts for name in part.inputs))
    selected = [f"({part.text})" for part in parts] + [f'"{name}"' for name in names]
    row = con.execute(f"select {', '.join(selected)} from {_PROFILES} where customer_id = ?", [customer_id]).fetchone()
    if row is None:
        return []
    values = dict(zip(names, row[len(parts) :], strict=True))
    return [
        {
            "condition": part.text,
            "holds": None if holds is None else bool(holds),
            "inputs": [{"name": name, "value": values[name]} for name in part.inputs],
        }
        for part, holds in zip(parts, row, strict=False)
    ]


def _stays(con: duckdb.DuckDBPyConnection, customer_id: str) -> dict[str, list[tuple[date, date | None]]]:
    """The stays by segment, in order. Those of ids that lead here are the customer's: what touches is one stay."""
    rows = con.execute(
        "select segment, valid_from, valid_to from marts.segment_membership_history where customer_id = $customer_id "
        "or customer_id in (select retired_customer_id from marts.customer_redirects where customer_id = $customer_id) "
        "order by segment, valid_from, valid_to nulls last",
        {"customer_id": customer_id},
    ).fetchall()
    found: dict[str, list[tuple[date, date | None]]] = {}
    for segment, first, last in rows:
        stays = found.setdefault(segment, [])
        before = stays[-1] if stays else None
        if before and (before[1] is None or before[1] >= first):
            end = None if before[1] is None or last is None else max(before[1], last)
            stays[-1] = (before[0], end)
        else:
            stays.append((first, last))
    return found


def _has(con: duckdb.DuckDBPyConnection, *relations: str) -> bool:
    rows = con.execute(
        "select count(*) from information_schema.tables where table_schema || '.' || table_name in (select unnest(?))",
        [list(relations)],
    ).fetchall()
    return bool(rows[0][0] == len(relations))


def _rows(con: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> list[Row]:
    found = con.execute(query, list(parameters))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
