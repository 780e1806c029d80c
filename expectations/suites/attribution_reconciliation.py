"""The proof that nothing is lost: booked = attributed + unattributed."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, literal
from expectations.settings import Settings
from expectations.suites.shared import models_are_known, month_is_a_month
from expectations.suites.vocabulary import ATTRIBUTION_MODELS, CONVERSION_TYPES

_KEYS = ("month", "conversion_type", "model")
_MONEY = ("booked_revenue", "attributed_revenue", "unattributed_revenue")
_COUNTS = ("booked_conversions", "attributed_conversions", "unattributed_conversions")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_reconciliation",
        relation="marts.attribution_reconciliation",
        owner="marketing_analytics",
        key=_KEYS,
        grain="month, conversion type and model",
        model="dbt_project/models/marts/attribution/attribution_reconciliation.sql",
    )
    rules.unique_key()
    rules.filled(
        *(*_KEYS, *_COUNTS, *_MONEY, "difference", "conversions_difference"),
        why="A figure that is missing proves nothing.",
    )
    models_are_known(rules)
    rules.one_of(
        "conversion_type",
        CONVERSION_TYPES,
        why="Booked and attributed are compared by these words.",
        fix="Look at the branches of int_conversions_unioned.sql.",
    )
    month_is_a_month(rules, "month", settings)
    rules.never(
        "nothing_is_lost",
        "t.difference <> 0 or t.conversions_difference <> 0 "
        "or t.booked_revenue <> t.attributed_revenue + t.unattributed_revenue "
        "or t.booked_conversions <> t.attributed_conversions + t.unattributed_conversions",
        observed=f"concat_ws(' / ', {', '.join(f't.{name}' for name in (*_COUNTS, *_MONEY))}, t.difference)",
        expectation=(
            "booked = attributed + unattributed, in conversions and in money to the cent; the differences are 0"
        ),
        why="Money that was booked and is neither credited nor explained is money that a channel did not get.",
        fix="attribution_credits.credits_sum_to_one and every_conversion_is_credited name the conversions.",
        column="difference",
    )
    models = ", ".join(f"({literal(model)})" for model in ATTRIBUTION_MODELS)
    month = "cast(date_trunc('month', converted_on) as date)"
    booked = {
        "booked_conversions": "count(*)",
        "unattributed_conversions": "count(unattributed_reason)",
        "conversions_without_customer": "count(*) filter (where unattributed_reason = 'no_customer')",
        "booked_revenue": "sum(revenue)",
        "unattributed_revenue": "coalesce(sum(revenue) filter (where unattributed_reason is not null), 0)",
        "revenue_without_customer": "coalesce(sum(revenue) filter (where unattributed_reason = 'no_customer'), 0)",
    }
    rules.rows(
        "agrees_with_conversions",
        "select concat_ws(' | ', coalesce(c.month, t.month), coalesce(c.conversion_type, t.conversion_type), "
        "coalesce(c.model, t.model)) as row_key, concat_ws(' / ', t.booked_conversions, c.booked_conversions, "
        "t.booked_revenue, c.booked_revenue, t.unattributed_conversions, c.unattributed_conversions) as observed_value "
        f"from (select s.*, m.model from (select {month} as month, conversion_type, "
        f"{', '.join(f'{expression} as {name}' for name, expression in booked.items())} from marts.conversions "
        f"group by all) as s cross join (values {models}) as m (model)) as c full join {{batch}} as t "
        "on t.month = c.month and t.conversion_type = c.conversion_type and t.model = c.model "
        f"where {' or '.join(f't.{name} is distinct from c.{name}' for name in booked)}",
        expectation=(
            "every month and type of conversions is here under every model, with what was booked and what has no path"
        ),
        why="The proof is of all that was booked, or it is none.",
        fix="Group conversions by hand for one listed month, and compare with attribution_reconciliation.sql.",
        column="booked_conversions",
    )
    rules.rows(
        "agrees_with_credits",
        "select concat_ws(' | ', t.month, t.conversion_type, t.model) as row_key, concat_ws(' / ', "
        "t.attributed_conversions, c.conversions, t.attributed_revenue, c.revenue) as observed_value "
        f"from {{batch}} as t left join (select {month} as month, conversion_type, model, "
        "fsum(credit) as conversions, fsum(credited_revenue) as revenue from marts.attribution_credits group by all) "
        "as c on c.month = t.month and c.conversion_type = t.conversion_type and c.model = t.model "
        "where abs(t.attributed_conversions - coalesce(c.conversions, 0)) > "
        "1e-6 * greatest(1, t.attributed_conversions) or abs(t.attributed_revenue - coalesce(c.revenue, 0)) >= 0.0051",
        expectation="attributed is the sum of the credits, in conversions and in money",
        why="A proof that does not look at the credits would hold whatever became of them.",
        fix="Sum attribution_credits by hand for one listed month, and compare with attribution_reconciliation.sql.",
        column="attributed_revenue",
    )
    return rules.build()
