"""A world delivered day by day, refreshed every day, beside a rebuild from nothing.

    .venv/bin/python -m tests.support.identity_days --customers 40 --days 60 --keep data/days

writes a demo world, delivers it again one day at a time, refreshes each day through the command line, and then
rebuilds: one refresh of the last day into an empty home, and a backfill of all days into another. It ends with code 1
where a day's identity tables differ, or where an id of an earlier release is neither current nor redirected later on.
It takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from orchestration.lib.demo import DEFAULT_END, write_world
from orchestration.lib.landing.contracts import TableContract, load_contracts
from orchestration.lib.landing.load import load_landing
from orchestration.lib.settings import DBT_PROJECT

# When a row came to be; a row of any other table comes with its parent, or with the first day.
TIMES = {
    "shopify.customer": "created_at",
    "shopify.order": "coalesce(processed_at, created_at)",
    "shopify.refund": "created_at",
    "segment.identifies": "timestamp",
    "segment.pages": "timestamp",
    "segment.tracks": "timestamp",
    "hubspot.contact": "property_createdate",
    "hubspot.deal": "property_createdate",
    "klaviyo.person": "created",
    "klaviyo.event": "datetime",
    "klaviyo.campaign": "sent_at",
    "google_ads.campaign_history": "updated_at",
    "google_ads.campaign_stats": "date",
    "facebook_ads.campaign_history": "updated_time",
    "facebook_ads.basic_campaign": "date",
    "zendesk.ticket": "created_at",
    "loyalty.member": "joined_at",
    "loyalty.point_transaction": "occurred_at",
    "survey.response": "submitted_at",
    "consent.event": "occurred_at",
    "consent.erasure_request": "requested_at",
    "partner.placement_event": "occurred_at",
    "campaigns.send": "sent_at",
    "finance.fx_rate": "date",
}
PARENTS = {
    "shopify.order_line": ("order_id", "shopify.order", "id"),
    "shopify.order_line_refund": ("refund_id", "shopify.refund", "id"),
    "hubspot.deal_contact": ("deal_id", "hubspot.deal", "deal_id"),
}
# E-mail and phone of records that are corrected: an export of today no longer holds what they said at first.
CORRECTED = {
    "shopify.customer": ("email", "phone"),
    "hubspot.contact": ("property_email", "property_phone"),
    "klaviyo.person": ("email", "phone_number"),
    "loyalty.member": ("email", "phone"),
}
TABLES = ("customers", "customer_identifiers", "customer_redirects", "identity_suppressed", "customer_contacts",
          "identity_review", "identity_device_links")  # fmt: skip
KEY = "days"


def deliver(world: Path, days: Path, closed: Sequence[date]) -> None:
    """Write a world's exports again as one folder an extract, below <days>/<day>, for the days that extracts close.

    Each row lands with the first extract on or after the day that it was exported; what came after the last is left
    out. Records that were updated after they were created land twice; some of them with another e-mail or without a
    phone at first.
    """
    first, last = closed[0], closed[-1]
    contracts = load_contracts(DBT_PROJECT)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as con:
        load_landing(con, world, contracts, datetime.combine(last, datetime.min.time()), Path(scratch))
        for contract in contracts:
            name = f"{contract.source}.{contract.table}"
            table = f'"raw_{contract.source}"."{contract.table}"'
            time = TIMES.get(name)
            columns = ", ".join(f'"{c.name}"' for c in contract.columns)
            if name in PARENTS:
                key, parent, parent_key = PARENTS[name]
                exported = (
                    f"(select min({TIMES[parent]}) from raw_{parent} as parent where parent.{parent_key} = child.{key})"
                )
            elif name == "zendesk.user":
                # A help desk says of nobody since when; any day will do.
                span = (last - first).days + 1
                exported = f"cast('{first}' as date) + cast(hash(id) % {span} as integer)"
            elif time:
                exported = f"greatest({time}, {contract.version or time})" if contract.version else time
            else:
                exported = "null"
            con.execute(
                f"create or replace temp table delivered as select {columns}, "
                f"greatest(coalesce(cast({exported} as date), date '{first}'), date '{first}') as day "
                f"from {table} as child"
            )
            if name in CORRECTED:
                _add_first_versions(con, contract, CORRECTED[name], str(time), first)
            con.execute(
                "update delivered set day = (select min(d) from unnest(?) as closed(d) where d >= day)", [closed]
            )
            for (day,) in con.execute("select distinct day from delivered where day is not null").fetchall():
                folder = days / str(day) / contract.source / contract.table / f"dt={day}"
                folder.mkdir(parents=True, exist_ok=True)
                con.execute(
                    f"copy (select {columns} from delivered where day = '{day}' order by all) "
                    f"to '{folder / 'export.csv'}' (header)"
                )


def _add_first_versions(
    con: duckdb.DuckDBPyConnection, contract: TableContract, corrected: tuple[str, str], created: str, first: date
) -> None:
    """What records said before they were updated: of five, one with a typo, one without phone, one as somebody else."""
    email, phone = corrected
    key = contract.primary_key[0]
    said = {email: "early_email", phone: "early_phone", contract.version: created}
    columns = ", ".join(said.get(c.name, f'"{c.name}"') for c in contract.columns)
    con.execute(
        f"""
        insert into delivered
        with versions as (
            select
                *,
                row_number() over (partition by {key} order by day, {contract.version}) as place,
                lag({email}) over (order by {created}, {key}) as others_email,
                hash({key}) % 5 as fate
            from delivered
        )
        select {columns}, greatest(cast({created} as date), date '{first}')
        from (
            select
                *,
                case fate when 0 then 'x' || {email} when 2 then others_email else {email} end as early_email,
                case fate when 1 then null else {phone} end as early_phone
            from versions
        )
        where place = 1 and cast({created} as date) < day and day > '{first}'
        """
    )


def land(days: Path, day: date, landing: Path) -> None:
    """Put what was exported on a day into the landing folder."""
    if (days / str(day)).is_dir():
        shutil.copytree(days / str(day), landing, dirs_exist_ok=True)


@dataclass
class Findings:
    """What does not hold, in words."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)


@contextmanager
def released(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees a release's tables by their names alone."""
    with duckdb.connect() as con:
        for schema in ("marts", "restricted"):
            con.execute(f"attach '{folder / f'{schema}.duckdb'}' as release_{schema} (read_only)")
            tables = con.execute(
                "select table_name from duckdb_tables() where database_name = ? and schema_name = ?",
                [f"release_{schema}", schema],
            ).fetchall()
            for (table,) in tables:
                con.execute(f"create view {table} as select * from release_{schema}.{schema}.{table}")
        yield con


def releases(home: Path) -> dict[date, Path]:
    """The newest release of each as-of date."""
    found = {}
    for manifest in sorted((home / "published" / "releases").glob("*/manifest.json")):
        found[date.fromisoformat(json.loads(manifest.read_text())["as_of_date"])] = manifest.parent
    return found


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every identity table of a release, in one order."""
    with released(folder) as con:
        there = {row[0] for row in con.execute("select view_name from duckdb_views() where not internal").fetchall()}
        return {t: con.execute(f"select * from {t} order by all").fetchall() for t in TABLES if t in there}


def compare(one: Path, other: Path, what: str, findings: Findings) -> None:
    """Say which identity tables of two releases differ."""
    ours, theirs = rows(one), rows(other)
    for table in sorted(ours.keys() | theirs.keys()):
        left, right = set(ours.get(table, [])), set(theirs.get(table, []))
        if left != right:
            sample = ", ".join(
                str(row)[:160] for row in [*sorted(left - right, key=str)[:1], *sorted(right - left, key=str)[:1]]
            )
            findings.say(f"{what}: {table}: {len(left - right)} rows against {len(right - left)}: {sample}")


def follow_ids(found: dict[date, Path], findings: Findings) -> tuple[int, int]:
    """Say which ids are neither current nor redirected in a later release; gives how many ids there were, and lost."""
    given_out: dict[str, date] = {}
    lost: set[str] = set()
    for day in sorted(found):
        with released(found[day]) as con:
            current = {row[0] for row in con.execute("select customer_id from customers").fetchall()}
            redirects = dict(con.execute("select retired_customer_id, customer_id from customer_redirects").fetchall())
        for customer, since in given_out.items():
            if redirects.get(customer, customer) not in current and customer not in lost:
                lost.add(customer)
                findings.say(f"{customer}, given out on {since}, leads nowhere on {day}")
        for customer in current:
            given_out.setdefault(customer, day)
    return len(given_out), len(lost)


def run(customers: int, count: int, folder: Path, backfill: bool) -> Findings:
    """The whole comparison in a folder."""
    from tests.conftest import tributary

    last = DEFAULT_END
    first = last - timedelta(days=count - 1)
    world, days, landing = folder / "world", folder / "days", folder / "landing"
    write_world(world, customers, max(120, count + 30), last, 7, True)
    deliver(world, days, [first + timedelta(days=offset) for offset in range(count)])
    findings = Findings()
    environment = {
        "TRIBUTARY_HASH_KEY": KEY,
        # Every release is looked at, so all stay.
        "TRIBUTARY_VARS": json.dumps({"releases_kept": count + 10}),
    }

    def told(what: str, *arguments: str | Path) -> None:
        done = tributary(*arguments, **environment)
        if done.code != 0:
            findings.say(f"{what} ended with code {done.code}: {(done.out + done.err).strip()[-400:]}")

    home, anew, again = folder / "daily", folder / "anew", folder / "backfill"
    for offset in range(count):
        day = first + timedelta(days=offset)
        land(days, day, landing)
        told(f"refresh of {day}", "refresh", "--landing", landing, "--home", home, "--as-of", str(day))
        print(f"refreshed {day}", flush=True)
    daily = releases(home)
    told("rebuild", "refresh", "--landing", landing, "--home", anew, "--as-of", str(last))
    compare(daily[last], releases(anew)[last], f"{last} and a rebuild", findings)
    if backfill:
        told("backfill", "backfill", "--landing", landing, "--home", again, "--from", str(first), "--to", str(last))
        _compare_days(daily, releases(again), findings)
    given_out, lost = follow_ids(daily, findings)
    print(f"{len(daily)} releases, {given_out} ids given out, {lost} lead nowhere, {len(findings.lines)} findings")
    return findings


def _compare_days(daily: dict[date, Path], again: dict[date, Path], findings: Findings) -> None:
    for day in sorted(daily.keys() | again.keys()):
        if day in daily and day in again:
            compare(daily[day], again[day], f"{day} and its backfill", findings)
        else:
            findings.say(f"{day} was published by one of both only")


def main(arguments: Iterable[str] | None = None) -> int:
    """Run it and say what does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.identity_days", description=__doc__)
    parser.add_argument("--customers", type=int, default=40)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--no-backfill", action="store_true", help="compare the last day only")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work there, in an empty folder, and leave it")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.keep or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            parser.error(f"{folder} is not empty")
        findings = run(options.customers, options.days, folder, not options.no_backfill)
    return 1 if findings.lines else 0


if __name__ == "__main__":
    sys.exit(main())
