"""What happens on the site and in the app: sessions, and the page views and tracked events they consist of.

A session is planted as (device, start, way in, script); its events follow from the script by arithmetic on whole
columns, and the texts are put in only when the files are written.
"""

from dataclasses import dataclass

import numpy as np

from .arrivals import Arrival, ways_in
from .catalogue import Catalogue
from .events import identify, put_into_words, unfold
from .plan import Cast, plan_sessions
from .scene import DAY, Scene, spread, where
from .scripts import Steps, all_steps
from .sessions import ORDINARY, Sessions
from .signing_in import sign_in
from .store import Store

# More than the 30 minutes after which a session ends: planted sessions never run into each other.
_APART = 31 * 60 * 1000


@dataclass(frozen=True)
class Visits:
    """What advertising needs to know of the site."""

    start: np.ndarray  # seconds
    way: np.ndarray
    ways: list[Arrival]


def visit_site(scene: Scene, store: Store, cast: Cast, catalogue: Catalogue) -> Visits:
    rng = scene.rng("site")
    steps = all_steps()
    ways = ways_in(cast.clicks.campaign_names)
    sessions = plan_sessions(scene, rng, cast, ways)
    sessions = sessions.take(np.lexsort((sessions.start, sessions.device)))
    sign_in(rng, sessions, cast, steps)
    sessions, offsets = _keep_apart(scene, sessions, _offsets(rng, sessions, steps), steps)
    events = unfold(scene, rng, cast, catalogue, sessions, offsets, steps)
    person = _person_of(cast, sessions)
    put_into_words(store, cast, catalogue, sessions, events, ways.ways, steps, person)
    identify(store, rng, cast, sessions, events, steps, person)
    return Visits(sessions.start // 1000, sessions.way, ways.ways)


def _offsets(rng: np.random.Generator, sessions: Sessions, steps: Steps) -> np.ndarray:
    """Milliseconds between a session's start and each of its events, session after session."""
    session, step = spread(steps.script_length[sessions.script])
    gap = np.clip(rng.lognormal(3.1, 1.15, len(session)), 0.4, 1_500)
    # What is tracked on a page follows it soon.
    is_page = steps.is_page[steps.script_start[sessions.script[session]] + step]
    gap = where(is_page, gap, np.minimum(gap, 90) / 4)
    passed = np.cumsum(where(step == 0, 0, (gap * 1000).astype(np.int64)))
    first = np.flatnonzero(step == 0)
    return passed - passed[first][session]


def _keep_apart(scene: Scene, sessions: Sessions, offsets: np.ndarray, steps: Steps) -> tuple[Sessions, np.ndarray]:
    """Move each order's session to end with its order; drop what would run into an earlier session of its device."""
    counts = steps.script_length[sessions.script]
    first = np.cumsum(counts) - counts
    order_step = steps.order_step[sessions.script]
    moved = where(order_step >= 0, offsets[first + np.maximum(order_step, 0)], 0)
    sessions.start = where(sessions.order >= 0, sessions.start - moved, sessions.start)
    last = sessions.start + offsets[first + counts - 1]
    order = np.lexsort((sessions.start, sessions.device))
    device, start, end = sessions.device[order], sessions.start[order], last[order]
    # The latest end so far within a device: devices are lifted apart by more than the world is long.
    lift = device * ((scene.days + 3) * DAY * 1000) - scene.start * 1000
    reach = np.r_[-1, np.maximum.accumulate(end + lift)[:-1]] if len(end) else end
    opens = np.r_[True, device[1:] != device[:-1]][: len(device)]
    free = opens | (start + lift >= reach + _APART)
    inside = (start >= scene.start * 1000) & (end < scene.stop * 1000)
    fixed = sessions.edge[order] != ORDINARY
    keep = where(np.isin(device, device[fixed]), fixed, free & inside)
    rows = order[keep]
    parent, step = spread(counts[rows])
    return sessions.take(rows), offsets[first[rows][parent] + step]


def _person_of(cast: Cast, sessions: Sessions) -> np.ndarray:
    """Who sits at the device: its owner, on a shared tablet whoever signs in, -1 for a stranger."""
    accounts = cast.accounts
    position = np.minimum(np.searchsorted(accounts.ids, np.maximum(sessions.user, 0)), max(len(accounts.ids) - 1, 0))
    signed_in = np.isin(sessions.device, cast.devices.tablets) & (sessions.user >= 0)
    by_account = accounts.person[position] if len(accounts.ids) else np.full(len(sessions), -1)
    return where(signed_in, by_account, cast.devices.person[sessions.device])
