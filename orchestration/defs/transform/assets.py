"""Every dbt model and seed as an asset, built by one dbt run in this process."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.defs.context import current_refresh, daily, refuse, retry, say, told_plainly
from orchestration.lib.faults import without_values
from orchestration.lib.transform import dbt
from orchestration.lib.transform.catalog import published_tables
from orchestration.lib.transform.rows import row_counts, write_data_map
from orchestration.lib.warehouse import connect


class Translator(DagsterDbtTranslator):
    """Names and groups: raw/<source>/<table> for exports, <folder>/<model> for models, owners as teams."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        props = dbt_resource_props
        if props["resource_type"] == "source":
            prefix = [] if props["source_name"] == "ops" else ["raw"]
            return dg.AssetKey([*prefix, props["source_name"], props["name"]])
        return dg.AssetKey([props["schema"], props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        props = dbt_resource_props
        return "seeds" if props["resource_type"] == "seed" else str(props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        owner = ((dbt_resource_props.get("config") or {}).get("meta") or {}).get("owner")
        return [f"team:{owner}"] if owner else None


_TRANSLATOR = Translator(settings=DagsterDbtTranslatorSettings(enable_asset_checks=False))


@dbt_assets(
    manifest=dbt.manifest_path(),
    name="transform",
    dagster_dbt_translator=_TRANSLATOR,
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
)
def transform(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Build seeds, models and data tests for the day. A test that fails refuses the release."""
    with told_plainly():
        refresh = current_refresh(context)
        manifest = dbt.parse()
        with connect(refresh.home) as con:
            write_data_map(con, published_tables(manifest))
        say("transform: building models and testing them")
        result = dbt.build(manifest, refresh.home, refresh.dbt_vars)
        for node in result.errors:
            context.log.error(f"{node.unique_id}: {without_values(node.message)}")
        if result.errors:
            first = result.errors[0]
            raise RuntimeError(f"dbt could not build {first.unique_id}: {first.message}")
        if result.failed_tests:
            names = ", ".join(n.unique_id.split(".")[2] for n in result.failed_tests)
            raise refuse(f"dbt data tests failed: {names}")
        with connect(refresh.home) as con:
            counts = row_counts(con)
    seconds = {n.unique_id: n.seconds for n in result.nodes}
    plain = {**manifest.nodes, **manifest.sources}
    for unique_id in seconds:
        node = plain[unique_id].to_dict(omit_none=False)
        if node["resource_type"] in ("model", "seed"):
            count = counts.get((node["schema"], node["name"]))
            yield dg.MaterializeResult(
                _TRANSLATOR.get_asset_key(node),
                metadata={
                    "seconds": round(seconds[unique_id], 3),
                    **({} if count is None else {"dagster/row_count": count}),
                },
            )
