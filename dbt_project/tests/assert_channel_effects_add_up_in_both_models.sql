-- Each channel has one row in each data-driven model; shares add up to 1, and Shapley values, which are conversions
-- divided among channels, to the conversions that have a path.
with totals as (
    select cast(coalesce(sum(conversions), 0) as double) as conversions
    from {{ ref('conversion_paths') }}
    where path_transform = 'full'
),

models as (
    select
        model,
        count(*) as row_count,
        count(distinct channel) as channels,
        sum(effect) as effects,
        sum(share) as shares
    from {{ ref('channel_effects') }}
    group by model
)

select
    models.model,
    models.row_count,
    models.channels,
    models.effects,
    models.shares,
    totals.conversions
from models
cross join totals
where
    models.model not in ('markov', 'shapley')
    or models.row_count <> models.channels
    or models.channels <> (select count(distinct channel) from {{ ref('channel_effects') }})
    or abs(models.shares - 1) > 1e-9
    or (models.shares is null) <> (totals.conversions = 0)
    or (models.model = 'shapley' and abs(models.effects - totals.conversions) > 1e-9 * greatest(totals.conversions, 1))
