"""The planted sessions: columns that the plan fills and the events are unfolded from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# A step that no script has: the events of such a session never carry a user.
NEVER = 1 << 30
# What a browser that lost its id sends in its place.
PLACEHOLDER_DEVICES = ["00000000-0000-0000-0000-000000000000", "null", "undefined"]
# Sessions planted to the millisecond: they are never moved or dropped. One that CONTINUES is, by the rules, part of
# the session before it on its device.
ORDINARY, FIXED, CONTINUES = 0, 1, 2


@dataclass
class Sessions:
    """Planted sessions, a row each; times in milliseconds."""

    device: np.ndarray
    start: np.ndarray
    way: np.ndarray
    script: np.ndarray
    order: np.ndarray  # position in Orders, -1 without
    user: np.ndarray  # account that is or gets signed in, -1 for nobody
    edge: np.ndarray
    # Step from which the events carry the user, and whether that step is a sign-in.
    signed_from: np.ndarray
    signs_in: np.ndarray
    # Position in PLACEHOLDER_DEVICES where the browser lost its id, else -1.
    placeholder: np.ndarray

    def __len__(self) -> int:
        return len(self.device)

    def take(self, rows: np.ndarray) -> "Sessions":
        return Sessions(**{name: column[rows] for name, column in vars(self).items()})


def planted(
    device: np.ndarray,
    start: np.ndarray,
    way: np.ndarray,
    script: np.ndarray,
    order: np.ndarray | None = None,
    user: np.ndarray | None = None,
    edge: np.ndarray | None = None,
) -> Sessions:
    size = len(device)
    none = np.full(size, -1)
    return Sessions(
        device,
        start,
        way,
        script,
        none if order is None else order,
        none if user is None else user,
        np.full(size, ORDINARY) if edge is None else edge,
        np.full(size, NEVER),
        np.zeros(size, dtype=bool),
        none,
    )


def joined(parts: Sequence[Sessions]) -> Sessions:
    names = list(vars(parts[0]))
    return Sessions(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
