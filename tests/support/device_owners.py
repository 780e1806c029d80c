"""Who is signed in on a shared device at each moment, by one walk through its rows: an oracle."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

KINDS = {"page": 1, "track": 2, "identify": 3}


class DeviceRow(NamedTuple):
    """A page, track or identify of one device; `user` is null where it names none that counts."""

    occurred_at: datetime
    kind: str
    event_id: str
    user: str | None
    is_sign_out: bool


def owners(rows: Iterable[DeviceRow]) -> dict[datetime, str | None]:
    """One walk, remembering who is in and who was last."""
    rows = list(rows)
    signed_in: str | None = None
    last: str | None = None
    found: dict[datetime, str | None] = {}
    for moment in sorted({row.occurred_at for row in rows}):
        here = [row for row in rows if row.occurred_at == moment]
        sign_outs = [row for row in here if row.is_sign_out]
        sign_ins = [row for row in here if row.user and not row.is_sign_out] or [row for row in here if row.user]
        if sign_ins:
            arriving = max(sign_ins, key=lambda row: (KINDS[row.kind], row.event_id)).user
            found[moment] = arriving
            leaves = any(row.user == arriving or (row.user is None and last == arriving) for row in sign_outs)
            signed_in, last = None if leaves else arriving, arriving
        else:
            found[moment] = signed_in
            if sign_outs:
                signed_in = None
    return found
