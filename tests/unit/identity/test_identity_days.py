"""Refreshes every fifteen days and a rebuild from nothing say the same, and no id of any day is lost.

`python -m tests.support.identity_days` does so for 60 days in a row, through the command line.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.demo import DEFAULT_END, write_world
from tests.support.identity_days import deliver, land
from tests.support.identity_refreshes import Refreshes

DAYS = [DEFAULT_END - timedelta(days=ago) for ago in (45, 30, 15, 0)]

Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def refreshes(tmp_path_factory: pytest.TempPathFactory) -> Refreshes:
    return Refreshes(tmp_path_factory.mktemp("identity_days"))


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivered")
    write_world(folder / "world", 100, 150, DEFAULT_END, 11, True)
    deliver(folder / "world", folder / "days", DAYS)
    return folder / "days"


@pytest.fixture(scope="module")
def released(refreshes: Refreshes, delivered: Path) -> list[Tables]:
    """What was published on each day, with only what had landed by then."""
    found = []
    for day in DAYS:
        land(delivered, day, refreshes.landing)
        refreshes.refresh(day)
        found.append(refreshes.tables())
    return found


def test_every_id_of_an_earlier_day_leads_to_a_customer(released: list[Tables]) -> None:
    given_out: dict[str, int] = {}
    for place, tables in enumerate(released):
        current = {row[0] for row in tables["customer_identifiers"]}
        redirects = dict(tables["customer_redirects"])
        lost = {c: DAYS[p] for c, p in given_out.items() if redirects.get(c, c) not in current}
        assert not lost, f"ids lead nowhere on {DAYS[place]}"
        for customer in current:
            given_out.setdefault(customer, place)
    retired = given_out.keys() - {row[0] for row in released[-1]["customer_identifiers"]}
    assert retired, "the world tells nothing: no customer was renamed"


def test_a_rebuild_from_nothing_publishes_the_same(
    released: list[Tables], refreshes: Refreshes, delivered: Path
) -> None:
    refreshes.start_over()
    for day in reversed(DAYS):
        land(delivered, day, refreshes.landing)
    refreshes.refresh(DAYS[-1])
    assert refreshes.tables() == released[-1]
