"""int_consents_decided against a walk through everything that was said, on random worlds of linked customers."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.compiled_project import CompiledProject, refresh_vars, rows_of

AS_OF = date(2024, 6, 30)
CUTOFF = datetime(2024, 7, 1)
PURPOSES = [
    "email_marketing",
    "email_marketing",
    " Email_Marketing",
    "sms_marketing",
    "profiling",
    "ads_personalisation",
]
STATUSES = ["granted", "granted", "granted", " GRANTED ", "withdrawn", "Withdrawn", "expired"]
METRICS = {
    "m1": "Unsubscribed",
    "m2": " marked email as spam ",
    "m3": "Opened Email",
    "m4": "Unsubscribed from SMS",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return CompiledProject(["int_consents_decided"], tmp_path_factory.mktemp("consents"), refresh_vars(AS_OF))


class World:
    """People of one to three parts; a part is an e-mail and an account, and its records name one of them or both."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        # Some customers are of several parts, some of one.
        self.parts = {part: f"customer-{self.rng.randrange(40)}" for part in range(1, 61)}
        self.raw: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.named: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
        for number in range(110):
            self._say(number)
        for number in range(40):
            self._read_mail(number)
        for number in range(70):
            self._open_account(number)
        self.raw["klaviyo", "metric"] = [{"id": key, "name": name} for key, name in METRICS.items()]

    def _when(self) -> datetime:
        """Few instants, so that many coincide; the last ones lie after the day."""
        return CUTOFF - timedelta(hours=self.rng.randrange(-2, 6))

    def _name(self, source: str, record_type: str, record_id: str) -> None:
        """What a record carries: an account, an e-mail, both (a cut can have left them with two parts), or nothing."""
        kinds = self.rng.choice([["email"], ["user_id"], ["user_id", "email"], []])
        first = self.rng.choice(list(self.parts))
        second = self.rng.choice(list(self.parts)) if self.rng.random() < 0.2 else first
        self.named[source, record_type, record_id] = list(zip(kinds, (first, second), strict=False))

    def _say(self, number: int) -> None:
        event = {
            "id": f"c{number}",
            "purpose": self.rng.choice(PURPOSES),
            "status": self.rng.choice(STATUSES),
            "occurred_at": self._when(),
        }
        self.raw["consent", "event"].append(event)
        self._name("consent", "events", event["id"])

    def _read_mail(self, number: int) -> None:
        person = f"k{self.rng.randrange(40)}"
        self.raw["klaviyo", "event"].append(
            {
                "id": f"e{number}",
                "person_id": person,
                "metric_id": self.rng.choice(list(METRICS)),
                "datetime": self._when(),
            }
        )
        if ("klaviyo", "people", person) not in self.named:
            self._name("klaviyo", "people", person)

    def _open_account(self, number: int) -> None:
        account = f"u{number}"
        self.raw["shopify", "customer"].append(
            {"id": account, "created_at": self._when(), "accepts_marketing": self.rng.choice([True, True, False, None])}
        )
        self._name("shopify", "customers", account)

    def part_of(self, record: tuple[str, str, str]) -> int | None:
        """That of its account, which comes before an e-mail."""
        named = sorted(self.named[record], key=lambda identifier: ["user_id", "email"].index(identifier[0]))
        return named[0][1] if named else None

    def given(self) -> dict[str, str]:
        """The identity models, as queries."""
        identifiers = [
            f"('{source}', '{kind}', '{record}', '{identifier}', '{identifier}-{part}', 'ok')"
            for (source, kind, record), named in self.named.items()
            for identifier, part in named
        ]
        # Every record has a suppressed identifier as well, which has no part.
        identifiers += [f"('{s}', '{k}', '{r}', 'phone', 'shared', 'ok')" for s, k, r in self.named]
        resolved = [
            f"('{kind}', '{kind}-{part}', {node}, {part}, '{customer}')"
            for part, customer in self.parts.items()
            for kind, node in (("user_id", part), ("email", 100 + part))
        ]
        records = [
            f"('{source}', '{kind}', '{record}', '{self.parts[part]}')"
            for source, kind, record in self.named
            if (part := self.part_of((source, kind, record))) is not None
        ]
        return {
            "int_identifiers_normalised": f"select * from (values {', '.join(identifiers)}) as t "
            "(source, record_type, record_id, identifier_type, identifier_value, validity)",
            "int_identifiers_resolved": f"select * from (values {', '.join(resolved)}) as t "
            "(identifier_type, identifier_value, node_id, part_id, customer_id)",
            "int_records_resolved": f"select * from (values {', '.join(records)}) as t "
            "(source, record_type, record_id, customer_id)",
        }

    def expected(self) -> dict[tuple[str, str], tuple[bool, str]]:
        """Whether each customer allows each purpose, and on what basis."""
        last: dict[tuple[int, str], tuple[datetime, bool]] = {}

        def hear(part: int | None, purpose: str, moment: datetime, granted: bool) -> None:
            if part is None or moment >= CUTOFF:
                return
            before = last.get((part, purpose))
            if before is None or moment > before[0]:
                last[part, purpose] = (moment, granted)
            elif moment == before[0] and not granted:
                last[part, purpose] = (moment, False)

        for event in self.raw["consent", "event"]:
            purpose, status = (event[name].strip().lower() for name in ("purpose", "status"))
            hear(self.part_of(("consent", "events", event["id"])), purpose, event["occurred_at"], status == "granted")
        for event in self.raw["klaviyo", "event"]:
            if METRICS[event["metric_id"]].strip().lower() in ("unsubscribed", "marked email as spam"):
                person = ("klaviyo", "people", event["person_id"])
                hear(self.part_of(person), "email_marketing", event["datetime"], False)

        answers: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for (part, purpose), (_, granted) in last.items():
            answers[self.parts[part], purpose].append(granted)
        decided = {key: (all(said), "event") for key, said in answers.items()}
        boxes: dict[str, list[bool]] = defaultdict(list)
        for row in self.raw["shopify", "customer"]:
            part = self.part_of(("shopify", "customers", row["id"]))
            if part is not None and row["accepts_marketing"] is not None and row["created_at"] < CUTOFF:
                boxes[self.parts[part]].append(row["accepts_marketing"])
        for customer, ticked in boxes.items():
            decided.setdefault((customer, "email_marketing"), (all(ticked), "accepts_marketing"))
        return decided


# A world's seed says nothing about its size, so there is nothing to shrink.
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_consents_are_those_of_a_walk_through_what_was_said(project: CompiledProject, seed: int) -> None:
    world = World(seed)
    with project.build(world.raw, world.given()) as con:
        found = rows_of(con, "select * from intermediate.int_consents_decided")
    decided = {(row["customer_id"], row["purpose"]): (row["is_allowed"], row["basis"]) for row in found}
    assert len(decided) == len(found)
    assert decided == world.expected()
    assert {basis for _, basis in decided.values()} == {"event", "accepts_marketing"}
    assert {allowed for allowed, _ in decided.values()} == {True, False}
