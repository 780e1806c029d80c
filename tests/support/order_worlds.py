"""Random small worlds of orders, with what real exports have: versions, orphans, tests, foreign money, edges of D."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

AS_OF = date(2024, 6, 30)
CUSTOMERS = [f"customer-{number}" for number in range(6)]
ORDERS = [f"o{number}" for number in range(8)]
LINES = [f"l{number}" for number in range(12)]
REFUNDS = [f"r{number}" for number in range(5)]
PRODUCTS = ["p1", "p2", "p3"]

# Few moments, so that ties and the edges of D, of its months and of the RFM window are hit often.
DAYS = [
    date(2022, 12, 31),
    AS_OF - timedelta(days=540),
    AS_OF - timedelta(days=539),
    date(2023, 11, 30),
    date(2024, 1, 1),
    date(2024, 5, 31),
    date(2024, 6, 1),
    AS_OF,
    AS_OF + timedelta(days=1),
]
# Midnight in New York is 4 or 5 hours after midnight UTC.
TIMES = [timedelta(hours=hours) for hours in (0, 4, 5, 12)] + [timedelta(days=1) - timedelta(microseconds=1)]
AS_OF_DATES = [AS_OF, AS_OF, AS_OF - timedelta(days=1), AS_OF + timedelta(days=1), date(2024, 5, 31), date(2024, 1, 1)]

moments = st.builds(
    lambda day, time: datetime.combine(day, datetime.min.time()) + time, st.sampled_from(DAYS), st.sampled_from(TIMES)
)
export_dates = st.sampled_from([None, AS_OF - timedelta(days=30), AS_OF, AS_OF + timedelta(days=1)])
prices = st.one_of(
    st.integers(0, 20_000).map(lambda cents: cents / 100),
    st.sampled_from([0.0, 0.005, 1.005, 3.335, 12.3456, 19.99]),
)
signed_prices = st.one_of(prices, prices.map(lambda price: -price))
maybe_prices = st.one_of(st.none(), prices)


def rows_of(columns: dict[str, Any], size: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(columns), max_size=size).map(
        lambda rows: [
            row
            | {
                "_line": line,
                # A refresh reads a dated row from a file of its date.
                "_file": "any.csv" if row["_export_date"] is None else f"any/dt={row['_export_date']}/any.csv",
            }
            for line, row in enumerate(rows, start=2)
        ]
    )


orders = rows_of(
    {
        "id": st.sampled_from(ORDERS),
        "created_at": moments,
        "processed_at": st.one_of(st.none(), moments),
        "updated_at": st.one_of(st.none(), moments),
        "cancelled_at": st.one_of(st.none(), st.none(), moments),
        "financial_status": st.sampled_from([None, "paid", "Paid ", "pending", "refunded", " VOIDED", "voided"]),
        "currency": st.sampled_from(["USD", " usd", "EUR", "eur ", "JPY", "GBP"]),
        "total_price": signed_prices,
        "total_discounts": maybe_prices,
        "total_tax": maybe_prices,
        "total_shipping": maybe_prices,
        "test": st.sampled_from([None, False, False, True]),
        "_export_date": export_dates,
    },
    12,
)
order_lines = rows_of(
    {
        "id": st.sampled_from(LINES),
        "order_id": st.sampled_from([*ORDERS, "nowhere"]),
        "product_id": st.sampled_from([None, *PRODUCTS, "nowhere"]),
        "quantity": st.integers(-2, 5),
        "price": prices,
        "total_discount": maybe_prices,
        "_export_date": export_dates,
    },
    14,
)
refunds = rows_of(
    {
        "id": st.sampled_from(REFUNDS),
        "order_id": st.sampled_from([*ORDERS, "nowhere"]),
        "created_at": moments,
        "_export_date": export_dates,
    },
    6,
)
refund_lines = rows_of(
    {
        "id": st.sampled_from([f"rl{number}" for number in range(8)]),
        "refund_id": st.sampled_from([*REFUNDS, "nowhere"]),
        "order_line_id": st.sampled_from([None, *LINES, "nowhere"]),
        "quantity": st.one_of(st.none(), st.integers(0, 3)),
        "subtotal": prices,
        "_export_date": export_dates,
    },
    10,
)
products = rows_of(
    {
        "id": st.sampled_from(PRODUCTS),
        "product_type": st.sampled_from([None, "mugs", "tea"]),
        "unit_cost": maybe_prices,
        "updated_at": st.one_of(st.none(), moments),
        "_export_date": export_dates,
    },
    5,
)
rates = rows_of(
    {
        "date": st.sampled_from(DAYS),
        "from_currency": st.sampled_from(["EUR", "JPY", "USD"]),
        "to_currency": st.sampled_from(["USD", "USD", "EUR"]),
        "rate": st.one_of(
            st.integers(1, 2_000_000).map(lambda millionths: millionths / 1_000_000),
            st.sampled_from([0.0, -1.0, 0.5, 1.1, 0.00671234, 150.25]),
        ),
        "_export_date": export_dates,
    },
    8,
)

worlds = st.fixed_dictionaries(
    {
        ("shopify", "order"): orders,
        ("shopify", "order_line"): order_lines,
        ("shopify", "refund"): refunds,
        ("shopify", "order_line_refund"): refund_lines,
        ("shopify", "product"): products,
        ("finance", "fx_rate"): rates,
    }
)
as_of_dates = st.sampled_from(AS_OF_DATES)
owners = st.dictionaries(st.sampled_from(ORDERS), st.sampled_from(CUSTOMERS), max_size=len(ORDERS))
