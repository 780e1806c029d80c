"""On which session of a device its person signs in, and who is signed in afterwards."""

import numpy as np

from .plan import Cast
from .scene import where
from .scripts import NAMES, Steps
from .sessions import NEVER, ORDINARY, PLACEHOLDER_DEVICES, Sessions


def sign_in(rng: np.random.Generator, sessions: Sessions, cast: Cast, steps: Steps) -> None:
    """Fill user, signed_from, signs_in and placeholder of sessions that stand in the order of device and start.

    The script of the session in which somebody signs in gives way to one that has the step.
    """
    accounts, devices, orders = cast.accounts, cast.devices, cast.orders
    size = len(sessions)
    if not size:
        return
    owner = devices.person[sessions.device]
    tablet = np.isin(sessions.device, devices.tablets)
    opened = np.r_[True, sessions.device[1:] != sessions.device[:-1]]
    first = np.flatnonzero(opened)
    group = np.cumsum(opened) - 1
    number = np.arange(size) - first[group]
    length = np.diff(np.r_[first, size])
    with_order = sessions.order >= 0
    ordered_as = np.full(size, -1)
    ordered_as[with_order] = orders.account[sessions.order[with_order]]
    account = where(owner >= 0, accounts.of_person[np.maximum(owner, 0)], -1)
    able = devices.signs_in[sessions.device] & (account >= 0) & ~tablet & (sessions.edge == ORDINARY)
    # Nobody signs in to an account that is not open yet.
    able &= sessions.start // 1000 >= accounts.opened(account)
    # With the first order that is placed from an account if there is one, else somewhere.
    buys = able & (ordered_as >= 0)
    choice = np.full(len(first), NEVER)
    np.minimum.at(choice, group[buys], number[buys])
    somewhere = where(rng.random(len(first)) < 0.6, (rng.random(len(first)) * length).astype(np.int64), NEVER)
    choice = where(choice == NEVER, somewhere, choice)
    signs_in = able & (number == choice[group])
    after = able & (number > choice[group]) & (rng.random(size) < 0.88)
    # Who has two accounts is signed in to the one that the device last ordered from.
    latest = np.maximum.accumulate(where(ordered_as >= 0, np.arange(size), -1))
    latest = where(latest >= first[group], latest, -1)
    user = where(latest >= 0, ordered_as[latest], account)
    sessions.user = where(tablet, sessions.user, where(signs_in | after, user, -1))

    ordering = np.isin(sessions.script, [NAMES.index("order"), NAMES.index("order_short")])
    sessions.script = where(signs_in & ordering, NAMES.index("order_sign_in"), sessions.script)
    sessions.script = where(signs_in & ~ordering, NAMES.index("sign_in"), sessions.script)
    nobody = (sessions.script == NAMES.index("sign_out")) & (sessions.user < 0)
    sessions.script = where(nobody, NAMES.index("glance"), sessions.script)
    sessions.signs_in = signs_in | (tablet & (sessions.user >= 0))
    step = steps.sign_in_step[sessions.script]
    sessions.signed_from = where(sessions.signs_in, step, where(after, 0, NEVER))
    lost = after & ~with_order & (rng.random(size) < 0.003)
    sessions.placeholder = where(lost, rng.integers(0, len(PLACEHOLDER_DEVICES), size), -1)
