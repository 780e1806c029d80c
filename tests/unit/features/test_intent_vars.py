"""Weights and thresholds of intent that mean nothing stop the build, and say which they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.compiled_project import CompiledProject, refresh_vars
from tests.support.feature_worlds import LATER

CLASSES = {"considering": 5, "ready_to_buy": 20}


@pytest.mark.parametrize(
    ("weights", "thresholds", "words"),
    [
        ({"cart_views_30d": 1}, CLASSES, r"intent_weights\.cart_views_30d is no count of the last days"),
        ({"leads_90d": -1}, CLASSES, r"intent_weights\.leads_90d must be a number of 0 or more, not -1"),
        ({"leads_90d": "many"}, CLASSES, r"intent_weights\.leads_90d must be a number of 0 or more, not many"),
        ({"leads_90d": 1}, {"considering": 5, "ready_to_buy": 4}, r"ready_to_buy must be at least considering, 5"),
    ],
)
def test_what_is_no_weight_or_threshold_stops_the_build_by_name(
    tmp_path_factory: pytest.TempPathFactory, weights: dict[str, Any], thresholds: dict[str, Any], words: str
) -> None:
    variables = refresh_vars(LATER, own_sources={}, intent_weights=weights, intent_thresholds=thresholds)
    with pytest.raises(Exception, match=words):
        CompiledProject(["customer_features"], tmp_path_factory.mktemp("intent"), variables)
