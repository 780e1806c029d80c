"""The loyalty programme: members, some enrolled at a till by ear, and their points."""

import numpy as np

from .orders import Orders
from .people import People
from .phones import written
from .scene import DAY, Scene, at, text, where
from .store import Store
from .typos import misspell, misspell_emails

TIERS = ["bronze", "silver", "gold", "platinum"]


def run_loyalty(scene: Scene, store: Store, people: People, orders: Orders) -> None:
    rng = scene.rng("loyalty")
    size = len(people)
    chance = np.select([people.role == "shop", people.role == "guest"], [0.36, 0.1], 0.0)
    enrolled = rng.random(size) < chance
    copies = people.kinds["stranger_copy"][2::3]
    enrolled[copies] = True
    enrolled[people.kinds["twins"]] = True
    enrolled[people.kinds["father_and_son"]] = True
    person = np.flatnonzero(enrolled)
    joined = people.since[person] + (rng.random(len(person)) * 30 * DAY).astype(np.int64)
    inside = joined < scene.stop
    person, joined = person[inside], joined[inside]
    order = np.argsort(joined, kind="stable")
    person, joined = person[order], joined[order]
    count = len(person)
    ids = np.array([f"HL{n:07d}" for n in range(count)], dtype=object)
    ids = where(np.arange(count) % 40 == 7, text(5_200_000 + np.arange(count)), ids)
    copy = np.isin(person, copies)
    family = np.isin(person, np.concatenate([people.kinds["twins"], people.kinds["father_and_son"]]))
    email = people.email[person].copy()
    first, last = people.first[person].copy(), people.last[person].copy()
    email[copy] = misspell_emails(rng, email[copy], people.addresses())
    last[copy] = misspell(rng, last[copy])
    nickname = copy & (rng.random(count) < 0.3)
    first[nickname] = np.array([name[:3] for name in first[nickname]], dtype=object)
    email = text(email, (rng.random(count) > 0.1) | copy)
    has_phone = (rng.random(count) < 0.5) & ~copy & ~family
    style = rng.integers(0, 3, count) % 2
    phone = text(written(people.country[person], people.national[person], style), has_phone)
    points_of = np.bincount(orders.person[orders.person >= 0], minlength=size)[person]
    tier = np.array(TIERS, dtype=object)[np.minimum(points_of // 3, 3)]
    changed = scene.moments(rng, joined + 1, scene.stop, count)
    changes = ((points_of >= 3) | (rng.random(count) < 0.1)) & (changed > joined)
    rows = np.concatenate([np.arange(count), np.flatnonzero(changes)])
    final = np.arange(len(rows)) >= count
    store.add(
        "loyalty/member",
        {
            "member_id": ids[rows],
            "email": email[rows],
            "phone": phone[rows],
            "first_name": first[rows],
            "last_name": last[rows],
            "postcode": text(people.postcode[person], (rng.random(count) > 0.1) | copy)[rows],
            "date_of_birth": where(
                (rng.random(count) < 0.8) | copy | family, people.born[person], np.datetime64("NaT", "D")
            )[rows],
            "tier": where(final | ~changes[rows], tier[rows], "bronze"),
            "joined_at": at(joined, rng.random(count) > 0.01)[rows],
            "updated_at": at(where(final, changed[rows], joined[rows]), final | (rng.random(len(rows)) > 0.1)),
        },
        landed=where(final, changed[rows], joined[rows]) // DAY,
        person=person[rows],
        phone=text(people.phone[person[rows]], has_phone[rows]),
    )
    _points(scene, rng, store, person, ids, joined, orders, size)


def _points(
    scene: Scene,
    rng: np.random.Generator,
    store: Store,
    person: np.ndarray,
    ids: np.ndarray,
    joined: np.ndarray,
    orders: Orders,
    size: int,
) -> None:
    member_of = np.full(size, -1)
    member_of[person] = np.arange(len(person))
    member = where(orders.person >= 0, member_of[np.maximum(orders.person, 0)], -1)
    earns = np.flatnonzero((member >= 0) & orders.genuine)
    earns = earns[orders.placed[earns] >= joined[member[earns]]]
    earned_at = orders.placed[earns] + 86_400
    points = np.maximum(orders.total_cents[earns] // 100 // where(orders.currency[earns] == "JPY", 150, 1), 1)
    spends = np.flatnonzero(rng.random(len(earns)) < 0.12)
    bonus = np.flatnonzero(rng.random(len(person)) < 0.3)
    who = np.concatenate([member[earns], member[earns][spends], bonus])
    when = np.concatenate([earned_at, earned_at[spends] + 20 * DAY, joined[bonus] + 60])
    amount = np.concatenate([points, -(points[spends] // 2) - 1, np.full(len(bonus), 100)])
    order_id = np.concatenate([text(orders.ids[earns]), np.full(len(spends) + len(bonus), None, dtype=object)])
    inside = np.flatnonzero(when < scene.stop)
    rows = inside[np.argsort(when[inside], kind="stable")]
    store.add(
        "loyalty/point_transaction",
        {
            "id": 800_000 + np.arange(len(rows)),
            "member_id": ids[who[rows]],
            "points": amount[rows],
            "occurred_at": at(when[rows]),
            "order_id": order_id[rows],
        },
        landed=when[rows] // DAY,
        person=person[who[rows]],
    )
