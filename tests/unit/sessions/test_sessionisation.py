"""int_events_owned and int_sessions_built against a walk through the events, on random streams of many devices."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from tests.support.device_owners import KINDS, DeviceRow, owners

TIMEOUT = timedelta(minutes=30)
START = datetime(2024, 3, 9, 23, 0)
GAPS = [
    timedelta(0),
    timedelta(0),
    timedelta(seconds=1),
    timedelta(seconds=9, microseconds=999999),
    timedelta(seconds=10),
    timedelta(minutes=7),
    TIMEOUT - timedelta(microseconds=1),
    TIMEOUT,
    TIMEOUT + timedelta(microseconds=1),
    timedelta(hours=5),
]
NAMES = [
    "Product Viewed",
    "product_added",
    "SIGNED OUT",
    "signed_out",
    "Signed Out",
    "Signed In",
    "Order Completed",
    "odd",
]
INTENT = {"product_added", "order_completed"}


def normal(name: str | None) -> str | None:
    return name.lower().replace(" ", "_") if name else None


def make_device(rng: random.Random, number: int) -> tuple[dict, list[dict]]:
    status = rng.choice(["resolved", "anonymous", "shared", "shared", "shared", "placeholder"])
    anonymous_id = f"dev-{number}"
    users = {
        "resolved": [None, None, f"r{number}"],
        "anonymous": [None],
        "shared": [None, None, None, f"a{number}", f"b{number}", f"erased{number}", "null"],
        "placeholder": [None, f"a{number}", "null"],
    }[status]
    moment = START + timedelta(minutes=rng.randrange(60))
    rows = []
    for index in range(rng.randrange(1, 14)):
        kind = rng.choice(["page", "page", "track", "track", "identify"])
        rows.append(
            {
                "anonymous_id": anonymous_id,
                "kind": kind,
                # Ids out of the order of time; pages and tracks may share one.
                "event_id": f"{rng.randrange(1000):03d}-{number}-{index if kind == 'identify' else 0}{kind[0]}{index}",
                "user_id": rng.choice(users),
                "event_name": rng.choice(NAMES) if kind == "track" else None,
                "occurred_at": moment,
            }
        )
        moment += rng.choice(GAPS)
    rng.shuffle(rows)
    customer = f"customer-r{number}" if status == "resolved" else None
    return {"anonymous_id": anonymous_id, "status": status, "customer_id": customer}, rows


def customer_of(user: str | None) -> str | None:
    """Every user is a customer but those that no identity knows (erased) and placeholders."""
    return f"customer-{user}" if user and user != "null" and not user.startswith("erased") else None


def owners_of(rows: list[dict]) -> dict[datetime, str | None]:
    return owners(
        DeviceRow(
            row["occurred_at"],
            row["kind"],
            row["event_id"],
            row["user_id"] if row["user_id"] != "null" else None,
            normal(row["event_name"]) == "signed_out",
        )
        for row in rows
    )


def expected(device: dict, rows: list[dict]) -> tuple[set, set]:
    """(event, customer, session) of every event, and the sessions, of one device."""
    status = device["status"]
    who = owners_of(rows) if status == "shared" else {}
    events = sorted(
        (row for row in rows if row["kind"] != "identify"),
        key=lambda row: (row["occurred_at"], KINDS[row["kind"]], row["event_id"]),
    )
    owned, sessions = set(), set()
    if status == "placeholder":
        for row in events:
            owned.add((row["kind"], row["event_id"], customer_of(row["user_id"]), None))
        return owned, sessions

    current: list[list[dict]] = []
    for row in events:
        owner = who.get(row["occurred_at"])
        before = current[-1][-1] if current else None
        if (
            before is None
            or row["occurred_at"] - before["occurred_at"] >= TIMEOUT
            or owner != who.get(before["occurred_at"])
        ):
            current.append([])
        current[-1].append(row)
    for session in current:
        first, last = session[0], session[-1]
        customer = device["customer_id"] if status == "resolved" else customer_of(who.get(first["occurred_at"]))
        names = [normal(row["event_name"]) for row in session]
        pages = sum(row["kind"] == "page" for row in session)
        for row in session:
            owned.add((row["kind"], row["event_id"], customer, first["occurred_at"]))
        sessions.add(
            (
                device["anonymous_id"],
                first["occurred_at"],
                last["occurred_at"],
                customer,
                first["kind"],
                first["event_id"],
                pages,
                names.count("product_viewed"),
                names.count("product_added"),
                names.count("order_completed"),
                pages >= 2
                or last["occurred_at"] - first["occurred_at"] >= timedelta(seconds=10)
                or any(name in INTENT for name in names),
            )
        )
    return owned, sessions


@pytest.mark.parametrize("seed", range(12))
def test_sessions_and_owners_are_those_of_a_walk_through_the_events(warehouse, seed):
    rng = random.Random(seed)
    worlds = [make_device(rng, number) for number in range(700)]
    rows = [row for _, events in worlds for row in events]
    warehouse.insert("staging.stg_segment__pages", [row for row in rows if row["kind"] == "page"])
    warehouse.insert("staging.stg_segment__tracks", [row for row in rows if row["kind"] == "track"])
    warehouse.insert("staging.stg_segment__identifies", [row for row in rows if row["kind"] == "identify"])
    warehouse.insert("intermediate.int_devices_resolved", [device for device, _ in worlds])
    users = sorted({row["user_id"] for row in rows if customer_of(row["user_id"])})
    warehouse.insert(
        "intermediate.int_identifiers_resolved",
        [{"identifier_type": "user_id", "identifier_value": user, "customer_id": customer_of(user)} for user in users]
        # The same text as another type of identifier is another person.
        + [{"identifier_type": "crm_id", "identifier_value": user, "customer_id": "stranger"} for user in users],
    )
    warehouse.run("int_events_owned", "int_sessions_built")
    owned = warehouse.rows(
        "select anonymous_id, event_kind, event_id, customer_id, session_started_at from intermediate.int_events_owned"
    )
    sessions = warehouse.rows(
        "select anonymous_id, started_at, ended_at, customer_id, first_event_kind, first_event_id, page_views, "
        "product_views, cart_adds, purchases, is_engaged from intermediate.int_sessions_built"
    )
    assert len(owned) == sum(row["kind"] != "identify" for row in rows)
    for device, events in worlds:
        name = device["anonymous_id"]
        want_owned, want_sessions = expected(device, events)
        assert {row[1:] for row in owned if row[0] == name} == want_owned, (device, events)
        assert {row for row in sessions if row[0] == name} == want_sessions, (device, events)
    ids = warehouse.rows("select count(*), count(distinct session_id) from intermediate.int_sessions_built")
    assert ids[0] == (len(sessions), len(sessions))
