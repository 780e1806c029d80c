"""Effects of channels on a million paths: `python -m tests.bench attribution`.

marts.conversion_paths is made up in a warehouse file of its own: distinct paths over twenty channels, a tenth of them
with a conversion. Effects are worked out from it as the attribution step does, once for each order of the Markov chain,
each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import duckdb

from orchestration.lib.settings import Home, memory_limit, threads
from orchestration.lib.warehouse import connect
from tests.bench.report import Effects
from tests.bench.steps import python

CHANNELS = 20


def make(paths: int, home: Home) -> dict[str, int]:
    """Write so many distinct paths, the first channels more often than the last; gives how many touches they have."""
    home.root.mkdir(parents=True, exist_ok=True)
    home.warehouse.unlink(missing_ok=True)

    # A random number below 1 from the number of a row: the same paths in every run.
    def uniform(seed: str) -> str:
        return f"(hash(cast(n * 64 + {seed} as bigint)) % 1000003 / 1000003.0)"

    touches = f"1 + cast(floor(2.5 * {uniform('61')} + 2 * {uniform('62')} - 1.4 * ln(1 - {uniform('63')})) as bigint)"
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(f"set memory_limit = '{memory_limit()}'; set threads = {threads()}")
        con.execute(
            f"""
            create schema marts;
            create table marts.conversion_paths as
            with journeys as (
                select
                    n,
                    list_transform(
                        range({touches}),
                        lambda place: 'channel ' || cast(floor(pow({uniform("place")}, 1.3) * {CHANNELS}) as int)
                    ) as path
                from range({paths * 3}) as numbers (n)
            )
            select path, 'full' as path_transform, len(path) as path_length,
                case when min(n) % 10 = 0 then count(*) else 0 end as conversions,
                case when min(n) % 10 = 0 then 0 else count(*) end as non_conversions,
                cast(case when min(n) % 10 = 0 then count(*) * 25 else 0 end as decimal(18, 2)) as revenue
            from journeys
            group by path
            order by min(n)
            limit {paths}
            """
        )
        [(rows, touches)] = con.execute("select count(*), sum(path_length) from marts.conversion_paths").fetchall()
    return {"paths": int(rows), "touches": int(touches)}


def effects(order: int, rounds: int, home: Home) -> dict[str, float]:
    """Work out the effects of all channels, without intervals and with them; gives the seconds of each part.

    Imports are not counted: a refresh has them already.
    """
    import pyarrow.compute  # noqa: F401
    import scipy.sparse.csgraph
    import scipy.sparse.linalg  # noqa: F401

    from orchestration.lib.attribution.computed import read_paths
    from orchestration.lib.attribution.effects import Settings, channel_effects
    from orchestration.lib.attribution.markov import removal_effects
    from orchestration.lib.attribution.shapley import shapley_values

    seconds = {}
    started = time.perf_counter()
    with connect(home) as con:
        paths, revenue = read_paths(con)
    seconds["read"] = time.perf_counter() - started
    started = time.perf_counter()
    removal_effects(paths, order)
    seconds["markov"] = time.perf_counter() - started
    started = time.perf_counter()
    shapley_values(paths)
    seconds["shapley"] = time.perf_counter() - started
    started = time.perf_counter()
    channel_effects(paths, revenue, Settings(order, rounds))
    seconds["rounds"] = time.perf_counter() - started
    return seconds


def bench(paths: int, rounds: int, folder: Path) -> list[Effects]:
    """Make the paths and work out their effects at each order. Raises BenchError."""
    home = folder / f"attribution-{paths}"
    made = json.loads(
        python(f"{paths:,} paths", "tests.bench.attribution", "make", "--home", home, "--paths", str(paths)).out
    )
    found = []
    for order in (1, 2, 3):
        asked = ("--order", str(order), "--rounds", str(rounds))
        done = python(f"order {order}", "tests.bench.attribution", "effects", "--home", home, *asked)
        found.append(Effects(**made, order=order, **json.loads(done.out), cpu=done.cpu, peak_mb=done.peak_mb))
    return found


def main() -> None:
    """One step, for a process of its own: prints what it found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.attribution")
    parser.add_argument("step", choices=["make", "effects"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--paths", type=int, default=1_000_000)
    parser.add_argument("--order", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    home = Home(options.home)
    if options.step == "make":
        print(json.dumps(make(options.paths, home)))
    else:
        print(json.dumps(effects(options.order, options.rounds, home)))


if __name__ == "__main__":
    sys.exit(main())
