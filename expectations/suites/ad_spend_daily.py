"""What advertising cost, by day and campaign."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="ad_spend_daily",
        relation="marts.ad_spend_daily",
        owner="paid_media",
        key=("spend_date", "platform", "account_id", "campaign_id"),
        grain="day platform and campaign",
        model="dbt_project/models/marts/marketing/ad_spend_daily.sql",
    )
    rules.unique_key("Spend is joined by day and campaign; a second row doubles what the campaign cost.")
    rules.filled(
        "spend_date",
        "platform",
        "channel",
        why=("Spend without its day, platform or channel is in no ratio: acquisition looks cheaper than it is."),
    )
    rules.filled(
        "spend",
        why="A cost that could not be converted is missing from every ratio of the day.",
        fix="Land finance.fx_rate with a direct rate from the account's currency on or before the day.",
        severity=Severity.WARNING,
    )
    rules.never(
        "spent_by_the_as_of_date",
        f"t.spend_date > {settings.day}",
        observed="t.spend_date",
        expectation="spend_date is not after the as-of date",
        why=("A refresh of a day shows nothing later, or the same day could not be rebuilt to the same figures."),
        fix="The staging model of the platform lets a later day through: look for its visibility filter.",
        column="spend_date",
    )
    for column in ("impressions", "clicks", "spend"):
        rules.between(
            column,
            "0",
            None,
            why=("Platforms credit invalid clicks now and then; below zero a whole day's ratio changes its sign."),
            fix="Compare the day with the platform's own report.",
            severity=Severity.WARNING,
        )
    rules.never(
        "clicks_are_impressions",
        # A partner reports single events, and many partners no impressions at all.
        "t.platform <> 'partner' and t.clicks > t.impressions",
        observed="concat_ws(' / ', t.clicks, t.impressions)",
        expectation="clicks is at most impressions, but for partners",
        why=("An ad that was not shown was not clicked: two columns are swapped, or a day is only half exported."),
        fix="Compare the day with the platform's own report, and export it again.",
        column="clicks",
        severity=Severity.WARNING,
    )
    return rules.build()
