"""What led to a conversion: its path touch by touch with what each model credits; and why an order is no conversion."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import duckdb

from .evidence import Row

# What a warehouse lacks that was built by an older version, or whose first build failed on the way.
_TABLES = ("marts.conversions", "marts.attribution_credits", "marts.touchpoints")
_DEALS = "staging.stg_hubspot__deals"
# By which a conversion is told among all of a customer: what most tools say, an even split, and what the data says.
TOLD_MODELS = ("last_non_direct", "linear", "markov")


def are_attributed(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether this warehouse tells of conversions."""
    return _has(con, *_TABLES)


def conversion_of(con: duckdb.DuckDBPyConnection, conversion_id: str) -> Row | None:
    """A conversion with its touches in their order, each with its credit by model; None where there is none.

    last_touch: of one without a path, the touch of its customer that came last before it.
    """
    found = _rows(con, "select * from marts.conversions where conversion_id = ?", conversion_id)
    if not found:
        return None
    row = found[0]
    touches: dict[int, Row] = {}
    for credit in _rows(
        con,
        "select credits.position, credits.touchpoint_id, touches.touched_at, touches.kind, credits.channel, "
        "credits.source, credits.medium, credits.campaign, credits.reported_campaign, credits.model, credits.credit, "
        "credits.credited_revenue from marts.attribution_credits as credits left join marts.touchpoints as touches "
        "on credits.touchpoint_id = touches.touchpoint_id where credits.conversion_id = ? "
        "order by credits.position, credits.touchpoint_id, credits.model",
        conversion_id,
    ):
        told = {name: credit.pop(name) for name in ("credit", "credited_revenue")}
        model = credit.pop("model")
        touch = touches.setdefault(credit["position"], {**credit, "credits": {}})
        touch["credits"][model] = told
    before = []
    if row["customer_id"] is not None and not touches:
        before = _rows(
            con,
            "select touchpoint_id, touched_at, kind, channel from marts.touchpoints "
            "where customer_id = ? and touched_at < ? order by touched_at desc, touchpoint_id desc limit 1",
            row["customer_id"],
            row["converted_at"],
        )
    return {**row, "touches": list(touches.values()), "last_touch": before[0] if before else None}


def conversions_of(con: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The conversions of a customer, the latest first: the channels of each path, and the credit of each by model."""
    if not are_attributed(con):
        return []
    found = {
        row["conversion_id"]: {**row, "path": [], "credits": {model: {} for model in TOLD_MODELS}}
        for row in _rows(
            con,
            "select conversion_id, conversion_type, converted_at, revenue, path_length, unattributed_reason "
            "from marts.conversions where customer_id = ? order by converted_at desc, conversion_id",
            customer_id,
        )
    }
    for conversion_id, model, channel, credit in con.execute(
        "select conversion_id, model, channel, credit from marts.attribution_credits where customer_id = ? "
        "and model in (select unnest(?)) order by conversion_id, model, position, touchpoint_id",
        [customer_id, list(TOLD_MODELS)],
    ).fetchall():
        row = found[conversion_id]
        if model == TOLD_MODELS[0]:
            row["path"].append(channel)
        by_channel = row["credits"][model]
        by_channel[channel] = by_channel.get(channel, 0.0) + credit
    return list(found.values())


def refused_order(con: duckdb.DuckDBPyConnection, order_id: str) -> Row | None:
    """Why an order of marts.orders is no conversion, with its amounts; None where nothing there says so."""
    rows = _rows(
        con,
        "select status, currency, exchange_rate, ordered_at, gross_revenue, discount, refunded, net_revenue "
        "from marts.orders where order_id = ?",
        order_id,
    )
    if not rows:
        return None
    row = rows[0]
    net = row["net_revenue"]
    if row["status"] == "cancelled":
        reason = "cancelled"
    elif net is None:
        reason = "no_rate" if row["exchange_rate"] is None else "unknown_amount"
    elif net > 0:
        return None
    else:
        reason = "refunded" if row["refunded"] > 0 else "nothing_paid"
    return {"reason": reason, **row}


def written_orders(con: duckdb.DuckDBPyConnection, text: str) -> list[Row]:
    """The orders that a text names by id or by the shop's number, such as #1001, as their source wrote them.

    Test and voided orders too, which no published table holds.
    """
    written = []
    tables: dict[str, set[str]] = {}
    for table, column in con.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'staging' "
        "and regexp_full_match(table_name, 'stg_.+__orders') order by table_name, column_name"
    ).fetchall():
        tables.setdefault(table, set()).add(column)
    for table, columns in tables.items():
        is_voided = "is_voided" if "is_voided" in columns else "lower(trim(financial_status)) = 'voided'"
        named = " or order_name in ($text, '#' || $text)" if "order_name" in columns else ""
        written += _rows(
            con,
            "select $source as source, cast(order_id as varchar) as order_id, coalesce(is_test, false) as is_test, "
            f"coalesce({is_voided}, false) as is_voided from staging.{table} "
            f"where cast(order_id as varchar) = $text{named} order by order_id",
            {"text": text, "source": re.sub("^stg_(.+)__orders$", r"\1", table)},
        )
    return sorted(written, key=lambda row: (row["order_id"] != text, row["source"], row["order_id"]))


def is_deleted_deal(con: duckdb.DuckDBPyConnection, deal_id: str) -> bool:
    """Whether there is a deal of that id that the CRM deleted."""
    return _has(con, _DEALS) and bool(
        _rows(con, f"select deal_id from {_DEALS} where deal_id = ? and coalesce(is_deleted, false)", deal_id)
    )


def leaders(credits: dict[str, float]) -> tuple[list[str], float]:
    """The channels with the most credit, and how much each of them has: several where they tie."""
    most = max(credits.values(), default=0.0)
    return sorted(channel for channel, credit in credits.items() if most - credit < 1e-9), most


def runs(path: Iterable[str]) -> list[tuple[str, int]]:
    """A path with repeats counted: (Email, 3) for three in a row."""
    found: list[tuple[str, int]] = []
    for channel in path:
        if found and found[-1][0] == channel:
            found[-1] = (channel, found[-1][1] + 1)
        else:
            found.append((channel, 1))
    return found


def stretch(seconds: float) -> str:
    """A length of time in its two largest units."""
    if seconds < 1:
        return "under 1 s"
    left = int(seconds)
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def _has(con: duckdb.DuckDBPyConnection, *relations: str) -> bool:
    rows = con.execute(
        "select count(*) from information_schema.tables where table_schema || '.' || table_name in (select unnest(?))",
        [list(relations)],
    ).fetchall()
    return bool(rows[0][0] == len(relations))


def _rows(con: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> list[Row]:
    given = parameters[0] if parameters and isinstance(parameters[0], dict) else list(parameters)
    found = con.execute(query, given)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
