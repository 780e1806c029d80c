"""Which sessions happen: on which device, when, by which way in, and what is done there."""

from dataclasses import dataclass

import numpy as np

from .accounts import Accounts
from .arrivals import WaysIn
from .devices import Devices
from .email import Clicks
from .orders import Orders
from .partners import Placements
from .people import People
from .scene import DAY, Scene, where
from .scripts import BROWSING, NAMES
from .sessions import CONTINUES, FIXED, Sessions, joined, planted


@dataclass(frozen=True)
class Cast:
    """Everybody and everything that leads to a session."""

    people: People
    accounts: Accounts
    orders: Orders
    devices: Devices
    clicks: Clicks
    placements: Placements


def plan_sessions(scene: Scene, rng: np.random.Generator, cast: Cast, ways: WaysIn) -> Sessions:
    """Every session that is meant to happen; some will turn out to run into each other."""
    habits = _Habits(rng, ways, cast.devices)
    parts = [
        _ordering(rng, cast, habits),
        _looking_before_orders(scene, rng, cast, habits),
        _browsing(scene, rng, cast, habits),
        _clicking_mails(rng, cast, habits, ways),
        _clicking_placements(rng, cast, habits, ways),
        _strangers(scene, rng, cast, habits),
        _shared_tablets(scene, rng, cast, habits),
        _edges(scene, cast),
    ]
    sessions = joined(parts)
    inside = (sessions.start >= scene.start * 1000) & (sessions.start < scene.stop * 1000)
    return sessions.take(np.flatnonzero(inside))


class _Habits:
    """Draws of ways in, of browsing scripts and of the device that a person takes up."""

    def __init__(self, rng: np.random.Generator, ways: WaysIn, devices: Devices) -> None:
        self.rng, self.devices = rng, devices
        weights = np.array([way.weight for way in ways.ways])
        self._ways = np.cumsum(weights / weights.sum())
        self._scripts = np.cumsum(np.array(list(BROWSING.values())) / sum(BROWSING.values()))
        self._codes = np.array([NAMES.index(name) for name in BROWSING])

    def any_way(self, size: int) -> np.ndarray:
        return np.minimum(np.searchsorted(self._ways, self.rng.random(size)), len(self._ways) - 1)

    def browsing(self, size: int) -> np.ndarray:
        drawn = np.searchsorted(self._scripts, self.rng.random(size))
        return self._codes[np.minimum(drawn, len(self._codes) - 1)]

    def device_of(self, person: np.ndarray) -> np.ndarray:
        """Mostly the first device of a person."""
        size = len(person)
        other = (self.rng.random(size) * self.devices.count_of[person]).astype(np.int64)
        return self.devices.first_of[person] + where(self.rng.random(size) < 0.35, other, 0)

    def to_ms(self, seconds: np.ndarray) -> np.ndarray:
        return seconds * 1000 + self.rng.integers(0, 1000, len(seconds))


def _ordering(rng: np.random.Generator, cast: Cast, habits: _Habits) -> Sessions:
    """The session in which an order is placed. Its start is that of the order until its events are known."""
    orders, devices = cast.orders, cast.devices
    online = np.flatnonzero(orders.online & (rng.random(len(orders)) < 0.93))
    buyer = orders.person[online]
    device = habits.device_of(buyer)
    # People with two accounts keep them apart by device, as far as they have two.
    twofold = np.isin(buyer, cast.people.kinds["two_accounts"])
    first_account = orders.account[online] == cast.accounts.of_person[buyer]
    own = devices.first_of[buyer] + where(first_account, 0, devices.count_of[buyer] - 1)
    device = where(twofold, own, device)
    script = where(rng.random(len(online)) < 0.25, NAMES.index("order_short"), NAMES.index("order"))
    return planted(device, habits.to_ms(orders.placed[online]), habits.any_way(len(online)), script, order=online)


def _looking_before_orders(scene: Scene, rng: np.random.Generator, cast: Cast, habits: _Habits) -> Sessions:
    """Looking around in the weeks before an order."""
    orders = cast.orders
    online = np.flatnonzero(orders.online)
    order = np.repeat(online, rng.poisson(1.0, len(online)))
    ago = np.minimum(rng.exponential(9 * DAY, len(order)), 40 * DAY).astype(np.int64) + 7_200
    seen = scene.at_hour(rng, orders.placed[order] - ago)
    device = habits.device_of(orders.person[order])
    return planted(device, habits.to_ms(seen), habits.any_way(len(order)), habits.browsing(len(order)))


def _browsing(scene: Scene, rng: np.random.Generator, cast: Cast, habits: _Habits) -> Sessions:
    """Browsing with no order in sight, by how keen a person is."""
    people = cast.people
    role = np.select([people.role == "lead", people.role == "guest"], [0.7, 0.5], 1.0)
    keen = rng.gamma(0.7, 0.0092 / 0.7, len(people)) * role
    days_here = np.maximum((scene.stop - people.since) / DAY, 0)
    person = np.repeat(np.arange(len(people)), rng.poisson(keen * days_here))
    size = len(person)
    seen = scene.moments(rng, people.since[person], scene.stop, size)
    return planted(habits.device_of(person), habits.to_ms(seen), habits.any_way(size), habits.browsing(size))


def _clicking_mails(rng: np.random.Generator, cast: Cast, habits: _Habits, ways: WaysIn) -> Sessions:
    """Clicks on e-mails and texts lead to the site, seconds after."""
    clicks = cast.clicks
    by_campaign = clicks.campaign >= 0
    way = np.empty(len(clicks.person), dtype=np.int64)
    for chosen, first, number in (
        (by_campaign & ~clicks.sms, ways.first_email, clicks.campaign),
        (by_campaign & clicks.sms, ways.first_sms, clicks.campaign),
        (~by_campaign, ways.first_flow, -1 - clicks.campaign),
    ):
        way[chosen] = first + number[chosen]
    seen = habits.to_ms(clicks.clicked + rng.integers(1, 40, len(way)))
    return planted(habits.device_of(clicks.person), seen, way, habits.browsing(len(way)))


def _clicking_placements(rng: np.random.Generator, cast: Cast, habits: _Habits, ways: WaysIn) -> Sessions:
    leads_on = np.flatnonzero(cast.placements.leads_on)
    person = cast.placements.person[leads_on]
    seen = habits.to_ms(cast.placements.at[leads_on] + rng.integers(1, 30, len(leads_on)))
    way = ways.first_partner + cast.placements.partner[leads_on]
    return planted(cast.devices.first_of[person], seen, way, habits.browsing(len(leads_on)))


def _strangers(scene: Scene, rng: np.random.Generator, cast: Cast, habits: _Habits) -> Sessions:
    """Visitors of whom nothing is ever known."""
    visitors = cast.devices.visitors
    device = np.repeat(visitors, np.minimum(rng.geometric(0.55, len(visitors)), 8))
    size = len(device)
    seen = scene.moments(rng, scene.start, scene.stop, size)
    return planted(device, habits.to_ms(seen), habits.any_way(size), habits.browsing(size))


def _shared_tablets(scene: Scene, rng: np.random.Generator, cast: Cast, habits: _Habits) -> Sessions:
    """The tablet of a household: now one of the two signed in, now the other, now nobody."""
    tablets, members = cast.devices.tablets, cast.people.kinds["shared_tablet"]
    uses = rng.poisson(10, len(tablets)) + 4
    tablet = np.repeat(np.arange(len(tablets)), uses)
    number = np.arange(len(tablet)) - np.repeat(np.cumsum(uses) - uses, uses)
    # The first two uses are one by either of them.
    turn = where(number < 2, number, rng.integers(0, 2, len(tablet)))
    kind = where(number < 2, number, rng.choice(3, size=len(tablet), p=[0.5, 0.25, 0.25]))
    script = np.array([NAMES.index(n) for n in ("tablet", "tablet_left_open", "tablet_nobody")])[kind]
    member = members[2 * tablet + turn]
    user = where(kind == 2, -1, cast.accounts.of_person[member])
    since = cast.people.since[members]
    opened = np.maximum(since[0::2], since[1::2])[tablet]
    seen = scene.moments(rng, opened, scene.stop, len(tablet))
    return planted(tablets[tablet], habits.to_ms(seen), habits.any_way(len(tablet)), script, user=user)


def _edges(scene: Scene, cast: Cast) -> Sessions:
    """Pairs of single page views on the edge of one session or two.

    30:00.000 after the last event starts anew, 29:59.999 does not, nor do 29 minutes across midnight. The last
    visitors do nothing else.
    """
    pairs = [(1_800_000, 43_200_000), (1_799_999, 50_000_000), (1_740_000, DAY * 1000 - 900_000)]
    enough = len(cast.devices.visitors) > len(pairs) and scene.days > 3
    visitors = cast.devices.visitors[-len(pairs) :].tolist() if enough else []
    device, start, edge = [], [], []
    for visitor, (gap, since_midnight) in zip(visitors, pairs, strict=False):
        first = (scene.stop - 3 * DAY) * 1000 + since_midnight
        device += [visitor, visitor]
        start += [first, first + gap]
        edge += [FIXED, FIXED if gap >= 1_800_000 else CONTINUES]
    size = len(device)
    return planted(
        np.array(device, dtype=np.int64),
        np.array(start, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.full(size, NAMES.index("bounce")),
        edge=np.array(edge, dtype=np.int64),
    )
