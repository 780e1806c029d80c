-- Grain: one row a day, conversion type, model, channel, reported campaign and segment.
-- The tables by channel, campaign and segment, and that of agreement, read this one pass, so they cannot disagree.
-- The segment is the primary one that the customer held on the day of conversion. History keeps the customer_ids of its
-- day: where several of them are one customer today, the stay under today's id says it, else that of the smallest id.
with held as (
    select
        coalesce(redirects.customer_id, stays.customer_id) as customer_id,
        stays.customer_id as held_customer_id,
        case when redirects.customer_id is null then 0 else 1 end as is_retired,
        stays.segment,
        stays.valid_from,
        coalesce(stays.valid_to, cast('9999-12-31' as date)) as ends_on
    from {{ ref('int_primary_segments_held') }} as stays
    left join {{ ref('customer_redirects') }} as redirects on stays.customer_id = redirects.retired_customer_id
),

segments as (
    select
        conversions.conversion_id,
        {{ value_of_least('held.segment', ['held.is_retired', 'held.held_customer_id']) }} as segment
    from {{ ref('conversions') }} as conversions
    inner join held
        on
            conversions.customer_id = held.customer_id
            and held.valid_from <= conversions.converted_on
            and conversions.converted_on < held.ends_on
    where conversions.unattributed_reason is null
    group by conversions.conversion_id
)

select
    credits.converted_on,
    credits.conversion_type,
    credits.model,
    credits.channel,
    credits.reported_campaign,
    coalesce(segments.segment, 'none') as segment,
    sum({{ exact_credit('credits.credit') }}) as conversions,
    sum({{ exact_credited_revenue('credits.credited_revenue') }}) as revenue
from {{ ref('attribution_credits') }} as credits
left join segments on credits.conversion_id = segments.conversion_id
group by
    credits.converted_on,
    credits.conversion_type,
    credits.model,
    credits.channel,
    credits.reported_campaign,
    coalesce(segments.segment, 'none')
