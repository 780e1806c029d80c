"""tests/scenarios/channel_cases.csv: first events, and the source, medium, campaign and channel that each must get."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from tests.support.session_warehouse import PROJECT, VARIABLES

FILE = Path(__file__).resolve().parents[2] / "scenarios" / "channel_cases.csv"
EVENT = {
    **{f"context_campaign_{part}": f"campaign_{part}" for part in ("source", "medium", "name", "term", "content")},
    "url": "url",
    "referrer": "referrer",
}
EXPECTED = ("source", "medium", "campaign", "channel")
CHANNELS = {
    "Direct", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other",
    "Organic Shopping", "Organic Social", "Organic Video", "Organic Search", "Referral", "Email", "Affiliates",
    "Audio", "SMS", "Mobile Push", "Unassigned",
}  # fmt: skip

with FILE.open(newline="", encoding="utf-8") as file:
    CASES = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]


def own_domains() -> list[str]:
    return list(dict.fromkeys(case["own_domains"] for case in CASES if case["own_domains"]))


def test_every_case_gets_its_source_and_channel(warehouse):
    started = datetime(2024, 5, 1)
    warehouse.insert(
        "staging.stg_segment__pages",
        [
            {"event_id": f"e{n}", "anonymous_id": f"d{n}", "occurred_at": started + timedelta(minutes=n)}
            | {column: case[name] for name, column in EVENT.items()}
            for n, case in enumerate(CASES)
        ],
    )
    # Those of the var are not repeated: the cases need both places.
    told = [domain for domain in own_domains() if domain not in VARIABLES["own_domains"]]
    assert len(told) < len(own_domains())
    warehouse.insert("seeds.own_domains", [{"domain": domain} for domain in told])
    warehouse.run("int_events_owned", "int_sessions_built", "int_sessions_sourced")
    warehouse.run("int_fx_rates_dated", "ad_spend_daily", "int_campaigns_aliased", "sessions")
    found = warehouse.rows(f"select {', '.join(EXPECTED)} from marts.sessions order by started_at")
    assert len(found) == len(CASES)
    wrong = {
        case["case"]: {"expected": tuple(case[name] for name in EXPECTED), "found": row}
        for case, row in zip(CASES, found, strict=True)
        if tuple(case[name] for name in EXPECTED) != row
    }
    assert not wrong


def test_cases_are_named_once_and_reach_every_channel():
    assert len({case["case"] for case in CASES}) == len(CASES) >= 150
    assert {case["channel"] for case in CASES} == CHANNELS


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def reached(channel: str, **wanted: Iterable[str]) -> set[str]:
    """Which of some words of a column cases of a channel have."""
    ((column, words),) = wanted.items()
    return {case[column] for case in CASES if case["channel"] == channel} & set(words)


def test_every_category_of_source_is_there_paid_and_not():
    sources: dict[str, set[str]] = {}
    for row in seed("channel_source_categories"):
        sources.setdefault(row["category"], set()).add(row["source"])
    assert set(sources) == {"search", "social", "shopping", "video"}
    for category, names in sources.items():
        for kind in ("Paid", "Organic"):
            assert reached(f"{kind} {category.title()}", source=names), (kind, category)


def test_every_click_id_is_there():
    links = " ".join(case["url"] or "" for case in CASES)
    for row in seed("click_ids"):
        assert re.search(rf"[?&]{row['parameter']}=[^&# ]", links), row["parameter"]
        assert [row["source"], row["medium"], None] in [
            [case["source"], case["medium"], case["campaign"]] for case in CASES
        ]


def test_every_search_engine_is_there():
    engines = {row["engine"] for row in seed("search_engines")}
    assert {case["source"] for case in CASES if case["referrer"] and case["medium"] == "organic"} == engines


def test_every_word_of_the_rules_is_there():
    e_mail = {"email", "e-mail", "e_mail", "e mail"}
    rules = {
        "Email": [("source", e_mail), ("medium", e_mail)],
        "Display": [("medium", {"display", "banner", "expandable", "interstitial", "cpm"})],
        "Organic Social": [
            ("medium", {"social", "social-network", "social-media", "sm", "social network", "social media"})
        ],
        "Referral": [("medium", {"referral", "app", "link"})],
        "SMS": [("source", {"sms"}), ("medium", {"sms"})],
        "Mobile Push": [("source", {"firebase"}), ("medium", {"push", "mobile", "notifications"})],
        "Paid Other": [("medium", {"cpc", "cpa", "cpl", "ecpm", "ppc", "retargeting", "paid", "paid-native"})],
        "Direct": [("medium", {"(none)", "(not set)"})],
        "Affiliates": [("medium", {"affiliate"})],
        "Audio": [("medium", {"audio"})],
        "Organic Search": [("medium", {"organic"})],
    }
    for channel, columns in rules.items():
        for column, words in columns:
            assert reached(channel, **{column: words}) == words, (channel, column)
