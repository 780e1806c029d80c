"""Where the models agree on a channel, and where the answer depends on the model."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, literal
from expectations.settings import Settings
from expectations.suites.vocabulary import ATTRIBUTION_MODELS

_SHARES = tuple(f"share_{model}" for model in ATTRIBUTION_MODELS)
# Shares are rounded to twelve digits, so that models that agree do so exactly.
_NEAR = 1e-8
_RANKS = tuple(f"rank_{model}" for model in ATTRIBUTION_MODELS)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_model_agreement",
        relation="marts.attribution_model_agreement",
        owner="marketing_analytics",
        key=("channel",),
        grain="channel",
        model="dbt_project/models/marts/attribution/attribution_model_agreement.sql",
    )
    rules.unique_key()
    rules.filled(
        *("channel", *_SHARES, *_RANKS, "spread", "highest_model", "lowest_model"),
        why="A model that says nothing of a channel cannot be compared with the others.",
    )
    for column in ("highest_model", "lowest_model"):
        rules.one_of(
            column,
            ATTRIBUTION_MODELS,
            why="It names one of the eight models.",
            fix=f"Look at {column} in attribution_model_agreement.sql.",
        )
    rules.rows(
        "shares_sum_to_one",
        f"select m.model as row_key, cast(m.total as varchar) as observed_value from (select unnest([{_literals()}]) "
        f"as model, unnest([{', '.join(f'sum(t.{share})' for share in _SHARES)}]) as total from {{batch}} as t "
        f"having count(*) > 0) as m where m.total is null or abs(m.total - 1) > {_NEAR}",
        expectation="the shares of each model sum to 1 over all channels",
        why="Shares of models that share out different totals cannot be compared.",
        fix="Look at shares in attribution_model_agreement.sql.",
        population=f"select {len(ATTRIBUTION_MODELS)}",
        unit="models",
    )
    pairs = tuple(zip(_SHARES, _RANKS, strict=True))
    ranked = ", ".join(f"rank() over (order by b.{share} desc) as true_{rank}" for share, rank in pairs)
    rules.rows(
        "ranks_are_of_the_shares",
        f"select t.channel as row_key, concat_ws(' / ', {', '.join(f't.{rank}' for rank in _RANKS)}) as observed_value "
        f"from (select b.*, {ranked} from {{batch}} as b) as t "
        f"where {' or '.join(f't.{rank} is distinct from t.true_{rank}' for rank in _RANKS)}",
        expectation="the rank in a model is that of its share, 1 the largest; equal shares have one rank",
        why="Channels are compared by rank where shares are close.",
        fix="Look at ranked in attribution_model_agreement.sql.",
    )
    highest, lowest = (
        f"{function}({', '.join(f't.{share}' for share in _SHARES)})" for function in ("greatest", "least")
    )
    share_of = {
        column: "case t." + column + "".join(
            f" when {literal(model)} then t.{share}" for model, share in zip(ATTRIBUTION_MODELS, _SHARES, strict=True)
        ) + " end"
        for column in ("highest_model", "lowest_model")
    }  # fmt: skip
    rules.never(
        "spread_is_of_the_shares",
        f"abs(t.spread - ({highest} - {lowest})) > 1e-9 or {share_of['highest_model']} is distinct from {highest} "
        f"or {share_of['lowest_model']} is distinct from {lowest}",
        observed="concat_ws(' / ', t.spread, t.highest_model, t.lowest_model)",
        expectation="spread is the largest share less the smallest, and the models of both are named",
        why="The spread says whether the choice of a model decides.",
        fix="Look at spread in attribution_model_agreement.sql.",
        column="spread",
    )
    shares = ", ".join(
        f"coalesce(sum(conversions) filter (where model = {literal(model)}), 0) / nullif(sum(sum(conversions) "
        f"filter (where model = {literal(model)})) over (), 0) as {share}"
        for model, share in zip(ATTRIBUTION_MODELS, _SHARES, strict=True)
    )
    differ = " or ".join(f"t.{s} is null or c.{s} is null or abs(t.{s} - c.{s}) > {_NEAR}" for s in _SHARES)
    rules.rows(
        "agrees_with_channels",
        f"select coalesce(t.channel, c.channel) as row_key, concat_ws(' / ', t.{_SHARES[3]}, c.{_SHARES[3]}) "
        f"as observed_value from {{batch}} as t full join (select channel, {shares} from marts.attribution_by_channel "
        "group by channel having sum(conversions) > 0) as c on c.channel = t.channel "
        f"where (t.channel is not null or c.channel is not null) and ({differ})",
        expectation="every credited channel is here, with its share of the conversions that each model credits",
        why="The table must compare the figures that are reported, not others.",
        fix=(
            "Sum attribution_by_channel by hand for one listed channel, and compare with "
            "attribution_model_agreement.sql."
        ),
        column="channel",
    )
    return rules.build()


def _literals() -> str:
    return ", ".join(literal(model) for model in ATTRIBUTION_MODELS)
