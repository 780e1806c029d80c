"""What people agreed to, took back, and asked to have erased."""

import numpy as np

from .accounts import Accounts
from .devices import Devices
from .people import People
from .scene import DAY, Scene, at, pick, where
from .store import Store

PURPOSES = [
    ("email_marketing", 0.8),
    ("sms_marketing", 0.35),
    ("ads_personalisation", 0.5),
    ("profiling", 0.6),
    ("analytics", 0.7),
]


def record_consent(scene: Scene, store: Store, people: People, accounts: Accounts, devices: Devices) -> None:
    rng = scene.rng("consents")
    size = len(people)
    asked = np.flatnonzero(rng.random(size) < 0.55)
    parts = []
    for number, (_, share) in enumerate(PURPOSES):
        answered = asked[rng.random(len(asked)) < share]
        parts.append((answered, np.full(len(answered), number)))
    person = np.concatenate([p for p, _ in parts])
    purpose = np.concatenate([n for _, n in parts])
    when = people.since[person] + rng.integers(30, 3_600, len(person))
    granted = rng.random(len(person)) < 0.82
    # Some take it back later, a few grant it again, a few do both in one instant: then it is withdrawn.
    back = np.flatnonzero(granted & (rng.random(len(person)) < 0.14))
    back_at = scene.moments(rng, when[back] + 1, scene.stop, len(back))
    again = np.flatnonzero(rng.random(len(back)) < 0.2)
    again_at = scene.moments(rng, back_at[again] + 1, scene.stop, len(again))
    tie = np.flatnonzero(granted & (rng.random(len(person)) < 0.004))
    rows = np.concatenate([np.arange(len(person)), back, back[again], tie])
    times = np.concatenate([when, back_at, again_at, when[tie]])
    status = np.concatenate([granted, np.zeros(len(back), bool), np.ones(len(again), bool), np.zeros(len(tie), bool)])
    inside = np.flatnonzero((times >= scene.start) & (times < scene.stop))
    order = inside[np.argsort(times[inside], kind="stable")]
    rows, times, status = rows[order], times[order], status[order]
    person, purpose = person[rows], purpose[rows]
    count = len(rows)
    account = accounts.of_person[person]
    how = rng.random(count)
    by_account = (account >= 0) & (how < 0.35)
    by_phone = np.isin(purpose, [1]) & (how < 0.8) & ~by_account
    by_device = (purpose == 4) & (how > 0.5)
    by_email = ~by_account & ~by_phone & ~by_device | (how > 0.9)
    device = devices.first_of[person]
    store.add(
        "consent/event",
        {
            "id": np.array([f"c{n:08d}" for n in range(count)], dtype=object),
            "email": where(by_email, people.email[person], None),
            "phone": where(by_phone, people.phone[person], None),
            "user_id": where(by_account, account.astype(str).astype(object), None),
            "anonymous_id": where(by_device, devices.anonymous_id[device], None),
            "purpose": np.array([name for name, _ in PURPOSES], dtype=object)[purpose],
            "status": where(status, "granted", "withdrawn").astype(object),
            "lawful_basis": pick(rng, ["consent", "legitimate_interest", "contract", None], count, [90, 6, 2, 2]),
            "occurred_at": at(times),
        },
        landed=times // DAY,
        person=person,
        phone=where(by_phone, people.phone[person], None),
    )
    _erasures(scene, store, people, accounts)


def _erasures(scene: Scene, store: Store, people: People, accounts: Accounts) -> None:
    rng = scene.rng("erasures")
    person = people.kinds["erased"]
    earliest = np.maximum(people.since[person] + 1, scene.stop - max(scene.days // 4, 1) * DAY)
    when = scene.moments(rng, earliest, scene.stop, len(person))
    # The first request comes among the increments.
    if len(when):
        when[0] = scene.moments(rng, np.maximum(earliest[:1], scene.dump_stop), scene.stop, 1)[0]
    order = np.argsort(when, kind="stable")
    person, when = person[order], when[order]
    account = accounts.of_person[person]
    how = np.arange(len(person)) % 3
    by_account = (how == 1) & (account >= 0)
    by_phone = how == 2
    store.add(
        "consent/erasure_request",
        {
            "id": np.array([f"er-{n:05d}" for n in range(len(person))], dtype=object),
            "email": where(~by_account & ~by_phone | (how == 2), people.email[person], None),
            "phone": where(by_phone, people.phone[person], None),
            "user_id": where(by_account, account.astype(str).astype(object), None),
            "requested_at": at(when),
        },
        landed=when // DAY,
        person=person,
        phone=where(by_phone, people.phone[person], None),
    )
