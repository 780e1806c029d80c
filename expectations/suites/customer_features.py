"""What every customer did, spends, likes and may want, one wide row a customer.

Columns that are held to the same claim share one rule, which names those that break it: a rule a column would be
eighty.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from expectations.rules import Severity, Suite, SuiteBuilder, literal
from expectations.settings import Settings
from expectations.suites.vocabulary import CHANNELS, OWN_CHANNELS

INTENT_CLASSES = ("ready_to_buy", "considering", "exploring", "none")
PRICE_BANDS = ("low", "mid", "high")
DAYPARTS = ("night", "morning", "afternoon", "evening")

_ENGAGEMENT = (
    *("sessions", "engaged_sessions", "page_views", "product_views", "comparisons", "content_downloads"),
    *("video_completions", "cart_adds"),
)
# From the shortest to the longest: each window holds the ones before it.
_WINDOWS = (
    *(tuple(f"{name}_{days}d" for days in (7, 30, 90)) for name in _ENGAGEMENT),
    ("orders_30d", "orders_90d", "orders_365d", "orders_lifetime"),
)
_COUNTS = (
    *(column for window in _WINDOWS for column in window),
    *("active_days_30d", "price_page_views_30d", "searches_30d", "checkouts_30d", "carts_abandoned_30d"),
    *("checkouts_abandoned_30d", "leads_90d", "category_count", "products_bought", "tickets_365d", "bad_ratings_365d"),
)
_REVENUES = ("net_revenue_30d", "net_revenue_90d", "net_revenue_365d", "net_revenue_lifetime")
_SHARES = (
    *("repeat_rate", "email_open_rate_90d", "email_click_rate_90d", "discount_share", "price_sensitivity"),
    "returns_rate",
)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customer_features",
        relation="marts.customer_features",
        owner="marketing",
        key=("customer_id",),
        grain="customer",
        model="dbt_project/models/marts/features/customer_features.sql",
    )
    rules.unique_key()
    rules.filled(
        "customer_id",
        "as_of_date",
        "intent_score",
        "intent_class",
        why="Rules of segments read every customer; a null falls out of every one of them.",
    )
    rules.rows(
        "every_customer_is_there",
        "select coalesce(c.customer_id, t.customer_id) as row_key, "
        "case when t.customer_id is null then 'no features' else 'no customer' end as observed_value "
        "from marts.customers as c full join {batch} as t on t.customer_id = c.customer_id "
        "where c.customer_id is null or t.customer_id is null",
        expectation="every customer has a row, and nobody else",
        why="Who has no features is in no segment, for whatever reason, and nobody would notice.",
        fix="customer_features.sql joins everything to int_customers_described: look for an inner join.",
        column="customer_id",
        population="select count(*) from marts.customers",
        unit="customers",
    )
    rules.never(
        "as_of_date_is_the_days",
        f"t.as_of_date <> {settings.day}",
        observed="t.as_of_date",
        expectation="as_of_date is that of the refresh",
        why="Every window is counted back from this day.",
        fix="The refresh passes as_of_date to dbt: the table was not built by this run.",
        column="as_of_date",
    )
    _named(
        rules,
        "counts_are_counts",
        ((column, f"{column} is null or {column} < 0") for column in _COUNTS),
        expectation="counts are 0 or more, and never null",
        why="Who did nothing did it 0 times. A null is neither more nor less than any threshold of a rule.",
        fix="Coalesce the named columns to 0 where customer_features.sql joins them.",
    )
    _named(
        rules,
        "revenues_are_known",
        ((column, f"{column} is null") for column in _REVENUES),
        expectation="net revenue of every window is known",
        why="Only orders with a rate are purchases, so their sum is an amount; without any it is 0.",
        fix="Look at the sums of int_customer_purchases_summed.sql, and at amounts beyond DECIMAL(18, 2).",
    )
    _named(
        rules,
        "windows_nest",
        ((f"{short} > {long}", f"{short} > {long}") for window in _WINDOWS for short, long in pairwise(window)),
        expectation="a count over more days is no smaller",
        why="The last 7 dates are among the last 30: a smaller count of the longer window has lost events.",
        fix="Both windows must filter the same rows: look at the days of the named columns.",
    )
    _named(
        rules,
        "shares_are_shares",
        ((column, f"{column} not between 0 and 1") for column in _SHARES),
        expectation="rates and shares are between 0 and 1",
        why="A rate above 1 counts something in its numerator that its denominator does not know.",
        fix="Look at the numerator and the denominator of the named columns in models/intermediate/features.",
    )
    _named(
        rules,
        "shares_of_money_are_plausible",
        (
            ("top_category_share", "top_category_share not between 0 and 1"),
            ("average_discount_rate", "average_discount_rate > 1"),
        ),
        expectation="top_category_share is between 0 and 1, and average_discount_rate is at most 1",
        why="Lines that were refunded for more than they cost push these past 1, and with them price and taste.",
        fix="Look at the customer's order_lines with a negative net_revenue, and correct the refund in the shop.",
        severity=Severity.WARNING,
    )
    _named(
        rules,
        "ratios_have_a_denominator",
        (
            *(
                (column, f"({column} is null) <> (orders_lifetime = 0)")
                for column in ("average_order_value", "repeat_rate", "discount_share")
            ),
            ("days_between_orders", "(days_between_orders is null) <> (orders_lifetime < 2)"),
        ),
        expectation="ratios over purchases are known exactly where there are purchases to divide by",
        why="Null is unknown to a rule and keeps the customer out; 0 would tell of purchases that are not there.",
        fix="Look at the case expressions of the named columns: no purchase means null.",
    )
    rules.one_of(
        "intent_class",
        INTENT_CLASSES,
        why="Segments of prospects are cut by these words.",
        fix="Look at the macro intent_class and at vars.intent_thresholds.",
    )
    rules.never(
        "intent_class_fits_the_score",
        "t.intent_score < 0 or (t.intent_score = 0) <> (t.intent_class = 'none')",
        observed="t.intent_class || ' at ' || t.intent_score",
        expectation="intent_score is 0 or more, and intent_class is none exactly at 0",
        why="Who shows no sign of intent is not addressed as if ready to buy.",
        fix="Look at the macros intent_score and intent_class, and at vars.intent_weights.",
        column="intent_class",
    )
    rules.one_of(
        "price_band",
        PRICE_BANDS,
        why="Price tiers of segments are cut by these words.",
        fix="Look at price_band in int_customer_tastes_ranked.sql.",
    )
    rules.one_of(
        "preferred_daypart",
        DAYPARTS,
        why="Sends are timed by these words.",
        fix="Look at daypart in int_customer_sessions_counted.sql.",
    )
    rules.one_of(
        "preferred_channel",
        CHANNELS,
        also=OWN_CHANNELS,
        why="It is the channel of sessions, and compared with theirs.",
        fix="Look at the channel grouping macro, and at sessions.channel_is_known.",
        severity=Severity.WARNING,
    )
    rules.rows(
        "purchases_agree_with_orders",
        "select t.customer_id as row_key, concat_ws(' / ', t.orders_lifetime, coalesce(o.orders, 0), "
        "t.net_revenue_lifetime, coalesce(o.net_revenue, 0), t.orders_90d, coalesce(o.orders_90d, 0)) "
        "as observed_value from {batch} as t left join (select customer_id, count(*) as orders, "
        "sum(net_revenue) as net_revenue, "
        f"count(*) filter (where {settings.day} - {settings.date_of('ordered_at')} < 90) as orders_90d "
        "from marts.orders where status <> 'cancelled' and net_revenue > 0 and customer_id is not null "
        "group by customer_id) as o on o.customer_id = t.customer_id "
        "where t.orders_lifetime <> coalesce(o.orders, 0) or t.net_revenue_lifetime <> coalesce(o.net_revenue, 0) "
        "or t.orders_90d <> coalesce(o.orders_90d, 0)",
        expectation="orders_lifetime, net_revenue_lifetime and orders_90d are those of the customer's purchases",
        why="A segment of buyers must hold those who bought.",
        fix="Sum the purchases of a listed customer in orders, and compare with int_customer_purchases_summed.sql.",
        column="orders_lifetime",
    )
    rules.rows(
        "sessions_agree_with_sessions",
        "select t.customer_id as row_key, concat_ws(' / ', t.sessions_30d, coalesce(s.sessions, 0), "
        "t.engaged_sessions_30d, coalesce(s.engaged, 0)) as observed_value from {batch} as t left join ("
        "select customer_id, count(*) as sessions, count(*) filter (where is_engaged) as engaged from marts.sessions "
        f"where customer_id is not null and {settings.day} - {settings.date_of('started_at')} < 30 "
        "group by customer_id) as s on s.customer_id = t.customer_id "
        "where t.sessions_30d <> coalesce(s.sessions, 0) or t.engaged_sessions_30d <> coalesce(s.engaged, 0)",
        expectation="sessions_30d and engaged_sessions_30d are those of the customer's sessions",
        why="Engagement that no session shows cannot be explained to anybody.",
        fix="Count the sessions of a listed customer, and compare with int_customer_sessions_counted.sql.",
        column="sessions_30d",
    )
    return rules.build()


def _named(
    rules: SuiteBuilder,
    name: str,
    conditions: Iterable[tuple[str, str]],
    *,
    expectation: str,
    why: str,
    fix: str,
    severity: Severity = Severity.CRITICAL,
) -> None:
    """No row meets any of the conditions; what is shown of a row are the names of those that it meets."""
    found = list(conditions)
    rules.never(
        name,
        " or ".join(f"({condition})" for _, condition in found),
        observed="concat_ws(', ', " + ", ".join(f"case when {c} then {literal(n)} end" for n, c in found) + ")",
        expectation=expectation,
        why=why,
        fix=fix,
        severity=severity,
    )
