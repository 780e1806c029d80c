-- Grain: one row a customer.
-- The four sides of a customer are brought to 0 to 1 before they are weighed: fifths of RFM, and intent up to the
-- score of those who are ready to buy. Who has no purchase in the window stands at 0 in three of them.
with held as (
    select
        membership.customer_id,
        {{ text_list('membership.segment') }} as segments,
        count(*) as segment_count,
        max(case when membership.is_primary then membership.segment end) as primary_segment
    from {{ ref('segment_membership') }} as membership
    group by membership.customer_id
)

select
    features.customer_id,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    features.intent_score,
    {{ weighted_mean(var('audience_weights'), 'audience_weights', {
        'recency': 'coalesce(cast(rfm.r_score - 1 as double) / 4, 0)',
        'frequency': 'coalesce(cast(rfm.f_score - 1 as double) / 4, 0)',
        'monetary': 'coalesce(cast(rfm.m_score - 1 as double) / 4, 0)',
        'intent': 'least(features.intent_score / ' ~ var('intent_thresholds')['ready_to_buy'] ~ ', 1)',
    }) }} as audience_score,
    held.segments,
    coalesce(held.segment_count, 0) as segment_count,
    held.primary_segment
from {{ ref('customer_features') }} as features
left join {{ ref('customer_rfm') }} as rfm on features.customer_id = rfm.customer_id
left join held on features.customer_id = held.customer_id
