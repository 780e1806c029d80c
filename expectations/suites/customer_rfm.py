"""Recency, frequency and monetary scores of the window."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings

RFM_SEGMENTS = (
    "champions",
    "loyal",
    "potential_loyalist",
    "new",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
    "lost",
)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customer_rfm",
        relation="marts.customer_rfm",
        owner="marketing",
        key=("customer_id",),
        grain="customer",
        model="dbt_project/models/marts/rfm/customer_rfm.sql",
    )
    rules.unique_key()
    rules.filled(
        "customer_id",
        "as_of_date",
        "recency_days",
        "frequency",
        "monetary",
        "r_score",
        "f_score",
        "m_score",
        "rfm_cell",
        "rfm_score",
        "rfm_segment",
        why="Every scored customer has all of its scores and one segment: there is no other.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A segment of somebody whom no table knows reaches nobody.",
        fix=("customer_rfm.sql takes customers from orders: check orders.customer_id_exists_in_customers first."),
    )
    rules.one_of(
        "rfm_segment",
        RFM_SEGMENTS,
        why="Campaigns are planned by these eleven names.",
        fix="Every one of the 125 cells of the seed rfm_segments holds one of them.",
    )
    for column in ("r_score", "f_score", "m_score", "rfm_score"):
        rules.between(
            column,
            "1",
            "5",
            why="Scores are fifths from 1, the worst, to 5.",
            fix="Look at the rank in customer_rfm.sql, and at vars.rfm_weights for rfm_score.",
        )
    rules.between(
        "recency_days",
        "0",
        str(settings.rfm_window_days - 1),
        why="Only purchases on the dates of the window ending with the as-of date are scored.",
        fix="Look at the window in customer_rfm.sql and at vars.rfm_window_days.",
    )
    rules.never(
        "as_of_date_is_the_days",
        f"t.as_of_date <> {settings.day}",
        observed="t.as_of_date",
        expectation="as_of_date is that of the refresh",
        why="Recency is counted back from this day.",
        fix="The refresh passes as_of_date to dbt: the table was not built by this run.",
        column="as_of_date",
    )
    rules.never(
        "cell_is_the_scores",
        "t.rfm_cell <> cast(t.r_score as varchar) || cast(t.f_score as varchar) || cast(t.m_score as varchar)",
        observed="concat_ws(' / ', t.rfm_cell, t.r_score, t.f_score, t.m_score)",
        expectation="rfm_cell is the three scores, recency first",
        why="The seed names segments by the cell.",
        fix="Look at rfm_cell in customer_rfm.sql.",
        column="rfm_cell",
    )
    rules.rows(
        "ties_share_a_score",
        "select cast(recency_days as varchar) || ' days' as row_key, "
        "'scores ' || min(r_score) || ' to ' || max(r_score) as observed_value from {batch} as t "
        "group by recency_days having min(r_score) <> max(r_score) union all "
        "select cast(frequency as varchar) || ' purchases', 'scores ' || min(f_score) || ' to ' || "
        "max(f_score) "
        "from {batch} as t group by frequency having min(f_score) <> max(f_score) union all "
        "select cast(monetary as varchar) || ' revenue', 'scores ' || min(m_score) || ' to ' || max(m_score) "
        "from {batch} as t group by monetary having min(m_score) <> max(m_score)",
        expectation="customers of equal recency, frequency or monetary have equal scores",
        why="Otherwise the order of rows decides who is a champion.",
        fix="Scores are cut from the minimum rank: look for row_number() or ntile() in customer_rfm.sql.",
    )
    window = f"between {settings.day} - {settings.rfm_window_days - 1} and {settings.day}"
    day = settings.date_of("ordered_at")
    rules.rows(
        "agrees_with_orders",
        "select coalesce(o.customer_id, t.customer_id) as row_key, concat_ws(' / ', o.recency_days, "
        "t.recency_days, "
        "o.frequency, t.frequency, o.monetary, t.monetary) as observed_value from ("
        f"select customer_id, {settings.day} - max({day}) as recency_days, count(*) as frequency, "
        "sum(net_revenue) as monetary from marts.orders where status <> 'cancelled' and net_revenue > 0 "
        f"and customer_id is not null and {day} {window} group by customer_id) as o "
        "full join {batch} as t on t.customer_id = o.customer_id "
        "where o.recency_days is distinct from t.recency_days or o.frequency is distinct from t.frequency "
        "or o.monetary is distinct from t.monetary",
        expectation="recency_days, frequency and monetary are those of the purchases in the window",
        why="A customer with a purchase in the window is scored, by exactly these purchases.",
        fix="Sum the purchases of a listed customer in orders, and compare with customer_rfm.sql.",
        column="monetary",
    )
    return rules.build()
