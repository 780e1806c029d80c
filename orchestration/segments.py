"""Segments of the current release: definitions, sizes, goals and verdicts in one place."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import duckdb

from orchestration.lib.faults import UsageError
from orchestration.lib.landing.casting import literal
from orchestration.lib.publish.release import current_release
from orchestration.lib.segments.console import detail, pane
from orchestration.lib.segments.read import Pane
from orchestration.lib.settings import Home, home_folder, project_vars


def segments(name: str | None, as_json: bool) -> int:
    """Print all segments, or one of them. Returns 0, also before the first release, as status does.

    Raises UsageError where there is no home folder, or no segment of that name.
    """
    home = home_folder()
    if not home.root.is_dir():
        raise UsageError(f"There is no home folder at {home.root}. Give another --home, or refresh first.")
    found = _found(home, name)
    if as_json:
        print(json.dumps(found, default=_plain))
        return 0
    if hasattr(sys.stdout, "reconfigure"):
        # A console that lacks a character of a description shows a question mark.
        sys.stdout.reconfigure(errors="replace")
    if found["note"]:
        print(found["note"])
    else:
        print("\n".join(detail(found) if name else pane(found)))
    return 0


def _found(home: Home, name: str | None) -> dict[str, Any]:
    release = current_release(home)
    found: dict[str, Any] = {
        "home": str(home.root),
        "release": release["release"] if release else None,
        "as_of_date": release["as_of_date"] if release else None,
        "note": None,
    }
    told: dict[str, Any] = {"segment": None} if name else {"segments": []}
    if not release or "segments" not in release["tables"]:
        where = f"The current release {release['release']}" if release else str(home.root)
        found["note"] = f"{where} has no segments yet: refresh first" if release else f"{where} has no release yet"
        return found | told
    # Of the release that the manifest is of, whatever becomes current meanwhile.
    path = home.published / "releases" / release["release"] / "marts.duckdb"
    with duckdb.connect() as con:
        con.execute(f"attach {literal(str(path))} as release (read_only)")
        read = Pane(con, "release.marts", release["tables"].keys(), date.fromisoformat(release["as_of_date"]))
        found |= {"reporting_currency": str(project_vars()["reporting_currency"]), **read.customers()}
        rows = read.segments()
        if not name:
            return found | {"segments": rows}
        by_name = {row["segment"]: row for row in rows}
        if name not in by_name:
            raise UsageError(_unknown(name, list(by_name)))
        return found | {"segment": by_name[name] | read.details(name)}


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    listed = f" There are: {', '.join(known)}." if known else " There is none."
    return f"No segment of the current release is called {name}.{hint}{listed}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
