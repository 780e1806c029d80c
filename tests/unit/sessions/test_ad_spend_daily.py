"""ad_spend_daily on made-up costs of each platform."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

DAY = date(2024, 5, 2)
GOOGLE = "staging.stg_google_ads__campaign_days"
FACEBOOK = "staging.stg_facebook_ads__campaign_days"
PARTNER = "staging.stg_partner__placement_events"
SENDS = "staging.stg_campaigns__sends"
RATES = "staging.stg_finance__fx_rates"


def build(warehouse) -> list[dict]:
    warehouse.run("int_fx_rates_dated", "ad_spend_daily")
    names = [
        "spend_date",
        "platform",
        "account_id",
        "campaign_id",
        "campaign",
        "channel",
        "impressions",
        "clicks",
        "spend",
    ]
    found = warehouse.rows(f"select {', '.join(names)} from marts.ad_spend_daily order by all")
    return [dict(zip(names, row, strict=True)) for row in found]


def spent(amount: str | None, currency: str | None = "USD", **more) -> dict:
    return {
        "campaign_id": "1",
        "account_id": "a",
        "spend_date": DAY,
        "impressions": 10,
        "clicks": 2,
        "spend": None if amount is None else Decimal(amount),
        "currency": currency,
    } | more


def rate(day: date, from_currency: str, value: float, to_currency: str = "USD", line: int = 1) -> dict:
    return {
        "rate_date": day,
        "from_currency": from_currency,
        "to_currency": to_currency,
        "rate": value,
        "_file": "finance/fx_rate.csv",
        "_line": line,
    }


def test_devices_and_networks_of_a_day_are_one_row(warehouse):
    warehouse.insert(GOOGLE, [spent("1.10"), spent("2.20"), spent("0", impressions=None, clicks=None)])
    (row,) = build(warehouse)
    assert (row["impressions"], row["clicks"], row["spend"]) == (20, 4, Decimal("3.30"))
    assert (row["platform"], row["account_id"], row["campaign"], row["channel"]) == (
        "google_ads",
        "a",
        None,
        "Paid Other",
    )


def test_a_day_is_rounded_once(warehouse):
    warehouse.insert(GOOGLE, [spent("0.004"), spent("0.004"), spent("0.004")])
    warehouse.insert(FACEBOOK, [spent("0.005")])
    assert [row["spend"] for row in build(warehouse)] == [Decimal("0.01"), Decimal("0.01")]


def test_the_rate_is_the_latest_on_or_before_the_day(warehouse):
    warehouse.insert(
        RATES,
        [
            rate(DAY - timedelta(days=9), "EUR", 1.5),
            rate(DAY, "GBP", 2.0),
            rate(DAY + timedelta(days=1), "EUR", 9.0),
            rate(DAY + timedelta(days=1), "GBP", 9.0),
            rate(DAY, "USD", 7.0),
            rate(DAY, "CHF", 3.0, to_currency="EUR"),
            rate(DAY + timedelta(days=1), "SEK", 9.0),
        ],
    )
    warehouse.insert(
        FACEBOOK,
        [spent("10", currency, campaign_id=currency) for currency in ("EUR", "GBP", "USD", "CHF", "SEK")]
        + [spent("10", None, campaign_id="none")],
    )
    assert {row["campaign_id"]: row["spend"] for row in build(warehouse)} == {
        "EUR": Decimal("15.00"),
        "GBP": Decimal("20.00"),
        "USD": Decimal("10.00"),
        "CHF": None,
        "SEK": None,
        "none": None,
    }


def test_a_day_with_an_amount_without_rate_is_unknown(warehouse):
    warehouse.insert(
        GOOGLE, [spent("10"), spent("10", "XXX"), spent("10", campaign_id="2"), spent("0", None, campaign_id="2")]
    )
    warehouse.insert(GOOGLE, [spent(None, campaign_id="3"), spent("1", campaign_id="3")])
    assert {row["campaign_id"]: row["spend"] for row in build(warehouse)} == {
        "1": None,
        "2": Decimal("10.00"),
        "3": None,
    }


@pytest.mark.parametrize(
    ("campaign_type", "channel"),
    [
        ("SEARCH", "Paid Search"),
        ("SHOPPING", "Paid Shopping"),
        ("DISPLAY", "Display"),
        ("VIDEO", "Paid Video"),
        ("PERFORMANCE_MAX", "Cross-network"),
        ("search", "Paid Search"),
        ("DEMAND_GEN", "Paid Other"),
        (None, "Paid Other"),
    ],
)
def test_the_channel_of_a_google_campaign(warehouse, campaign_type, channel):
    version = {
        "campaign_id": "1",
        "updated_at": datetime(2024, 1, 1),
        "campaign_name": "x",
        "campaign_type": campaign_type,
    }
    warehouse.insert(GOOGLE, [spent("1")])
    warehouse.insert("staging.stg_google_ads__campaign_versions", [version])
    assert [row["channel"] for row in build(warehouse)] == [channel]


def test_the_newest_version_that_has_one_names_the_campaign(warehouse):
    versions = [
        {"campaign_id": "1", "updated_at": datetime(2024, 1, day), "campaign_name": name, "campaign_type": kind}
        for day, name, kind in [(1, "old", "SEARCH"), (3, "new", "VIDEO"), (2, "middle", "SHOPPING"), (4, None, None)]
    ]
    warehouse.insert(GOOGLE, [spent("1")])
    warehouse.insert(FACEBOOK, [spent("1")])
    warehouse.insert("staging.stg_google_ads__campaign_versions", versions)
    warehouse.insert("staging.stg_facebook_ads__campaign_versions", versions)
    assert [(row["platform"], row["campaign"], row["channel"]) for row in build(warehouse)] == [
        ("facebook_ads", "new", "Paid Social"),
        ("google_ads", "new", "Paid Video"),
    ]


def test_costs_of_partners(warehouse):
    def event(name: str, cost: str | None = None, **more) -> dict:
        return {
            "partner": "awin",
            "campaign": "June",
            "event_name": name,
            "cost": cost and Decimal(cost),
            "currency": cost and "USD",
            "occurred_at": datetime(2024, 5, 2, 23, 59, 59),
        } | more

    warehouse.insert(
        PARTNER,
        [
            event("impression"),
            event("impression", "0.10"),
            event("click", "0.25"),
            event("lead", "2"),
            event("order", "5"),
            event("click", "1", occurred_at=datetime(2024, 5, 3)),
            event("click", "1", partner="tradedoubler"),
            event("click", "1", campaign=None),
            event("click", "1", campaign="for jane@example.com"),
        ],
    )
    key = ("spend_date", "account_id", "campaign_id", "campaign", "channel", "impressions", "clicks", "spend")
    assert {tuple(row[name] for name in key) for row in build(warehouse)} == {
        (DAY, "awin", "June", "June", "Affiliates", 2, 1, Decimal("7.35")),
        (date(2024, 5, 3), "awin", "June", "June", "Affiliates", 0, 1, Decimal("1.00")),
        (DAY, "tradedoubler", "June", "June", "Affiliates", 0, 1, Decimal("1.00")),
        (DAY, "awin", None, None, "Affiliates", 0, 1, Decimal("1.00")),
        (DAY, "awin", "for [masked]", "for [masked]", "Affiliates", 0, 1, Decimal("1.00")),
    }


@pytest.mark.parametrize(
    ("sent_through", "channel"),
    [
        ("email", "Email"),
        ("E-Mail", "Email"),
        ("sms", "SMS"),
        ("SMS", "SMS"),
        ("push", "Mobile Push"),
        ("web_push", "Mobile Push"),
        ("mobile", "Mobile Push"),
        ("paid_social", "Paid Social"),
        ("cross-network", "Cross-network"),
        ("Display", "Display"),
        ("direct mail", "direct mail"),
    ],
)
def test_the_channel_of_a_send(warehouse, sent_through, channel):
    send = {"send_id": "s", "campaign_id": "c", "channel": sent_through, "cost": Decimal(1), "currency": "USD"}
    warehouse.insert(SENDS, [send | {"sent_at": datetime(2024, 5, 2)}])
    assert [(row["account_id"], row["channel"]) for row in build(warehouse)] == [(channel, channel)]


def test_costs_of_sends(warehouse):
    def send(number: int, **more) -> dict:
        return {
            "send_id": f"s{number}",
            "campaign_id": "c",
            "campaign_name": "Winback",
            "channel": "email",
            "cost": Decimal("0.01"),
            "currency": "USD",
            "sent_at": datetime(2024, 5, 2, 8, number),
        } | more

    warehouse.insert(
        SENDS,
        [
            send(1, campaign_name="Win back"),
            send(2),
            send(3, channel="sms", cost=Decimal("0.07"), campaign_name=None),
            send(4, cost=None, campaign_name="Winback 2"),
            send(5, cost=None, campaign_id="free"),
        ],
    )
    key = ("account_id", "campaign_id", "campaign", "channel", "impressions", "clicks", "spend")
    assert {tuple(row[name] for name in key) for row in build(warehouse)} == {
        ("Email", "c", "Winback 2", "Email", None, None, Decimal("0.02")),
        ("SMS", "c", "Winback 2", "SMS", None, None, Decimal("0.07")),
    }


@pytest.mark.parametrize("seed", range(5))
def test_spend_of_random_days_is_the_exact_sum(warehouse, seed):
    rng = random.Random(seed)
    currencies = {"EUR": Decimal("1.0837"), "JPY": Decimal("0.006543"), "USD": Decimal(1)}
    warehouse.insert(RATES, [rate(DAY, name, float(value)) for name, value in currencies.items() if name != "USD"])
    rows = [
        spent(
            str(Decimal(rng.randrange(-(10**6), 10**8)) / 10 ** rng.randrange(2, 7)),
            rng.choice([*currencies, *currencies, "XXX"] if rng.random() < 0.1 else list(currencies)),
            campaign_id=str(rng.randrange(4)),
            spend_date=DAY + timedelta(days=rng.randrange(3)),
        )
        for _ in range(60)
    ]
    warehouse.insert(GOOGLE, rows)
    sums: dict = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        sums[row["spend_date"], row["campaign_id"]][row["currency"]] += row["spend"]
    expected = {}
    for key, amounts in sums.items():
        if any(name not in currencies for name in amounts):
            expected[key] = None
        else:
            expected[key] = sum(
                (amount * currencies[name]).quantize(Decimal("0.01"), ROUND_HALF_UP) for name, amount in amounts.items()
            )
    assert {(row["spend_date"], row["campaign_id"]): row["spend"] for row in build(warehouse)} == expected
