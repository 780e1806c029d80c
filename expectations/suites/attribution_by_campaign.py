"""What campaigns are credited with by day, beside what was spent on them."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import agrees_with_credits, figures_of_attribution


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_by_campaign",
        relation="marts.attribution_by_campaign",
        owner="marketing_analytics",
        key=("converted_on", "model", "campaign"),
        grain="day, model and campaign",
        model="dbt_project/models/marts/attribution/attribution_by_campaign.sql",
    )
    figures_of_attribution(
        rules,
        "converted_on",
        "campaign",
        "select spend_date as converted_on, reported_campaign as campaign, "
        "case when count(spend) = count(*) then sum(spend) end as spend "
        "from marts.ad_spend_daily group by spend_date, reported_campaign",
    )
    agrees_with_credits(rules, "campaign", "reported_campaign")
    return rules.build()
