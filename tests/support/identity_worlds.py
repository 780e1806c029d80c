"""Random worlds for identity: few people, few identifiers, many ways to write and to confuse them."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from tests.support.identity_oracle import Row, Tables

AS_OF = date(2024, 6, 30)
CUTOFF = datetime(2024, 7, 1)
START = datetime(2024, 6, 20)
COUNTRIES = [
    "US",
    "us",
    " United States ",
    "USA",
    "CA",
    "GB",
    "United Kingdom",
    "great britain",
    "DE",
    "Germany",
    "IT",
    "Italy",
    "FR",
    "SG",
    "JM",
    "Atlantis",
    None,
    None,
]
PLACEHOLDERS = {
    "user_id": ["null", "NULL", "0", "-1", "Guest", "(not set)"],
    "email": ["N/A", "test@shop.example", " NoReply@shop.example", "null", "undefined"],
    "phone": ["n/a", "000-000", "1111111111", "555 000 0000", "123-456-7890", "unknown"],
    "anonymous_id": ["unknown", "undefined", "0000-0000", "NaN"],
    "other": ["null", "none", "0"],
}
INVALID = {"email": ["nobody", "two@at@signs", "a@b", "a b@c.de"], "phone": ["12345", "+1234567", "+1234567890123456"]}


class World:
    """One small world, its names marked with a number so that many share a database and stay apart."""

    def __init__(self, number: int, rng: random.Random) -> None:
        self.number = number
        self.rng = rng
        self.tables: Tables = {}
        mark = f"w{number}"
        many = rng.choice([1, 1, 2])
        self.users = [f"{mark}-{n}" for n in "AaBc"[: 2 + many]]
        self.emails = [f"{n}@{mark}.example" for n in ("ann", "bob", "cy")[: 1 + many]]
        self.devices = [f"{mark}-d{n}" for n in range(2 * many + 1)]
        self.contacts = [f"{mark}-c{n}" for n in range(3 * many)]
        self.bodies = [f"{2 + n}{number % 10000:04d}{n + 3}" for n in range(many + 1)]
        self.rows_a_table = rng.choice([[0, 0, 1, 2], [0, 1, 1, 2, 3], [2, 4, 6]])

    def fill(self) -> Tables:
        for add in (
            self._customers,
            self._orders,
            self._identifies,
            self._pages,
            self._tracks,
            self._contacts,
            self._companies,
            self._people,
            self._users,
            self._members,
            self._responses,
            self._consent,
            self._placements,
        ):
            for _ in range(self.rng.choice(self.rows_a_table)):
                add()
        return self.tables

    # What a record may carry.

    def when(self) -> datetime:
        """Few moments, so that times tie; some after the as-of date."""
        return START + timedelta(hours=12 * self.rng.choice(range(24)))

    def maybe(self, value: Any, odds: float = 0.6) -> Any:
        return value if self.rng.random() < odds else None

    def one(self, kind: str, good: list[str]) -> str | None:
        roll = self.rng.random()
        if roll < 0.25:
            return None
        if roll < 0.32:
            return self.rng.choice(PLACEHOLDERS[kind])
        return self.rng.choice(good)

    def user(self) -> str | None:
        return self.one("user_id", self.users)

    def device(self) -> str | None:
        return self.one("anonymous_id", self.devices)

    def email(self) -> str | None:
        value = self.one("email", self.emails)
        if value and self.rng.random() < 0.06:
            return self.rng.choice(INVALID["email"])
        if value and self.rng.random() < 0.3:
            return self.rng.choice([value.upper(), f" {value}", f"{value}\t", value.title(), f"\u00a0{value}"])
        return value

    def phone(self) -> str | None:
        body = self.one("phone", self.bodies)
        if body is None or body not in self.bodies:
            return body
        if self.rng.random() < 0.06:
            return self.rng.choice(INVALID["phone"])
        plans = [("1", f"20{body}7{body[-1]}"), ("44", f"20{body}91"), ("49", f"30{body}"), ("39", f"06{body}")]
        code, national = plans[self.rng.choice([0, 0, 0, self.number % 4, self.rng.randrange(4)])]
        number = f"{national[:3]} {national[3:6]}-{national[6:]}"
        spelling = self.rng.choice(
            [
                f"+{code} {number}",
                f"+{code}{national}",
                f"00{code}{national}",
                f"+{code} (0){national}",
                f"(+{code}) {number}",
                f"0{number}",
                number,
                f"({national[:3]}) {national[3:]}",
                f"1-{number}",
                f"0{national}",
            ]
        )
        return spelling + self.rng.choice(["", "", "", " ext. 12", " x7", "#12", " "])

    def put(self, source: str, table: str, row: Row) -> None:
        """One row, and now and then an older or newer version of it."""
        rows = self.tables.setdefault((source, table), [])
        file = self.rng.choice(["a.csv", "b.csv", "b.csv"])
        row.setdefault("_file", file)
        row["_export_date"] = self.rng.choice([None, date(2024, 6, 25), AS_OF, AS_OF, date(2024, 7, 2)])
        row["_line"] = len(rows) + 2
        rows.append(row)

    def id(self, kind: str, count: int = 4) -> str:
        return f"w{self.number}-{kind}{self.rng.randrange(count)}"

    # One function a table.

    def _customers(self) -> None:
        self.put(
            "shopify",
            "customer",
            {
                "id": self.rng.choice([*self.users, "null"] if self.rng.random() < 0.1 else self.users),
                "email": self.email(),
                "phone": self.phone(),
                "first_name": self.maybe(self.rng.choice(["Ann", "ann", "Bö"])),
                "last_name": self.maybe("Lee"),
                "created_at": self.when(),
                "updated_at": self.maybe(self.when()),
                "verified_email": self.maybe(self.rng.random() < 0.5),
                "default_address_country_code": self.rng.choice(COUNTRIES),
                "default_address_city": self.maybe(self.rng.choice(["Rome", "Bonn"])),
                "default_address_zip": self.maybe("10115"),
                "default_address_province": self.maybe("BE"),
            },
        )

    def _orders(self) -> None:
        self.put(
            "shopify",
            "order",
            {
                "id": self.id("o", 3),
                "customer_id": self.user(),
                "email": self.email(),
                "phone": self.phone(),
                "created_at": self.when(),
                "processed_at": self.maybe(self.when(), 0.3),
                "updated_at": self.maybe(self.when()),
                "financial_status": self.rng.choice(["paid", "paid", "pending", "voided", None]),
                "test": self.rng.choice([None, False, False, False, True]),
                "currency": "USD",
                "total_price": 10.0,
                "cancelled_at": self.maybe(self.when(), 0.2),
            },
        )

    def _identifies(self) -> None:
        self.put(
            "segment",
            "identifies",
            {
                "id": self.id("i", 6),
                "anonymous_id": self.device(),
                "user_id": self.user(),
                "email": self.email(),
                "phone": self.phone(),
                "timestamp": self.when(),
            },
        )

    def _event(self) -> Row:
        return {
            "anonymous_id": self.device() or self.devices[0],
            "user_id": self.maybe(self.user(), 0.5),
            "timestamp": self.when(),
            "context_locale": self.maybe(self.rng.choice(["en-US", "de", "fr_FR", "EN-gb", "zh-Hant-TW", "C"])),
        }

    def _pages(self) -> None:
        self.put("segment", "pages", {"id": self.id("p", 9), **self._event()})

    def _tracks(self) -> None:
        self.put(
            "segment",
            "tracks",
            {
                "id": self.id("t", 9),
                **self._event(),
                "order_id": self.maybe(self.id("o", 3), 0.8),
                "event": self.rng.choice(
                    ["Order Completed", "order_completed", "Product Viewed", "Signed In", "Signed Out"]
                ),
            },
        )

    def _contacts(self) -> None:
        merged = self.rng.choice(
            [
                None,
                None,
                ";".join(self.rng.sample(self.contacts, 2)),
                f" {self.rng.choice(self.contacts)} ;",
                f"{self.contacts[0]};null",
            ]
        )
        self.put(
            "hubspot",
            "contact",
            {
                "id": self.rng.choice(self.contacts),
                "property_email": self.email(),
                "property_phone": self.phone(),
                "property_firstname": self.maybe("Anna"),
                "property_lastname": self.maybe("Li"),
                "property_jobtitle": self.maybe("Buyer"),
                "property_associatedcompanyid": self.maybe(self.id("f", 2)),
                "property_city": self.maybe("Lyon"),
                "property_country": self.rng.choice(COUNTRIES),
                "property_date_of_birth": self.maybe(self.rng.choice([date(1980, 2, 1), date(1979, 12, 31)])),
                "property_gender": self.maybe("f"),
                "property_createdate": self.when(),
                "property_lastmodifieddate": self.maybe(self.when()),
                "property_hs_merged_object_ids": merged,
                "_fivetran_deleted": self.rng.choice([None, False, False, True]),
            },
        )

    def _companies(self) -> None:
        self.put(
            "hubspot",
            "company",
            {
                "id": self.id("f", 2),
                "property_name": "Acme",
                "property_numberofemployees": 30,
                "is_deleted": self.rng.choice([None, False, True]),
            },
        )

    def _people(self) -> None:
        self.put(
            "klaviyo",
            "person",
            {
                "id": self.rng.choice([self.id("k", 3), self.id("k", 3), "none"]),
                "email": self.email(),
                "phone_number": self.phone(),
                "first_name": self.maybe("Ann"),
                "city": self.maybe("Rome"),
                "country": self.rng.choice(COUNTRIES),
                "created": self.maybe(self.when(), 0.8),
                "updated": self.maybe(self.when()),
            },
        )

    def _users(self) -> None:
        self.put(
            "zendesk",
            "user",
            {
                "id": self.id("z", 3),
                "email": self.email(),
                "phone": self.phone(),
                "role": self.rng.choice(["end-user", "end-user", "agent", None]),
            },
        )

    def _members(self) -> None:
        self.put(
            "loyalty",
            "member",
            {
                "member_id": self.id("l", 4),
                "email": self.email(),
                "phone": self.phone(),
                "first_name": self.maybe("An"),
                "postcode": self.maybe("10117"),
                "date_of_birth": self.maybe(date(1980, 2, 2)),
                "tier": self.maybe("gold"),
                "joined_at": self.maybe(self.when(), 0.8),
                "updated_at": self.maybe(self.when()),
            },
        )

    def _responses(self) -> None:
        self.put(
            "survey",
            "response",
            {
                "id": self.id("s", 4),
                "email": self.email(),
                "customer_ref": self.user(),
                "survey": "nps",
                "submitted_at": self.when(),
            },
        )

    def _consent(self) -> None:
        self.put(
            "consent",
            "event",
            {
                "id": self.id("e", 4),
                "email": self.email(),
                "phone": self.phone(),
                "user_id": self.user(),
                "anonymous_id": self.device(),
                "purpose": "analytics",
                "status": "granted",
                "occurred_at": self.when(),
            },
        )

    def _placements(self) -> None:
        self.put(
            "partner",
            "placement_event",
            {
                "id": self.id("m", 4),
                "partner": "p",
                "event": "click",
                "email": self.email(),
                "phone": self.phone(),
                "anonymous_id": self.device(),
                "occurred_at": self.when(),
            },
        )


def worlds(seed: int, count: int) -> Tables:
    """Many small worlds as one database. Versions of a row differ in file or line, as the loader gives them."""
    rng = random.Random(seed)
    merged: Tables = {}
    for number in range(count):
        for name, rows in World(number, rng).fill().items():
            merged.setdefault(name, []).extend(rows)
    for rows in merged.values():
        for line, row in enumerate(rows, start=2):
            row["_line"] = line
    return merged
