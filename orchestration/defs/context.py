"""What every asset of a refresh needs to know: whose home, which landing folder, which day, which vars."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster._core.errors import DagsterExecutionInterruptedError

from orchestration.lib.days import cutoff
from orchestration.lib.faults import NoInputError, UsageError, describe
from orchestration.lib.lock import hold
from orchestration.lib.runs.record import PREVIEW_JOB, Run, code_version
from orchestration.lib.settings import Home, given_vars, home_folder, landing_folder, project_vars

EXIT_CODE = "exit_code"
INTERRUPTED = "interrupted; the last release stays"
# What the command line refreshes may lie outside the days that the UI offers: FIRST..LAST, by ISO date.
DAYS = "TRIBUTARY_DAYS"


def _partitions() -> dg.DailyPartitionsDefinition:
    first, last = "2000-01-01", datetime.now(UTC).date()
    if os.environ.get(DAYS):
        asked_first, asked_last = os.environ[DAYS].split("..")
        first, last = min(first, asked_first), max(last, date.fromisoformat(asked_last))
    return dg.DailyPartitionsDefinition(start_date=first, end_offset=(last - datetime.now(UTC).date()).days + 1)


daily = _partitions()


@dataclass(frozen=True)
class Refresh:
    """One refresh, as its run and the environment describe it."""

    home: Home
    landing: Path
    run: Run
    vars: dict[str, Any]
    is_preview: bool = False

    @property
    def dbt_vars(self) -> dict[str, Any]:
        """The vars that this refresh passes to dbt, on top of those of dbt_project.yml."""
        cut = cutoff(self.run.as_of, self.vars["reporting_timezone"])
        return {**given_vars(), "as_of_date": self.run.as_of.isoformat(), "cutoff_at": str(cut)}


def current_refresh(context: dg.AssetExecutionContext) -> Refresh:
    """The refresh that this run is."""
    run = context.run
    home = home_folder()
    # Whoever started the run: what it writes is its owner's alone, and nobody else writes meanwhile.
    os.umask(0o077)
    home.root.mkdir(parents=True, exist_ok=True)
    hold(home)
    started = context.instance.get_run_stats(run.run_id).start_time
    started_at = datetime.fromtimestamp(started, UTC) if started else datetime.now(UTC)
    day = date.fromisoformat(context.partition_key)
    return Refresh(
        home=home,
        landing=landing_folder(),
        run=Run(run.run_id, day, started_at.replace(tzinfo=None), code_version()),
        vars=project_vars(),
        is_preview=run.job_name == PREVIEW_JOB,
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn every error into a Failure whose text is fit for run history: no values, no stack of the engine's.

    Its metadata carries the exit code of the command line.
    """
    try:
        yield
    except dg.Failure:
        raise
    except NoInputError as error:
        raise dg.Failure(str(error), metadata={EXIT_CODE: 4}, allow_retries=False) from None
    except UsageError as error:
        raise dg.Failure(str(error), metadata={EXIT_CODE: 2}, allow_retries=False) from None
    except (KeyboardInterrupt, DagsterExecutionInterruptedError):
        raise dg.Failure(INTERRUPTED, metadata={EXIT_CODE: 1}, allow_retries=False) from None
    except (OSError, duckdb.IOException) as error:
        # Disks fill and locks are held for a while: worth another try.
        raise dg.Failure(describe(error), metadata={EXIT_CODE: 1}, allow_retries=True) from None
    except Exception as error:
        raise dg.Failure(describe(error), metadata={EXIT_CODE: 1}, allow_retries=False) from None


def say(text: str) -> None:
    """A line of progress for whoever started the refresh; the command line shows it on stderr."""
    logging.getLogger("tributary").info(text)


def refuse(reason: str) -> dg.Failure:
    """The failure of a release that must not leave."""
    return dg.Failure(reason, metadata={EXIT_CODE: 3}, allow_retries=False)


# Faults that pass, such as a full disk or a file lock, are tried again; deterministic ones forbid it.
retry = dg.RetryPolicy(max_retries=2, delay=20)
