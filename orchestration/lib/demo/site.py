"""Sessions on the site and in the app, and the page views and tracked events that they consist of.

A session is planted as (device, start, way in, script); its events follow from the script by arithmetic on whole
columns, and the texts are put in only when the files are written.
"""

from dataclasses import dataclass

import numpy as np

from .accounts import Accounts
from .arrivals import Arrival, ways_in
from .catalogue import Catalogue
from .devices import Devices
from .email import Clicks
from .events import identify, put_into_words, unfold
from .orders import Orders
from .people import People
from .scene import DAY, Scene, where
from .scripts import BROWSING, NAMES, Steps, all_steps
from .sessions import NEVER as _NEVER
from .sessions import PLACEHOLDER_DEVICES, Sessions
from .store import Store

# More than the 30 minutes after which a session ends: planted sessions never run into each other.
_APART = 31 * 60 * 1000


@dataclass(frozen=True)
class Visits:
    """What other tables need to know of the site."""

    device: np.ndarray
    start: np.ndarray  # seconds
    way: np.ndarray
    ways: list[Arrival]


def visit_site(
    scene: Scene,
    store: Store,
    people: People,
    accounts: Accounts,
    catalogue: Catalogue,
    orders: Orders,
    devices: Devices,
    clicks: Clicks,
    partner_person: np.ndarray,
    partner_at: np.ndarray,
    partner_way: np.ndarray,
) -> Visits:
    rng = scene.rng("site")
    steps = all_steps()
    ways, special = ways_in(clicks.campaign_names)
    sessions = _plan(
        scene,
        rng,
        people,
        accounts,
        orders,
        devices,
        clicks,
        ways,
        special,
        steps,
        (partner_person, partner_at, special["partner"][partner_way] if len(partner_way) else partner_way),
    )
    sessions = sessions.take(np.lexsort((sessions.start, sessions.device)))
    _sign_in(rng, sessions, devices, accounts, orders, steps)
    sessions, offsets = _keep_apart(scene, sessions, *_gaps(rng, sessions, steps), steps)
    events = unfold(scene, rng, people, catalogue, orders, devices, sessions, offsets, steps)
    person = _person_of(devices, accounts, sessions)
    put_into_words(store, people, catalogue, orders, devices, sessions, events, ways, steps, person)
    identify(scene, store, rng, people, devices, sessions, events, steps, person)
    return Visits(sessions.device, sessions.start // 1000, sessions.way, ways)


def _person_of(devices: Devices, accounts: Accounts, sessions: Sessions) -> np.ndarray:
    owner = devices.person[sessions.device]
    signed = np.searchsorted(accounts.ids, np.maximum(sessions.user, 0))
    on_tablet = np.isin(sessions.device, devices.tablets) & (sessions.user >= 0)
    by_account = accounts.person[np.minimum(signed, max(len(accounts.ids) - 1, 0))] if len(accounts.ids) else owner
    return where(on_tablet, by_account, owner)


def _plan(
    scene: Scene,
    rng: np.random.Generator,
    people: People,
    accounts: Accounts,
    orders: Orders,
    devices: Devices,
    clicks: Clicks,
    ways: list[Arrival],
    special: dict[str, np.ndarray],
    steps: Steps,
    partner: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Sessions:
    weights = np.array([way.weight for way in ways])
    ordinary = np.cumsum(weights / weights.sum())
    script_names = list(BROWSING)
    script_weights = np.cumsum(np.array(list(BROWSING.values())) / sum(BROWSING.values()))
    script_codes = np.array([NAMES.index(name) for name in script_names])

    def any_way(count: int) -> np.ndarray:
        return np.searchsorted(ordinary, rng.random(count))

    def browsing(count: int) -> np.ndarray:
        return script_codes[np.minimum(np.searchsorted(script_weights, rng.random(count)), len(script_codes) - 1)]

    def device_of(person: np.ndarray) -> np.ndarray:
        # Mostly the first device of a person.
        other = (rng.random(len(person)) < 0.35) * (rng.random(len(person)) * devices.count_of[person]).astype(np.int64)
        return devices.first_of[person] + other

    blocks: list[tuple[np.ndarray, ...]] = []

    def plant(
        device: np.ndarray,
        start_s: np.ndarray,
        way: np.ndarray,
        script: np.ndarray,
        order: np.ndarray | None = None,
        user: np.ndarray | None = None,
    ) -> None:
        count = len(device)
        none = np.full(count, -1)
        start = start_s * 1000 + rng.integers(0, 1000, count)
        blocks.append(
            (
                device,
                start,
                way,
                script,
                none if order is None else order,
                none if user is None else user,
                np.zeros(count, dtype=bool),
            )
        )

    # The session in which an order is placed.
    online = np.flatnonzero(orders.online & (rng.random(len(orders)) < 0.93))
    buyer = orders.person[online]
    short = rng.random(len(online)) < 0.25
    script = where(short, NAMES.index("order_short"), NAMES.index("order"))
    device = device_of(buyer)
    # People with two accounts keep them apart by device, as far as they have two.
    second = np.isin(buyer, people.kinds["two_accounts"])
    ordered_as = accounts_of_orders(orders)[online]
    shift = where(ordered_as == accounts.of_person[buyer], 0, devices.count_of[buyer] - 1)
    device = where(second, devices.first_of[buyer] + shift, device)
    plant(device, orders.placed[online], any_way(len(online)), script, order=online)
    # Looking around in the weeks before.
    looks = rng.poisson(1.1, len(online))
    before = np.repeat(online, looks)
    ago = np.minimum(rng.exponential(9 * DAY, len(before)), 40 * DAY).astype(np.int64) + 7_200
    seen = scene.at_hour(rng, orders.placed[before] - ago)
    plant(device_of(orders.person[before]), seen, any_way(len(before)), browsing(len(before)))
    # Browsing with no purchase in sight, by how keen a person is.
    keen = rng.gamma(0.7, 0.0105 / 0.7, len(people)) * np.select(
        [people.role == "lead", people.role == "guest"], [0.7, 0.5], 1.0
    )
    last_days = np.maximum((scene.stop - people.since) / DAY, 0)
    browses = rng.poisson(keen * last_days)
    person = np.repeat(np.arange(len(people)), browses)
    plant(
        device_of(person),
        scene.moments(rng, people.since[person], scene.stop, len(person)),
        any_way(len(person)),
        browsing(len(person)),
    )
    # Clicks on e-mails and texts lead here, seconds after.
    email_way = (
        special["email"][np.clip(clicks.campaign, 0, None)]
        if len(special["email"])
        else np.zeros(len(clicks.person), dtype=int)
    )
    sms_way = special["sms"][np.clip(clicks.campaign, 0, None)] if len(special["sms"]) else email_way
    flow_way = special["flow"][np.clip(-1 - clicks.campaign, 0, None)]
    way = where(clicks.campaign < 0, flow_way, where(clicks.sms, sms_way, email_way))
    plant(device_of(clicks.person), clicks.clicked + rng.integers(1, 40, len(way)), way, browsing(len(way)))
    plant(
        device_of(partner[0]),
        partner[1] + rng.integers(1, 30, len(partner[0])),
        partner[2],
        browsing(len(partner[0])),
    )
    # Visitors who stay strangers.
    visits = rng.geometric(0.55, len(devices.visitors))
    device = np.repeat(devices.visitors, np.minimum(visits, 8))
    plant(
        device,
        scene.moments(rng, scene.start, scene.stop, len(device)),
        any_way(len(device)),
        browsing(len(device)),
    )
    # The tablet of a household: now one, now the other, now nobody signed in.
    uses = rng.poisson(10, len(devices.tablets)) + 4
    tablet = np.repeat(np.arange(len(devices.tablets)), uses)
    turn = rng.integers(0, 2, len(tablet))
    # The first two uses of each tablet are one by either of them.
    position = np.arange(len(tablet)) - np.repeat(np.cumsum(uses) - uses, uses)
    turn = where(position < 2, position, turn)
    member = people.kinds["shared_tablet"][2 * tablet + turn]
    script = np.array([NAMES.index(n) for n in ("tablet", "tablet_left_open", "tablet_nobody")])[
        where(position < 2, position, rng.choice(3, size=len(tablet), p=[0.5, 0.25, 0.25]))
    ]
    user = where(script == NAMES.index("tablet_nobody"), -1, accounts.of_person[member])
    opened = np.maximum.reduceat(people.since[member], np.cumsum(uses) - uses)[tablet] if len(tablet) else tablet
    plant(
        devices.tablets[tablet],
        scene.moments(rng, opened, scene.stop, len(tablet)),
        any_way(len(tablet)),
        script,
        user=user,
    )
    edges = _edges(scene, devices)
    columns = [np.concatenate(parts) for parts in zip(*blocks, edges, strict=True)]
    count = len(columns[0])
    sessions = Sessions(*columns, np.full(count, _NEVER), np.zeros(count, dtype=bool), np.full(count, -1))
    inside = (sessions.start >= scene.start * 1000) & (sessions.start < scene.stop * 1000)
    return sessions.take(np.flatnonzero(inside))


def accounts_of_orders(orders: Orders) -> np.ndarray:
    """The account of each order as a number, -1 for guests."""
    return where(orders.customer_id == None, -1, orders.customer_id).astype(np.int64)  # noqa: E711


def _edges(scene: Scene, devices: Devices) -> tuple[np.ndarray, ...]:
    """Visitors on the very edge of a session: 30:00 after the last event starts anew, a millisecond earlier does not.

    The last visitors give their own sessions for it: three pairs of single page views, at 30:00.000, 29:59.999 and
    across midnight (29 minutes).
    """
    pairs = [(1_800_000, 43_200_000), (1_799_999, 50_000_000), (1_740_000, DAY * 1000 - 900_000)]
    usable = devices.visitors[-len(pairs) :] if len(devices.visitors) >= len(pairs) and scene.days > 3 else []
    device, start = [], []
    for visitor, (gap, since_midnight) in zip(usable, pairs, strict=False):
        first = (scene.stop - 3 * DAY) * 1000 + since_midnight
        device += [visitor, visitor]
        start += [first, first + gap]
    count = len(device)
    return (
        np.array(device, dtype=np.int64),
        np.array(start, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.full(count, NAMES.index("bounce")),
        np.full(count, -1),
        np.full(count, -1),
        np.ones(count, dtype=bool),
    )


def _gaps(rng: np.random.Generator, sessions: Sessions, steps: Steps) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds between a session's start and each of its events, session after session."""
    counts = steps.script_length[sessions.script]
    total = int(counts.sum())
    gap = np.clip(rng.lognormal(3.1, 1.15, total), 0.4, 1_500)
    first = np.cumsum(counts) - counts
    step = np.arange(total) - np.repeat(first, counts)
    place = np.repeat(steps.script_start[sessions.script], counts) + step
    # What is tracked on a page follows it soon.
    gap = where(steps.is_page[place], gap, np.minimum(gap, 90) / 4)
    milliseconds = where(step == 0, 0, (gap * 1000).astype(np.int64))
    run = np.cumsum(milliseconds)
    return run - np.repeat(run[first], counts) if total else run, counts


def _keep_apart(
    scene: Scene, sessions: Sessions, offsets: np.ndarray, counts: np.ndarray, steps: Steps
) -> tuple[Sessions, np.ndarray]:
    """Move each order's session to end with its order, then drop what would run into an earlier session of its device."""
    first = np.cumsum(counts) - counts
    ends_with_order = steps.order_step[sessions.script]
    has_order = sessions.order >= 0
    order_offset = offsets[first + np.maximum(ends_with_order, 0)] if len(offsets) else offsets
    sessions.start = where(has_order, sessions.start - order_offset, sessions.start)
    last = sessions.start + (offsets[first + counts - 1] if len(offsets) else 0)
    fixed_devices = np.unique(sessions.device[sessions.fixed])
    order = np.lexsort((sessions.start, sessions.device))
    device, start, end = sessions.device[order], sessions.start[order], last[order]
    # Running maximum of ends within a device: devices are lifted apart by more than any time.
    lift = device * (1 << 42)
    reach = np.maximum.accumulate(np.concatenate([[-1], (end + lift)[:-1]])) if len(end) else end
    free = (start + lift >= reach + _APART) | (np.r_[True, device[1:] != device[:-1]] if len(device) else True)
    inside = (start >= scene.start * 1000) & (end < scene.stop * 1000)
    fixed = sessions.fixed[order]
    keep = where(np.isin(device, fixed_devices), fixed, free & inside)
    rows = order[keep]
    kept = sessions.take(rows)
    kept_counts = counts[rows]
    source = np.repeat(first[rows], kept_counts) + (
        np.arange(int(kept_counts.sum())) - np.repeat(np.cumsum(kept_counts) - kept_counts, kept_counts)
    )
    return kept, offsets[source]


def _sign_in(
    rng: np.random.Generator,
    sessions: Sessions,
    devices: Devices,
    accounts: Accounts,
    orders: Orders,
    steps: Steps,
) -> None:
    """In which session of a device its person signs in (its script gets the step), and who is signed in afterwards.

    Sessions come in the order of device and start.
    """
    size = len(sessions.device)
    owner = devices.person[sessions.device]
    tablet = np.isin(sessions.device, devices.tablets)
    opened = np.r_[True, sessions.device[1:] != sessions.device[:-1]] if size else np.array([], dtype=bool)
    first = np.flatnonzero(opened)
    group = np.cumsum(opened) - 1
    number = np.arange(size) - first[group]
    length = np.diff(np.r_[first, size])
    with_order = sessions.order >= 0
    ordered_as = np.full(size, -1)
    ordered_as[with_order] = accounts_of_orders(orders)[sessions.order[with_order]]
    account = where(owner >= 0, accounts.of_person[np.maximum(owner, 0)], -1)
    able = devices.signs_in[sessions.device] & (account >= 0) & ~tablet & ~sessions.fixed
    # Nobody signs in to an account that is not open yet.
    position = np.minimum(np.searchsorted(accounts.ids, account), max(len(accounts.ids) - 1, 0))
    able &= sessions.start // 1000 >= (accounts.created[position] if len(accounts.ids) else 0)
    # With the first order that is placed from an account if there is one, else somewhere.
    choice = np.full(len(first), _NEVER)
    np.minimum.at(choice, group[able & (ordered_as >= 0)], number[able & (ordered_as >= 0)])
    somewhere = where(rng.random(len(first)) < 0.6, (rng.random(len(first)) * length).astype(np.int64), _NEVER)
    choice = where(choice == _NEVER, somewhere, choice)
    signs_in = able & (number == choice[group])
    after = able & (number > choice[group]) & (rng.random(size) < 0.88)
    # Who has two accounts is signed in to the one that the device last ordered from.
    at_order = where(ordered_as >= 0, np.arange(size), -1)
    latest = np.maximum.accumulate(where(opened, np.maximum(at_order, -1), at_order)) if size else at_order
    latest = where(latest >= first[group], latest, -1)
    user = where(latest >= 0, ordered_as[latest], account)
    sessions.user = where(tablet, sessions.user, where(signs_in | after, user, -1))
    order, short = NAMES.index("order"), NAMES.index("order_short")
    ordering = np.isin(sessions.script, [order, short])
    sessions.script = where(signs_in & ordering, NAMES.index("order_sign_in"), sessions.script)
    sessions.script = where(signs_in & ~ordering, NAMES.index("sign_in"), sessions.script)
    nobody = (sessions.script == NAMES.index("sign_out")) & (sessions.user < 0)
    sessions.script = where(nobody, NAMES.index("glance"), sessions.script)
    sessions.signs_in = signs_in | (tablet & (sessions.user >= 0))
    step = steps.sign_in_step[sessions.script]
    sessions.signed_from = where(sessions.signs_in, step, where(after, 0, _NEVER))
    lost = after & ~with_order & (rng.random(size) < 0.003)
    sessions.placeholder = where(lost, rng.integers(0, len(PLACEHOLDER_DEVICES), size), -1)
