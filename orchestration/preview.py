"""`tributary refresh --dry-run`: what the next refresh would change in identity, told before anything is published."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.lib.faults import without_addresses
from orchestration.lib.publish.release import current_release
from orchestration.lib.runs.record import PREVIEW_JOB
from orchestration.lib.settings import Home, home_folder, landing_folder
from orchestration.lib.warehouse import connect
from orchestration.run import check_settings, default_day, execute, look_at, offer, outcome, progress, running

# Rows on a terminal; --json gives all of them.
_ROWS = 20
_COLUMNS = (
    *("change", "effect", "customer_id", "from_customer_id", "to_customer_id"),
    *("cause", "records_moved", "orders_moved"),
)


def preview(as_of: date | None, as_json: bool) -> int:
    """Land and resolve identity for a day, print what differs from the current release. Returns the exit code."""
    home, landing = home_folder(), landing_folder()
    check_settings()
    look_at(landing)
    with running(home):
        day = as_of or default_day(landing)
        offer(day, day)
        found = _preview_day(home, landing, day)
    print(json.dumps(found) if as_json else "\n".join(_lines(found)))
    return int(found["exit_code"])


def _preview_day(home: Home, landing: Path, day: date) -> dict[str, Any]:
    progress(f"dry run for {day} from {landing} into {home.root}: nothing is published")
    code, reason, seconds = outcome(execute(home, day, PREVIEW_JOB))
    release = current_release(home)
    found: dict[str, Any] = {
        "exit_code": code,
        "status": "previewed" if code == 0 else "refused" if code == 3 else "failed",
        "as_of_date": day.isoformat(),
        "reason": reason,
        "release": release["release"] if release else None,
        "seconds": seconds,
    }
    return {**found, **_changes(home)} if code == 0 else found


def _changes(home: Home) -> dict[str, Any]:
    """What differs from the current release; stewards' changes first, then those that move most."""
    with connect(home) as con:
        customers = con.execute(
            "select count(distinct customer_id) from intermediate.int_identifiers_resolved"
        ).fetchone()
        rows = con.execute(
            f"select {', '.join('changes.' + c for c in _COLUMNS)} "
            "from intermediate.int_identity_changes_found as changes "
            "inner join computed.identity_baselines as baselines using (release) where baselines.baseline = 'current' "
            "order by case changes.change when 'steward' then 0 when 'created' then 2 else 1 end, "
            "changes.records_moved desc, changes.to_customer_id, changes.from_customer_id"
        ).fetchall()
        rules = con.execute(
            "select rule_number, rule, status, author from computed.steward_rules order by rule_number"
        ).fetchall()
    # An author is often written as an e-mail address.
    rules = [(*rule[:3], without_addresses(rule[3]) if rule[3] else None) for rule in rules]
    changes = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    counts = {kind: sum(c["change"] == kind for c in changes) for kind in ("created", "merged", "split", "steward")}
    return {
        "customers": customers[0] if customers else 0,
        "counts": counts,
        "records_moved": sum(c["records_moved"] for c in changes),
        "orders_moved": sum(c["orders_moved"] for c in changes),
        "decisions": [dict(zip(("rule_number", "rule", "status", "author"), rule, strict=True)) for rule in rules],
        "changes": changes,
    }


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['status']}: {found['as_of_date']}; nothing is published"]
    if found["reason"]:
        return [*lines, f"why: {found['reason']}"]
    lines.append(
        f"compared with the current release: {found['release']}"
        if found["release"]
        else "there is no release yet to compare with"
    )
    lines.append(f"customers: {found['customers']:,}")
    in_effect = sum(d["status"] == "in_effect" for d in found["decisions"])
    lines.append(f"decisions of stewards: {in_effect:,} of {len(found['decisions']):,} in effect")
    lines += [
        f"  decision {d['rule_number']}, {d['rule']} by {d['author']}: {d['status'].replace('_', ' ')}"
        for d in found["decisions"]
        if d["status"] != "in_effect"
    ]
    if not found["release"]:
        return lines
    counts = found["counts"]
    lines.append(
        f"changes: {counts['steward']:,} by stewards, {counts['merged']:,} merged, {counts['split']:,} split, "
        f"{counts['created']:,} created"
    )
    lines.append(f"records that change their customer: {found['records_moved']:,}, orders {found['orders_moved']:,}")
    told = [c for c in found["changes"] if c["change"] != "created"]
    for change in told[:_ROWS]:
        lines.append(f"  {change['effect']} {change['from_customer_id']} -> {change['to_customer_id']}")
        lines.append(f"    records {change['records_moved']:,}, orders {change['orders_moved']:,}; {change['cause']}")
    if len(told) > _ROWS:
        lines.append(f"  and {len(told) - _ROWS:,} more: --json lists all")
    return lines
