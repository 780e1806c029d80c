"""Attribution of a released world: it adds up, and a refund that lands later restates it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import marts, tributary
from tests.support.attribution_oracle import MODELS

Rows = list[tuple[Any, ...]]
RECONCILED = "from marts.attribution_reconciliation"


def told(home: Path, query: str, *values: Any) -> Rows:
    with marts(home) as con:
        return con.execute(query, list(values)).fetchall()


def land(landing: Path, table: str, day: date, rows: list[dict[str, Any]]) -> None:
    folder = landing / table / f"dt={day}"
    folder.mkdir(parents=True)
    with (folder / "late.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def adds_up(home: Path) -> None:
    """What must hold in every release."""
    kinds = told(home, f"select distinct difference, conversions_difference {RECONCILED}")
    assert kinds == [(Decimal("0.00"), 0)]
    booked = told(home, "select count(*), sum(revenue) from marts.conversions")
    summed = "sum(booked_conversions), sum(booked_revenue)"
    assert told(home, f"select {summed} {RECONCILED} group by model") == booked * len(MODELS)
    sums = "select conversion_id, model, sum(credit) as credit from marts.attribution_credits group by all"
    [(number, off)] = told(home, f"select count(*), max(abs(credit - 1)) from ({sums})")
    paths = "from marts.conversions where unattributed_reason is null"
    assert number == len(MODELS) * told(home, f"select count(*) {paths}")[0][0] > 100 * len(MODELS)
    assert off <= 1e-9
    attributed = float(told(home, f"select sum(revenue) {paths}")[0][0])
    [(spent,)] = told(home, "select sum(spend) from marts.ad_spend_daily")
    unknown = told(home, "select distinct spend_date, channel from marts.ad_spend_daily where spend is null")
    assert not unknown, "every amount has a rate, or totals of spend tell nothing"
    for table in ("attribution_by_channel", "attribution_by_campaign", "attribution_by_segment"):
        totals = told(home, f"select model, sum(revenue), sum(spend) from marts.{table} group by model")
        assert {model: spend for model, _, spend in totals} == dict.fromkeys(MODELS, spent), table
        assert [revenue for _, revenue, _ in totals] == [pytest.approx(attributed, abs=1e-6)] * len(MODELS), table


def test_a_release_adds_up(released: Path) -> None:
    adds_up(released)


def test_a_refund_restates_what_was_credited(
    released: Path, world: Path, world_end: date, copied: Callable[[Path], Path]
) -> None:
    home, landing, day = copied(released), copied(world), world_end + timedelta(days=1)
    purchases = (
        "select o.order_id, o.net_revenue, c.customer_id, "
        "cast(date_trunc('month', c.converted_on) as date), c.conversion_type, "
        "(select min(order_line_id) from marts.order_lines as l where l.order_id = o.order_id) "
        "from marts.orders as o join marts.conversions as c using (order_id) "
        "where c.unattributed_reason is null and o.currency = 'USD' and o.refunded = 0 and o.net_revenue > 20 "
    )
    # In part: an order with a path of several touches.
    [part] = told(home, f"{purchases} and c.path_length > 2 order by o.order_id limit 1")
    # In whole: the first purchase of somebody else, whom touches led to another.
    again = (
        "(select customer_id from marts.orders join marts.conversions using (order_id, customer_id) "
        "where order_number = 2 and unattributed_reason is null)"
    )
    [whole] = told(
        home,
        f"{purchases} and o.order_number = 1 and c.customer_id in {again} and c.customer_id <> ? order by 1 limit 1",
        part[2],
    )
    [(second,)] = told(home, "select order_id from marts.orders where order_number = 2 and customer_id = ?", whole[2])

    land(
        landing,
        "shopify/refund",
        day,
        [{"id": f"late-{o[0]}", "order_id": o[0], "created_at": f"{day} 10:00:00"} for o in (part, whole)],
    )
    refunded = {part[0]: Decimal("10.01"), whole[0]: whole[1]}
    land(
        landing,
        "shopify/order_line_refund",
        day,
        [
            {
                **{"id": f"late-{o[0]}", "refund_id": f"late-{o[0]}", "order_line_id": o[5]},
                **{"quantity": 1, "subtotal": refunded[o[0]]},
            }
            for o in (part, whole)
        ],
    )
    counts = "booked_conversions, attributed_conversions, booked_revenue, attributed_revenue"
    months = f"select month, conversion_type, model, {counts} {RECONCILED}"
    before = {row[:3]: row[3:] for row in told(home, months)}
    credited = "select model, sum(credited_revenue) from marts.attribution_credits where conversion_id = ? group by 1"
    assert dict(told(home, credited, f"order:{part[0]}")) == {m: pytest.approx(float(part[1])) for m in MODELS}

    done = tributary("refresh", "--landing", landing, "--home", home, "--as-of", str(day), "--json")
    assert (done.code, json.loads(done.out)["as_of_date"]) == (0, str(day)), done.out + done.err

    adds_up(home)
    left = part[1] - refunded[part[0]]
    assert told(home, "select revenue from marts.conversions where order_id = ?", part[0]) == [(left,)]
    assert dict(told(home, credited, f"order:{part[0]}")) == {m: pytest.approx(float(left)) for m in MODELS}
    # Of the other order nothing is left: it is no conversion, and the next one is the first.
    for table in ("conversions", "attribution_credits"):
        key = f"order:{whole[0]}"
        assert told(home, f"select count(*) from marts.{table} where conversion_id = ?", key) == [(0,)]
    moved = told(
        home,
        "select cast(date_trunc('month', converted_on) as date), conversion_type, revenue, unattributed_reason "
        "from marts.conversions where order_id = ?",
        second,
    )
    [(month, kind, revenue, reason)] = moved
    assert (kind, reason) == ("first_purchase", None)

    # Counts and money, booked and attributed, by month and type: what must have changed, and nothing else.
    wanted = dict(before)

    def change(month: date, kind: str, count: int, money: Decimal) -> None:
        for model in MODELS:
            row = wanted.get((month, kind, model), (0, 0, Decimal(0), Decimal(0)))
            wanted[month, kind, model] = (row[0] + count, row[1] + count, row[2] + money, row[3] + money)

    change(part[3], part[4], 0, -refunded[part[0]])
    change(whole[3], "first_purchase", -1, -whole[1])
    change(month, "repeat_purchase", -1, -revenue)
    change(month, "first_purchase", 1, revenue)
    after = {row[:3]: row[3:] for row in told(home, months)}
    assert after == {key: row for key, row in wanted.items() if row[0]}
