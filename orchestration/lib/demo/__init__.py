"""The demo world: invented exports of every source, their truth beside them; nothing here reads a warehouse.

`write_world` writes, below the folder it is given:

- the exports, laid out as a landing folder: per table one dump of the history (`dt=<end - 7 days>`) and an
  increment for each day behind it, some tables as one undated dump;
- `_truth/`, which a loader ignores:
  - `people.parquet`: a row per record and identifier: person_id, source, record_type, record_id,
    identifier_type, identifier_value as landed, phone_e164 where the value is that person's phone, is_latest
    (whether the newest version of the record carries the value);
  - `persons.parquet`: a row per person: the hard case it stands for, household, names, ways to reach it;
  - `sessions.parquet`: every planted session: anonymous_id, started_at, person_id, channel, source, medium,
    campaign, number of events. On a device that several people sign in to (is_shared_device) a warehouse may
    rightly see more sessions, as one ends where its owner changes;
  - `faults.json`: every planted fault and where it must end;
  - `world.json`: the arguments and the rows per table and file.

The same arguments give the same bytes.
"""

from datetime import date
from pathlib import Path

from .summary import DEFAULT_END, WorldSummary, WorldTooSmallError

__all__ = ["DEFAULT_END", "WorldSummary", "WorldTooSmallError", "write_world"]


def write_world(
    out: Path,
    customers: int = 2000,
    days: int = 540,
    end: date = DEFAULT_END,
    seed: int = 7,
    faults: bool = False,
    hash_key: str = "",
) -> WorldSummary:
    """Write a world of exports into out, a folder that is empty or does not exist.

    hash_key is the key under which the warehouse issues customer ids: exports of activations quote some.
    """
    if customers < 1 or days < 1:
        raise ValueError("A demo world needs at least one customer and one day.")
    if Path(out).exists() and any(Path(out).iterdir()):
        raise FileExistsError(f"{out} is not empty.")
    # The generator needs numpy and DuckDB: loaded only where a world is made.
    from .world import build_world

    return build_world(Path(out), customers, days, end, seed, faults, hash_key)
