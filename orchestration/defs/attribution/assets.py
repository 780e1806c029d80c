"""What each channel did for conversions, as two models learn it from all paths: between two parts of the dbt build."""

import dagster as dg

from orchestration.defs.context import current_refresh, daily, retry, say, told_plainly
from orchestration.lib.attribution.computed import read_paths, write_effects
from orchestration.lib.attribution.effects import channel_effects, read_settings
from orchestration.lib.warehouse import connect

_TABLE = dg.AssetKey(["computed", "channel_effects"])


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            _TABLE,
            deps=[dg.AssetKey(["marts", "conversion_paths"])],
            description="Removal effects and Shapley values of channels, with bootstrap intervals of their shares.",
            group_name="attribution",
            kinds={"python"},
            owners=["team:marketing_analytics"],
        )
    ],
    name="attribution",
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
)
def attribution(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Work out the effects of channels from all full paths, and hand them back to dbt."""
    with told_plainly():
        refresh = current_refresh(context)
        settings = read_settings(refresh.vars)
        with connect(refresh.home) as con:
            paths, revenue = read_paths(con)
            say(
                f"attribution: {len(paths.channels):,} channels on {len(paths.lengths):,} paths, "
                f"Markov chain of order {settings.order}, {settings.rounds:,} rounds of bootstrap"
            )
            rows = write_effects(con, channel_effects(paths, revenue, settings))
    return dg.MaterializeResult(_TABLE, metadata={"dagster/row_count": rows, "paths": len(paths.lengths)})
