"""Every scenario of ATTRIBUTION.md, landed together and refreshed once."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import marts, tributary
from tests.support import attribution_scenarios as told

TEXT = Path(__file__).with_name("ATTRIBUTION.md")
SCENARIOS = {scenario.name: scenario for scenario in told.parse(TEXT.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    folder = tmp_path_factory.mktemp("attribution")
    told.land(told.exports(list(SCENARIOS.values())), folder / "landing")
    done = tributary("refresh", "--landing", folder / "landing", "--home", folder / "home", "--as-of", told.DAY)
    assert done.code == 0, done.out + done.err
    with marts(folder / "home") as con:
        return {
            "conversions": con.execute(
                "select conversion_id, conversion_type, revenue, unattributed_reason, path_length "
                "from marts.conversions"
            ).fetchall(),
            # A click is known by its id, a session by the campaign of its visit.
            "credits": con.execute(
                "select conversion_id, case when touchpoint_id like 'session:%' then campaign "
                "else split_part(touchpoint_id, ':', 2) end, position, model, credit "
                "from marts.attribution_credits order by conversion_id, position, model"
            ).fetchall(),
        }


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_told_is_credited(name: str, published: dict[str, list[tuple[Any, ...]]]) -> None:
    scenario = SCENARIOS[name]
    mine = {row[0]: row[1:] for row in published["conversions"] if row[0].split(":")[1].startswith(f"{name}-")}
    assert mine == {
        key: (c.conversion_type, c.revenue, c.reason, len(c.credits)) for key, c in scenario.conversions.items()
    }
    credits: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for conversion, touch, _, model, credit in published["credits"]:
        if conversion in mine:
            credits[conversion][touch][model] = credit
    for key, conversion in scenario.conversions.items():
        assert list(credits[key]) == list(conversion.credits), "the path, in its order"
        for touch, shares in conversion.credits.items():
            for model, share in shares.items():
                got = credits[key][touch][model]
                assert share is None or abs(Fraction(got) - share) < 1e-12, (key, touch, model, got)


def test_nothing_else_converts(published: dict[str, list[tuple[Any, ...]]]) -> None:
    told_of = {key for scenario in SCENARIOS.values() for key in scenario.conversions}
    assert {row[0] for row in published["conversions"]} == told_of
    sums: dict[Any, float] = defaultdict(float)
    for conversion, _, _, model, credit in published["credits"]:
        sums[conversion, model] += credit
    assert len(sums) == 8 * sum(bool(c.credits) for s in SCENARIOS.values() for c in s.conversions.values())
    assert all(abs(total - 1) <= 1e-9 for total in sums.values())
