"""Rules that several tables share."""

from __future__ import annotations

from collections.abc import Iterable

from expectations.rules import SuiteBuilder, as_text, literal
from expectations.settings import Settings
from expectations.suites.vocabulary import ATTRIBUTION_MODELS

ID_WHY = "An id that is no keyed hash could be a value in clear, and no export could be joined to it."
ID_FIX = (
    "customer_id is the first 32 hex digits of the keyed hash of the earliest identifier: "
    "look for a column that was put in its place."
)
HASH_WHY = "Anything else than a hash is an identifier in clear, in a table that BI reads."
HASH_FIX = "Hash the value with keyed_hash() before it is selected: dbt_project/macros/identifiers.sql."


def follows_its_order(rules: SuiteBuilder) -> None:
    """What holds of every child of an order: it is there, it counts, and its customer is the same."""
    rules.refers(
        "order_id",
        "marts.orders",
        "order_id",
        why="A child without its order is money that no order booked.",
        fix=f"{rules.model} keeps only children of orders: look at its join.",
    )
    rules.rows(
        "order_is_not_cancelled",
        f"select t.{rules.key[0]} as row_key, o.order_id as observed_value from {{batch}} as t "
        "join marts.orders as o on o.order_id = t.order_id where o.status = 'cancelled'",
        expectation="no row belongs to a cancelled order",
        why=("A cancelled order counts nowhere, so its children would add money and units that were never sold."),
        fix=f"{rules.model} drops children of cancelled orders: look at its filter.",
        column="order_id",
    )
    rules.rows(
        "customer_is_the_orders",
        f"select t.{rules.key[0]} as row_key, {as_text('t.customer_id')} || ' / ' || "
        f"{as_text('o.customer_id')} "
        "as observed_value from {batch} as t join marts.orders as o on o.order_id = t.order_id "
        "where t.customer_id is distinct from o.customer_id",
        expectation="customer_id is that of the order",
        why="One order has one customer; two answers part a customer's products from their revenue.",
        fix=f"{rules.model} must take customer_id from orders.",
        column="customer_id",
    )


def models_are_known(rules: SuiteBuilder, models: Iterable[str] = ATTRIBUTION_MODELS) -> None:
    rules.one_of(
        "model",
        models,
        why="Readers choose a model by these words; a sum over unknown ones counts conversions once more.",
        fix="The models are listed in the macro attribution_models.",
    )


def differs(one: str, other: str) -> str:
    """Whether two doubles differ by more than sums in another order do; null is no figure, and differs from all."""
    return f"(({one}) is null) <> (({other}) is null) or abs(({one}) - ({other})) > 1e-9 * greatest(1, abs({other}))"


def figures_of_attribution(rules: SuiteBuilder, time: str, group: str, spend: str) -> None:
    """What holds of every table that sets credits beside spend.

    time, group: the columns of a row's dates and of what is credited. spend: what was spent by them, a query of both
    columns and spend, null where an amount of it is unknown.
    """
    rules.unique_key("A second row counts credits and spend twice in every sum.")
    rules.filled(
        *(column for column in rules.key if column != "campaign"),
        *("conversions", "first_purchases", "revenue"),
        why="Figures are summed by these columns; a null falls out of the sum.",
    )
    models_are_known(rules)
    rules.never(
        "credit_is_not_negative",
        "t.conversions < 0 or t.first_purchases < 0 or t.first_purchases > t.conversions + 1e-9 or t.revenue < 0",
        observed="concat_ws(' / ', t.conversions, t.first_purchases, t.revenue)",
        expectation="conversions, first_purchases and revenue are at least 0, and first_purchases at most conversions",
        why="They are parts of conversions and of what these earned.",
        fix="Look at attribution_figures in dbt_project/macros/attribution.sql.",
    )
    ratios = {
        "roas": "t.revenue / nullif(cast(t.spend as double), 0)",
        "cpa": "cast(t.spend as double) / nullif(t.conversions, 0)",
        "cac": "cast(t.spend as double) / nullif(t.first_purchases, 0)",
    }
    rules.never(
        "ratios_are_of_their_row",
        " or ".join(differs(f"t.{name}", formula) for name, formula in ratios.items()),
        observed="concat_ws(' / ', t.conversions, t.first_purchases, t.revenue, t.spend, t.roas, t.cpa, t.cac)",
        expectation="roas, cpa and cac divide the figures of their own row; null where the denominator is null or 0",
        why="Revenue of one time over spend of another is the mistake that budgets are lost by.",
        fix="Look at attribution_figures in dbt_project/macros/attribution.sql.",
    )
    keys = f"{time}, model, {group}"
    models = " union all ".join(f"select {literal(model)} as model" for model in ATTRIBUTION_MODELS)
    rules.rows(
        "spend_is_joined_once",
        f"select concat_ws(' | ', {as_text(f'coalesce(s.{time}, t.{time})')}, coalesce(s.model, t.model), "
        f"{as_text(f'coalesce(s.{group}, t.{group})')}) as row_key, {as_text('t.spend')} || ' / ' || "
        f"{as_text('coalesce(s.spend, 0)')} as observed_value from (select f.{time}, f.model, f.{group}, "
        f"case when count(f.spend) = count(*) then sum(f.spend) end as spend from {{batch}} as f group by all) as t "
        f"full join (select m.model, a.* from ({spend}) as a cross join ({models}) as m) as s on t.model = s.model "
        f"and t.{time} = s.{time} and t.{group} is not distinct from s.{group} where t.model is null "
        "or t.spend is distinct from case when s.model is null then 0 else s.spend end",
        expectation=f"under every model the spend by {time} and {group} is that of ad_spend_daily; null where one is",
        why=(
            "Spend that is joined to several rows is counted several times, and that of days without a "
            "conversion is lost."
        ),
        fix=f"Sum ad_spend_daily by hand for one listed row of {keys}, and compare with {rules.model}.",
        column="spend",
    )


def agrees_with_credits(rules: SuiteBuilder, group: str, credited: str) -> None:
    """By day, model and group the figures are the credits, added up. credited: the group's column in the credits."""
    names = ("conversions", "first_purchases", "revenue")
    rules.rows(
        "agrees_with_credits",
        f"select concat_ws(' | ', coalesce(c.converted_on, t.converted_on), coalesce(c.model, t.model), "
        f"{as_text(f'coalesce(c.{group}, t.{group})')}) as row_key, concat_ws(' / ', t.conversions, c.conversions, "
        "t.revenue, c.revenue) as observed_value from (select b.* from {batch} as b) as t full join "
        f"(select converted_on, model, {credited} as {group}, sum(credit) as conversions, "
        "sum(case when conversion_type = 'first_purchase' then credit else 0 end) as first_purchases, "
        "sum(credited_revenue) as revenue from marts.attribution_credits group by all) as c "
        f"on c.converted_on = t.converted_on and c.model = t.model and c.{group} is not distinct from t.{group} where "
        + " or ".join(differs(f"coalesce(t.{name}, 0)", f"coalesce(c.{name}, 0)") for name in names),
        expectation=f"conversions, first_purchases and revenue are the credits of the day, model and {group}, added up",
        why="Every figure must be found again in the credits of conversions, or nobody can say where it comes from.",
        fix="attribution_data_map says which rows make the figure up: sum them by hand for one listed row.",
        column="conversions",
    )


def month_is_a_month(rules: SuiteBuilder, column: str, settings: Settings) -> None:
    rules.never(
        f"{column}_is_a_month",
        f"t.{column} <> cast(date_trunc('month', t.{column}) as date) or t.{column} > {settings.day}",
        observed=f"t.{column}",
        expectation=f"{column} is the first of a month, not after the as-of date",
        why="Months are joined by their first day; any other day finds no partner.",
        fix=f"Look at date_trunc in {rules.model}, and at the timezone it is cut in.",
        column=column,
    )
