"""When the refresh runs because its exports are there."""

import time

import dagster as dg

from orchestration.defs.jobs import daily_refresh
from orchestration.lib.landing.arrived import newest_complete_day
from orchestration.lib.settings import landing_folder

# An export that still grows is not there yet.
QUIET_SECONDS = 120


@dg.sensor(
    job=daily_refresh,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
)
def exports_landed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Refresh a day once its customer and order exports have landed and nothing has changed for two minutes.

    The cursor is the last day asked for, so a failed refresh is not asked for again by itself.
    """
    day = newest_complete_day(landing_folder(), now=time.time(), quiet_seconds=QUIET_SECONDS)
    if day is None:
        return dg.SkipReason("no day has both its customer and its order export, at rest")
    if context.cursor and day.isoformat() <= context.cursor:
        return dg.SkipReason(f"{day} was asked for already")
    context.update_cursor(day.isoformat())
    return dg.RunRequest(run_key=f"landed-{day}", partition_key=day.isoformat())
