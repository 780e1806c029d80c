"""A var of attribution that means nothing stops the build at once, by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.triggers.test_trigger_definitions import PROJECT, run


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run(PROJECT, tmp_path_factory.mktemp("parsed"), "parse").result


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"attribution_lookback_days": 0}, "vars.attribution_lookback_days must be a whole number above 0, not 0."),
        ({"attribution_lookback_days": 1.5}, "vars.attribution_lookback_days must be a whole number above 0, not 1.5."),
        ({"attribution_half_life_days": 0}, "vars.attribution_half_life_days must be a number above 0, not 0."),
        ({"attribution_half_life_days": "week"}, "vars.attribution_half_life_days must be a number above 0, not week."),
        ({"attribution_markov_order": 4}, "vars.attribution_markov_order must be a whole number from 1 to 3, not 4."),
        ({"attribution_markov_order": True}, "vars.attribution_markov_order must be a whole number from 1 to 3"),
        (
            {"attribution_bootstrap_rounds": 0},
            "vars.attribution_bootstrap_rounds must be a whole number from 1 to",
        ),
        ({"attribution_bootstrap_seed": -1}, "vars.attribution_bootstrap_seed must be a whole number from 0, not -1."),
    ],
)
def test_a_var_without_a_meaning_is_named(tmp_path: Path, manifest: Any, variables: dict[str, Any], words: str) -> None:
    result = run(PROJECT, tmp_path, "seed", "--select", "click_ids", manifest=manifest, **variables)
    assert not result.success
    assert words in str(result.exception or [r.message for r in result.result.results])


def test_the_defaults_mean_something(tmp_path: Path, manifest: Any) -> None:
    assert run(PROJECT, tmp_path, "seed", "--select", "click_ids", manifest=manifest).success
