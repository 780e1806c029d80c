"""The CRM: contacts with duplicates and merges, companies, and deals of business buyers."""

import numpy as np

from .orders import CALL_CENTRE
from .people import People
from .phones import written
from .scene import DAY, Scene, at, money, pick, text, where
from .store import Store
from .typos import misspell, misspell_emails
from .words import COMPANY_WORDS, INDUSTRIES, JOB_TITLES

FIRST_CONTACT, FIRST_COMPANY, FIRST_DEAL = 15_101, 9_001, 70_001


def keep_crm(scene: Scene, store: Store, people: People) -> None:
    rng = scene.rng("crm")
    companies = _companies(scene, rng, store, people)
    person, contact = _contacts(scene, rng, store, people, companies)
    _deals(scene, rng, store, people, person, contact)


def _companies(scene: Scene, rng: np.random.Generator, store: Store, people: People) -> int:
    count = max(1, len(people.kinds["business"]) // 3)
    size_of = rng.lognormal(3.5, 1.4, count).astype(np.int64) + 1
    created = scene.moments(rng, scene.start, scene.stop, count)
    left, middle, right = (pick(rng, words, count) for words in COMPANY_WORDS)
    store.add(
        "hubspot/company",
        {
            "id": FIRST_COMPANY + np.arange(count),
            "property_name": left + " " + middle + ", " + right,
            "property_industry": pick(rng, [*INDUSTRIES, None], count),
            "property_numberofemployees": where(rng.random(count) < 0.1, np.nan, size_of),
            "property_annualrevenue": where(rng.random(count) < 0.3, np.nan, np.round(size_of * 113_250.5, 2)),
            "property_city": pick(rng, ["Boston", "London", "Berlin", "Lyon", None], count),
            "property_country": pick(rng, ["United States", "gb", "Germany", "FR", None], count),
            "property_createdate": at(created),
            "is_deleted": pick(rng, [False, True], count, [0.97, 0.03]),
        },
    )
    return count


def _contacts(
    scene: Scene, rng: np.random.Generator, store: Store, people: People, companies: int
) -> tuple[np.ndarray, np.ndarray]:
    size = len(people)
    chance = np.select([people.role == "shop", people.role == "guest"], [0.3, 0.05], 0.4)
    listed = rng.random(size) < chance
    copies = people.kinds["stranger_copy"][1::3]
    listed[people.kinds["business"]] = True
    listed[copies] = True
    listed[people.kinds["twins"]] = True
    main = np.flatnonzero(listed)
    created = people.since[main] + rng.integers(0, 3 * DAY, len(main))
    inside = created < scene.stop
    main, created = main[inside], created[inside]
    order = np.argsort(created, kind="stable")
    main, created = main[order], created[order]
    # A second entry of the same person: merged into the first for some, simply there for others.
    twice = np.flatnonzero((rng.random(len(main)) < 0.025) & ~np.isin(main, copies) & (created + 2 < scene.stop))
    person = np.concatenate([main, main[twice]])
    is_second = np.arange(len(person)) >= len(main)
    created = np.concatenate([created, scene.moments(rng, created[twice] + 1, scene.stop, len(twice))])
    count = len(person)
    ids = FIRST_CONTACT + np.arange(count) * 50
    email = people.email[person].copy()
    other = (rng.random(count) < 0.05) | (is_second & (rng.random(count) < 0.6))
    email[other] = people.other_email[person[other]]
    first, last = people.first[person].copy(), people.last[person].copy()
    copy = np.isin(person, copies)
    email[copy] = misspell_emails(rng, email[copy], people.addresses())
    first[copy] = misspell(rng, first[copy])
    style = rng.integers(0, 5, count)
    has_phone = (rng.random(count) < 0.5) & ~copy
    phone = text(written(people.country[person], people.national[person], style), has_phone)
    landline = np.isin(person, people.kinds["shared_landline"])
    odd = rng.random(count)
    odd[copy | landline] = 1.0
    email = where(
        odd < 0.006, pick(rng, ["null", "n/a", "noreply@example.com", "NONE", "not an address"], count), email
    )
    switched = (odd >= 0.006) & (odd < 0.016)
    phone = where(switched, CALL_CENTRE, phone)
    blank = (odd >= 0.016) & (odd < 0.024)
    phone = where(blank, pick(rng, ["000-000", "-1", "+00 00", "unknown", "999 999 9999", "123"], count), phone)
    ordinary_phone = has_phone & ~switched & ~blank

    merged = np.full(count, None, dtype=object)
    deleted = np.zeros(count, dtype=bool)
    second_rows = np.arange(len(main), count)
    into = rng.random(len(twice)) < 0.6
    # The id of an entry that is gone from the export as well, for every other one.
    merged[twice[into]] = text(ids[second_rows[into]])
    gone = twice[into][::2]
    merged[gone] = merged[gone] + ";" + text(ids[gone] + 25)
    deleted[second_rows[into]] = rng.random(int(into.sum())) < 0.7
    deleted |= (rng.random(count) < 0.008) & ~is_second
    born_known = (rng.random(count) < 0.5) | copy | np.isin(person, people.kinds["twins"])
    merged_at = np.zeros(count, dtype=np.int64)
    merged_at[twice[into]] = created[second_rows[into]] + 1
    changed = scene.moments(rng, np.maximum(created, merged_at) + 1, scene.stop, count)
    changes = (rng.random(count) < 0.35) | (merged_at > 0) | deleted
    changes &= changed > np.maximum(created, merged_at)
    stage = pick(rng, ["subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer", None], count)
    spelled = rng.integers(0, 3, count)
    country = np.select(
        [spelled == 0, spelled == 1],
        [people.code(8)[person], people.code(0)[person]],
        np.array([c.lower() for c in people.code(0)[person]], dtype=object),
    )
    business = np.isin(person, people.kinds["business"])
    company = text(FIRST_COMPANY + rng.integers(0, companies, count), business)

    def version(rows: np.ndarray, after: bool) -> dict[str, np.ndarray]:
        who = person[rows]
        return {
            "id": ids[rows],
            "property_email": email[rows],
            "property_phone": phone[rows],
            "property_firstname": text(first[rows], rng.random(len(rows)) > 0.05),
            "property_lastname": last[rows],
            "property_jobtitle": where(business[rows], pick(rng, JOB_TITLES, len(rows)), None),
            "property_associatedcompanyid": company[rows],
            "property_lifecyclestage": stage[rows] if after else pick(rng, ["subscriber", "lead"], len(rows)),
            "property_city": text(people.city[who], rng.random(len(rows)) > 0.2),
            "property_country": country[rows],
            "property_date_of_birth": where(born_known[rows], people.born[who], np.datetime64("NaT", "D")),
            "property_gender": where(rng.random(len(rows)) < 0.5, where(people.female[who], "female", "male"), None),
            "property_createdate": at(created[rows]),
            "property_lastmodifieddate": at(changed[rows] if after else created[rows]),
            "property_hs_merged_object_ids": merged[rows] if after else np.full(len(rows), None, dtype=object),
            "_fivetran_deleted": deleted[rows] if after else np.zeros(len(rows), dtype=bool),
        }

    everyone, again = np.arange(count), np.flatnonzero(changes)
    before, after = version(everyone, False), version(again, True)
    rows = np.concatenate([everyone, again])
    store.add(
        "hubspot/contact",
        {name: np.concatenate([before[name], after[name]]) for name in before},
        landed=np.concatenate([created, changed[again]]) // DAY,
        person=person[rows],
        phone=text(people.phone[person[rows]], ordinary_phone[rows]),
    )
    return main, ids[: len(main)]


def _deals(
    scene: Scene,
    rng: np.random.Generator,
    store: Store,
    people: People,
    person: np.ndarray,
    contact: np.ndarray,
) -> None:
    business = np.flatnonzero(np.isin(person, people.kinds["business"]))
    owner = np.repeat(business, rng.choice([0, 1, 2, 3], size=len(business), p=[0.35, 0.4, 0.17, 0.08]))
    created = scene.moments(rng, people.since[person[owner]] + 1, scene.stop, len(owner))
    order = np.argsort(created, kind="stable")
    owner, created = owner[order], created[order]
    size = len(owner)
    ids = FIRST_DEAL + np.arange(size)
    closes = created + rng.integers(2 * DAY, 70 * DAY, size)
    closed = (rng.random(size) < 0.7) & (closes < scene.stop)
    won = closed & (rng.random(size) < 0.45)
    amount = np.round(rng.lognormal(8, 0.9, size)).astype(np.int64) * 100
    known = rng.random(size) > 0.05
    # Rows as created; a second time, as closed, where that falls among the increments.
    rows = np.concatenate([np.arange(size), np.flatnonzero(closed)])
    final = np.arange(len(rows)) >= size
    store.add(
        "hubspot/deal",
        {
            "deal_id": ids[rows],
            "property_dealname": np.array(
                [f'Order "bulk" no. {n}; {y}' for n, y in enumerate(pick(rng, ["new", "renewal"], size))],
                dtype=object,
            )[rows],
            "property_amount": money(amount, known)[rows],
            "deal_currency": pick(rng, ["USD", "EUR", "GBP"], size)[rows],
            "deal_pipeline_stage_id": where(final, where(won[rows], "closedwon", "closedlost"), "appointmentscheduled"),
            "property_createdate": at(created[rows]),
            "property_closedate": at(closes[rows], final),
            "is_won": final & won[rows],
            "is_deleted": (rng.random(size) < 0.03)[rows],
        },
        landed=where(final, closes[rows], created[rows]) // DAY,
        person=person[owner[rows]],
    )
    colleague = business[rng.integers(0, max(len(business), 1), size)] if len(business) else owner
    joins = (rng.random(size) < 0.35) & (colleague != owner)
    deal = np.concatenate([np.arange(size), np.flatnonzero(joins)])
    member = np.concatenate([owner, colleague[joins]])
    store.add(
        "hubspot/deal_contact",
        {"deal_id": ids[deal], "contact_id": contact[member]},
        landed=created[deal] // DAY,
        person=person[member],
    )
