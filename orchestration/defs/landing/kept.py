"""What runs write down about themselves: no step makes these tables, but marts read them."""

import dagster as dg

_KEPT = {
    "refreshes": "Every run on this home folder, and how it ended.",
    "quality_results": "Every rule of every run.",
    "quality_exceptions": "Failing rows, by as-of date.",
    "data_map": "Every published column, read from the dbt manifest.",
}

# A list at module level is loaded as assets.
kept_tables = [
    dg.AssetSpec(
        dg.AssetKey(["ops", name]),
        description=description,
        group_name="operations",
        kinds={"duckdb"},
        owners=["team:data_platform"],
    )
    for name, description in _KEPT.items()
]
