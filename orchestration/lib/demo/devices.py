"""The browsers and phones through which the site is seen: a person's, a household's, or a stranger's."""

from dataclasses import dataclass

import numpy as np

from .people import People
from .scene import Scene, pick, where
from .words import COUNTRIES, USER_AGENTS

KINDS = ["mobile", "desktop", "tablet", "app"]


@dataclass(frozen=True)
class Devices:
    person: np.ndarray  # -1 for a visitor who is never known, and for a household's tablet
    anonymous_id: np.ndarray
    kind: np.ndarray
    ip: np.ndarray
    user_agent: np.ndarray
    country: np.ndarray
    signs_in: np.ndarray  # whether its person ever signs in on it
    first_of: np.ndarray  # per person, the first of its devices; they stand in a row
    count_of: np.ndarray
    visitors: np.ndarray  # devices of people who stay unknown
    tablets: np.ndarray  # one a household of the kind shared_tablet

    def __len__(self) -> int:
        return len(self.person)


def hand_out_devices(scene: Scene, people: People) -> Devices:
    rng = scene.rng("devices")
    size = len(people)
    count = rng.choice([1, 2, 3], size=size, p=[0.56, 0.34, 0.10])
    owner = np.repeat(np.arange(size), count)
    visitors = round(0.75 * size)
    tablets = len(people.kinds["shared_tablet"]) // 2
    person = np.concatenate([owner, np.full(visitors + tablets, -1)])
    total = len(person)
    kind = pick(rng, KINDS, total, [0.5, 0.33, 0.07, 0.10])
    kind[total - tablets :] = "tablet"
    country = np.concatenate(
        [
            people.country[owner],
            rng.choice(len(COUNTRIES), size=visitors, p=[row[1] for row in COUNTRIES]),
            people.country[people.kinds["shared_tablet"][0::2]],
        ]
    )
    road = rng.integers(0, 2**22, total)
    carrier = _dotted(road)
    home = np.concatenate(
        [
            people.home_ip[owner],
            carrier[len(owner) : len(owner) + visitors],
            people.home_ip[people.kinds["shared_tablet"][0::2]],
        ]
    )
    # Phones are as often on the carrier's net as on the home's.
    away = (kind == "mobile") & (rng.random(total) < 0.4)
    ip = where(away, carrier, home)
    user_agent = np.empty(total, dtype=object)
    for name, agents in USER_AGENTS.items():
        here = kind == name
        user_agent[here] = pick(rng, agents, int(here.sum()))
    # An odd multiplier modulo a power of two: every device gets an id of its own that looks like any other.
    mixed = (
        np.arange(1, total + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(scene.seed % 2**32)
    ).tolist()
    anonymous_id = np.array([_uuid(f"{high:016x}", low) for low, high in enumerate(mixed)], dtype=object)
    signs_in = np.concatenate([rng.random(len(owner)) < 0.72, np.zeros(visitors + tablets, dtype=bool)])
    signs_in &= np.concatenate([people.role[owner] == "shop", np.zeros(visitors + tablets, dtype=bool)])
    first_of = np.cumsum(count) - count
    return Devices(
        person,
        anonymous_id,
        kind,
        ip,
        user_agent,
        country,
        signs_in,
        first_of,
        count,
        np.arange(len(owner), len(owner) + visitors),
        np.arange(total - tablets, total),
    )


def _dotted(value: np.ndarray) -> np.ndarray:
    parts = [(64 + (value >> 16)), (value >> 8) & 255, value & 255]
    dot = [part.astype(str).astype(object) for part in parts]
    return "100." + dot[0] + "." + dot[1] + "." + dot[2]


def _uuid(high: str, low: int) -> str:
    return f"{high[:8]}-{high[8:12]}-4{high[12:15]}-a{high[15]}{low % 256:02x}-{low:012x}"
