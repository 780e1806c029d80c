"""The page of all features, docs/reference/features.md, from the manifest; the page says how it is made anew."""

from __future__ import annotations

import json
import sys
from typing import Any

from . import dbt

MODEL = "model.tributary.customer_features"
# The concerns by which features are grouped, in the order of the page, and the question that each answers.
CONCERNS = {
    "value": "What is the customer worth?",
    "engagement": "How much does the customer deal with us, and is it more or less than before?",
    "intent": "What does the customer seem about to do?",
    "taste": "What does the customer like?",
    "price": "How much does the price matter?",
    "service": "How content is the customer?",
    "adoption": "How did the customer come to buy?",
}
FACTS = ("concern", "formula", "unit", "window", "null_means")

_INTRODUCTION = """\
# Features

`customer_features` holds one wide row for every customer as of D, from what was known by the end of D. Dates are those
of `vars.reporting_timezone`, amounts are in `vars.reporting_currency`.
[What was chosen](../decisions/0023-features.md) where a name leaves a choice.

This page is made from the YAML of the model:
`python -m orchestration.lib.transform.dictionary > docs/reference/features.md`.
"""


def features(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every column of customer_features that is a feature, with its type and its FACTS. Raises ValueError."""
    found = {}
    for name, column in manifest["nodes"][MODEL]["columns"].items():
        if name in ("customer_id", "as_of_date"):
            continue
        meta = column["config"]["meta"]
        missing = [fact for fact in FACTS if not meta.get(fact)]
        if missing:
            raise ValueError(f"customer_features.{name} does not say its {', '.join(missing)}.")
        if meta["concern"] not in CONCERNS:
            raise ValueError(f"customer_features.{name} has the concern {meta['concern']}, which is none.")
        found[name] = {"data_type": column["data_type"], **{fact: meta[fact] for fact in FACTS}}
    return found


def described(feature: dict[str, Any]) -> str:
    """The description that the column must have, for readers who see the warehouse and not this page."""
    return f"{feature['formula']} Unit: {feature['unit']}. Window: {feature['window']}. Null: {feature['null_means']}."


def render(manifest: dict[str, Any]) -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    listed = features(manifest)
    for concern, question in CONCERNS.items():
        parts += [f"## {concern.capitalize()}\n", f"{question}\n"]
        parts += ["| feature | type | formula | unit | window | null |", "|---|---|---|---|---|---|"]
        for name, feature in listed.items():
            if feature["concern"] == concern:
                cells = (feature[fact] for fact in ("data_type", "formula", "unit", "window", "null_means"))
                shown = " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
                parts.append(f"| `{name}` | {shown} |")
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(render(json.loads(dbt.manifest_path().read_text(encoding="utf-8"))))
