"""One refresh in this process, through Dagster: lock, job, summary. What the CLI and nobody else calls."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.lib.days import day_before, latest_landed
from orchestration.lib.faults import NoInputError, UsageError, without_values
from orchestration.lib.identity.decisions import read_decisions
from orchestration.lib.landing.casting import literal
from orchestration.lib.landing.contracts import ContractError, load_contracts
from orchestration.lib.landing.usable import no_file_at_all
from orchestration.lib.lock import hold, release
from orchestration.lib.publish.history import settle
from orchestration.lib.publish.release import current_release
from orchestration.lib.runs.record import forget_all_but_history
from orchestration.lib.settings import (
    DBT_PROJECT,
    Home,
    home_folder,
    landing_folder,
    project_vars,
    steward_links,
    threads,
)
from orchestration.lib.transform.catalog import kept_tables
from orchestration.lib.transform.edited_seeds import check_edited_seeds
from orchestration.lib.warehouse import connect

if TYPE_CHECKING:
    import dagster as dg


def refresh(as_of: date | None, rebuild: bool, as_json: bool) -> int:
    """Refresh one day and print its summary. Returns the exit code."""
    home, landing = home_folder(), landing_folder()
    check_settings()
    look_at(landing)
    with running(home):
        day = as_of or default_day(landing)
        offer(day, day)
        summary = _refresh_day(home, landing, day, rebuild)
    _tell(summary, as_json)
    return int(summary["exit_code"])


def backfill(first: date, last: date, rebuild: bool, as_json: bool) -> int:
    """Refresh every day from `first` to `last` in order; stops at the first that does not publish."""
    home, landing = home_folder(), landing_folder()
    summaries: list[dict[str, Any]] = []
    check_settings()
    look_at(landing)
    offer(first, last)
    with running(home):
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            summaries.append(_refresh_day(home, landing, day, rebuild and offset == 0))
            if not as_json:
                _tell(summaries[-1], as_json=False)
            if summaries[-1]["exit_code"] != 0:
                break
    if as_json:
        print(json.dumps({"exit_code": summaries[-1]["exit_code"], "days": summaries}))
    return int(summaries[-1]["exit_code"])


def check_settings() -> None:
    """Tell a mistake in the environment, in vars or in a seed before anything is done."""
    project_vars()
    threads()
    decided = steward_links()
    if decided:
        read_decisions(decided)
    check_edited_seeds(DBT_PROJECT)


def look_at(landing: Path) -> None:
    """Tell that there is nothing to refresh before a home folder is made."""
    missing = no_file_at_all(landing, {(c.source, c.table) for c in _contracts()})
    if missing:
        raise NoInputError(missing)


def offer(first: date, last: date) -> None:
    """Make days part of the job's partitions, wherever they lie."""
    if first.year < 1900 or last.year > 2200:
        day = first if first.year < 1900 else last
        raise UsageError(f"{day} is no day that exports close. Give another --as-of, or correct the dt= folder.")
    os.environ["TRIBUTARY_DAYS"] = f"{first}..{last}"


@contextmanager
def running(home: Home) -> Iterator[None]:
    """Make the home folder, hold its lock, and keep what is written there from other users' eyes."""
    os.umask(0o077)
    log = logging.getLogger("tributary")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [logging.StreamHandler(sys.stderr)]
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    try:
        if not home.root.exists():
            home.root.mkdir(parents=True)
            home.root.chmod(0o755)
        hold(home, patience=3)
    except OSError as error:
        raise UsageError(f"The home folder {home.root} cannot be written: {error.strerror}.") from error
    try:
        # What a killed refresh left in the scratch folder is nobody's.
        shutil.rmtree(home.scratch, ignore_errors=True)
        yield
    finally:
        release(home)


def default_day(landing: Path) -> date:
    known = {(c.source, c.table) for c in _contracts()}
    landed = latest_landed(landing, known)
    return landed or day_before(datetime.now(UTC), project_vars()["reporting_timezone"])


def _contracts() -> list[Any]:
    try:
        return list(load_contracts(DBT_PROJECT))
    except ContractError as error:
        raise UsageError(str(error)) from error


def _refresh_day(home: Home, landing: Path, day: date, rebuild: bool) -> dict[str, Any]:
    from orchestration.lib.transform import dbt

    if rebuild and home.warehouse.exists():
        with connect(home) as con:
            settle(con, home, kept_tables(dbt.parse()))
            forget_all_but_history(con)
    if not os.environ.get("TRIBUTARY_HASH_KEY"):
        progress("warning: TRIBUTARY_HASH_KEY is empty: whoever knows an e-mail can compute its identifier hash")
    progress(f"refreshing {day} from {landing} into {home.root}")
    result = execute(home, day)
    return _summary(home, day, result)


def progress(text: str) -> None:
    logging.getLogger("tributary").info(text)


def execute(home: Home, day: date, job_name: str = "daily_refresh") -> dg.ExecuteInProcessResult:
    """Run a job for a day in this process, with the run history of the home folder."""
    home.dagster.mkdir(exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("dagster.yaml"), home.dagster / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home.dagster)

    from orchestration.lib.transform import dbt

    # Parsed before the code location is loaded: its assets are the manifest's.
    dbt.parse()

    import dagster as dg

    from orchestration.definitions import defs

    job = defs().resolve_job_def(job_name)
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            instance=instance,
            partition_key=day.isoformat(),
            # The console is for the person; Dagster's own log is in its run history.
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )


def outcome(result: dg.ExecuteInProcessResult) -> tuple[int, str | None, dict[str, float]]:
    """How a job ended: exit code, why it failed, and seconds by step that succeeded."""
    code, reason = 0, None
    if not result.success:
        code, reason = 1, "the run failed"
        for event in result.all_events:
            if event.is_step_failure:
                data = event.step_failure_data
                user = data.user_failure_data
                entry = user.metadata.get("exit_code") if user else None
                code = int(str(entry.value)) if entry is not None else 1
                reason = (user.description if user else None) or describe_text(data.error) or reason
                break
    seconds = {
        e.step_key: round((e.step_success_data.duration_ms or 0) / 1000, 1)
        for e in result.all_events
        if e.is_step_success and e.step_key
    }
    return code, reason, seconds


def _summary(home: Home, day: date, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    code, reason, seconds = outcome(result)
    found: dict[str, Any] = {
        "exit_code": code,
        "status": {0: "published", 3: "refused"}.get(code, "failed"),
        "as_of_date": day.isoformat(),
        "run_id": result.run_id,
        "reason": reason,
        "seconds": seconds,
    }
    release = current_release(home)
    found["release"] = release["release"] if release else None
    found["home"] = str(home.root)
    if release and code == 0:
        tables = release["tables"]
        found["rows_published"] = sum(t["rows"] for t in tables.values())
        found["customers"] = tables["customers"]["rows"] if "customers" in tables else 0
        if "segments" in tables:
            found |= _segments(home, release["release"])
    if home.warehouse.exists() and seconds:
        with connect(home) as con:
            found.update(_counts(con, result.run_id))
    return found


def _segments(home: Home, name: str) -> dict[str, int]:
    """Active segments of a release, and how many customers are in one at least."""
    path = home.published / "releases" / name / "marts.duckdb"
    with duckdb.connect() as con:
        con.execute(f"attach {literal(str(path))} as release (read_only)")
        row = con.execute(
            "select (select count(*) from release.marts.segments where status = 'active'), "
            "(select count(distinct customer_id) from release.marts.segment_membership)"
        ).fetchone()
    assert row is not None
    return {"segments": row[0], "customers_in_a_segment": row[1]}


def describe_text(error: Any) -> str | None:
    """What Dagster kept of an error that no asset foresaw, without values."""
    return without_values(error.message).strip() if error else None


def _counts(con: Any, run_id: str) -> dict[str, Any]:
    row = con.execute(
        "select rows_loaded, rows_quarantined from ops.refreshes where run_id = ?", [run_id]
    ).fetchone() or (0, 0)
    rules = con.execute(
        "select rule, severity, success, waived_by is not null from ops.quality_results where run_id = ?", [run_id]
    ).fetchall()
    failed = sorted((severity, rule) for rule, severity, success, waived in rules if not success and not waived)
    return {
        "rows_loaded": row[0],
        "rows_quarantined": row[1],
        "rules_checked": len(rules),
        "rules_failed": [f"{rule} ({severity})" for severity, rule in failed],
    }


def _tell(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary))
        return
    s = summary
    lines = [
        f"{s['status']}: {s['as_of_date']}" + (f" as release {s['release']}" if s["status"] == "published" else "")
    ]
    if s["reason"]:
        lines.append(f"why: {s['reason']}")
    if s["status"] != "published":
        lines.append(f"the current release stays: {s['release'] or 'none yet'}")
    if "rows_loaded" in s:
        lines.append(f"rows: {s['rows_loaded']:,} loaded, {s['rows_quarantined']:,} quarantined")
    if "customers" in s:
        lines.append(f"customers: {s['customers']:,}; rows published: {s['rows_published']:,}")
    if "segments" in s:
        lines.append(f"segments: {s['segments']:,} active, with {s['customers_in_a_segment']:,} of the customers")
    if s.get("rules_checked"):
        lines.append(f"quality: {s['rules_checked']:,} rules, {len(s['rules_failed'])} failed")
        lines += [f"  {rule}" for rule in s["rules_failed"]]
    if s["seconds"]:
        lines.append("seconds: " + ", ".join(f"{stage} {taken}" for stage, taken in s["seconds"].items()))
    if s["status"] == "published":
        lines.append(f"read it: {s['home']}/published/current/marts.duckdb, schema marts")
    print("\n".join(lines))
