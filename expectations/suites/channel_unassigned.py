"""Visits and ad campaigns that no rule could name."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings

KINDS = ("session", "ad_campaign")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="channel_unassigned",
        relation="marts.channel_unassigned",
        owner="marketing_analytics",
        key=("kind", "source", "medium", "campaign"),
        grain="kind, source, medium and campaign",
        model="dbt_project/models/marts/attribution/channel_unassigned.sql",
    )
    rules.unique_key()
    rules.filled(
        *("kind", "sessions", "customers", "touchpoints", "conversions", "first_seen_on", "last_seen_on"),
        why="Who names a channel begins with what weighs most; a null weighs nothing.",
    )
    rules.one_of(
        "kind",
        KINDS,
        why="Both kinds may hold the same visits: they are summed apart by these words.",
        fix="Look at the two branches of channel_unassigned.sql.",
    )
    rules.never(
        "counts_are_plausible",
        "t.sessions < 0 or t.customers < 0 or t.customers > t.touchpoints or t.conversions < 0 "
        "or (t.conversions > 0 and t.touchpoints = 0) "
        "or (t.kind = 'session' and (t.sessions = 0 or t.touchpoints > t.sessions or t.spend is not null))",
        observed="concat_ws(' / ', t.sessions, t.touchpoints, t.customers, t.conversions)",
        expectation=(
            "each customer has a touchpoint, conversions need one, and touchpoints of sessions are some of these"
        ),
        why="The counts say what a line in the seed would move.",
        fix="Look at the counts in channel_unassigned.sql.",
    )
    rules.never(
        "seen_in_order",
        f"t.last_seen_on < t.first_seen_on or t.last_seen_on > {settings.day}",
        observed="t.first_seen_on || ' / ' || t.last_seen_on",
        expectation="last_seen_on is not before first_seen_on, nor after the as-of date",
        why="What was last seen long ago needs no rule any more.",
        fix="Look at both in channel_unassigned.sql.",
        column="last_seen_on",
    )
    rules.rows(
        "no_session_is_lost",
        "select 'session' as row_key, l.sessions || ' / ' || s.sessions as observed_value from "
        "(select coalesce(sum(t.sessions), 0) as sessions from {batch} as t where t.kind = 'session') as l "
        "cross join (select count(*) as sessions from marts.sessions where channel = 'Unassigned') as s "
        "where l.sessions <> s.sessions",
        expectation="the sessions that are listed are all of those whose channel is Unassigned",
        why="A source that is not listed is named by nobody, and its visits stay without a channel.",
        fix="Group sessions by source, medium and campaign by hand, and compare with channel_unassigned.sql.",
        column="sessions",
        whole_table=True,
    )
    rules.rows(
        "no_spend_is_lost",
        "select 'ad_campaign' as row_key, l.spend || ' / ' || s.spend as observed_value from "
        "(select coalesce(sum(t.spend), 0) as spend from {batch} as t where t.kind = 'ad_campaign') as l "
        "cross join (select coalesce(sum(spend), 0) as spend from (select case when count(spend) = count(*) "
        "then sum(spend) end as spend from marts.ad_spend_daily where not has_known_channel "
        "group by platform, campaign_type, coalesce(campaign, campaign_id)) as c) as s where l.spend <> s.spend",
        expectation="the ad campaigns that are listed cost what those cost whose platform does not say what they are",
        why="Spend of a campaign that is not listed stays under Paid Other, where nobody looks for it.",
        fix="Sum ad_spend_daily where has_known_channel is false by hand, and compare with channel_unassigned.sql.",
        column="spend",
        whole_table=True,
    )
    return rules.build()
