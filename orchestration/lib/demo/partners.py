"""Marketplaces and affiliates: what they showed, what was clicked, and what they charge for it."""

from dataclasses import dataclass

import numpy as np

from .devices import Devices
from .orders import Orders
from .people import People
from .scene import DAY, Scene, at, money, pick, where
from .store import Store

# In the order of the ways in that arrivals.py keeps for partners.
PARTNERS = ["dealdrum", "marketlane"]
LISTINGS = {"dealdrum": "dealdrum-home", "marketlane": "marketlane-listing"}


@dataclass(frozen=True)
class Placements:
    person: np.ndarray  # -1 for a stranger
    at: np.ndarray
    partner: np.ndarray
    leads_on: np.ndarray  # whether the click opens the site


def plan_clicks(scene: Scene, people: People) -> Placements:
    """Clicks on partners' placements, some of which lead to a session."""
    rng = scene.rng("partner clicks")
    person = np.flatnonzero(rng.random(len(people)) < 0.09)
    person = np.repeat(person, rng.integers(1, 4, len(person)))
    when = scene.moments(rng, people.since[person], scene.stop, len(person))
    return Placements(person, when, rng.integers(0, 2, len(person)), rng.random(len(person)) < 0.6)


def place_with_partners(
    scene: Scene, store: Store, people: People, devices: Devices, orders: Orders, clicks: Placements
) -> None:
    rng = scene.rng("partners")
    shown = round(0.4 * len(people) * min(1.0, scene.days / 540)) + 3
    visitor = (
        devices.visitors[rng.integers(0, max(len(devices.visitors), 1), shown)]
        if len(devices.visitors)
        else np.zeros(shown, int)
    )
    leads = np.flatnonzero(rng.random(len(people)) < 0.012)
    sold = np.flatnonzero((orders.person >= 0) & orders.genuine & (rng.random(len(orders)) < 0.012))
    kind = np.repeat([0, 1, 2, 3], [shown, len(clicks.person), len(leads), len(sold)])
    person = np.concatenate([np.full(shown, -1), clicks.person, leads, orders.person[sold]])
    device = np.concatenate([visitor, devices.first_of[clicks.person], np.full(len(leads) + len(sold), -1)])
    when = np.concatenate(
        [
            scene.moments(rng, scene.start, scene.stop, shown),
            clicks.at,
            scene.moments(rng, people.since[leads], scene.stop, len(leads)),
            orders.placed[sold] + 120,
        ]
    )
    partner = np.concatenate([rng.integers(0, 2, shown), clicks.partner, rng.integers(0, 2, len(leads) + len(sold))])
    order_id = np.concatenate(
        [
            np.full(shown + len(clicks.person) + len(leads), None, dtype=object),
            orders.ids[sold].astype(str).astype(object),
        ]
    )
    cost = np.concatenate(
        [
            np.full(shown, 1),
            rng.integers(15, 90, len(clicks.person)),
            np.full(len(leads), 450),
            orders.total_cents[sold] * 6 // 100,
        ]
    )
    currency = np.concatenate([np.full(len(kind) - len(sold), "USD", dtype=object), orders.currency[sold]])
    inside = np.flatnonzero(when < scene.stop)
    rows = inside[np.argsort(when[inside], kind="stable")]
    person, device, kind, when, partner = person[rows], device[rows], kind[rows], when[rows], partner[rows]
    size = len(rows)
    who = np.maximum(person, 0)
    by_email = (kind >= 2) | ((kind == 1) & (rng.random(size) < 0.25))
    by_device = (kind <= 1) & (device >= 0) & (rng.random(size) < where(kind == 0, 0.4, 0.85))
    by_phone = (kind == 2) & (rng.random(size) < 0.3)
    campaign = np.array([LISTINGS[name] for name in PARTNERS], dtype=object)[partner]
    store.add(
        "partner/placement_event",
        {
            "id": 4_000_000 + np.arange(size) * 3,
            "partner": np.array(PARTNERS, dtype=object)[partner],
            "event": np.array(["impression", "click", "lead", "order"], dtype=object)[kind],
            "email": where(by_email & (person >= 0), people.email[who], None),
            "phone": where(by_phone, people.phone[who], None),
            "anonymous_id": where(by_device, devices.anonymous_id[np.maximum(device, 0)], None),
            "campaign": where(
                rng.random(size) < 0.05,
                None,
                where(rng.random(size) < 0.2, pick(rng, ["Spring; push", "retarget"], size), campaign),
            ),
            "order_id": order_id[rows],
            "cost": money(cost[rows], rng.random(size) > 0.02),
            "currency": currency[rows],
            "occurred_at": at(when),
        },
        landed=when // DAY,
        person=person,
        phone=where(by_phone, people.phone[who], None),
    )
