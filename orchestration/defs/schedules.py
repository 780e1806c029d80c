"""When the refresh runs by itself."""

import os

import dagster as dg

from orchestration.defs.jobs import daily_refresh
from orchestration.lib.days import day_before
from orchestration.lib.settings import project_vars


@dg.schedule(
    job=daily_refresh,
    cron_schedule=os.environ.get("TRIBUTARY_CRON") or "0 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def daily_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Refresh yesterday; TRIBUTARY_CRON says when, in UTC (02:00 by default). Off until switched on."""
    day = day_before(context.scheduled_execution_time, project_vars()["reporting_timezone"])
    return dg.RunRequest(run_key=f"schedule-{day}", partition_key=day.isoformat())
