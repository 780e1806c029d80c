"""Visits, where they came from and what was done."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.vocabulary import CHANNELS, HASH, OWN_CHANNELS

# From which share of sessions on without a channel somebody should look.
UNASSIGNED_LIMIT = 0.2
COUNTS = (
    "page_views",
    "product_views",
    "searches",
    "comparisons",
    "cart_adds",
    "checkouts",
    "price_page_views",
    "content_downloads",
    "video_completions",
    "purchases",
)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="sessions",
        relation="marts.sessions",
        owner="web_analytics",
        key=("session_id",),
        grain="session",
        model="dbt_project/models/marts/sessions/sessions.sql",
    )
    rules.unique_key("session_id is a hash of the device and the start: two of one id are one visit counted twice.")
    rules.filled(
        "session_id",
        "anonymous_id_hash",
        "started_at",
        "ended_at",
        "channel",
        "source",
        "medium",
        *COUNTS,
        "is_engaged",
        why="Attribution and features sum these columns; a null drops the session, or the whole sum.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A session of a customer whom no table knows is lost in every join.",
        fix=(
            "sessions.sql takes customers from int_devices_resolved and the owners of shared devices; "
            "erased customers must be null."
        ),
    )
    rules.shaped(
        "anonymous_id_hash",
        HASH,
        shape="64 hex digits",
        why="A device's id in clear can be matched with the site's logs.",
        fix="Hash the value with keyed_hash() before it is selected.",
    )
    rules.one_of(
        "channel",
        CHANNELS,
        also=OWN_CHANNELS,
        why="Spend, attribution and reports meet by these words.",
        fix="Look at the channel grouping macro: every session has one of the nineteen, or one of one's own.",
    )
    rules.rows(
        "few_are_unassigned",
        "select 'all' as row_key, count(*) filter (where t.channel = 'Unassigned') || ' of ' || count(*) "
        "as observed_value from {batch} as t "
        f"having count(*) filter (where t.channel = 'Unassigned') > {UNASSIGNED_LIMIT} * count(*)",
        expectation=f"at most {UNASSIGNED_LIMIT:.0%} of sessions are Unassigned",
        why="What no rule can name is credited to no channel that anybody pays for or works on.",
        fix=(
            "channel_unassigned lists the sources and mediums: name their channel in "
            "dbt_project/seeds/channel_overrides.csv."
        ),
        column="channel",
        severity=Severity.WARNING,
        whole_table=True,
    )
    rules.never(
        "ends_after_it_starts",
        "t.ended_at < t.started_at",
        observed="t.started_at || ' / ' || t.ended_at",
        expectation="ended_at is not before started_at",
        why="Durations and engagement are taken from these times.",
        fix="Both are the first and the last event of the session: look at the window in the session models.",
        column="ended_at",
    )
    rules.never(
        "seen_by_the_cutoff",
        f"t.ended_at >= {settings.cutoff}",
        observed="t.ended_at",
        expectation="ended_at is before the end of the as-of date",
        why=("A refresh of a day shows nothing later, or the same day could not be rebuilt to the same figures."),
        fix="The staging model of the events lets a later one through: look for its visibility filter.",
        column="ended_at",
    )
    rules.rows(
        "never_overlap",
        "select session_id as row_key, ended_at || ' / ' || next_started_at as observed_value from ("
        "select t.session_id, t.ended_at, lead(t.started_at) over ("
        "partition by t.anonymous_id_hash order by t.started_at, t.session_id) as next_started_at "
        "from {batch} as t) as followed where next_started_at < ended_at",
        expectation="sessions of one device do not overlap",
        why="An event belongs to one session; overlapping ones count it twice.",
        fix=("Look at how the session models cut events into sessions, and at devices that change their owner."),
        column="started_at",
    )
    for column in ("source", "medium"):
        rules.never(
            f"{column}_is_normalised",
            f"t.{column} <> lower(trim(t.{column})) or t.{column} = ''",
            observed=f"t.{column}",
            expectation=f"{column} is trimmed, in lower case, and not empty",
            why="Google and google would be two sources in every report.",
            fix="Look at the macro that reads source and medium.",
            column=column,
            severity=Severity.WARNING,
        )
    rules.never(
        "counts_are_not_negative",
        " or ".join(f"t.{column} < 0" for column in COUNTS),
        observed=f"concat_ws(' / ', {', '.join(f't.{column}' for column in COUNTS)})",
        expectation="no count of events is negative",
        why="They are counts.",
        fix="Look at the sums in the session models.",
    )
    intent = " + ".join(
        f"t.{column}"
        for column in (
            "searches",
            "comparisons",
            "cart_adds",
            "checkouts",
            "price_page_views",
            "content_downloads",
            "video_completions",
            "purchases",
        )
    )
    rules.never(
        "engaged_where_it_counts",
        f"not t.is_engaged and (t.page_views >= 2 or t.ended_at > t.started_at + interval 10 second or {intent} > 0)",
        observed="t.page_views || ' page views, ' || (t.ended_at - t.started_at)",
        expectation="two page views, more than ten seconds or an intent event make a session engaged",
        why="The engagement rate is compared between channels, and with other tools.",
        fix="Look at is_engaged in sessions.sql.",
        column="is_engaged",
    )
    rules.never(
        "campaigns_are_named",
        "t.channel like 'Paid %' and t.campaign in ('(not set)', '')",
        observed="t.source || ' / ' || t.medium",
        expectation="a paid session names its campaign",
        why="Spend of a campaign meets its sessions by name or id; unnamed ones make it look worthless.",
        fix="Add utm_campaign to the links of this source.",
        column="campaign",
        severity=Severity.INFO,
    )
    return rules.build()
