"""What channels are credited with by month and segment, and what part of the spend is set against it."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import differs, figures_of_attribution, month_is_a_month


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_by_segment",
        relation="marts.attribution_by_segment",
        owner="marketing_analytics",
        key=("month", "model", "segment", "channel"),
        grain="month, model, segment and channel",
        model="dbt_project/models/marts/attribution/attribution_by_segment.sql",
    )
    figures_of_attribution(
        rules,
        "month",
        "channel",
        "select cast(date_trunc('month', spend_date) as date) as month, channel, "
        "case when count(spend) = count(*) then sum(spend) end as spend "
        "from marts.ad_spend_daily group by all",
    )
    month_is_a_month(rules, "month", settings)
    summed = "sum(conversions) as conversions, sum(first_purchases) as first_purchases, sum(revenue) as revenue"
    # Channels by day are a thousandth of the credits, and are held to these by a rule of their own.
    rules.rows(
        "agrees_with_channels",
        "select concat_ws(' | ', coalesce(t.month, c.month), coalesce(t.model, c.model), "
        "coalesce(t.channel, c.channel)) as row_key, concat_ws(' / ', t.conversions, c.conversions, t.revenue, "
        f"c.revenue) as observed_value from (select month, model, channel, {summed} from {{batch}} as b group by all) "
        f"as t full join (select cast(date_trunc('month', converted_on) as date) as month, model, channel, {summed} "
        "from marts.attribution_by_channel group by all) as c "
        "on t.month = c.month and t.model = c.model and t.channel = c.channel where "
        + " or ".join(differs(f"t.{name}", f"c.{name}") for name in ("conversions", "first_purchases", "revenue")),
        expectation=(
            "over all segments, none included, the figures of a month and channel are those of attribution_by_channel"
        ),
        why="A customer who held no segment, or two, must not take credit out of the sum or into it twice.",
        fix="Look at segments in int_credits_summed.sql: one segment a conversion.",
    )
    return rules.build()
