"""Scenarios of attribution as text: parsed, written as export files, and what must be credited.

ATTRIBUTION.md says how to read one. This module shares no code with what it tests.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

DAY = "2024-06-30"
MODELS = ["first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay"]
METRICS = {"email": "Clicked Email", "sms": "Clicked SMS"}
IDS = {"order": "order", "deal": "deal", "sign-up": "signup"}

Table = dict[str, list[dict[str, Any]]]


@dataclass
class Told:
    """A conversion: its type, revenue, why nothing led to it, and the credits of touches by model."""

    conversion_type: str
    revenue: Decimal
    reason: str | None = None
    # By touch, in the order of the path; None is any.
    credits: dict[str, dict[str, Fraction | None]] = field(default_factory=dict)


@dataclass
class Scenario:
    name: str
    happened: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    conversions: dict[str, Told] = field(default_factory=dict)

    def own(self, name: str) -> str:
        return f"{self.name}-{name}"


def parse(text: str) -> list[Scenario]:
    found = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        scenario = Scenario(section.splitlines()[0].strip())
        for line in section.splitlines():
            if not line.startswith("|") or set(line) <= set("|- "):
                continue
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0] in ("at", "conversion"):
                continue
            if len(cells) == 4:
                scenario.happened.append((_time(cells[0]), *cells[1:]))
            else:
                _tell(scenario, cells)
        found.append(scenario)
    return found


def _time(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-{text}")


def _tell(scenario: Scenario, cells: list[str]) -> None:
    kind, name = cells[0].split()
    key = f"{IDS[kind]}:{scenario.own(name)}"
    told = scenario.conversions.setdefault(key, Told(cells[1], Decimal(cells[2])))
    assert (told.conversion_type, told.revenue) == (cells[1], Decimal(cells[2])), cells
    if cells[3].startswith("none: "):
        told.reason = cells[3].removeprefix("none: ")
        return
    for touch in _names(cells[3]):
        shares = [None if cell == "any" else Fraction(cell) for cell in cells[4:]]
        told.credits[scenario.own(touch)] = dict(zip(MODELS, shares, strict=True))


def _names(text: str) -> list[str]:
    """`a2 to a4` is a2, a3 and a4."""
    if " to " not in text:
        return [text]
    first, last = text.split(" to ")
    letter = first.rstrip("0123456789")
    return [f"{letter}{n}" for n in range(int(first[len(letter) :]), int(last[len(letter) :]) + 1)]


def exports(scenarios: list[Scenario]) -> Table:
    """The rows of every table."""
    tables: Table = defaultdict(list)
    tables["klaviyo/metric"] = [{"id": kind, "name": name} for kind, name in METRICS.items()]
    tables["finance/fx_rate"] = [
        {"date": day, "from_currency": "EUR", "to_currency": "USD", "rate": rate}
        for day, rate in (("2024-01-01", "3.0"), ("2024-05-01", "1.10"), ("2024-05-03", "2.0"))
    ]
    for scenario in scenarios:
        people: set[str] = set()
        for at, what, who, how in scenario.happened:
            _write(tables, scenario, people, at, what, who, how)
        for person in sorted(people):
            opened = "2024-01-01 00:00:00"
            account = {"id": scenario.own(person), "email": _email(scenario, person), "created_at": opened}
            tables["shopify/customer"].append({**account, "updated_at": opened})
            klaviyo = {"id": scenario.own(person), "email": _email(scenario, person), "created": opened}
            tables["klaviyo/person"].append(klaviyo)
    return tables


def _email(scenario: Scenario, person: str) -> str:
    return f"{person}@{scenario.name.replace('_', '-')}.example"


def _write(tables: Table, scenario: Scenario, people: set[str], at: datetime, what: str, who: str, how: str) -> None:
    own = scenario.own
    if what.startswith("emails "):
        names = _names(what.removeprefix("emails "))
        for place, name in enumerate(reversed(names)):
            _write(tables, scenario, people, at - timedelta(hours=place), f"email {name}", who, how)
        return
    if what.startswith("refund of order "):
        name = own(what.split()[-1])
        tables["shopify/refund"].append({"id": f"r-{name}", "order_id": name, "created_at": at})
        refunded = {"id": f"rl-{name}", "refund_id": f"r-{name}", "order_line_id": f"l-{name}", "subtotal": how}
        tables["shopify/order_line_refund"].append({**refunded, "quantity": 1})
        return
    *words, name = what.split()
    kind = " ".join(words) or name
    if match := re.fullmatch(r"on (\w+)(?: as (\w+))?", who):
        device, person = match.groups()
        if person:
            people.add(person)
        event = {"anonymous_id": own(device), "user_id": own(person) if person else None, "timestamp": at}
        if kind == "visit":
            source, medium = how.split(" / ")
            campaign = {"context_campaign_source": source, "context_campaign_medium": medium}
            campaign["context_campaign_name"] = own(name)
            tables["segment/pages"].append({"id": own(name), **event, **campaign, "path": "/"})
        elif kind == "sign-up":
            tables["segment/tracks"].append({"id": own(name), **event, "event": "Signed Up"})
        else:
            assert kind == "sign-in", what
            tables["segment/identifies"].append({"id": own(f"{device}-{person}"), **event})
        return
    if kind in ("deal", "deleted deal"):
        deal = {"deal_id": own(name), "property_createdate": at, "is_deleted": kind == "deleted deal"}
        tables["hubspot/deal"].append(deal)
        for number, contact in enumerate(who.split(", ")):
            crm_id, person = contact.split(" = ") if " = " in contact else (str(number), contact)
            tables["hubspot/deal_contact"].append({"deal_id": own(name), "contact_id": own(crm_id)})
            if person != "nobody":
                people.add(person)
                known = {"id": own(crm_id), "property_email": _email(scenario, person)}
                tables["hubspot/contact"].append({**known, "property_createdate": "2024-01-01 00:00:00"})
        return
    if kind in ("order", "cancelled order"):
        price, currency = how.split()
        is_guest, person = who.startswith("guest "), who.removeprefix("guest ")
        email = None
        if person != "nobody":
            people.add(person)
            email = _email(scenario, person)
        order = {"id": own(name), "email": email, "currency": currency, "total_price": price, "created_at": at}
        order["customer_id"] = None if is_guest or person == "nobody" else own(person)
        order["cancelled_at"] = at if kind == "cancelled order" else None
        tables["shopify/order"].append({**order, "updated_at": at, "financial_status": "paid"})
        line = {"id": f"l-{own(name)}", "order_id": own(name), "quantity": 1, "price": price}
        tables["shopify/order_line"].append(line)
        return
    people.add(who)
    if kind == "partner":
        click = {"id": own(name), "partner": "blog", "event": "click", "email": _email(scenario, who)}
        tables["partner/placement_event"].append({**click, "occurred_at": at})
        return
    event = {"id": own(name), "person_id": own(who), "metric_id": kind, "datetime": at}
    assert kind in METRICS, what
    tables["klaviyo/event"].append(event)


def land(tables: Table, landing: Path) -> None:
    for name, rows in tables.items():
        folder = landing / name / f"dt={DAY}"
        folder.mkdir(parents=True)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / "part.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
