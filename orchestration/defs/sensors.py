"""When the refresh runs because its exports are there."""

import time

import dagster as dg

from orchestration.defs.jobs import daily_refresh
from orchestration.lib.landing.arrived import newest_complete_day
from orchestration.lib.landing.contracts import load_contracts
from orchestration.lib.settings import DBT_PROJECT, landing_folder, project_vars

# An export that still grows is not there yet.
QUIET_SECONDS = 120


@dg.sensor(
    job=daily_refresh,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
)
def exports_landed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Refresh a day once its customer and order exports (or those of an own source that fills orders) have landed
    and nothing of the day has changed for two minutes.

    The cursor is the last day asked for, so a failed refresh is not asked for again by itself.
    """
    known = {(c.source, c.table) for c in load_contracts(DBT_PROJECT)}
    own_sources = project_vars().get("own_sources") or {}
    day = newest_complete_day(landing_folder(), known, own_sources, time.time(), QUIET_SECONDS)
    if day is None:
        return dg.SkipReason("no day has both its customer and its order export, at rest")
    if context.cursor and day.isoformat() <= context.cursor:
        return dg.SkipReason(f"{day} was asked for already")
    context.update_cursor(day.isoformat())
    return dg.RunRequest(run_key=f"landed-{day}", partition_key=day.isoformat())
