"""Who is who beyond shared identifiers: stewards' decisions, between two parts of the dbt build."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.context import current_refresh, daily, retry, say, told_plainly
from orchestration.lib.identity.resolve import resolve_identity
from orchestration.lib.warehouse import connect

_TABLES = {
    "steward_rules": "Every decision of a steward, and what became of it.",
    "identity_parts": "What decisions to keep apart left of the components that they cut.",
    "identity_cuts": "The edges that such decisions cut.",
    "identity_links": "Links that join parts: decisions, and records that are one person by probability.",
    "identity_merges": "Which part became one customer with which.",
    "identity_pairs": "Pairs of records that may be one person.",
}
_READ = ("int_identity_records_noded", "int_identity_nodes_connected", "int_steward_links_resolved")


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["computed", name],
            deps=[dg.AssetKey(["intermediate", model]) for model in _READ],
            description=description,
            group_name="identity",
            kinds={"python"},
            owners=["team:data"],
        )
        for name, description in _TABLES.items()
    ],
    name="identity",
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
)
def identity(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Apply what stewards decided to the graph that records make."""
    with told_plainly():
        say("identity: applying what stewards decided")
        refresh = current_refresh(context)
        with connect(refresh.home) as con:
            resolved = resolve_identity(con, say)
    for name in _TABLES:
        yield dg.MaterializeResult(
            dg.AssetKey(["computed", name]), metadata={"dagster/row_count": resolved.rows.get(name, 0)}
        )
