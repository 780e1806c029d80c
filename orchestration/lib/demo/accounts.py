"""The shop's customer accounts: one a shopper, for some two, and what they changed later."""

from dataclasses import dataclass

import numpy as np

from .people import People
from .phones import written
from .scene import DAY, Scene, at, pick, text, where
from .store import Store

FIRST_ID = 6_900_000_000_000


@dataclass(frozen=True)
class Accounts:
    ids: np.ndarray  # of every account
    person: np.ndarray  # of every account
    created: np.ndarray
    email: np.ndarray  # the address that the account has at the end
    of_person: np.ndarray  # the first account of each person, -1 for none

    def opened(self, account: np.ndarray) -> np.ndarray:
        """When each account was opened, in seconds; 0 for none. Accounts stand in the order of their ids."""
        if not len(self.ids):
            return np.zeros(len(account), dtype=np.int64)
        position = np.minimum(np.searchsorted(self.ids, account), len(self.ids) - 1)
        return where(account >= 0, self.created[position], 0)


def open_accounts(scene: Scene, store: Store, people: People) -> Accounts:
    rng = scene.rng("accounts")
    shoppers = np.flatnonzero(people.role == "shop")
    person = np.concatenate([shoppers, people.kinds["two_accounts"]])
    second = np.arange(len(person)) >= len(shoppers)
    created = people.since[person]
    # Some accounts are older than the world.
    older = (rng.random(len(person)) < 0.15) & ~second
    created = where(
        older,
        scene.start - rng.integers(1, 900, len(person)) * DAY - rng.integers(0, DAY, len(person)),
        created,
    )
    created = where(second, scene.moments(rng, created + 1, scene.stop, len(person)), created)
    order = np.argsort(created, kind="stable")
    person, created, second = person[order], created[order], second[order]
    size = len(person)
    ids = FIRST_ID + np.arange(size) * 4_099 + rng.integers(0, 4_000, size)

    email = people.email[person].copy()
    for group in people.kinds["shared_inbox"].reshape(-1, 3):
        # A club orders through one inbox: three accounts, three people, one address.
        email[np.isin(person, group)] = "office." + people.email[group[0]]
    current = email.copy()
    style = rng.integers(0, 5, size)
    has_phone = rng.random(size) < 0.62
    has_phone[np.isin(person, people.kinds["shared_landline"])] = True
    phone = text(written(people.country[person], people.national[person], style), has_phone)
    # One of two people first gave the other's address; the correction in the last days parts them again.
    wrong, other = people.kinds["corrected_email"][0::2], people.kinds["corrected_email"][1::2]
    corrected = np.isin(person, wrong)
    changes = (rng.random(size) < 0.3) | corrected
    changed = scene.moments(rng, np.maximum(created + 1, scene.start), scene.stop, size)
    # Beyond the ordinary, a few changes in the last week, so that increments carry updates.
    late = (rng.random(size) < 0.02) | corrected
    changes |= late
    changed = where(late, scene.moments(rng, np.maximum(created + 1, scene.dump_stop), scene.stop, size), changed)
    changes &= (changed > created) & (created < scene.stop)
    first_email = email.copy()
    partner = np.arange(len(people))
    partner[wrong] = other
    first_email[corrected] = people.email[partner[person[corrected]]]
    mixed = (rng.random(size) < 0.06) & ~corrected
    first_email[mixed] = np.array([e.title() for e in first_email[mixed]], dtype=object)
    padded = rng.random(size) < 0.01
    first_email[padded] = " " + first_email[padded] + " "
    missing = (rng.random(size) < 0.015) & has_phone & ~corrected
    first_email[missing] = None
    email[missing] = None

    def version(rows: np.ndarray, after: bool) -> dict[str, np.ndarray]:
        who = person[rows]
        moved = after & (rng.random(len(rows)) < 0.2)
        number = where(moved, "Flat 2, ", "").astype(object)
        odd = rng.random(len(rows))
        first = people.first[who].copy()
        first[odd < 0.004] = first[odd < 0.004] + " ☕"
        first[(odd >= 0.004) & (odd < 0.006)] = '=HYPERLINK("x")'
        street = number + people.street[who]
        street[(odd >= 0.01) & (odd < 0.02)] = street[(odd >= 0.01) & (odd < 0.02)] + '\nback door; ring "twice"'
        return {
            "id": ids[rows],
            "email": (email if after else first_email)[rows],
            "phone": phone[rows],
            "first_name": text(first, rng.random(len(rows)) > 0.02),
            "last_name": people.last[who],
            "created_at": at(created[rows]),
            "updated_at": at(
                changed[rows] if after else created[rows], (rng.random(len(rows)) > 0.01) | corrected[rows]
            ),
            "accepts_marketing": pick(rng, [True, False, None], len(rows), [0.55, 0.4, 0.05]),
            "state": pick(rng, ["enabled", "disabled", "invited", "declined"], len(rows), [0.8, 0.12, 0.06, 0.02]),
            "verified_email": pick(rng, [True, False, None], len(rows), [0.8, 0.17, 0.03]),
            "default_address_address_1": street,
            "default_address_city": people.city[who],
            "default_address_province": people.province[who],
            "default_address_country_code": people.code(0)[who],
            "default_address_zip": people.postcode[who],
            "tags": pick(
                rng,
                [None, "vip", "wholesale", "newsletter, vip", "=1+1", "a;b"],
                len(rows),
                [80, 6, 3, 8, 1, 2],
            ),
        }

    live = np.flatnonzero(created < scene.stop)
    twice = np.flatnonzero(changes)
    before, after = version(live, False), version(twice, True)
    rows = np.concatenate([live, twice])
    store.add(
        "shopify/customer",
        {name: np.concatenate([before[name], after[name]]) for name in before},
        landed=np.maximum(np.concatenate([created[live], changed[twice]]), scene.start) // DAY,
        person=person[rows],
        phone=text(people.phone[person[rows]], has_phone[rows]),
    )
    of_person = np.full(len(people), -1)
    first_rows = np.flatnonzero(~second)
    of_person[person[first_rows]] = ids[first_rows]
    return Accounts(ids, person, created, current, of_person)
