"""Every feature says what it is, in the warehouse and on the page, in the same words."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from orchestration.lib.settings import REPOSITORY
from orchestration.lib.transform import dbt
from orchestration.lib.transform.dictionary import MODEL, described, features, render


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return json.loads(dbt.manifest_path().read_text(encoding="utf-8"))


def test_the_page_of_features_is_current(manifest: dict[str, Any]) -> None:
    page = (REPOSITORY / "docs/reference/features.md").read_text(encoding="utf-8")
    command = "python -m orchestration.lib.transform.dictionary > docs/reference/features.md"
    assert page == render(manifest), f"run: {command}"


def test_a_features_description_says_formula_unit_window_and_null(manifest: dict[str, Any]) -> None:
    columns = manifest["nodes"][MODEL]["columns"]
    for name, feature in features(manifest).items():
        assert columns[name]["description"] == described(feature), name


def test_the_window_of_a_name_is_that_of_its_feature(manifest: dict[str, Any]) -> None:
    for name, feature in features(manifest).items():
        days = name.rpartition("_")[2]
        if days.endswith("d") and days[:-1].isdigit():
            assert feature["window"] == f"the last {days[:-1]} dates ending with D", name
        if days == "lifetime":
            assert feature["window"] == "all dates until D", name


@pytest.mark.parametrize("fact", ["formula", "unit", "window", "null_means", "concern"])
def test_a_feature_that_leaves_something_unsaid_is_named(manifest: dict[str, Any], fact: str) -> None:
    changed = copy.deepcopy(manifest["nodes"][MODEL])
    del changed["columns"]["intent_score"]["config"]["meta"][fact]
    with pytest.raises(ValueError, match=rf"customer_features\.intent_score does not say its {fact}"):
        render({"nodes": {MODEL: changed}})
