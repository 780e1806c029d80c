"""Marketplaces and affiliates: what they showed, what was clicked, and what they charge for it."""

from dataclasses import dataclass

import numpy as np

from .devices import Devices
from .orders import Orders
from .people import People
from .scene import DAY, Scene, at, money, where
from .store import Store

# In the order of the ways in that arrivals.py keeps for partners.
PARTNERS = ["dealdrum", "marketlane"]
# Which campaign of the partner: the listing itself, another, or none that is named.
_CAMPAIGNS = ["", "Spring; push", None]
_CAMPAIGN_SHARES = [0.77, 0.18, 0.05]
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
    strangers = round(0.4 * len(people) * min(1.0, scene.days / 540)) + 3
    visitor = rng.choice(devices.visitors, strangers) if len(devices.visitors) else np.full(strangers, -1)
    leads = np.flatnonzero(rng.random(len(people)) < 0.012)
    sold = np.flatnonzero((orders.person >= 0) & orders.genuine & (rng.random(len(orders)) < 0.012))
    clicked = len(clicks.person)
    # What is clicked was shown a moment before, on the same day.
    shown_at = np.maximum(clicks.at - rng.integers(1, 120, clicked), clicks.at // DAY * DAY)
    device = devices.first_of[clicks.person]
    none, nobody = np.full(len(leads) + len(sold), -1), np.full(strangers, -1)
    listing = rng.choice(len(_CAMPAIGNS), size=clicked, p=_CAMPAIGN_SHARES)
    size = strangers + 2 * clicked + len(leads) + len(sold)
    kind = np.repeat([0, 0, 1, 2, 3], [strangers, clicked, clicked, len(leads), len(sold)])
    person = np.concatenate([nobody, clicks.person, clicks.person, leads, orders.person[sold]])
    seen_on = np.concatenate([visitor, device, device, none])
    lead_at = scene.moments(rng, people.since[leads], scene.stop, len(leads))
    shown = scene.moments(rng, scene.start, scene.stop, strangers)
    when = np.concatenate([shown, shown_at, clicks.at, lead_at, orders.placed[sold] + 120])
    others = rng.integers(0, len(PARTNERS), strangers), rng.integers(0, len(PARTNERS), len(none))
    partner = np.concatenate([others[0], clicks.partner, clicks.partner, others[1]])
    shares = _CAMPAIGN_SHARES
    campaign = np.concatenate(
        [rng.choice(3, size=strangers, p=shares), listing, listing, rng.choice(3, size=len(none), p=shares)]
    )
    order_id = np.full(size, None, dtype=object)
    order_id[size - len(sold) :] = orders.ids[sold].astype(str).astype(object)
    cents = np.array([1, 0, 450, 0])[kind]
    cents[kind == 1] = rng.integers(15, 90, clicked)
    cents[kind == 3] = orders.total_cents[sold] * 6 // 100
    currency = np.full(size, "USD", dtype=object)
    currency[size - len(sold) :] = orders.currency[sold]
    by_email = (kind >= 2) | ((kind == 1) & (rng.random(size) < 0.25))
    by_device = (seen_on >= 0) & (rng.random(size) < where(kind == 0, 0.4, 0.85))
    by_phone = (kind == 2) & (rng.random(size) < 0.3)
    cost = money(cents, rng.random(size) > 0.02)

    inside = np.flatnonzero(when < scene.stop)
    rows = inside[np.argsort(when[inside], kind="stable")]
    named = np.array([LISTINGS[name] for name in PARTNERS], dtype=object)[partner[rows]]
    known = person[rows] >= 0
    who = np.maximum(person[rows], 0)
    phone = where(by_phone[rows] & known, people.phone[who], None)
    store.add(
        "partner/placement_event",
        {
            "id": 4_000_000 + np.arange(len(rows)) * 3,
            "partner": np.array(PARTNERS, dtype=object)[partner[rows]],
            "event": np.array(["impression", "click", "lead", "order"], dtype=object)[kind[rows]],
            "email": where(by_email[rows] & known, people.email[who], None),
            "phone": phone,
            "anonymous_id": where(by_device[rows], devices.anonymous_id[np.maximum(seen_on[rows], 0)], None),
            "campaign": where(campaign[rows] == 0, named, np.array(_CAMPAIGNS, dtype=object)[campaign[rows]]),
            "order_id": order_id[rows],
            "cost": cost[rows],
            "currency": currency[rows],
            "occurred_at": at(when[rows]),
        },
        landed=when[rows] // DAY,
        person=person[rows],
        phone=phone,
    )
