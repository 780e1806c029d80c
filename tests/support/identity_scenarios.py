"""Scenarios as text: parsed, written as export files, and what must come out of them as hashes.

SCENARIOS.md says how to read one. This module shares no code with what it tests.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.identity_oracle import digest

FIRST_DAY = date(2024, 5, 1)
# How each source writes the phone +4930<number>.
PHONE_SPELLINGS = {
    "shopify": "+4930{}",
    "segment": "004930{}",
    "hubspot": "+49 (0)30 {}",
    "klaviyo": "(+49) 30-{}",
    "loyalty": "0049 30 / {}",
    "zendesk": "+49.30.{} ext. 7",
    "consent": "+49 30 {}",
    "partner": "+4930{}",
}
# Record name in the text -> table, time column, version column, and the column of each kind of identifier.
RECORDS: dict[tuple[str, str], tuple[str, str | None, str | None, dict[str, str]]] = {
    ("shopify", "customer"): (
        "customer", "created_at", "updated_at", {"user_id": "id", "email": "email", "phone": "phone"},
    ),
    ("shopify", "order"): (
        "order", "created_at", "updated_at", {"user_id": "customer_id", "email": "email", "phone": "phone"},
    ),
    ("segment", "identify"): (
        "identifies", "timestamp", None,
        {"anonymous_id": "anonymous_id", "user_id": "user_id", "email": "email", "phone": "phone"},
    ),
    ("segment", "page"): ("pages", "timestamp", None, {"anonymous_id": "anonymous_id", "user_id": "user_id"}),
    ("segment", "track"): ("tracks", "timestamp", None, {"anonymous_id": "anonymous_id", "user_id": "user_id"}),
    ("hubspot", "contact"): (
        "contact", "property_createdate", "property_lastmodifieddate",
        {"crm_id": "id", "email": "property_email", "phone": "property_phone"},
    ),
    ("klaviyo", "person"): (
        "person", "created", "updated", {"klaviyo_id": "id", "email": "email", "phone": "phone_number"},
    ),
    ("zendesk", "user"): ("user", None, None, {"zendesk_id": "id", "email": "email", "phone": "phone"}),
    ("loyalty", "member"): (
        "member", "joined_at", "updated_at", {"loyalty_id": "member_id", "email": "email", "phone": "phone"},
    ),
    ("survey", "response"): ("response", "submitted_at", None, {"user_id": "customer_ref", "email": "email"}),
    ("consent", "event"): (
        "event", "occurred_at", None,
        {"user_id": "user_id", "anonymous_id": "anonymous_id", "email": "email", "phone": "phone"},
    ),
    ("consent", "erasure"): (
        "erasure_request", "requested_at", None, {"user_id": "user_id", "email": "email", "phone": "phone"},
    ),
    ("partner", "placement"): (
        "placement_event", "occurred_at", None,
        {"anonymous_id": "anonymous_id", "email": "email", "phone": "phone"},
    ),
}  # fmt: skip
REQUIRED: dict[tuple[str, str], dict[str, Any]] = {
    ("shopify", "order"): {"currency": "USD", "total_price": 10},
    ("segment", "tracks"): {"event": "Order Completed"},
    ("zendesk", "user"): {"role": "end-user"},
    ("survey", "response"): {"survey": "nps", "score": 9},
    ("consent", "event"): {"purpose": "analytics", "status": "granted"},
    ("partner", "placement_event"): {"partner": "affiliate", "event": "click"},
}
KINDS = {"user_id", "email", "phone", "crm_id", "loyalty_id", "klaviyo_id", "zendesk_id", "anonymous_id"}

Identifier = tuple[str, str]
TableName = tuple[str, str]


@dataclass(frozen=True)
class Landed:
    """One exported row: the table and the day of its arrival."""

    table: TableName
    day: int
    row: dict[str, Any]


@dataclass
class Outcome:
    """What must come out after a day: customers by the identifier that names them, and what is suppressed."""

    customers: dict[Identifier, frozenset[Identifier]] = field(default_factory=dict)
    suppressed: set[tuple[str, str, str, int]] = field(default_factory=set)
    # Identifiers of no customer any more that named one in an earlier release, and the customer that their id leads to
    # in refreshes that follow that release.
    vanished: dict[Identifier, Identifier] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """A decision of a steward, and the days whose refreshes find it: from one on, until before another."""

    rule: str
    left: Identifier
    right: Identifier
    first_day: int
    last_day: int | None

    def holds(self, day: int) -> bool:
        return self.first_day <= day and (self.last_day is None or day < self.last_day)


@dataclass
class Scenario:
    """One story. Days count from 1."""

    name: str
    number: int
    about: str = ""
    arrivals: list[Landed] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    identifiers: set[Identifier] = field(default_factory=set)

    def after(self, day: int) -> Outcome:
        """What must stand after a day: the newest outcome that is told."""
        told = [d for d in self.outcomes if d <= day]
        return self.outcomes[max(told)] if told else Outcome()


def date_of(day: int) -> date:
    return FIRST_DAY + timedelta(days=day - 1)


def parse(text: str) -> list[Scenario]:
    """Every scenario of the document, in its order."""
    found: list[Scenario] = []
    for number, part in enumerate(re.split(r"^## ", text, flags=re.MULTILINE)[1:], start=1):
        name, _, body = part.partition("\n")
        scenario = Scenario(name.strip(), number)
        blocks = [b.strip() for b in re.split(r"\n\s*\n", body) if b.strip()]
        scenario.about = blocks[0].replace("\n", " ")
        assert not scenario.about.startswith("|"), f"{name}: say first what it is"
        for block in blocks[1:]:
            _read_table(scenario, block)
        assert scenario.arrivals, f"{name}: nothing arrives"
        days = {landed.day for landed in scenario.arrivals}
        days |= {day for rule in scenario.rules for day in (rule.first_day, rule.last_day) if day}
        assert days <= set(scenario.outcomes), f"{name}: say what comes out after each day of arrivals and decisions"
        found.append(scenario)
    return found


def _read_table(scenario: Scenario, block: str) -> None:
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
    header, rows = lines[0], [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]
    if "record" in header:
        _Writer(scenario).write(rows)
        return
    readers = {
        "customer": _read_customer,
        "suppressed": _read_suppressed,
        "once called": _read_vanished,
        "rule": _read_rule,
    }
    reader = next(readers[column] for column in header if column in readers)
    for row in rows:
        reader(scenario, row)


def _day(text: str) -> int:
    word, _, number = text.partition(" ")
    assert word == "day", f"'{text}' is no day"
    return int(number)


def _outcome(scenario: Scenario, row: dict[str, str]) -> Outcome:
    return scenario.outcomes.setdefault(_day(row["after"]), Outcome())


def _read_customer(scenario: Scenario, row: dict[str, str]) -> None:
    outcome = _outcome(scenario, row)
    if row["customer"] == "none":
        return
    members = frozenset(identifier(scenario, token) for token in row["customer"].split(", "))
    anchor = identifier(scenario, row["called by"])
    assert anchor in members, f"{scenario.name}: {anchor} names a customer that it is not of"
    taken = {i for others in outcome.customers.values() for i in others} & members
    assert not taken, f"{scenario.name}: {taken} stand in two customers"
    outcome.customers[anchor] = members


def _read_suppressed(scenario: Scenario, row: dict[str, str]) -> None:
    kind, value = identifier(scenario, row["suppressed"])
    _outcome(scenario, row).suppressed.add((kind, value, row["reason"], int(row["count"])))


def _read_vanished(scenario: Scenario, row: dict[str, str]) -> None:
    once, now = identifier(scenario, row["once called"]), identifier(scenario, row["now"])
    _outcome(scenario, row).vanished[once] = now


def _read_rule(scenario: Scenario, row: dict[str, str]) -> None:
    left, right = identifier(scenario, row["left"]), identifier(scenario, row["right"])
    until = _day(row["until"]) if row["until"] else None
    scenario.rules.append(Rule(row["rule"], left, right, _day(row["from"]), until))


def identifier(scenario: Scenario, token: str) -> Identifier:
    """An identifier as it is published: kind and normalised value."""
    kind, written = _split(token)
    value = _value(scenario, kind, written, spelling="+4930{}")
    found = (kind, value.lower() if kind == "email" else value)
    scenario.identifiers.add(found)
    return found


def _split(token: str) -> tuple[str, str]:
    kind, _, written = token.strip().partition(" ")
    assert kind in KINDS, f"'{token}' is no identifier"
    assert written, f"'{token}' has no value"
    return kind, written


def _value(scenario: Scenario, kind: str, written: str, spelling: str) -> str:
    if written.startswith('"'):
        return written.strip('"')
    if kind == "email":
        return f"{written}@{scenario.name}.example"
    if kind == "phone":
        return spelling.format(f"{100 + scenario.number}{int(written):04d}")
    return f"{scenario.name}-{written}"


class _Writer:
    """Turns the lines of a scenario into exported rows."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.first_told: dict[tuple[Any, ...], datetime] = {}
        self.versions: dict[tuple[str, ...], datetime] = {}

    def write(self, rows: list[dict[str, str]]) -> None:
        for place, row in enumerate(rows):
            self.scenario.arrivals.append(self._landed(row, place))

    def _landed(self, told: dict[str, str], place: int) -> Landed:
        source, (record, _, number) = told["source"], told["record"].partition(" ")
        table, time_column, version_column, columns = RECORDS[source, record]
        arrives = _day(told["arrives"])
        row: dict[str, Any] = {**REQUIRED.get((source, table), {})}
        if number:
            row["id"] = f"{self.scenario.name}-{record}-{number}"
        merged = []
        for token in told["identifiers"].split(", "):
            kind, _, written = token.partition(" ")
            if kind == "merged":
                merged.append(f"{self.scenario.name}-{written}")
            elif kind == "order":
                row["order_id"] = f"{self.scenario.name}-order-{written}"
            elif kind == "deleted":
                row["_fivetran_deleted"] = "true"
            else:
                kind, written = _split(token)
                assert columns[kind] not in row, f"{self.scenario.name}: two values for {columns[kind]}"
                row[columns[kind]] = _value(self.scenario, kind, written, PHONE_SPELLINGS.get(source, "{}"))
        if merged:
            row["property_hs_merged_object_ids"] = "; ".join(merged)
        key = row.get("id") or row.get("member_id")
        assert key, f"{self.scenario.name}: a record without an id: {told}"
        happened = told.get("happened") or f"day {arrives}"
        if happened != "unknown":
            moment = self._moment(_day(happened), place)
            # A record keeps its time when it arrives again.
            happened_at = self.first_told.setdefault((source, table, key), moment)
            if time_column:
                row[time_column] = happened_at.isoformat(sep=" ")
        if version_column:
            # The same line again is the same data again; another line is a newer version.
            said = (source, table, *(told[name] for name in ("record", "identifiers")))
            row[version_column] = self.versions.setdefault(said, self._moment(arrives, place)).isoformat(sep=" ")
        return Landed((source, table), arrives, row)

    def _moment(self, day: int, place: int) -> datetime:
        return datetime.combine(date_of(day), time(9)) + timedelta(minutes=place)


# Export files.


def land_in_one_batch(landing: Path, arrivals: Iterable[Landed], day: int) -> None:
    """One file a table that closes a day, its rows in the order of their arrival."""
    for (source, table), rows in _by_table(sorted(arrivals, key=lambda landed: landed.day)).items():
        _write(landing / source / table / f"dt={date_of(day)}" / "export.csv", [landed.row for landed in rows])


def land_day(landing: Path, arrivals: Iterable[Landed], day: int) -> None:
    """What arrives on a day, one file a table."""
    for (source, table), rows in _by_table(a for a in arrivals if a.day == day).items():
        _write(landing / source / table / f"dt={date_of(day)}" / "export.csv", [landed.row for landed in rows])


def land_in_disorder(landing: Path, arrivals: Iterable[Landed], seed: int) -> None:
    """Every day's rows in up to three files of any format and name, their lines in any order."""
    rng = random.Random(seed)
    for (source, table), landed in _by_table(arrivals).items():
        for day in {a.day for a in landed}:
            rows = [a.row for a in landed if a.day == day]
            rng.shuffle(rows)
            parts = rng.randint(1, 3)
            for part in range(parts):
                name = f"{rng.randrange(10**6):06d}.{rng.choice(['csv', 'csv.gz', 'jsonl', 'jsonl.gz', 'parquet'])}"
                if rows[part::parts]:
                    _write(landing / source / table / f"dt={date_of(day)}" / name, rows[part::parts])


def _by_table(arrivals: Iterable[Landed]) -> dict[TableName, list[Landed]]:
    tables: dict[TableName, list[Landed]] = defaultdict(list)
    for landed in arrivals:
        tables[landed.table].append(landed)
    return tables


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(["id", *(column for row in rows for column in row)]))
    if not any("id" in row for row in rows):
        columns.remove("id")
    if path.suffix == ".parquet":
        texts = [{c: None if row.get(c) is None else str(row[c]) for c in columns} for row in rows]
        pq.write_table(pa.Table.from_pylist(texts, schema=pa.schema([(c, pa.string()) for c in columns])), path)
        return
    if ".csv" in path.name:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, columns)
        writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    else:
        text = "".join(json.dumps(row) + "\n" for row in rows)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


# What must come out, as published.


@dataclass
class Published:
    """The published identity tables, or what they must be: customers as sets of hashes by customer_id."""

    customers: dict[str, frozenset[Identifier]]
    redirects: dict[str, str]
    suppressed: set[tuple[str, str, str, int]]

    def only(self, hashes: set[Identifier], ids: set[str]) -> Published:
        """The part that names some identifiers, or some issuable ids."""
        return Published(
            {c: members for c, members in self.customers.items() if members & hashes or c in ids},
            {old: new for old, new in self.redirects.items() if old in ids or new in ids},
            {row for row in self.suppressed if (row[0], row[1]) in hashes},
        )


def customer_id(anchor: Identifier, key: str) -> str:
    return digest(f"{anchor[0]}:{anchor[1]}", key)[:32]


def hashed(found: Identifier, key: str) -> Identifier:
    return found[0], digest(found[1], key)


def expected(outcome: Outcome, key: str, is_remembered: bool) -> Published:
    """An outcome as it must be published under a hash key, with or without releases of the days before."""
    customers, redirects = {}, {}
    for anchor, members in outcome.customers.items():
        current = customer_id(anchor, key)
        customers[current] = frozenset(hashed(member, key) for member in members)
        redirects |= {customer_id(member, key): current for member in members if member != anchor}
    if is_remembered:
        redirects |= {customer_id(once, key): customer_id(now, key) for once, now in outcome.vanished.items()}
    suppressed = {(kind, digest(value, key), reason, count) for kind, value, reason, count in outcome.suppressed}
    return Published(customers, redirects, suppressed)
