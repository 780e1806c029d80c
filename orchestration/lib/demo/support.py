"""The support desk: end users, staff, and tickets."""

import numpy as np

from .orders import Orders
from .people import People
from .phones import written
from .scene import DAY, Scene, at, pick, text, where
from .store import Store

FIRST_USER, FIRST_TICKET = 360_000_000_000, 50_001


def run_support(scene: Scene, store: Store, people: People, orders: Orders) -> None:
    rng = scene.rng("support")
    asks = np.flatnonzero((orders.person >= 0) & (rng.random(len(orders)) < 0.07))
    strangers = np.flatnonzero(rng.random(len(people)) < 0.01)
    person = np.concatenate([orders.person[asks], strangers])
    created = np.concatenate(
        [
            orders.placed[asks] + rng.integers(DAY // 2, 12 * DAY, len(asks)),
            scene.moments(rng, people.since[strangers], scene.stop, len(strangers)),
        ]
    )
    inside = created < scene.stop
    person, created = person[inside], created[inside]
    order = np.argsort(created, kind="stable")
    person, created = person[order], created[order]
    users, first_ticket, requester = np.unique(person, return_index=True, return_inverse=True)
    count = len(users)
    ids = FIRST_USER + np.arange(count) * 137
    staff = 4
    email = people.email[users].copy()
    other = rng.random(count) < 0.08
    email[other] = people.other_email[users[other]]
    has_phone = rng.random(count) < 0.3
    name = people.first[users] + " " + people.last[users]
    name[rng.random(count) < 0.1] = None
    since = np.concatenate([created[first_ticket], np.full(staff, scene.start)])
    everyone = np.argsort(since, kind="stable")
    store.add(
        "zendesk/user",
        {
            "id": np.concatenate([ids, FIRST_USER - 10 + np.arange(staff)])[everyone],
            "email": np.concatenate([email, [f"agent{n}@harbour-lane.example" for n in range(staff)]]).astype(object)[
                everyone
            ],
            # The desk knows no country: numbers are written in full.
            "phone": np.concatenate(
                [
                    text(
                        written(people.country[users], people.national[users], rng.integers(0, 2, count)),
                        has_phone,
                    ),
                    [None] * staff,
                ]
            )[everyone],
            "name": np.concatenate([name, [f"Agent {n}" for n in range(staff)]]).astype(object)[everyone],
            "role": np.array(["end-user"] * count + ["agent"] * (staff - 1) + ["admin"], dtype=object)[everyone],
        },
        landed=since[everyone] // DAY,
        person=np.concatenate([users, np.full(staff, -1)])[everyone],
        phone=np.concatenate([text(people.phone[users], has_phone), [None] * staff])[everyone],
    )
    size = len(person)
    solved_at = created + np.minimum(rng.lognormal(10.8, 1.1, size), 20 * DAY).astype(np.int64)
    solved = solved_at < scene.stop
    rows = np.concatenate([np.arange(size), np.flatnonzero(solved)])
    final = np.arange(len(rows)) >= size
    store.add(
        "zendesk/ticket",
        {
            "id": (FIRST_TICKET + np.arange(size))[rows],
            "requester_id": text(ids[requester], rng.random(size) > 0.01)[rows],
            "created_at": at(created[rows]),
            "updated_at": at(where(final, solved_at[rows], created[rows])),
            "status": where(
                final,
                pick(rng, ["solved", "closed"], len(rows)),
                pick(rng, ["new", "open", "pending"], len(rows)),
            ),
            "priority": pick(rng, ["low", "normal", "high", "urgent", None], size, [2, 5, 2, 1, 2])[rows],
            "type": pick(rng, ["question", "incident", "problem", "task", None], size)[rows],
            "satisfaction_score": where(
                final,
                pick(rng, ["good", "bad", "offered", "unoffered"], len(rows), [4, 1.2, 2, 3]),
                "unoffered",
            ),
        },
        landed=where(final, solved_at[rows], created[rows]) // DAY,
        person=person[rows],
    )
