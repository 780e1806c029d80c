"""What channels are credited with by day, beside what was spent on them."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import agrees_with_credits, figures_of_attribution


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_by_channel",
        relation="marts.attribution_by_channel",
        owner="marketing_analytics",
        key=("converted_on", "model", "channel"),
        grain="day, model and channel",
        model="dbt_project/models/marts/attribution/attribution_by_channel.sql",
    )
    figures_of_attribution(
        rules,
        "converted_on",
        "channel",
        "select spend_date as converted_on, channel, case when count(spend) = count(*) then sum(spend) end as spend "
        "from marts.ad_spend_daily group by spend_date, channel",
    )
    agrees_with_credits(rules, "channel", "channel")
    return rules.build()
