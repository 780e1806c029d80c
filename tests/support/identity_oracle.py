"""Who is who, recomputed from raw rows by brute force: the oracle that the identity models are held to.

It shares no code with the models. Components come from networkx; numbers are normalised by hand for the few
countries that the worlds use; every count is taken record by record.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import networkx as nx

from tests.support.device_owners import DeviceRow
from tests.support.device_owners import owners as owners_by_time

Row = dict[str, Any]
Tables = dict[tuple[str, str], list[Row]]
Identifier = tuple[str, str]

PATTERNS = [
    r"^[0\-\s.+()]*$",
    r"^-1$",
    r"^(null|none|nil|n/?a|nan|undefined|unknown|anonymous|guest|test|\(not set\))$",
    r"^(test|noreply|no-reply|donotreply|anonymous|none|null|unknown)@",
]
CALLING_CODES = {"US": "1", "CA": "1", "JM": "1", "GB": "44", "DE": "49", "FR": "33", "IT": "39", "SG": "65"}
COUNTRY_NAMES = {
    "united states": "US",
    "usa": "US",
    "canada": "CA",
    "jamaica": "JM",
    "united kingdom": "GB",
    "great britain": "GB",
    "uk": "GB",
    "germany": "DE",
    "france": "FR",
    "italy": "IT",
    "singapore": "SG",
}
TYPES = ["user_id", "email", "phone", "crm_id", "loyalty_id", "klaviyo_id", "zendesk_id", "anonymous_id"]
SOURCES = ["shopify", "segment", "hubspot", "klaviyo", "zendesk", "loyalty", "survey", "consent", "partner"]
TRUST = ["shopify", "loyalty", "hubspot", "klaviyo", "zendesk", "segment", "survey", "consent", "partner"]
# Primary key, version column and the time that makes a row visible; null where there is none.
CONTRACTS: dict[tuple[str, str], tuple[str, str | None, str | None]] = {
    ("shopify", "customer"): ("id", "updated_at", "created_at"),
    ("shopify", "order"): ("id", "updated_at", "processed_at|created_at"),
    ("segment", "identifies"): ("id", None, "timestamp"),
    ("segment", "pages"): ("id", None, "timestamp"),
    ("segment", "tracks"): ("id", None, "timestamp"),
    ("hubspot", "contact"): ("id", "property_lastmodifieddate", "property_createdate"),
    ("hubspot", "company"): ("id", None, None),
    ("klaviyo", "person"): ("id", "updated", "created"),
    ("zendesk", "user"): ("id", None, None),
    ("loyalty", "member"): ("member_id", "updated_at", "joined_at"),
    ("survey", "response"): ("id", None, "submitted_at"),
    ("consent", "event"): ("id", None, "occurred_at"),
    ("partner", "placement_event"): ("id", None, "occurred_at"),
}


def digest(text: str, key: str = "") -> str:
    return hashlib.sha256((key + text).encode()).hexdigest()


def country_of(text: str | None, default: str = "US") -> str:
    code = known_country(text)
    return code or default


def known_country(text: str | None) -> str | None:
    if text is None:
        return None
    stripped = text.strip()
    if stripped.upper() in CALLING_CODES:
        return stripped.upper()
    return COUNTRY_NAMES.get(stripped.lower())


def normalise(kind: str, raw: str, country: str | None = None) -> tuple[str, str]:
    """(validity, value): the node's value, or what a value that makes no node is hashed as."""
    text = raw.strip().lower()
    if kind == "phone":
        return _phone(text, country_of(country))
    if any(re.search(p, text) for p in PATTERNS):
        return "placeholder", text
    if kind == "email":
        return ("ok", text) if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else ("invalid", text)
    return "ok", raw


def _phone(text: str, country: str) -> tuple[str, str]:
    digits = "".join(c for c in text if c in "0123456789")
    blocked = any(re.search(p, t) for p in PATTERNS for t in (text, digits))
    if blocked or len(set(digits)) < 2 or digits.endswith("0000000") or digits == "1234567890":
        return "placeholder", digits
    number = text
    extension = re.search(r"(extension|extn|ext|x|#)[\s.:=]*\d+$", number)
    if extension and any(c.isdigit() for c in number[: extension.start()]):
        number = number[: extension.start()]
    dialled = "".join(c for c in number if c in "+0123456789")
    if dialled.startswith(("+", "00")):
        inner = "".join(c for c in re.sub(r"\(\s*0\s*\)", "", number) if c in "0123456789")
        full = inner if dialled.startswith("+") else inner[2:]
    else:
        code = CALLING_CODES[country]
        if code == "1":
            national = dialled[1:] if len(dialled) == 11 and dialled[0] == "1" else dialled
        elif country != "IT" and dialled.startswith("0"):
            national = dialled[1:]
        else:
            national = dialled
        full = code + national
    return ("ok", "+" + full) if 8 <= len(full) <= 15 else ("invalid", digits)


@dataclass
class Record:
    source: str
    kind: str
    id: str
    first: datetime | None
    version: datetime | None
    identifiers: list[tuple[str, Any]]
    country: str | None = None
    own_contacts: bool = True
    order: Record | None = None
    verified: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    signs_out: bool = False
    parsed: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def last(self) -> datetime | None:
        return max((t for t in (self.first, self.version) if t), default=None)

    @property
    def updated(self) -> datetime | None:
        return self.version or self.first

    def usable(self, barred: set[Identifier]) -> list[Identifier]:
        return [(k, v) for k, v, validity in self.parsed if validity == "ok" and (k, v) not in barred]


@dataclass
class Expected:
    identifiers: set[tuple[Any, ...]] = field(default_factory=set)
    redirects: set[tuple[str, str]] = field(default_factory=set)
    suppressed: set[tuple[str, str, str, int]] = field(default_factory=set)
    records: set[tuple[str, str, str, str]] = field(default_factory=set)
    devices: set[tuple[str, str, str | None]] = field(default_factory=set)
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)


def newest(tables: Tables, name: tuple[str, str], as_of: date, cutoff: datetime) -> list[Row]:
    key, version, happened = CONTRACTS[name]
    best: dict[str, Row] = {}

    def rank(row: Row) -> tuple[Any, ...]:
        written = row.get(version) if version else None
        return (
            written is not None,
            written or datetime.min,
            row["_export_date"] is not None,
            row["_export_date"] or date.min,
            row["_file"],
            row["_line"],
        )

    for row in tables.get(name, []):
        if row["_export_date"] is not None and row["_export_date"] > as_of:
            continue
        time = next((row[c] for c in happened.split("|") if row.get(c)), None) if happened else None
        if time is not None and time >= cutoff:
            continue
        kept = best.get(row[key])
        if kept is None or rank(row) > rank(kept):
            best[row[key]] = row
    return list(best.values())


def collect(tables: Tables, as_of: date, cutoff: datetime) -> list[Record]:
    def rows(source: str, table: str) -> list[Row]:
        return newest(tables, (source, table), as_of, cutoff)

    records: list[Record] = []
    customers = {r["id"]: r for r in rows("shopify", "customer")}
    for r in customers.values():
        records.append(
            Record(
                "shopify",
                "customers",
                r["id"],
                r["created_at"],
                r.get("updated_at"),
                [("user_id", r["id"]), ("email", r.get("email")), ("phone", r.get("phone"))],
                r.get("default_address_country_code"),
                verified=bool(r.get("verified_email")),
                facts={
                    "first_name": r.get("first_name"),
                    "last_name": r.get("last_name"),
                    "postcode": r.get("default_address_zip"),
                    "city": r.get("default_address_city"),
                    "region": r.get("default_address_province"),
                    "country_code": known_country(r.get("default_address_country_code")),
                },
            )
        )
    orders: dict[str, Record] = {}
    for r in rows("shopify", "order"):
        if r.get("test") or (r.get("financial_status") or "").strip().lower() == "voided":
            continue
        owner = customers.get(r.get("customer_id"), {})
        orders[r["id"]] = Record(
            "shopify",
            "orders",
            r["id"],
            r.get("processed_at") or r["created_at"],
            r.get("updated_at"),
            [("user_id", r.get("customer_id")), ("email", r.get("email")), ("phone", r.get("phone"))],
            owner.get("default_address_country_code"),
        )
    records += orders.values()
    for r in rows("segment", "identifies"):
        records.append(
            Record(
                "segment",
                "identifies",
                r["id"],
                r["timestamp"],
                None,
                [
                    ("anonymous_id", r.get("anonymous_id")),
                    ("user_id", r.get("user_id")),
                    ("email", r.get("email")),
                    ("phone", r.get("phone")),
                ],
            )
        )
    for table in ("pages", "tracks"):
        for r in rows("segment", table):
            carried = [("anonymous_id", r["anonymous_id"]), ("user_id", r.get("user_id"))]
            country = None
            name = (r.get("event") or "").lower().replace("_", " ")
            order = orders.get(r.get("order_id")) if name == "order completed" else None
            if order:
                carried += order.identifiers
                country = order.country
            language = re.match(r"([A-Za-z]{2,3})([-_.@]|$)", r.get("context_locale") or "")
            records.append(
                Record(
                    "segment",
                    table,
                    r["id"],
                    r["timestamp"],
                    None,
                    carried,
                    country,
                    own_contacts=False,
                    order=order,
                    facts={"language": language.group(1).lower() if language else None},
                    signs_out=name == "signed out",
                )
            )
    companies = {r["id"] for r in rows("hubspot", "company") if not r.get("is_deleted")}
    for r in rows("hubspot", "contact"):
        merged = [m.strip() for m in (r.get("property_hs_merged_object_ids") or "").split(";") if m.strip()]
        carried = [("crm_id", m) for m in merged]
        facts: dict[str, Any] = {}
        if not r.get("_fivetran_deleted"):
            carried += [("crm_id", r["id"]), ("email", r.get("property_email")), ("phone", r.get("property_phone"))]
            born = r.get("property_date_of_birth")
            facts = {
                "first_name": r.get("property_firstname"),
                "last_name": r.get("property_lastname"),
                "city": r.get("property_city"),
                "country_code": known_country(r.get("property_country")),
                "gender": r.get("property_gender"),
                "job_title": r.get("property_jobtitle"),
                "date_of_birth": born.isoformat() if born else None,
                "company_id": r.get("property_associatedcompanyid")
                if r.get("property_associatedcompanyid") in companies
                else None,
            }
        records.append(
            Record(
                "hubspot",
                "contacts",
                r["id"],
                r["property_createdate"],
                r.get("property_lastmodifieddate"),
                carried,
                r.get("property_country"),
                facts=facts,
            )
        )
    for r in rows("klaviyo", "person"):
        records.append(
            Record(
                "klaviyo",
                "people",
                r["id"],
                r.get("created"),
                r.get("updated"),
                [("klaviyo_id", r["id"]), ("email", r.get("email")), ("phone", r.get("phone_number"))],
                r.get("country"),
                facts={
                    "first_name": r.get("first_name"),
                    "last_name": r.get("last_name"),
                    "city": r.get("city"),
                    "country_code": known_country(r.get("country")),
                },
            )
        )
    for r in rows("zendesk", "user"):
        if r.get("role") == "end-user":
            records.append(
                Record(
                    "zendesk",
                    "users",
                    r["id"],
                    None,
                    None,
                    [("zendesk_id", r["id"]), ("email", r.get("email")), ("phone", r.get("phone"))],
                )
            )
    for r in rows("loyalty", "member"):
        born = r.get("date_of_birth")
        records.append(
            Record(
                "loyalty",
                "members",
                r["member_id"],
                r.get("joined_at"),
                r.get("updated_at"),
                [("loyalty_id", r["member_id"]), ("email", r.get("email")), ("phone", r.get("phone"))],
                facts={
                    "first_name": r.get("first_name"),
                    "last_name": r.get("last_name"),
                    "postcode": r.get("postcode"),
                    "date_of_birth": born.isoformat() if born else None,
                    "loyalty_tier": r.get("tier"),
                },
            )
        )
    for r in rows("survey", "response"):
        records.append(
            Record(
                "survey",
                "responses",
                r["id"],
                r["submitted_at"],
                None,
                [("user_id", r.get("customer_ref")), ("email", r.get("email"))],
            )
        )
    for r in rows("consent", "event"):
        records.append(
            Record(
                "consent",
                "events",
                r["id"],
                r["occurred_at"],
                None,
                [
                    ("user_id", r.get("user_id")),
                    ("anonymous_id", r.get("anonymous_id")),
                    ("email", r.get("email")),
                    ("phone", r.get("phone")),
                ],
            )
        )
    for r in rows("partner", "placement_event"):
        records.append(
            Record(
                "partner",
                "placement_events",
                r["id"],
                r["occurred_at"],
                None,
                [("anonymous_id", r.get("anonymous_id")), ("email", r.get("email")), ("phone", r.get("phone"))],
            )
        )
    for record in records:
        for kind, raw in record.identifiers:
            if raw is not None:
                validity, value = normalise(kind, raw, record.country)
                record.parsed.add((kind, value, validity))
    return records


def shared_identifiers(records: list[Record]) -> dict[Identifier, int]:
    """Devices and contact details over their limit, each with its largest count."""
    merges = nx.Graph()
    for record in records:
        ids = [v for k, v, validity in record.parsed if k == "crm_id" and validity == "ok"]
        merges.add_nodes_from(ids)
        merges.add_edges_from((ids[0], other) for other in ids[1:])
    contact_of = {m: min(group) for group in nx.connected_components(merges) for m in group}
    counts: dict[Identifier, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record in records:
        good = [(k, v) for k, v, validity in record.parsed if validity == "ok"]
        for kind, value in good:
            for account_kind, account in good:
                if account_kind == "user_id" and kind in ("anonymous_id", "email", "phone"):
                    counts[kind, value]["user_id"].add(account)
                if kind == "phone" and account_kind == "crm_id":
                    counts[kind, value]["crm_id"].add(contact_of[account])
                if kind == "phone" and account_kind == "loyalty_id":
                    counts[kind, value]["loyalty_id"].add(account)
    limits = {"anonymous_id": 2, "email": 3, "phone": 3}
    largest = {i: max(len(accounts) for accounts in kinds.values()) for i, kinds in counts.items()}
    return {i: n for i, n in largest.items() if n >= limits[i[0]]}


def expect(
    tables: Tables,
    as_of: date,
    cutoff: datetime,
    key: str = "",
    erased: Callable[[Record], bool] = lambda record: False,
) -> Expected:
    """What the models must give. erased: whether a request reaches a record; limits count it all the same."""
    records = collect(tables, as_of, cutoff)
    expected = Expected()
    unusable: dict[Identifier, set[tuple[str, str, str]]] = defaultdict(set)
    reasons: dict[Identifier, set[str]] = defaultdict(set)
    for record in records:
        for kind, value, validity in record.parsed:
            if validity != "ok":
                unusable[kind, value].add((record.source, record.kind, record.id))
                reasons[kind, value].add(validity)
    for (kind, value), where in unusable.items():
        reason = "placeholder" if "placeholder" in reasons[kind, value] else "invalid"
        expected.suppressed.add((kind, digest(value, key), reason, len(where)))
    shared = shared_identifiers(records)
    for (kind, value), count in shared.items():
        reason = "shared_device" if kind == "anonymous_id" else "shared_contact"
        expected.suppressed.add((kind, digest(value, key), reason, count))
    barred = set(shared)
    signed_in = {device: _signed_in(device, records) for device in barred if device[0] == "anonymous_id"}
    landed, records = records, [r for r in records if not erased(r)]
    for record in records:
        # An event that came later than the request says nothing of whom its erased order was.
        if record.order and erased(record.order):
            record.parsed = {(k, *reversed(normalise(k, v))) for k, v in record.identifiers[:2] if v is not None}

    graph = nx.Graph()
    seen: dict[Identifier, list[Record]] = defaultdict(list)
    for record in records:
        nodes = record.usable(barred)
        graph.add_nodes_from(nodes)
        graph.add_edges_from((a, b) for a in nodes for b in nodes if a < b)
        for node in nodes:
            seen[node].append(record)
    first = {n: min((r.first for r in rs if r.first), default=None) for n, rs in seen.items()}
    last = {n: max((r.last for r in rs if r.last), default=None) for n, rs in seen.items()}
    customer_of: dict[Identifier, str] = {}
    for component in nx.connected_components(graph):
        if all(kind == "anonymous_id" for kind, _ in component):
            continue
        anchor = min(
            component,
            key=lambda n: (first[n] is None, first[n] or datetime.min, TYPES.index(n[0]), n[1].encode()),
        )
        customer = digest(f"{anchor[0]}:{anchor[1]}", key)[:32]
        for node in component:
            customer_of[node] = customer
            source = min(
                seen[node], key=lambda r: (r.first is None, r.first or datetime.min, SOURCES.index(r.source))
            ).source
            expected.identifiers.add(
                (customer, node[0], digest(node[1], key), source, first[node], last[node], "deterministic", 1.0)
            )
            if node != anchor:
                expected.redirects.add((digest(f"{node[0]}:{node[1]}", key)[:32], customer))

    candidates: dict[str, dict[str, list[tuple[Any, ...]]]] = defaultdict(lambda: defaultdict(list))
    sources: dict[str, set[str]] = defaultdict(set)
    devices: dict[str, str] = {}
    for record in landed:
        for kind, _value, validity in record.parsed:
            if kind == "anonymous_id":
                raw = next(v for k, v in record.identifiers if k == kind and v is not None)
                devices[raw] = validity
    for record in records:
        nodes = record.usable(barred)
        owners = {customer_of[n] for n in nodes if n in customer_of}
        assert len(owners) < 2
        owner = next(iter(owners), None)
        language = record.facts.get("language")
        if language is not None:
            # An event is its device's, else its account's; its order's customer may be somebody else. On a shared
            # device it is that of the account signed in.
            visited, account = record.identifiers[:2]
            if visited in signed_in and record.first is not None:
                account = ("user_id", signed_in[visited][record.first])
            speaker = next((customer_of[n] for n in (visited, account) if n in customer_of), None)
            if speaker:
                candidates[speaker]["language"].append((False, record.updated, TRUST.index(record.source), language))
        if owner is None:
            continue
        sources[owner].add(record.source)
        if record.source != "segment":
            expected.records.add((record.source, record.kind, record.id, owner))
        rank = TRUST.index(record.source)
        for attribute, value in record.facts.items():
            if attribute != "language" and value is not None:
                candidates[owner][attribute].append((False, record.updated, rank, value))
        if record.own_contacts:
            for kind, value in nodes:
                if kind in ("email", "phone"):
                    verified = kind == "email" and record.verified
                    candidates[owner][kind].append((verified, record.updated, rank, value))
    for device, validity in devices.items():
        node = ("anonymous_id", device)
        if validity == "placeholder":
            expected.devices.add((device, "placeholder", None))
        elif node in barred:
            expected.devices.add((device, "shared", None))
        elif node in customer_of:
            expected.devices.add((device, "resolved", customer_of[node]))
        else:
            expected.devices.add((device, "anonymous", None))

    members: dict[str, list[Identifier]] = defaultdict(list)
    for node, customer in customer_of.items():
        members[customer].append(node)
    for customer, nodes in members.items():
        known = candidates[customer]
        chosen = {a: _survivor(found) for a, found in known.items()}
        expected.contacts[customer] = {
            **{a: chosen.get(a) for a in ("email", "phone", "first_name", "last_name", "postcode", "date_of_birth")},
            **{
                f"{a}_candidates": len({c[3] for c in known.get(a, [])})
                for a in ("email", "phone", "first_name", "last_name", "postcode", "date_of_birth")
            },
        }
        facts = (
            "email",
            "phone",
            "first_name",
            "last_name",
            "postcode",
            "city",
            "country_code",
            "language",
            "date_of_birth",
            "gender",
        )
        born = chosen.get("date_of_birth")
        expected.customers[customer] = {
            "first_seen_at": min((first[n] for n in nodes if first[n]), default=None),
            "last_seen_at": max((last[n] for n in nodes if last[n]), default=None),
            "identifier_count": len(nodes),
            "source_count": len(sources[customer]),
            "birth_year": int(born[:4]) if born else None,
            "profile_completeness": sum(1 for f in facts if chosen.get(f) is not None) / 10,
            **{
                a: chosen.get(a)
                for a in ("city", "region", "country_code", "language", "gender", "job_title", "loyalty_tier")
            },
        }
    return expected


def _signed_in(device: Identifier, records: list[Record]) -> dict[datetime, str | None]:
    """Who is signed in on a shared device at each moment of its pages, tracks and identifies."""
    kinds = {"pages": "page", "tracks": "track", "identifies": "identify"}
    rows = []
    for record in records:
        if record.source != "segment" or device not in record.identifiers or record.first is None:
            continue
        user = dict(record.identifiers[:2]).get("user_id")
        if record.kind == "identifies" and user is None:
            continue
        named = user if user is not None and ("user_id", user, "ok") in record.parsed else None
        rows.append(DeviceRow(record.first, kinds[record.kind], record.id, named, record.signs_out))
    return owners_by_time(rows)


def _survivor(found: list[tuple[Any, ...]]) -> str:
    """Verified first, then newest, then most trusted, then the smaller value by bytes."""
    return min(
        found,
        key=lambda c: (
            not c[0],
            c[1] is None,
            -(c[1] - datetime(1970, 1, 1)).total_seconds() if c[1] else 0,
            c[2],
            c[3].encode(),
        ),
    )[3]
