"""Whom requests to be erased reach, by brute force: every request walks the records that began before it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.support.identity_oracle import (
    Identifier,
    Record,
    Row,
    Tables,
    collect,
    newest,
    normalise,
    shared_identifiers,
)
from tests.support.identity_worlds import AS_OF, CUTOFF, START, worlds

LAST_DAY, LAST_CUTOFF = date(2199, 12, 31), datetime(2200, 1, 1)
REQUESTS = ("consent", "erasure_request")


@dataclass
class Erased:
    """Records by source, kind and id; for each identifier reached the time of the newest request that reaches it."""

    records: set[tuple[str, str, str]] = field(default_factory=set)
    until: dict[Identifier, datetime] = field(default_factory=dict)

    def has(self, record: Record) -> bool:
        return (record.source, record.kind, record.id) in self.records


def expect_erased(tables: Tables) -> Erased:
    """Erased records and identifiers, over everything that landed."""
    records = collect(tables, LAST_DAY, LAST_CUTOFF)
    carried = {n for r in records for n in r.usable(set())}
    erased = Erased()
    requests = {
        r["id"]: r for r in sorted(tables.get(REQUESTS, []), key=lambda r: (str(r["_export_date"]), r["_line"]))
    }
    for request in requests.values():
        began = [r for r in records if r.first is None or r.first <= request["requested_at"]]
        barred = set(shared_identifiers(began))
        reached = {n for n in _named(request) if n not in barred and (n[0] != "user_id" or n in carried)}
        while True:
            further = {n for r in began if reached & set(r.usable(barred)) for n in r.usable(barred)} - reached
            if not further:
                break
            reached |= further
        for node in reached:
            erased.until[node] = max(request["requested_at"], erased.until.get(node, datetime.min))
        erased.records |= {(r.source, r.kind, r.id) for r in began if reached & set(r.usable(barred))}
    return erased


def _named(request: Row) -> set[Identifier]:
    found = set()
    for kind in ("user_id", "email", "phone"):
        if request.get(kind) is not None:
            validity, value = normalise(kind, request[kind])
            if validity == "ok":
                found.add((kind, value))
    return found


def erasure_worlds(seed: int, count: int) -> Tables:
    """Small worlds as one database, some of whose people ask to be erased: none of what is there is yet to come."""
    tables = worlds(seed, count)
    for name, rows in tables.items():
        seen = [row for row in rows if newest({name: [row]}, name, AS_OF, CUTOFF)]
        # Whose language an event on a shared device tells is another test's.
        tables[name] = [{k: v for k, v in row.items() if k != "context_locale"} for row in seen]
    rng = random.Random(seed + 1)
    named: list[tuple[str, str]] = []
    for (source, table), columns in _NAMES.items():
        for row in tables.get((source, table), []):
            named += [(kind, row[c]) for c, kind in columns.items() if row.get(c) is not None]
    requests: list[Row] = []
    for number in range(count):
        request: Row = {
            "id": f"r{number}",
            "_export_date": rng.choice([None, AS_OF, date(2024, 7, 9)]),
            "_line": number + 2,
        }
        request["_file"] = "consent/erasure_request.csv"
        for kind, value in rng.sample(named, rng.choice([1, 1, 1, 2])):
            request[kind] = value
        request["requested_at"] = START + timedelta(hours=rng.randrange(24 * 13))
        requests.append(request)
    tables[REQUESTS] = requests
    return tables


_NAMES = {
    ("shopify", "customer"): {"id": "user_id", "email": "email", "phone": "phone"},
    ("hubspot", "contact"): {"property_email": "email", "property_phone": "phone"},
    ("klaviyo", "person"): {"email": "email"},
    ("loyalty", "member"): {"email": "email", "phone": "phone"},
    ("segment", "identifies"): {"user_id": "user_id", "email": "email"},
}
