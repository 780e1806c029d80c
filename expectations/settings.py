"""What a rule may depend on beside the data: the day, and the project's vars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Settings:
    """The day under check, the first instant after it in UTC, and the vars that rules read."""

    as_of_date: date
    cutoff_at: datetime
    reporting_timezone: str = "UTC"
    session_timeout_minutes: int = 30
    rfm_window_days: int = 540
    identity_cluster_limit: int = 50
    active_segments_limit: int = 10
    attribution_lookback_days: int = 30
    identity_jump_limits: Mapping[str, float] = field(
        default_factory=lambda: {"largest_factor": 3, "merged_customers": 20, "merged_share": 0.05}
    )

    @classmethod
    def for_day(
        cls,
        as_of_date: date,
        project_vars: Mapping[str, Any] | None = None,
        cutoff_at: datetime | None = None,
    ) -> Settings:
        """Settings of one day; a var that is absent keeps the default of dbt_project.yml."""
        chosen = {
            name: (project_vars or {})[name]
            for name in (
                *("reporting_timezone", "session_timeout_minutes", "rfm_window_days"),
                *("identity_cluster_limit", "identity_jump_limits", "active_segments_limit"),
                "attribution_lookback_days",
            )
            if name in (project_vars or {})
        }
        timezone = chosen.get("reporting_timezone", cls.reporting_timezone)
        if cutoff_at is None:
            midnight = datetime.combine(as_of_date + timedelta(days=1), time(), ZoneInfo(timezone))
            cutoff_at = midnight.astimezone(ZoneInfo("UTC"))
        return cls(as_of_date=as_of_date, cutoff_at=cutoff_at.replace(tzinfo=None), **chosen)

    @property
    def day(self) -> str:
        """The as-of date as an SQL literal."""
        return f"date '{self.as_of_date.isoformat()}'"

    @property
    def cutoff(self) -> str:
        """The first instant that may not be seen, as an SQL literal."""
        return f"timestamp '{self.cutoff_at.isoformat(sep=' ')}'"

    def date_of(self, expression: str) -> str:
        """The calendar date of a UTC timestamp in the reporting timezone."""
        if self.reporting_timezone == "UTC":
            return f"cast({expression} as date)"
        return f"cast(timezone('{self.reporting_timezone}', timezone('UTC', {expression})) as date)"
