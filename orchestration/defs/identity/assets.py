"""Who is who beyond shared identifiers: stewards' decisions and probable links, between two parts of the dbt build."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.defs.context import current_refresh, daily, retry, say, told_plainly
from orchestration.lib.faults import UsageError
from orchestration.lib.identity.baselines import find_baselines, load_baselines
from orchestration.lib.identity.bridges import Limits, read_bridges, write_bridges
from orchestration.lib.identity.resolve import resolve_identity
from orchestration.lib.linking.decide import Thresholds
from orchestration.lib.warehouse import connect

_TABLES = {
    "steward_rules": "Every decision of a steward, and what became of it.",
    "identity_parts": "What decisions to keep apart left of the components that they cut.",
    "identity_cuts": "The edges that such decisions cut.",
    "identity_links": "Links that join parts: decisions, and records that are one person by probability.",
    "identity_merges": "Which part became one customer with which.",
    "identity_pairs": "Pairs of records that may be one person.",
    "identity_bridges": "Identifiers that alone hold two large halves of a customer together.",
    "identity_baselines": "The releases that changes are told against.",
    "identity_before": "Who was who in those releases.",
    "customer_ids_before": "Which customer_ids those releases knew, and where they led.",
}
_READ = (
    *("int_identity_records_noded", "int_identity_nodes_connected", "int_identity_nodes_numbered"),
    *("int_steward_links_resolved", "int_persons_prepared"),
)


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
    """Apply what stewards decided, and what records that resemble each other say, to the graph that records make."""
    with told_plainly():
        say("identity: applying what stewards decided, comparing records that share no identifier")
        refresh = current_refresh(context)
        with connect(refresh.home) as con:
            resolved = resolve_identity(con, say, _thresholds(refresh.vars))
            rows = {
                **resolved.rows,
                "identity_bridges": write_bridges(con, read_bridges(con, _bridge_limits(refresh.vars))),
                **load_baselines(con, find_baselines(refresh.home, refresh.run.as_of)),
            }
    for name in _TABLES:
        yield dg.MaterializeResult(dg.AssetKey(["computed", name]), metadata={"dagster/row_count": rows.get(name, 0)})


def _thresholds(variables: Mapping[str, Any]) -> Thresholds:
    names = ("identity_match_threshold", "identity_review_threshold")
    try:
        found = Thresholds(*(float(variables[name]) for name in names))
    except (TypeError, ValueError):
        raise UsageError(f"{' and '.join(names)} are probabilities: write numbers between 0 and 1.") from None
    if not 0 < found.review <= found.match <= 1:
        raise UsageError(
            f"{names[1]} ({found.review}) must be above 0 and at most {names[0]} ({found.match}), which is at most 1."
        )
    return found


def _bridge_limits(variables: Mapping[str, Any]) -> Limits:
    try:
        return Limits(**{name: int(number) for name, number in variables["identity_bridge_limits"].items()})
    except (AttributeError, TypeError, ValueError):
        raise UsageError("identity_bridge_limits names two whole numbers: identifiers and records.") from None
