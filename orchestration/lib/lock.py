"""The lock of a home folder: one process writes it at a time, whoever started it."""

from __future__ import annotations

import fcntl
import time
from typing import IO

from .faults import UsageError
from .settings import Home

# Held until the process ends: a refresh is many steps, and the warehouse is nobody else's in between.
_held: dict[str, IO[str]] = {}


def hold(home: Home, patience: float | None = None) -> None:
    """Take the lock of a home folder for the rest of this process; nothing where it is held already.

    patience: seconds to wait for another holder before UsageError is raised; None waits for as long as it takes.
    """
    key = str(home.root)
    if key in _held:
        return
    lock = home.lock.open("a")
    waited = 0.0
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if patience is not None and waited >= patience:
                lock.close()
                raise UsageError(
                    f"Another refresh is running on {home.root}. Wait for it, or give another --home."
                ) from None
            time.sleep(0.2)
            waited += 0.2
    _held[key] = lock


def release(home: Home) -> None:
    """Let the lock go."""
    lock = _held.pop(str(home.root), None)
    if lock is not None:
        lock.close()


def is_free(home: Home) -> bool:
    """Whether nobody else holds the lock now."""
    if not home.lock.exists() or str(home.root) in _held:
        return True
    with home.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
