-- Grain: one row a conversion, touchpoint of its path and model, also where a model gives the touch nothing.
-- What touches weigh is summed in decimals, a conversion at a time, and divided once: credits sum to 1 in every model.
-- A touch's age counts from the newest touch of its path, which changes no share and keeps the weights of long ages above 0.
with paths as (
    select
        conversion_id,
        max(touched_at) as newest_at,
        max(case when channel <> 'Direct' then position end) as last_non_direct_position
    from {{ ref('int_touches_pathed') }}
    group by conversion_id
),

effects as (
    select
        channel,
        max(case when model = 'markov' then effect end) as markov_effect,
        max(case when model = 'shapley' then effect end) as shapley_effect
    from {{ ref('channel_effects') }}
    group by channel
),

weighed as (
    select
        touches.*,
        coalesce(paths.last_non_direct_position, touches.path_length) as last_non_direct_position,
        campaigns.reported_campaign,
        {{ exact_credit(
            'power(cast(2 as double), -cast(' ~ microseconds_between('touches.touched_at', 'paths.newest_at')
            ~ ' as double) / 1000000 / ' ~ half_life_seconds() ~ ')'
        ) }} as recency_weight,
        {{ exact_credit('effects.markov_effect') }} as markov_weight,
        {{ exact_credit('effects.shapley_effect') }} as shapley_weight
    from {{ ref('int_touches_pathed') }} as touches
    inner join paths on touches.conversion_id = paths.conversion_id
    left join effects on touches.channel = effects.channel
    left join {{ ref('int_campaigns_reported') }} as campaigns on lower(trim(touches.campaign)) = campaigns.campaign
),

totals as (
    select
        conversion_id,
        sum(recency_weight) as recency_total,
        sum(markov_weight) as markov_total,
        sum(shapley_weight) as shapley_total
    from weighed
    group by conversion_id
),

credited as (
    select
        weighed.*,
        models.model,
        case models.model
            when 'first_touch' then case when weighed.position = 1 then 1 else 0 end
            when 'last_touch' then case when weighed.position = weighed.path_length then 1 else 0 end
            when 'last_non_direct' then case when weighed.position = weighed.last_non_direct_position then 1 else 0 end
            when 'linear' then 1 / cast(weighed.path_length as double)
            when 'position_based' then
                case
                    when weighed.path_length = 1 then 1
                    when weighed.path_length = 2 then 0.5
                    when weighed.position in (1, weighed.path_length) then 0.4
                    else 0.2 / cast(weighed.path_length - 2 as double)
                end
            when 'time_decay' then cast(weighed.recency_weight as double) / cast(totals.recency_total as double)
            when 'markov' then {{ share_of_weight('weighed.markov_weight', 'totals.markov_total', 'weighed.path_length') }}
            when 'shapley' then {{ share_of_weight('weighed.shapley_weight', 'totals.shapley_total', 'weighed.path_length') }}
        end as credit
    from weighed
    inner join totals on weighed.conversion_id = totals.conversion_id
    cross join {{ attribution_model_rows() }} as models
)

select
    conversion_id,
    conversion_type,
    touchpoint_id,
    model,
    customer_id,
    converted_at,
    {{ reporting_date('converted_at') }} as converted_on,
    channel,
    source,
    medium,
    campaign,
    reported_campaign,
    position,
    path_length,
    cast(credit as double) as credit,
    cast(credit as double) * cast(revenue as double) as credited_revenue
from credited
