"""One command in a process of its own: how long, how much of the processor, how much memory at its peak."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What a process took. cpu: seconds of all cores together; peak_mb: its largest resident memory."""

    code: int
    out: str
    err: str
    seconds: float
    cpu: float
    peak_mb: float


# The kernel counts a process's peak from its fork, so a large parent lends it its own: a small one starts the command.
_STARTER = """
import os, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as report:
    report.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")
"""


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measured:
    """Run a command, given by its path, to its end."""
    with tempfile.TemporaryDirectory() as scratch:
        report, out, err = (Path(scratch) / name for name in ("report", "out", "err"))
        started = time.perf_counter()
        with out.open("w") as out_stream, err.open("w") as err_stream:
            subprocess.run(
                [sys.executable, "-S", "-E", "-c", _STARTER, str(report), *command],
                env=dict(environment),
                cwd=folder,
                stdout=out_stream,
                stderr=err_stream,
                check=False,
            )
        seconds = time.perf_counter() - started
        code, cpu, peak = report.read_text().split()
        # Kilobytes, as Linux counts them.
        return Measured(int(code), out.read_text(), err.read_text(), seconds, float(cpu), int(peak) / 1024)
