"""Activations of this warehouse's own segments: who was sent what, and who was held out."""

import hashlib

import numpy as np

from .accounts import Accounts
from .people import People
from .scene import DAY, Scene, at, pick, where
from .store import Store

_CAMPAIGNS = [
    ("act-winback", "Win back; spring", "Email", "lapsed", 2),
    ("act-vip", "VIP preview", "Email", "premium_adopters", 2),
    ("act-cart", "Cart reminder", "SMS", "cart_abandoners", 4),
    ("act-bargain", "Sale for savers", "Email", "budget_conscious", 1),
    ("act-ready", "Ready to buy", "Paid Social", "ready_to_buy_prospects", 12),
    ("act-welcome", "Second order", "Mobile Push", "new_customers", 1),
]


def send_activations(scene: Scene, store: Store, people: People, accounts: Accounts) -> None:
    rng = scene.rng("sends")
    person, campaign, when = [], [], []
    for number in range(len(_CAMPAIGNS)):
        # Each campaign goes out twice, the second time within the increments.
        for back in (12 + 17 * number, number % max(scene.increments, 1)):
            opens = scene.stop - (back + 1) * DAY + 9 * 3_600
            if opens < scene.start:
                continue
            reached = np.flatnonzero((rng.random(len(people)) < 0.03) & (people.since < opens))
            person.append(reached)
            campaign.append(np.full(len(reached), number))
            when.append(opens + rng.integers(0, 7_200, len(reached)))
    who = np.concatenate(person) if person else np.array([], dtype=np.int64)
    which = np.concatenate(campaign) if campaign else who
    moments = np.concatenate(when) if when else who
    order = np.argsort(moments, kind="stable")
    who, which, moments = who[order], which[order], moments[order]
    size = len(who)
    account = accounts.of_person[who]
    by_id = (account >= 0) & (rng.random(size) < 0.5)
    issued = np.full(size, None, dtype=object)
    issued[by_id] = [issued_id(scene.hash_key, "user_id", str(a)) for a in account[by_id].tolist()]
    variation = pick(rng, ["A", "B", "holdout"], size, [0.45, 0.45, 0.1])
    cents = np.array([c[4] for c in _CAMPAIGNS])[which]
    store.add(
        "campaigns/send",
        {
            "id": np.array([f"snd{n:07d}" for n in range(size)], dtype=object),
            "campaign_id": np.array([c[0] for c in _CAMPAIGNS], dtype=object)[which],
            "campaign_name": np.array([c[1] for c in _CAMPAIGNS], dtype=object)[which],
            "channel": np.array([c[2] for c in _CAMPAIGNS], dtype=object)[which],
            "segment": np.array([c[3] for c in _CAMPAIGNS], dtype=object)[which],
            "variation_id": variation,
            "email": where(~by_id | (rng.random(size) < 0.2), people.email[who], None),
            "customer_id": issued,
            "sent_at": at(moments),
            "cost": where(variation == "holdout", 0.0, cents / 100),
            "currency": np.full(size, "USD", dtype=object),
        },
        landed=moments // DAY,
        person=who,
    )


def issued_id(key: str, kind: str, value: str) -> str:
    """The customer id that belongs to an identifier: any id that the warehouse could have issued for it."""
    return hashlib.sha256(f"{key}{kind}:{value}".encode()).hexdigest()[:32]
