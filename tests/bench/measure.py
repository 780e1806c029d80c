"""One command in a process of its own: how long, how much of the processor, how much memory at its peak."""

from __future__ import annotations

import os
import subprocess
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


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measured:
    """Run a command to its end.

    The kernel counts a child's peak from its fork, so it is never below the memory of this process: what measures
    must stay small, and imports no engine.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=dict(environment), cwd=folder, stdout=out, stderr=err)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - started
        # The process is reaped already: nobody may wait for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Measured(
            code=process.returncode,
            out=out.read(),
            err=err.read(),
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            # Kilobytes, as Linux counts them.
            peak_mb=usage.ru_maxrss / 1024,
        )
