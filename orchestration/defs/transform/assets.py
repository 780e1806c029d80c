"""Every dbt model and seed as an asset, built by one dbt run in this process."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.defs.context import current_refresh, daily, refuse, retry, say, told_plainly
from orchestration.lib.faults import UsageError, without_values
from orchestration.lib.identity.decisions import read_decisions, write_decisions
from orchestration.lib.settings import DBT_PROJECT, steward_links
from orchestration.lib.transform import dbt
from orchestration.lib.transform.catalog import published_tables
from orchestration.lib.transform.edited_seeds import check_edited_seeds
from orchestration.lib.transform.rows import row_counts, write_data_map
from orchestration.lib.warehouse import connect

# Sources that are no exports: what runs keep, and what Python computed.
_NOT_RAW = ("ops", "computed")
_DECISIONS = "steward_links"


class Translator(DagsterDbtTranslator):
    """Names and groups: raw/<source>/<table> for exports, <folder>/<model> for models, owners as teams."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        props = dbt_resource_props
        if props["resource_type"] == "source":
            prefix = [] if props["source_name"] in _NOT_RAW else ["raw"]
            return dg.AssetKey([*prefix, props["source_name"], props["name"]])
        return dg.AssetKey([props["schema"], props["name"]])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        # Landing makes the tables that runs keep; what reads nothing else of it, seeds too, still comes after it.
        ledger = dg.AssetKey(["ops", "load_ledger"])
        parents = manifest["parent_map"][unique_id]
        if spec.key.path[0] == "ops" or any(p.startswith(("model.", "seed.")) for p in parents):
            return spec
        return spec.replace_attributes(deps=[*(d for d in spec.deps if d.asset_key != ledger), dg.AssetDep(ledger)])

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
    # What only the landing step builds.
    exclude="tag:erasure",
    dagster_dbt_translator=_TRANSLATOR,
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
)
def transform(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Build seeds, models and data tests for the day. A test that fails refuses the release.

    Dagster runs it in parts: what Python computes from models stands between the models before and after it.
    """
    with told_plainly():
        refresh = current_refresh(context)
        # Whoever starts a run: the command line looks before it makes a home folder, Dagster only here.
        check_edited_seeds(DBT_PROJECT)
        manifest = dbt.parse()
        nodes = {**manifest.nodes, **manifest.sources}
        selected = [
            node["name"]
            for node in (nodes[unique_id].to_dict(omit_none=False) for unique_id in manifest.nodes)
            if node["resource_type"] in ("model", "seed")
            and _TRANSLATOR.get_asset_key(node) in context.selected_asset_keys
        ]
        decided = steward_links() if _DECISIONS in selected else None
        with connect(refresh.home) as con:
            write_data_map(con, published_tables(manifest))
            if decided:
                # The deployment's own file stands in the place of the seed.
                write_decisions(con, read_decisions(decided))
                selected.remove(_DECISIONS)
        say(f"transform: building {len(selected)} models and testing them")
        result = dbt.build(manifest, refresh.home, refresh.dbt_vars, selected)
        for node in result.errors:
            context.log.error(f"{node.unique_id}: {without_values(node.message)}")
        if result.errors:
            first = result.errors[0]
            folder = nodes[first.unique_id].config.meta.get("compiles")
            broken = dbt.broken_definition(manifest, refresh.home, refresh.dbt_vars, folder) if folder else None
            if broken:
                raise UsageError(f"A rule of models/{folder} cannot be run: {broken}")
            if first.message.startswith("Compilation Error"):
                # A macro says what is wrong with the project, such as a var that has no meaning.
                raise UsageError(" ".join(line.strip() for line in first.message.splitlines() if line.strip()))
            raise RuntimeError(f"dbt could not build {first.unique_id}: {first.message}")
        if result.failed_tests:
            names = ", ".join(n.unique_id.split(".")[2] for n in result.failed_tests)
            raise refuse(f"dbt data tests failed: {names}")
        with connect(refresh.home) as con:
            counts = row_counts(con)
    if decided:
        yield dg.MaterializeResult(
            dg.AssetKey(["seeds", _DECISIONS]), metadata={"dagster/row_count": counts.get(("seeds", _DECISIONS), 0)}
        )
    seconds = {n.unique_id: n.seconds for n in result.nodes}
    for unique_id in seconds:
        node = nodes[unique_id].to_dict(omit_none=False)
        if node["resource_type"] in ("model", "seed"):
            count = counts.get((node["schema"], node["name"]))
            yield dg.MaterializeResult(
                _TRANSLATOR.get_asset_key(node),
                metadata={
                    "seconds": round(seconds[unique_id], 3),
                    **({} if count is None else {"dagster/row_count": count}),
                },
            )
