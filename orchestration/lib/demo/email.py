"""E-mail and SMS as klaviyo tells it: people, campaigns, what was sent to whom and what they did with it."""

from dataclasses import dataclass

import numpy as np

from .people import People
from .phones import written
from .scene import DAY, Scene, at, pick, text, where
from .store import Store
from .typos import misspell, misspell_emails

METRICS = [
    "Received Email",
    "Opened Email",
    "Clicked Email",
    "Unsubscribed",
    "Bounced Email",
    "Marked Email as Spam",
    "Received SMS",
    "Clicked SMS",
    "Placed Order",
]
FLOWS = ["WELCOME", "CARTNUDGE", "WINBACK"]


@dataclass(frozen=True)
class Clicks:
    """Clicks that open the site: who, when, and through which campaign (its position, or minus one less the flow's)."""

    person: np.ndarray
    clicked: np.ndarray
    campaign: np.ndarray
    sms: np.ndarray
    campaign_names: list[str]


def send_email(scene: Scene, store: Store, people: People) -> Clicks:
    rng = scene.rng("email")
    member, created, ids = _members(scene, rng, store, people)
    names, sent_at, is_sms = _campaigns(scene, rng, store)
    metric_ids = [f"MT{n:02d}" for n in range(len(METRICS))]
    store.add("klaviyo/metric", {"id": np.array(metric_ids, dtype=object), "name": np.array(METRICS, dtype=object)})

    # Members stand in the order in which they joined, so a campaign reaches a draw of a prefix of them.
    eligible = np.searchsorted(created, sent_at)
    wanted = rng.binomial(eligible, where(is_sms, 0.03, 0.085))
    campaign = np.repeat(np.arange(len(names)), wanted)
    reader = (rng.random(len(campaign)) * eligible[campaign]).astype(np.int64)
    pairs = np.unique(campaign * max(len(member), 1) + reader)
    campaign, reader = pairs // max(len(member), 1), pairs % max(len(member), 1)
    received = sent_at[campaign] + rng.integers(0, 600, len(campaign))
    # Flows greet everyone once and nudge some.
    for flow, (share, delay) in enumerate([(1.0, 3_600), (0.25, 20 * DAY), (0.1, 120 * DAY)]):
        nudged = np.flatnonzero((rng.random(len(member)) < share) & (created >= scene.start))
        campaign = np.concatenate([campaign, np.full(len(nudged), -1 - flow)])
        reader = np.concatenate([reader, nudged])
        received = np.concatenate([received, created[nudged] + delay + rng.integers(0, 600, len(nudged))])
    sms = where(campaign >= 0, is_sms[np.maximum(campaign, 0)] if len(names) else False, False)
    keep = (received >= scene.start) & (received < scene.stop)
    campaign, reader, received, sms = campaign[keep], reader[keep], received[keep], sms[keep]

    interest = rng.beta(1.6, 2.8, len(member))[reader]
    bounced = ~sms & (rng.random(len(reader)) < 0.006)
    opened = ~sms & ~bounced & (rng.random(len(reader)) < interest)
    opened_at = received + np.minimum(rng.lognormal(9.2, 1.5, len(reader)), 20 * DAY).astype(np.int64)
    clicked = where(sms, rng.random(len(reader)) < 0.09, opened & (rng.random(len(reader)) < 0.14))
    clicked_at = where(sms, received, opened_at) + rng.integers(5, 900, len(reader))
    leaves = opened & (rng.random(len(reader)) < 0.006)
    complains = opened & ~leaves & (rng.random(len(reader)) < 0.0012)
    left_at = np.full(len(member), np.iinfo(np.int64).max)
    gone = leaves | complains
    np.minimum.at(left_at, reader[gone], opened_at[gone] + 60)
    # Who has left gets no more e-mail.
    reached = sms | (received <= left_at[reader])
    opened, clicked, bounced = opened & reached, clicked & reached, bounced & reached
    leaves, complains = leaves & reached, complains & reached
    rows, metrics, moments = [], [], []
    for number, (mask, moment) in enumerate(
        [
            (reached & ~sms & ~bounced, received),
            (opened, opened_at),
            (clicked & ~sms, clicked_at),
            (leaves, opened_at + 60),
            (bounced, received + 5),
            (complains, opened_at + 60),
            (reached & sms, received),
            (clicked & sms, clicked_at),
        ]
    ):
        happened = np.flatnonzero(mask & (moment < scene.stop))
        rows.append(happened)
        metrics.append(np.full(len(happened), number))
        moments.append(moment[happened])
    row, metric, moment = np.concatenate(rows), np.concatenate(metrics), np.concatenate(moments)
    order = np.argsort(moment, kind="stable")
    row, metric, moment = row[order], metric[order], moment[order]
    is_click = (metric == 2) | (metric == 7)
    campaign_ids = np.array([f"CMP{n:04d}" for n in range(len(names))] + [None], dtype=object)
    flow_ids = np.array([*FLOWS, None], dtype=object)
    of_campaign = campaign[row]
    store.add(
        "klaviyo/event",
        {
            "id": np.arange(len(row)) * 3 + 700_000_000,
            "person_id": ids[reader[row]],
            "metric_id": np.array(metric_ids, dtype=object)[metric],
            "campaign_id": campaign_ids[where(of_campaign >= 0, of_campaign, len(names))],
            "flow_id": flow_ids[where(of_campaign < 0, -1 - of_campaign, len(FLOWS))],
            "datetime": at(moment),
            "property_url": where(is_click, "https://www.harbour-lane.example/?utm_medium=email", None),
        },
        landed=moment // DAY,
        person=member[reader[row]],
    )
    leads_on = is_click & (rng.random(len(row)) < 0.65)
    return Clicks(member[reader[row]][leads_on], moment[leads_on], of_campaign[leads_on], metric[leads_on] == 7, names)


def _members(
    scene: Scene, rng: np.random.Generator, store: Store, people: People
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = len(people)
    chance = np.select([people.role == "shop", people.role == "guest"], [0.62, 0.3], 0.8)
    copies = people.kinds["stranger_copy"][0::3]
    joins = rng.random(size) < chance
    joins[copies] = True
    person = np.flatnonzero(joins)
    created = people.since[person] + (rng.exponential(6 * DAY, len(person)) * (rng.random(len(person)) < 0.6)).astype(
        np.int64
    )
    keep = created < scene.stop
    person, created = person[keep], created[keep]
    order = np.argsort(created, kind="stable")
    person, created = person[order], created[order]
    count = len(person)
    ids = np.array([f"01KV{n * 7919 % 100_000_007:08d}" for n in range(count)], dtype=object)
    email = people.email[person].copy()
    other = rng.random(count) < 0.07
    email[other] = people.other_email[person[other]]
    has_phone = rng.random(count) < 0.35
    first, last = people.first[person].copy(), people.last[person].copy()
    # These signed up in a hurry: nothing they typed is quite what the shop knows.
    copy = np.isin(person, copies)
    email[copy] = misspell_emails(rng, email[copy], people.addresses())
    last[copy] = misspell(rng, last[copy])
    has_phone &= ~copy
    placeholder = rng.random(count) < 0.004
    email = where(placeholder & ~copy, pick(rng, ["none", "test@example.net", "(not set)"], count), email)
    unnamed = rng.random(count) < 0.25
    changed = scene.moments(rng, created + 1, scene.stop, count)
    changes = (rng.random(count) < 0.2) & (changed > created)

    def version(rows: np.ndarray, after: bool) -> dict[str, np.ndarray]:
        who = person[rows]
        styles = rng.integers(0, 3, len(rows)) % 2
        return {
            "id": ids[rows],
            "email": email[rows],
            "phone_number": text(written(people.country[who], people.national[who], styles), has_phone[rows]),
            "first_name": where(unnamed[rows] & (not after), None, first[rows]),
            "last_name": where(unnamed[rows] & (not after), None, last[rows]),
            "city": where(rng.random(len(rows)) < 0.5, people.city[who], None),
            "country": people.code(8)[who],
            "created": at(created[rows], rng.random(len(rows)) > 0.01),
            "updated": at(changed[rows] if after else created[rows]),
        }

    everyone, twice = np.arange(count), np.flatnonzero(changes)
    before, after = version(everyone, False), version(twice, True)
    rows = np.concatenate([everyone, twice])
    store.add(
        "klaviyo/person",
        {name: np.concatenate([before[name], after[name]]) for name in before},
        landed=np.concatenate([created, changed[twice]]) // DAY,
        person=person[rows],
        phone=text(people.phone[person[rows]], has_phone[rows]),
    )
    return person, created, ids


def _campaigns(scene: Scene, rng: np.random.Generator, store: Store) -> tuple[list[str], np.ndarray, np.ndarray]:
    """A newsletter a week, a text message a month."""
    topics = ["Coffee", "Tea time", "Kitchen notes", "Rest & Home", "Outdoors", "New in", "Sale", "Stories"]
    names: list[str] = []
    subjects: list[str | None] = []
    sent: list[int] = []
    sms: list[bool] = []
    for week in range((scene.days + 6) // 7):
        opens = scene.start + week * 7 * DAY + 36_000 + int(rng.integers(0, 7_200))
        if opens >= scene.stop:
            continue
        topic = topics[int(rng.integers(0, len(topics)))]
        names.append(f"Newsletter {week + 1:03d} {topic}")
        subjects.append(f'{topic}: "fresh; and warm" ☕' if week % 5 == 0 else f"{topic}, this week")
        sent.append(opens)
        sms.append(False)
        texted = opens + 2 * DAY
        if week % 4 == 3 and texted < scene.stop:
            names.append(f"SMS {week + 1:03d} {topic}")
            subjects.append(None)
            sent.append(texted)
            sms.append(True)
    is_sms, sent_at = np.array(sms, dtype=bool), np.array(sent, dtype=np.int64)
    store.add(
        "klaviyo/campaign",
        {
            "id": np.array([f"CMP{n:04d}" for n in range(len(names))], dtype=object),
            "name": np.array(names, dtype=object),
            "subject": np.array(subjects, dtype=object),
            "sent_at": at(sent_at),
            "campaign_type": where(is_sms, "sms", "email").astype(object),
        },
        landed=sent_at // DAY,
    )
    return names, sent_at, is_sms
