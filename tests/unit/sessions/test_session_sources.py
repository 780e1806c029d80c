"""Where a session came from: tracks like pages, queries as a browser reads them. channel_cases.csv has the cases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes

import pytest

HERE = "https://www.shop.co.uk/p/1"


def link(query: str, referrer: str | None = None) -> dict:
    """A first event with that query in its url."""
    return {"url": f"{HERE}?{query}", "referrer": referrer}


NS = "(not set)"


def run(warehouse, events: list[dict]) -> list[tuple]:
    """One session an event; its source, medium, campaign and channel in order."""
    started = datetime(2024, 5, 1)
    pages = [
        {"event_id": f"e{n:04}", "anonymous_id": f"d{n:04}", "occurred_at": started + timedelta(hours=n)} | event
        for n, event in enumerate(events)
    ]
    warehouse.insert("staging.stg_segment__pages", pages)
    warehouse.run("int_events_owned", "int_sessions_built", "int_sessions_sourced")
    warehouse.run("int_fx_rates_dated", "ad_spend_daily", "int_campaigns_aliased", "sessions")
    found = warehouse.rows("select source, medium, campaign, channel from marts.sessions order by started_at")
    assert len(found) == len(events)
    return found


@pytest.mark.parametrize("kind", ["pages", "tracks"])
def test_a_track_is_read_like_a_page(warehouse, kind):
    event = {"event_id": "e", "anonymous_id": "d", "occurred_at": datetime(2024, 5, 1), **link("gclid=1")}
    event |= {"path": "/p/1", "device_type": "tablet", "locale": "en_GB.UTF-8", "event_name": "Product Viewed"}
    warehouse.insert(f"staging.stg_segment__{kind}", [event])
    warehouse.run("int_events_owned", "int_sessions_built", "int_sessions_sourced")
    found = warehouse.rows(
        "select source, medium, landing_path, device_type, country_code from intermediate.int_sessions_sourced"
    )
    assert found == [("google", "cpc", "/p/1", "tablet", "GB")]


def decoded(part: str) -> str:
    """A part of a query as a browser reads it; what is no UTF-8 stays."""
    try:
        return unquote_to_bytes(part.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        return part


def expected_of_query(query: str) -> tuple[str, str, str | None]:
    pairs = [(decoded(name).lower(), decoded(value)) for name, _, value in (p.partition("=") for p in query.split("&"))]
    said = [(name, value) for name, value in pairs if value.strip(" ")]
    utm = [pair for pair in said if pair[0].startswith("utm_")]
    if utm:
        first = {name: value for name, value in reversed(utm)}
        source, medium = (first.get(f"utm_{part}", NS).strip(" ").lower() for part in ("source", "medium"))
        return source, medium, first.get("utm_campaign", NS)
    clicks = [("gclid", "google", "cpc"), ("msclkid", "bing", "cpc"), ("fbclid", "facebook", "referral")]
    for click, source, medium in clicks:
        if any(name == click for name, _ in said):
            return source, medium, None
    return "(direct)", "(none)", None


@pytest.mark.parametrize("seed", range(3))
def test_random_queries_are_read_as_a_browser_reads_them(warehouse, seed):
    rng = random.Random(seed)
    names = [
        "utm_source",
        "UTM_medium",
        "utm_campaign",
        "utm%5Fterm",
        "gclid",
        "MSCLKID",
        "fbclid",
        "q",
        "xutm_source",
        "",
    ]
    bits = ["a", "B", " ", "+", "%20", "%2B", "%C3%A4", "%E4", "%", "%4", "=", "?", "ä", "%2541", "%26", "%3D", "/"]
    queries = []
    for _ in range(500):
        parts = []
        for _ in range(rng.randrange(5)):
            value = "".join(rng.choice(bits) for _ in range(rng.randrange(4)))
            parts.append(rng.choice(names) + rng.choice(["=", "=", "=", ""]) + value)
        queries.append("&".join(parts))
    found = run(warehouse, [link(query) for query in queries])
    wrong = {
        query: {"expected": expected_of_query(query), "found": got[:3]}
        for query, got in zip(queries, found, strict=True)
        if got[:3] != expected_of_query(query)
    }
    assert not wrong
