"""Device links against a brute-force comparison of everybody with everybody, and where their weights come from."""

from __future__ import annotations

import csv
import json
import math
import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from tests.bench.device_links import BY_HAND, OUTCOMES, Compared, as_seed, estimate
from tests.support.compiled_project import PROJECT, CompiledProject, refresh_vars, rows_of

AS_OF = date(2024, 6, 30)
LIMIT, THRESHOLD, LEAD = 3, 0.4, 0.1
CONTEXTS = ["user_agent", "locale", "timezone"]
WEIGHTS = PROJECT / "seeds" / "device_link_weights.csv"
PRODUCTS = {"p1": "tea", "p2": "tea", "p3": "cups", "p4": "pans", "p5": None}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    limits = {"device_link_context_limit": LIMIT, "device_link_threshold": THRESHOLD, "device_link_lead": LEAD}
    folder = tmp_path_factory.mktemp("links")
    return CompiledProject(["int_devices_linked"], folder, refresh_vars(AS_OF, own_sources={}, **limits))


def make_world(rng: random.Random) -> tuple[dict[str, tuple[str, str | None]], list[dict[str, Any]]]:
    """Devices with their status and customer, and their events. Some users are customers, some are not."""
    devices: dict[str, tuple[str, str | None]] = {}
    for number in range(45):
        status = rng.choice(["anonymous", "anonymous", "resolved", "resolved", "shared", "placeholder"])
        devices[f"d{number}"] = (status, f"c{rng.randrange(14)}" if status == "resolved" else None)
    events = []
    for number in range(260):
        device = rng.choice(list(devices))
        status = devices[device][0]
        events.append(
            {
                "id": f"e{number}",
                "kind": rng.choice(["pages", "tracks", "tracks"]),
                "anonymous_id": device,
                "user_id": rng.choice([None, "u1", "u2", "u9"]) if status in ("shared", "placeholder") else None,
                "timestamp": datetime(2024, 1, 1) + timedelta(days=rng.randrange(120)),
                "context_ip": rng.choice([None, "unknown", *(f"10.0.0.{n}" for n in range(24))]),
                "context_user_agent": rng.choice([None, "ua1", "ua2", "ua3"]),
                "context_locale": rng.choice([None, "en-GB", "de"]),
                "context_timezone": rng.choice([None, "UTC", "Europe/Berlin"]),
                "event": rng.choice(["Product Viewed", "product_viewed", "Product Added"]),
                "product_id": rng.choice([None, *PRODUCTS]),
                "_erased": rng.random() < 0.1,
            }
        )
    return devices, events


USERS = {"u1": "c1", "u2": "c20"}


def expected(
    devices: dict[str, tuple[str, str | None]], events: list[dict[str, Any]]
) -> dict[str, tuple[str, float, dict[str, str]]]:
    """Customer, probability and outcomes of every link, from all pairs of a device and a customer."""
    with WEIGHTS.open(encoding="utf-8") as file:
        weights = {(row["context"], row["outcome"]): float(row["weight"]) for row in csv.DictReader(file)}
    stays: dict[tuple[str, str], dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    seen: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    views: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for event in events:
        status, customer = devices[event["anonymous_id"]]
        if status == "anonymous":
            who = ("device", event["anonymous_id"])
        elif customer or USERS.get(event["user_id"]):
            who = ("customer", customer or USERS[event["user_id"]])
        else:
            continue
        if event["_erased"]:
            continue
        if event["context_ip"] not in (None, "unknown"):
            stays[who][event["context_ip"]].append(event["timestamp"])
        for context in CONTEXTS:
            if event[f"context_{context}"] is not None:
                seen[who][context].add(event[f"context_{context}"])
        category = PRODUCTS.get(event["product_id"])
        if event["kind"] == "tracks" and category and event["event"].lower().replace(" ", "_") == "product_viewed":
            views[who][category] += 1
    guests = {address: [w for w in stays if address in stays[w]] for places in stays.values() for address in places}
    telling = {
        address
        for address, here in guests.items()
        if all(sum(who[0] == kind for who in here) <= LIMIT for kind in ("device", "customer"))
    }

    def outcomes(device: tuple[str, str], customer: tuple[str, str]) -> dict[str, str] | None:
        common = telling & set(stays[device]) & set(stays[customer])
        if not common:
            return None
        found = {"ip_address": "same"}
        for context in CONTEXTS:
            left, right = seen[device][context], seen[customer][context]
            found[context] = "unknown" if not left or not right else "same" if left & right else "other"
        pairs = sum(views[device].values()) * sum(views[customer].values())
        equal = sum(count * views[customer][category] for category, count in views[device].items())
        found["product_interest"] = (
            "unknown"
            if not pairs
            else "same"
            if equal * 10 >= pairs * 3
            else "some"
            if equal * 10 >= pairs
            else "other"
        )
        near = any(
            max(min(stays[device][a]), min(stays[customer][a])) - min(max(stays[device][a]), max(stays[customer][a]))
            <= timedelta(days=30)
            for a in common
        )
        found["time_proximity"] = "near" if near else "far"
        return found

    links = {}
    for device in [who for who in stays if who[0] == "device"]:
        odds = {}
        for customer in [who for who in stays if who[0] == "customer"]:
            how = outcomes(device, customer)
            if how is not None:
                odds[customer[1]] = (math.exp(sum(weights.get(pair, 0.0) for pair in how.items())), how)
        ranked = sorted(odds, key=lambda name: (-round(odds[name][0], 9), name))
        whole = 1 + sum(value for value, _ in odds.values())
        if not ranked:
            continue
        best = odds[ranked[0]][0] / whole
        second = odds[ranked[1]][0] / whole if len(ranked) > 1 else 0.0
        if best >= THRESHOLD and best - second >= LEAD:
            links[device[1]] = (ranked[0], best, {**odds[ranked[0]][1], "candidates": str(len(ranked))})
    return links


@pytest.mark.parametrize("seed", range(8))
def test_links_are_those_of_comparing_everybody(project: CompiledProject, seed: int) -> None:
    devices, events = make_world(random.Random(seed))
    raw: dict[tuple[str, str], list[dict[str, Any]]] = {
        ("segment", kind): [
            {
                name: value
                for name, value in event.items()
                if name != "kind" and (kind == "tracks" or name not in TRACKED)
            }
            for event in events
            if event["kind"] == kind
        ]
        for kind in ("pages", "tracks")
    }
    raw["shopify", "product"] = [{"id": key, "product_type": category} for key, category in PRODUCTS.items()]
    resolved = ", ".join(f"('{name}', '{status}', {literal(c)})" for name, (status, c) in devices.items())
    users = ", ".join(f"('user_id', '{user}', '{customer}')" for user, customer in USERS.items())
    given = {
        "int_devices_resolved": f"select * from (values {resolved}) as t (anonymous_id, status, customer_id)",
        "int_identifiers_resolved": f"select * from (values {users}) as t "
        "(identifier_type, identifier_value, customer_id)",
    }
    with project.build(raw, given) as con:
        found = rows_of(con, "select * from intermediate.int_devices_linked")

    links = {row["anonymous_id"]: (row["customer_id"], row["match_probability"]) for row in found}
    wanted = expected(devices, events)
    assert len(links) == len(found)
    assert links == {name: (customer, pytest.approx(p, abs=1e-6)) for name, (customer, p, _) in wanted.items()}
    for row in found:
        evidence = json.loads(row["evidence"])
        told = {name: part["outcome"] if isinstance(part, dict) else str(part) for name, part in evidence.items()}
        assert told == wanted[row["anonymous_id"]][2]
        assert "10.0.0." not in row["evidence"]
        assert "ua" not in row["evidence"].replace("user_agent", "")
    assert links, "a world without links tells nothing"


TRACKED = ("event", "product_id")


def literal(value: str | None) -> str:
    return "cast(null as varchar)" if value is None else f"'{value}'"


def test_weights_are_found_again_in_choices_made_by_them() -> None:
    rng = np.random.default_rng(5)
    true = np.array([{"ip_address": 0.5, "locale": 1.5}.get(c, 0.8) * (1 if o != "other" else -1) for c, o in OUTCOMES])
    true[[pair[1] == "far" for pair in OUTCOMES]] = -0.8
    device = np.repeat(np.arange(20_000), 2)
    outcomes = np.zeros((len(device), len(OUTCOMES)))
    outcomes[:, 0] = 1
    for context in ("user_agent", "locale", "timezone", "product_interest", "time_proximity"):
        columns = [n for n, pair in enumerate(OUTCOMES) if pair[0] == context]
        # One choice more than there are outcomes: unknown, which has no weight.
        drawn = rng.integers(0, len(columns) + 1, len(device))
        for place, column in enumerate(columns):
            outcomes[:, column] = drawn == place
    odds = np.exp(outcomes @ true).reshape(-1, 2)
    share = odds / (1 + odds.sum(axis=1, keepdims=True))
    choice = rng.random(len(share))
    is_match = np.stack([choice < share[:, 0], (choice >= share[:, 0]) & (choice < share.sum(axis=1))], axis=1)
    found = estimate(Compared(device, outcomes, is_match.reshape(-1).astype(float)))
    assert np.abs(found - true).max() < 0.15


def test_the_shipped_weights_are_of_the_outcomes_that_are_estimated() -> None:
    text = WEIGHTS.read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert as_seed([float(row["weight"]) for row in rows]) == text
    assert {(row["context"], row["outcome"]) for row in rows if row["basis"] != "estimated"} == set(BY_HAND)
