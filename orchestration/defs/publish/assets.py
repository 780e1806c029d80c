"""The release: the published tables of one day, whole."""

import json
from datetime import UTC, datetime

import dagster as dg

from orchestration.defs.context import current_refresh, daily, retry, say, told_plainly
from orchestration.lib.publish.history import publish_day
from orchestration.lib.publish.release import make_current, prune_releases, release_name, write_release
from orchestration.lib.transform import dbt
from orchestration.lib.transform.catalog import kept_tables, published_tables
from orchestration.lib.warehouse import connect

_MANIFEST = json.loads(dbt.manifest_path().read_text(encoding="utf-8"))
_PUBLISHED = published_tables(_MANIFEST)
_KEPT = kept_tables(_MANIFEST)


@dg.asset(
    key="release",
    deps=[dg.AssetKey(["quality", "gate"]), *(dg.AssetKey([t.schema, t.name]) for t in _PUBLISHED)],
    group_name="publish",
    kinds={"duckdb"},
    owners=["team:data_platform"],
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
)
def release(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Copy the published tables into a release, make it current in one step, and keep what it says of its day."""
    with told_plainly():
        say("publish: writing the release")
        refresh = current_refresh(context)
        run = refresh.run
        name = release_name(run.as_of, run.started_at, run.run_id)
        with connect(refresh.home) as con:
            finished_at = datetime.now(UTC).replace(tzinfo=None)
            manifest = write_release(
                con,
                refresh.home,
                name,
                _PUBLISHED,
                {
                    "as_of_date": run.as_of.isoformat(),
                    "run_id": run.run_id,
                    "code_version": run.code_version,
                    "published_at": finished_at.isoformat() + "Z",
                },
                own_run=(run.run_id, finished_at),
            )
            make_current(refresh.home, name)
            publish_day(con, _KEPT, run.as_of, run.run_id, finished_at, name)
        try:
            prune_releases(refresh.home, int(refresh.vars["releases_kept"]))
        except OSError as error:
            # The release is out; an old one that cannot be deleted is for the next run.
            say(f"an old release could not be deleted: {error.strerror}")
    rows = {table: entry["rows"] for table, entry in manifest["tables"].items()}
    return dg.MaterializeResult(
        metadata={"release": name, "dagster/row_count": sum(rows.values()), "tables": len(rows)}
    )
