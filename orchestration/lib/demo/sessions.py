"""The planted sessions: columns that the plan fills and the events are unfolded from."""

from dataclasses import dataclass

import numpy as np

# A step that no script has: the events of such a session never carry a user.
NEVER = 1 << 30
# What a browser that lost its id sends in its place.
PLACEHOLDER_DEVICES = ["00000000-0000-0000-0000-000000000000", "null", "undefined"]


@dataclass
class Sessions:
    """Planted sessions, a row each; times in milliseconds."""

    device: np.ndarray
    start: np.ndarray
    way: np.ndarray
    script: np.ndarray
    order: np.ndarray  # position in Orders, -1 without
    user: np.ndarray  # account that is or gets signed in, -1 for nobody
    fixed: np.ndarray  # planted to the millisecond as an edge case: never moved or dropped
    # Step from which the events carry the user, and whether that step is a sign-in.
    signed_from: np.ndarray
    signs_in: np.ndarray
    # Position in PLACEHOLDER_DEVICES where the browser lost its id, else -1.
    placeholder: np.ndarray

    def take(self, rows: np.ndarray) -> "Sessions":
        return Sessions(**{name: column[rows] for name, column in vars(self).items()})
