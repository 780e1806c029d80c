"""`python -m tests.bench`: make worlds, refresh each twice, run the floor over the same files, print the figures.

`python -m tests.bench identity`: find the connected components of large graphs, beside scipy's, instead.
`python -m tests.bench features`: RFM and features of a million customers and ten million orders, instead.
`python -m tests.bench attribution`: effects of channels on a million paths, instead.
`python -m tests.bench journeys`: sessions to attribution over thirty million events, instead.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.lib.settings import REPOSITORY, memory_limit, threads
from tests.bench import attribution, features, identity, journeys, report
from tests.bench.measure import Measured
from tests.bench.steps import BenchError, python


def _customers(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.isdigit() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of whole numbers above 0, as 2000,100000 is")
    return [int(part) for part in parts]


def _cleared(path: Path) -> Path:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def _refresh(what: str, landing: Path, home: Path) -> tuple[Measured, dict[str, Any]]:
    done = python(what, "orchestration.cli", "refresh", "--landing", landing, "--home", home, "--json")
    return done, json.loads(done.out)


def _stages(done: Measured, summary: dict[str, Any]) -> dict[str, float]:
    found = dict(summary["seconds"])
    # What no stage counts: starting Python, loading the code location, parsing the dbt project.
    return {**found, "start and end": done.seconds - sum(found.values())}


def _bench(customers: int, folder: Path) -> list[report.Step]:
    print(f"{customers:,} customers", file=sys.stderr, flush=True)
    landing, home, floor = (folder / f"{name}-{customers}" for name in ("world", "home", "floor"))
    steps = []
    demo = None
    # world.json is the last thing that the demo writes: a folder without it is not whole.
    if not (landing / "_truth/world.json").exists():
        demo = python(
            "tributary demo", "orchestration.cli", "demo", "--customers", str(customers), "--out", _cleared(landing)
        )
    first, told = _refresh("first refresh", landing, _cleared(home))
    second, told_again = _refresh("refresh with nothing new", landing, home)
    if told_again["rows_loaded"]:
        raise BenchError(f"The second refresh loaded {told_again['rows_loaded']:,} rows, and nothing was new.")
    made = floor.with_suffix(".duckdb")
    by_hand = python(
        "floor", "tests.bench.floor", "--landing", landing, "--out", _cleared(made), "--as-of", told["as_of_date"]
    )
    compared = python("comparing", "tests.bench.compare", "--release", home / "published/current", "--floor", made)

    rows = told["rows_loaded"] + told["rows_quarantined"]
    if demo:
        steps.append(report.Step(customers, "demo", rows, demo.seconds, demo.cpu, demo.peak_mb))
    for step, done in (("first refresh", first), ("nothing new", second)):
        steps.append(
            report.Step(customers, step, rows, done.seconds, done.cpu, done.peak_mb, by_hand.seconds, by_hand.peak_mb)
        )
    parts = json.loads(by_hand.out)["seconds"]
    print(f"\n{customers:,} customers\n")
    print(report.stages(_stages(first, told), _stages(second, told_again)))
    print("\nfloor, seconds: " + ", ".join(f"{name} {taken:.1f}" for name, taken in parts.items()) + "\n")
    print(report.rows_beside([report.Compared(**c) for c in json.loads(compared.out)]), flush=True)
    return steps


def main() -> int:
    """Measure every world and print the figures of all at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=["refresh", "identity", "features", "attribution", "journeys"], default="refresh"
    )
    parser.add_argument("--customers", type=_customers, help="sizes, as in 2000,100000")
    parser.add_argument("--edges", type=int, default=20_000_000, help="of each graph of identity")
    parser.add_argument("--events", type=int, default=30_000_000, help="of journeys")
    parser.add_argument("--paths", type=int, default=1_000_000, help="of attribution")
    parser.add_argument("--rounds", type=int, default=100, help="of the bootstrap of attribution")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="leave worlds and homes there; a world that is there is used again"
    )
    options = parser.parse_args()
    with ExitStack() as stack:
        if options.keep:
            folder = options.keep.absolute()
            folder.mkdir(parents=True, exist_ok=True)
        else:
            # Beside the demo, not in the system's temporary folder: that may be memory.
            (REPOSITORY / "data").mkdir(exist_ok=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=REPOSITORY / "data")))
        print(
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"DuckDB {version('duckdb')}; engine: {memory_limit()}, {threads()} threads"
        )
        if options.what != "refresh":
            try:
                if options.what == "identity":
                    print("\n" + report.graphs(identity.bench(options.edges, folder)))
                elif options.what == "attribution":
                    print("\n" + report.effects(attribution.bench(options.paths, options.rounds, folder)))
                elif options.what == "journeys":
                    print(f"\n{options.events:,} events\n\n{report.built(journeys.bench(options.events, folder))}")
                else:
                    for customers in options.customers or [1_000_000]:
                        print(f"\n{customers:,} customers\n\n{report.built(features.bench(customers, folder))}")
            except BenchError as error:
                print(error, file=sys.stderr)
                return 1
            return 0
        steps = []
        try:
            for customers in options.customers or [2000, 100_000]:
                steps += _bench(customers, folder)
        except BenchError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            if steps:
                print("\n" + report.figures(steps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
