"""What each model gives each touch: the table that all figures of attribution are sums of."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, as_text, literal
from expectations.settings import Settings
from expectations.suites.shared import models_are_known
from expectations.suites.vocabulary import ATTRIBUTION_MODELS


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_credits",
        relation="marts.attribution_credits",
        owner="marketing_analytics",
        key=("conversion_id", "touchpoint_id", "model"),
        grain="conversion, touchpoint and model",
        model="dbt_project/models/marts/attribution/attribution_credits.sql",
        # Every model repeats the touches of the others. This is the largest table of all.
        texts_of="t.model = 'linear'",
    )
    # Every model has as many touches of a conversion as the others (every_conversion_is_credited): one of the eight
    # says whether a touch stands twice.
    rules.rows(
        "grain_is_unique",
        "select t.conversion_id || ' | ' || t.touchpoint_id || ' | ' || t.model as row_key, "
        "cast(count(*) as varchar) || ' rows' as observed_value from {batch} as t where t.model = 'linear' "
        "group by t.conversion_id, t.touchpoint_id, t.model having count(*) > 1",
        expectation="(conversion_id, touchpoint_id, model) is unique",
        why="A touch that stands twice on a path is credited twice.",
        fix="Open int_touches_pathed.sql: touchpoints or conversions have two rows of one id, or a join finds two.",
    )
    rules.filled(
        *("conversion_id", "conversion_type", "touchpoint_id", "model", "customer_id", "converted_at", "converted_on"),
        *("channel", "position", "path_length", "credit", "credited_revenue"),
        why="Credits are summed by these columns; a null falls out of the sum, and out of what was booked.",
    )
    models_are_known(rules)
    rules.between(
        "credit",
        "0",
        "1 + 1e-9",
        claim="credit is between 0 and 1",
        why="It is a part of one conversion.",
        fix="Look at credit in attribution_credits.sql; an effect of a channel below 0 is one of channel_effects.",
    )
    rules.rows(
        "credits_sum_to_one",
        "select t.conversion_id || ' | ' || t.model as row_key, cast(sum(t.credit) as varchar) as observed_value "
        "from {batch} as t group by t.conversion_id, t.model having abs(sum(t.credit) - 1) > 1e-9",
        expectation="the credits of each conversion sum to 1 in every model, to 1e-9",
        why="What is above or below is money that was never earned, or that vanishes.",
        fix=(
            "tributary explain with the conversion's id shows the credits; then look at credit in "
            "attribution_credits.sql."
        ),
        column="credit",
        population="select count(*) from (select 1 from {batch} as p where p.position = 1) as conversions",
        unit="conversions and models",
    )
    models = len(ATTRIBUTION_MODELS)
    rules.rows(
        "positions_run_from_one",
        "select t.conversion_id as row_key, concat_ws(' / ', min(t.position), max(t.position), max(t.path_length)) "
        "as observed_value from {batch} as t group by t.conversion_id "
        "having min(t.path_length) <> max(t.path_length) or min(t.position) <> 1 "
        "or max(t.position) <> max(t.path_length) or count(*) <> "
        f"{models} * max(t.path_length) or sum(t.position) <> count(*) * (max(t.path_length) + 1) // 2",
        expectation="in each conversion and model the positions run from 1 to path_length",
        why="First, last and position_based are told by these numbers.",
        fix="Look at position and path_length in int_touches_pathed.sql.",
        column="position",
        population="select count(*) from marts.conversions as c where c.path_length > 0",
        unit="conversions with a path",
    )
    counts = ", ".join(f"count(*) filter (where model = {literal(model)}) as {model}" for model in ATTRIBUTION_MODELS)
    differ = " or ".join(f"coalesce(t.{model}, 0) <> c.path_length" for model in ATTRIBUTION_MODELS)
    rules.rows(
        "every_conversion_is_credited",
        "select coalesce(c.conversion_id, t.conversion_id) as row_key, concat_ws(' / ', "
        f"{as_text('c.path_length')}, {', '.join(f't.{model}' for model in ATTRIBUTION_MODELS)}) as observed_value "
        f"from marts.conversions as c full join (select conversion_id, {counts}, "
        "min(conversion_type) as conversion_type, min(converted_at) as converted_at, min(customer_id) as customer_id "
        "from {batch} as b group by conversion_id) as t on t.conversion_id = c.conversion_id "
        f"where c.conversion_id is null or {differ} or (t.conversion_id is not null and "
        "(t.conversion_type <> c.conversion_type or t.converted_at <> c.converted_at "
        "or t.customer_id is distinct from c.customer_id))",
        expectation="each touch on the path of a conversion has a credit in all eight models, and nothing else has",
        why="A conversion that a model leaves out is booked and not attributed: the models can no longer be compared.",
        fix="tributary explain with the listed id shows the path; then look at the joins in attribution_credits.sql.",
        column="conversion_id",
        population="select count(*) from marts.conversions",
        unit="conversions",
    )
    rules.rows(
        "credited_revenue_adds_up",
        "select t.conversion_id || ' | ' || t.model as row_key, t.revenue || ' / ' || c.revenue as observed_value "
        "from (select conversion_id, model, sum(credited_revenue) as revenue from {batch} as b "
        "group by conversion_id, model) as t inner join marts.conversions as c on c.conversion_id = t.conversion_id "
        "where abs(t.revenue - c.revenue) >= 0.005",
        expectation="in every model the credited revenue of a conversion adds up to its revenue, to the cent",
        why="Channels would be credited with more, or with less, than was sold.",
        fix="credited_revenue is credit times the revenue of conversions: look at it in attribution_credits.sql.",
        column="credited_revenue",
        population="select count(*) from (select 1 from {batch} as p where p.position = 1) as conversions",
        unit="conversions and models",
    )
    # Every model has the same touches: one of the eight is looked up.
    rules.rows(
        "touches_lead_to_the_conversion",
        "select t.conversion_id || ' | ' || t.touchpoint_id as row_key, "
        f"{as_text('p.touched_at')} || ' / ' || t.converted_at || ', ' || {as_text('p.channel')} as observed_value "
        "from (select * from {batch} as b where b.model = 'linear') as t "
        "left join marts.touchpoints as p on p.touchpoint_id = t.touchpoint_id where p.touchpoint_id is null "
        "or p.touched_at >= t.converted_at "
        f"or p.touched_at < t.converted_at - interval {settings.attribution_lookback_days * 24} hour "
        "or p.customer_id is distinct from t.customer_id or p.channel is distinct from t.channel",
        expectation=(
            "each touch is one of the customer's touchpoints, before the conversion and within the lookback before it"
        ),
        why="What came after a conversion, long before it, or to somebody else did not lead to it.",
        fix="Look at the last where of int_touches_pathed.sql, and at vars.attribution_lookback_days.",
        column="touchpoint_id",
        population="select count(*) from (select 1 from {batch} as p where p.model = 'linear') as touches",
        unit="touches of paths",
    )
    return rules.build()
