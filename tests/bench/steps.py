"""One step of a benchmark: a module of the project in a process of its own, held to the same limits as all others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from orchestration.lib.settings import REPOSITORY, memory_limit, threads
from tests.bench.measure import Measured, run


class BenchError(Exception):
    """A step did not do what is to be measured. The message says which, and what it said."""


def environment() -> dict[str, str]:
    """The same limits for all, and nothing else of this shell's warehouse."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRIBUTARY_", "DAGSTER_"))}
    return {
        **kept,
        "TRIBUTARY_MEMORY_LIMIT": memory_limit(),
        "TRIBUTARY_THREADS": str(threads()),
        "TRIBUTARY_HASH_KEY": "benchmark",
        "GX_ANALYTICS_ENABLED": "false",
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


def python(what: str, module: str, *arguments: str | Path) -> Measured:
    print(f"  {what}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", module, *(str(a) for a in arguments)]
    done = run(command, environment(), REPOSITORY)
    if done.code != 0:
        said = "\n".join((done.err + done.out).strip().splitlines()[-15:])
        raise BenchError(f"{what} ended with code {done.code}:\n{said}")
    return done
