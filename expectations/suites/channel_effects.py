"""What the data-driven models learned of each channel."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, as_text, literal
from expectations.settings import Settings
from expectations.suites.shared import models_are_known
from expectations.suites.vocabulary import DATA_DRIVEN_MODELS


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="channel_effects",
        relation="marts.channel_effects",
        owner="marketing_analytics",
        key=("model", "channel"),
        grain="model and channel",
        model="orchestration/lib/attribution/effects.py",
    )
    rules.unique_key()
    rules.filled("model", "channel", "effect", why="A channel without an effect takes no part in what it led to.")
    models_are_known(rules, DATA_DRIVEN_MODELS)
    rules.never(
        "effects_are_plausible",
        "t.effect < 0 or (t.model = 'markov' and t.effect > 1 + 1e-9)",
        observed="t.effect",
        expectation="effects are at least 0, and removal effects at most 1",
        why="Credit is shared in proportion to them: one below 0 takes credit away from conversions.",
        fix="Look at markov.py and shapley.py in orchestration/lib/attribution.",
        column="effect",
    )
    rules.rows(
        "shares_are_of_their_model",
        "select t.model || ' | ' || t.channel as row_key, concat_ws(' / ', t.effect, t.share, t.total) "
        "as observed_value from (select *, sum(effect) over (partition by model) as total from {batch} as b) as t "
        "where (t.total > 0) <> (t.share is not null) or abs(t.share - t.effect / t.total) > 1e-9",
        expectation="share is effect over the sum of the model's effects; null where all are 0",
        why="Shares that do not sum to 1 share out more, or less, than there was.",
        fix="Look at shares in orchestration/lib/attribution/bootstrap.py.",
        column="share",
    )
    rules.never(
        "intervals_are_intervals",
        "t.share_low > t.share_high or t.share_low < 0 or t.share_high > 1 + 1e-9 "
        "or (t.share_low is null) <> (t.share_high is null)",
        observed="concat_ws(' to ', t.share_low, t.share_high)",
        expectation="share_low is at most share_high, and both are between 0 and 1",
        why="The interval says how far the share can be trusted.",
        fix="Look at share_intervals in orchestration/lib/attribution/bootstrap.py.",
        column="share_low",
    )
    rules.rows(
        "textbook_adds_up",
        "select t.model as row_key, concat_ws(' / ', t.conversions, c.conversions, t.revenue, c.revenue) "
        "as observed_value from (select model, sum(textbook_conversions) as conversions, "
        "sum(textbook_revenue) as revenue from {batch} as b where share is not null group by model) as t "
        "cross join (select count(*) as conversions, coalesce(sum(revenue), 0) as revenue from marts.conversions "
        "where path_length > 0) as c where abs(t.conversions - c.conversions) > 1e-6 * greatest(1, c.conversions) "
        "or abs(t.revenue - c.revenue) >= 0.005 + 1e-9 * c.revenue",
        expectation=(
            "the textbook figures of each model add up to the conversions that have a path, and to their revenue"
        ),
        why="They are set beside those of other tools, which share out the same total.",
        fix="Look at textbook_conversions in orchestration/lib/attribution/effects.py.",
        column="textbook_conversions",
    )
    models = ", ".join(f"({literal(model)})" for model in DATA_DRIVEN_MODELS)
    rules.rows(
        "every_channel_of_a_path_is_there",
        "select coalesce(p.model, t.model) || ' | ' || coalesce(p.channel, t.channel) as row_key, "
        f"{as_text('t.effect')} as observed_value from (select m.model, c.channel from (values {models}) as m (model) "
        "cross join (select distinct unnest(path) as channel from marts.conversion_paths "
        "where path_transform = 'full') as c) as p full join {batch} as t "
        "on t.model = p.model and t.channel = p.channel where p.model is null or t.model is null",
        expectation="both models have an effect of every channel that occurs in a full path, and of no other",
        why="A channel that was left out gets no credit, and its paths are shared evenly.",
        fix="The effects were computed from other paths: refresh again, and look at orchestration/defs/attribution.",
        column="channel",
    )
    return rules.build()
