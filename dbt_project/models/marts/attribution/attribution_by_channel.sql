-- Grain: one row a day, model and channel, days on which money was spent and nobody converted too.
-- Spend and credit of one row are of one date. To see a longer time, sum both over the same dates before dividing.
with credits as (
    select
        converted_on,
        model,
        channel,
        conversion_type,
        conversions,
        revenue
    from {{ ref('int_credits_summed') }}
),

spend as (
    select
        spend.spend_date as converted_on,
        models.model,
        spend.channel,
        spend.spend
    from {{ ref('ad_spend_daily') }} as spend
    cross join {{ attribution_model_rows() }} as models
)

{{ attribution_figures('credits', 'spend', ['converted_on', 'model', 'channel']) }}
