"""What every asset of a refresh needs to know: whose home, which landing folder, which day, which vars."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.lib.days import cutoff
from orchestration.lib.faults import NoInputError, UsageError, describe
from orchestration.lib.landing.contracts import load_project
from orchestration.lib.runs.record import Run, code_version
from orchestration.lib.settings import DBT_PROJECT, Home, home_folder, landing_folder

# Days before the first partition or after today are refreshed by tag, without a partition.
AS_OF_TAG = "tributary/as_of"
EXIT_CODE = "exit_code"

daily = dg.DailyPartitionsDefinition(start_date="2000-01-01", end_offset=1)


@dataclass(frozen=True)
class Refresh:
    """One refresh, as its run and the environment describe it."""

    home: Home
    landing: Path
    run: Run
    vars: dict[str, Any]

    @property
    def dbt_vars(self) -> dict[str, Any]:
        """The vars that this refresh passes to dbt, on top of those of dbt_project.yml."""
        overrides = given_vars()
        cut = cutoff(self.run.as_of, self.vars["reporting_timezone"])
        return {**overrides, "as_of_date": self.run.as_of.isoformat(), "cutoff_at": str(cut)}


def given_vars() -> dict[str, Any]:
    """TRIBUTARY_VARS: vars of this deployment as a JSON object, on top of those of dbt_project.yml."""
    text = os.environ.get("TRIBUTARY_VARS") or "{}"
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"TRIBUTARY_VARS is no JSON object: {error}.") from error
    if not isinstance(found, dict):
        raise UsageError("TRIBUTARY_VARS is no JSON object: give names and values in braces.")
    return found


def current_refresh(context: dg.AssetExecutionContext) -> Refresh:
    """The refresh that this run is."""
    run = context.run
    day = run.tags.get(AS_OF_TAG) or context.partition_key
    started = context.instance.get_run_stats(run.run_id).start_time
    started_at = datetime.fromtimestamp(started, UTC) if started else datetime.now(UTC)
    project_vars = {**load_project(DBT_PROJECT)["vars"], **given_vars()}
    return Refresh(
        home=home_folder(),
        landing=landing_folder(),
        run=Run(run.run_id, date.fromisoformat(day), started_at.replace(tzinfo=None), code_version()),
        vars=project_vars,
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
    except OSError as error:
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
