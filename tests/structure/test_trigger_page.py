"""The page of the triggers says what their files say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestration.lib.settings import REPOSITORY
from orchestration.lib.transform import dbt
from orchestration.lib.transform.triggers import render


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return json.loads(dbt.manifest_path().read_text(encoding="utf-8"))


def test_what_the_page_says_of_triggers_is_current(manifest: dict[str, Any]) -> None:
    # A trigger that a company adds is two files: the page may leave it out.
    page = (REPOSITORY / "docs/reference/triggers.md").read_text(encoding="utf-8")
    made = render(manifest)
    command = "python -m orchestration.lib.transform.triggers > docs/reference/triggers.md"
    assert set(page.splitlines()) <= set(made.splitlines()), f"run: {command}"
    head = page.splitlines().index("|---|---|---|---|---|---|---|---|")
    assert page.splitlines()[:head] == made.splitlines()[:head], f"run: {command}"
