"""Why a customer is one customer, and what led to a conversion: read from what the last refresh built, told as text, as
JSON, or as a page."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.days import cutoff
from orchestration.lib.explain.asked import Asked, Finder, Node
from orchestration.lib.explain.console import table
from orchestration.lib.explain.evidence import gather
from orchestration.lib.explain.headlines import headlines, shown_sections
from orchestration.lib.explain.masking import Shown, printable
from orchestration.lib.explain.told import Teller, Told
from orchestration.lib.faults import UsageError
from orchestration.lib.lock import is_free
from orchestration.lib.publish.release import current_release
from orchestration.lib.settings import Home, home_folder, memory_limit, project_vars, threads

# Rows of a table on the console; the page and --json hold more.
_LINES = 20


def explain(one: str, other: str | None, reveal: bool, html: Path | None, as_json: bool) -> int:
    """Explain a customer, a conversion, or the way from one identifier to another. Returns 0.

    Raises UsageError where there is nothing to read, a refresh is running, or nobody is called that.
    """
    home, given = home_folder(), project_vars()
    with _warehouse(home) as con:
        found = _answer(con, home, one, other, Shown(reveal), given)
    found["reporting_currency"] = str(given["reporting_currency"])
    if html is not None:
        from orchestration.lib.explain.page import page

        _write(html, page(found))
    if as_json:
        print(json.dumps(found, default=_plain))
    elif html is not None:
        print(f"page: {html}")
    else:
        # A console that knows no bullets shows question marks.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")
        print("\n".join(_lines(found)))
    return 0


@contextmanager
def _warehouse(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse to read, where no refresh has it."""
    if not home.root.is_dir():
        raise UsageError(f"There is no home folder at {home.root}. Give another --home, or refresh first.")
    if not home.warehouse.exists():
        raise UsageError(f"{home.root} holds no warehouse yet. Refresh first: tributary refresh --home {home.root}")
    running = UsageError(f"A refresh is running on {home.root}. Ask again when it has ended.")
    # The refresh that holds the lock opens and closes the file; it must not find it taken.
    if not is_free(home):
        raise running
    try:
        con = duckdb.connect(str(home.warehouse), read_only=True)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise running from None
        raise
    with con:
        con.execute(f"set memory_limit = '{memory_limit()}'")
        con.execute(f"set threads = {threads()}")
        con.execute("set timezone = 'UTC'")
        # As dbt does: rules are judged again here.
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        try:
            yield con
        except duckdb.CatalogException:
            raise UsageError(
                f"The warehouse in {home.root} was not built to its end, so there is nothing to explain from. "
                "Refresh first; tributary status says how the last refresh ended."
            ) from None


def _answer(
    con: duckdb.DuckDBPyConnection, home: Home, one: str, other: str | None, shown: Shown, given: dict[str, Any]
) -> Told:
    finder = Finder(con, str(given["default_country"]))
    asked = finder.find(one)
    found: Told = {"home": str(home.root), **_run(con, home), "is_revealed": shown.reveal}
    as_of = found["as_of_date"]
    teller = Teller(con, shown, as_of, cutoff(as_of, str(given["reporting_timezone"])))
    found["asked"] = teller.asked(asked)
    found["conversion"] = teller.conversion(asked)
    left = gather(con, asked.customer_id) if asked.customer_id else None
    found["customer"] = teller.customer(asked.customer_id, left) if asked.customer_id and left else None
    found["devices"] = [] if asked.customer_id else [teller.device(n) for n in asked.nodes]
    found["other"] = None
    if other is None:
        return found
    second = finder.find(other)
    told: Told = {"asked": teller.asked(second), "path": None, "between": None, "devices": []}
    found["other"] = told
    told["is_same_customer"] = asked.customer_id is not None and asked.customer_id == second.customer_id
    if second.customer_id is None:
        told["devices"] = [teller.device(n) for n in second.nodes]
    elif left is not None and told["is_same_customer"]:
        told["path"] = teller.path(left, _ends(asked, left.nodes), _ends(second, left.nodes))
    elif left is not None:
        told["between"] = teller.between(left, gather(con, second.customer_id))
    return found


def _ends(asked: Asked, nodes: dict[int, Any]) -> list[Node]:
    """The identifiers that an argument stands for within its customer; the first one where it names none."""
    own = [n for n in asked.nodes if n.node_id in nodes]
    if own:
        return own
    first = nodes[min(nodes)]
    return [
        Node(
            first["node_id"],
            first["identifier_type"],
            first["identifier_value"],
            first["identifier_hash"],
            first["customer_id"],
        )
    ]


def _run(con: duckdb.DuckDBPyConnection, home: Home) -> Told:
    """Which refresh built what is read here, and whether it was released."""
    row = con.execute(
        "select run_id, as_of_date, started_at, status, reason from ops.refreshes "
        "order by started_at desc, run_id limit 1"
    ).fetchone()
    if row is None:
        raise UsageError(f"{home.root} knows no refresh yet. Refresh first.")
    run_id, as_of, started_at, status, reason = row
    release = current_release(home)
    note = None
    if status != "published":
        note = (
            f"The last refresh, of {as_of}, ended {status}"
            + (f" ({reason})" if reason else "")
            + ". What is told here is what it built, and is "
            + (f"newer than the current release {release['release']}." if release else "not released.")
        )
    elif release and not _is_released(con, release):
        note = (
            f"What is told here is not what the current release {release['release']} holds: identity was built anew "
            "since, as a dry run does."
        )
    return {
        "as_of_date": as_of,
        "run": {"run_id": run_id, "started_at": started_at, "status": status, "reason": reason},
        "release": release["release"] if release else None,
        "note": note,
    }


def _is_released(con: duckdb.DuckDBPyConnection, release: dict[str, Any]) -> bool:
    """Whether the identifiers of the warehouse are those of a release, by the checksum in its manifest."""
    held = release["tables"].get("customer_identifiers")
    row = con.execute(
        "select coalesce(cast(sum(hash(t)) as varchar), '0') from marts.customer_identifiers as t"
    ).fetchone()
    return held is None or row is None or row[0] == held["checksum"]


def _write(path: Path, text: str) -> None:
    """Write a page that may hold identifiers: for its owner alone, and whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=".explain-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"The page cannot be written to {path}: {error.strerror}.") from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def _lines(found: Told) -> list[str]:
    lines = [f"note: {found['note']}"] if found["note"] else []
    lines += headlines(found)
    for section in shown_sections(found):
        lines += table(section, len(section.rows) if section.is_whole else _LINES)
    if found["conversion"] and found["customer"] and not found["other"]:
        lines += ["", f"more of the customer: tributary explain {found['customer']['customer_id']}"]
    return [printable(line) for line in lines]
