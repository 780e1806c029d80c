"""How many customers stand in each stage of their life, and how many came and went."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.customers import LIFECYCLE_STAGES
from expectations.suites.vocabulary import CHANNELS, OWN_CHANNELS

COUNTS = ("customers", "entered_30d", "left_30d")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="funnel_stages",
        relation="marts.funnel_stages",
        owner="marketing",
        key=("as_of_date", "primary_segment", "channel", "stage"),
        grain="as-of date, segment, channel and stage",
        model="dbt_project/models/marts/segments/funnel_stages.sql",
    )
    rules.unique_key()
    rules.filled(
        *("as_of_date", "primary_segment", "channel", "stage", *COUNTS),
        why="Who is in no segment or came by no channel is none: a null would be lost when the funnel is drawn.",
    )
    rules.one_of(
        "stage",
        LIFECYCLE_STAGES,
        why="Stages are drawn in the order of these six words.",
        fix="Stages are those of customers: check customers.lifecycle_stage_is_known first.",
    )
    rules.one_of(
        "channel",
        (*CHANNELS, "none"),
        also=OWN_CHANNELS,
        # History keeps the channels of its day, those that nobody names any more too.
        where=f"t.as_of_date = {settings.day}",
        why="The funnel is compared with spend by channel.",
        fix="Channels are those of acquisition: check customers.acquisition_channel_is_known first.",
        severity=Severity.WARNING,
    )
    for column in COUNTS:
        rules.between(column, "0", None, why="It is a count.", fix=f"Look at {column} in funnel_stages.sql.")
    rules.never(
        "entered_are_there",
        "t.entered_30d > t.customers",
        observed="t.entered_30d || ' of ' || t.customers",
        expectation="entered_30d is at most customers",
        why="Who came into the stage is in it on the day.",
        fix="Look at entered in funnel_stages.sql.",
        column="entered_30d",
    )
    rules.rows(
        "add_up_to_customers",
        "select concat_ws(' | ', coalesce(c.segment, t.primary_segment), coalesce(c.channel, t.channel), "
        "coalesce(c.stage, t.stage)) as row_key, coalesce(t.customers, 0) || ' / ' || coalesce(c.customers, 0) "
        "as observed_value from (select coalesce(primary_segment, 'none') as segment, "
        "coalesce(acquisition_channel, 'none') as channel, lifecycle_stage as stage, count(*) as customers "
        "from marts.customers group by 1, 2, 3) as c full join (select * from {batch} as f "
        f"where f.as_of_date = {settings.day}) as t "
        "on t.primary_segment = c.segment and t.channel = c.channel and t.stage = c.stage "
        "where coalesce(t.customers, 0) <> coalesce(c.customers, 0)",
        expectation="the day's customers are those of customers, by primary segment, channel and stage",
        why="A funnel that does not add up is believed by nobody.",
        fix="funnel_stages.sql begins with all customers of the day: look at its joins and at with_history.",
        column="customers",
        population="select count(*) from marts.customers",
        unit="customers",
    )
    return rules.build()
