"""What a home folder holds now: the current release, its age, the last runs, open quality failures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import duckdb

from orchestration.lib.faults import UsageError
from orchestration.lib.landing.casting import literal
from orchestration.lib.lock import is_free
from orchestration.lib.publish.release import current_release
from orchestration.lib.settings import Home, home_folder

_RUNS = 5


def status(as_json: bool) -> int:
    """Print the state of the home folder. Returns 0; raises UsageError where there is no such folder."""
    home = home_folder()
    if not home.root.is_dir():
        raise UsageError(f"There is no home folder at {home.root}. Give another --home, or refresh first.")
    found = _state(home)
    if as_json:
        print(json.dumps(found))
    else:
        print("\n".join(_lines(found)))
    return 0


def _state(home: Home) -> dict[str, Any]:
    release = current_release(home)
    found: dict[str, Any] = {"home": str(home.root), "release": None, "runs": [], "open_failures": [], "note": None}
    if release:
        published = datetime.fromisoformat(release["published_at"])
        age = datetime.now(UTC) - published
        found["release"] = {
            "name": release["release"],
            "as_of_date": release["as_of_date"],
            "published_at": release["published_at"],
            "age_hours": round(age.total_seconds() / 3600, 1),
            "rows": sum(t["rows"] for t in release["tables"].values()),
        }
    con, schema = None, "ops"
    if home.warehouse.exists():
        try:
            # The refresh that holds the lock opens and closes the file; it must not find it taken.
            con = duckdb.connect(str(home.warehouse), read_only=True) if is_free(home) else None
        except duckdb.IOException:
            con = None
        if con is None:
            found["note"] = "a refresh is running: what follows is as of the current release"
    if con is None and release:
        con, schema = duckdb.connect(), "release.marts"
        con.execute(f"attach {literal(str(home.published / 'current' / 'marts.duckdb'))} as release (read_only)")
    if con is not None:
        with con:
            try:
                found["runs"], found["open_failures"] = _runs(con, schema), _failures(con, schema)
            except duckdb.CatalogException:
                found["note"] = "the first refresh did not get as far as its own record"
    return found


def _runs(con: duckdb.DuckDBPyConnection, schema: str) -> list[dict[str, Any]]:
    rows = con.execute(
        f"select run_id, as_of_date, started_at, status, reason from {schema}.refreshes "
        f"order by started_at desc, run_id limit {_RUNS}"
    ).fetchall()
    names = ("run_id", "as_of_date", "started_at", "status", "reason")
    return [dict(zip(names, (str(v) if v is not None else None for v in row), strict=True)) for row in rows]


def _failures(con: duckdb.DuckDBPyConnection, schema: str) -> list[dict[str, Any]]:
    """The rules that failed in the last run that was checked and that nobody waived."""
    rows = con.execute(
        f"select rule, severity, owner, unexpected_count, fix from {schema}.quality_results "
        f"where run_id = (select run_id from {schema}.quality_results order by checked_at desc, run_id limit 1) "
        "and not success and waived_by is null "
        "order by case severity when 'critical' then 0 when 'warning' then 1 else 2 end, rule"
    ).fetchall()
    return [dict(zip(("rule", "severity", "owner", "rows", "fix"), row, strict=True)) for row in rows]


def _lines(found: dict[str, Any]) -> list[str]:
    release = found["release"]
    lines = [found["note"]] if found["note"] else []
    if release:
        lines.append(
            f"current release: {release['name']}, as of {release['as_of_date']}, published "
            f"{release['age_hours']} hours ago, {release['rows']:,} rows"
        )
    else:
        lines.append(f"{found['home']} has no release yet")
    lines.append("last runs:" if found["runs"] else "no runs yet")
    lines += [
        f"  {r['started_at'][:19]} UTC  as of {r['as_of_date']}  {r['status']}"
        + (f": {r['reason']}" if r["reason"] else "")
        for r in found["runs"]
    ]
    lines.append("open quality failures:" if found["open_failures"] else "no open quality failures")
    for failure in found["open_failures"]:
        rows = "" if failure["rows"] is None else f", {failure['rows']:,} rows"
        lines += [f"  {failure['severity']}: {failure['rule']} ({failure['owner']}{rows})", f"    {failure['fix']}"]
    return lines
