-- Grain: one row an as-of date and segment that was active, without members too.
-- A ratio divides sums over the members, it is no mean of their ratios; without a denominator it is null.
with summed as (
    select
        membership.segment,
        count(*) as size,
        sum(case when measured.is_reachable then 1 else 0 end) as reach_30d,
        sum(case when measured.was_sent_30d then 1 else 0 end) as sent_30d,
        sum(measured.purchases_30d) as purchases_30d,
        sum(case when measured.purchases_30d > 0 then 1 else 0 end) as buyers_30d,
        sum(measured.net_revenue_30d) as net_revenue_30d,
        case when count(measured.contribution_margin_30d) = count(*) then sum(measured.contribution_margin_30d) end
            as contribution_margin_30d,
        sum(case when measured.bought_before_90d then 1 else 0 end) as buyers_before_90d,
        sum(case when measured.bought_before_90d and measured.bought_90d then 1 else 0 end) as retained_90d,
        sum(measured.sessions_14d) as sessions_14d,
        sum(measured.sessions_56d_before) as sessions_56d_before,
        count(measured.nps_last) as nps_answers,
        sum({{ nps_points('measured.nps_last') }}) as nps_points,
        {#- A sum of doubles would depend on the order of rows. A score that no survey can mean counts for nothing. #}
        count({{ try_cast_to('measured.csat_last', 'decimal(18, 6)') }}) as csat_answers,
        sum({{ try_cast_to('measured.csat_last', 'decimal(18, 6)') }}) as csat_sum
    from {{ ref('segment_membership') }} as membership
    inner join {{ ref('int_customers_measured') }} as measured on membership.customer_id = measured.customer_id
    group by membership.segment
),

figures as (
    select
        segments.segment,
        segments.goal_metric,
        segments.goal_target,
        segments.goal_direction,
        cast(coalesce(summed.size, 0) as bigint) as size,
        cast(coalesce(summed.reach_30d, 0) as bigint) as reach_30d,
        cast(summed.sent_30d as double) / summed.size as activation_rate_30d,
        cast(coalesce(summed.purchases_30d, 0) as bigint) as purchases_30d,
        cast(summed.buyers_30d as double) / summed.size as conversion_rate_30d,
        {{ try_cast_to('coalesce(summed.net_revenue_30d, 0)', 'decimal(18, 2)') }} as net_revenue_30d,
        {{ mean_amount('summed.net_revenue_30d', 'summed.purchases_30d') }} as average_order_value,
        {{ mean_amount('summed.net_revenue_30d', 'summed.size') }} as arpu_30d,
        {{ try_cast_to(
            'case when summed.segment is null then 0 else summed.contribution_margin_30d end', 'decimal(18, 2)'
        ) }} as contribution_margin_30d,
        cast(summed.retained_90d as double) / nullif(summed.buyers_before_90d, 0) as retention_rate_90d,
        cast(summed.buyers_before_90d - summed.retained_90d as double) / nullif(summed.buyers_before_90d, 0)
            as churn_rate_90d,
        {{ engagement_velocity('summed.sessions_14d', 'summed.sessions_56d_before') }} as engagement_velocity,
        cast(summed.nps_points as double) / nullif(summed.nps_answers, 0) as nps,
        cast(summed.csat_sum as double) / nullif(summed.csat_answers, 0) as csat
    from {{ ref('segments') }} as segments
    left join summed on segments.segment = summed.segment
    where segments.status = 'active'
),

actual as (
    select
        *,
        case goal_metric
            {%- for metric in goal_metrics() %}
            when '{{ metric }}' then cast({{ metric }} as double)
            {%- endfor %}
        end as goal_actual
    from figures
),

today as (
    select
        {{ as_of_date() }} as as_of_date,
        *,
        case when goal_direction = 'at_most' then goal_actual <= goal_target else goal_actual >= goal_target end
            as goal_met
    from actual
)

{{ with_history(
    'today',
    ['as_of_date', 'segment', 'size', 'reach_30d', 'activation_rate_30d', 'purchases_30d', 'conversion_rate_30d',
     'net_revenue_30d', 'average_order_value', 'arpu_30d', 'contribution_margin_30d', 'retention_rate_90d',
     'churn_rate_90d', 'engagement_velocity', 'nps', 'csat', 'goal_metric', 'goal_target', 'goal_direction',
     'goal_actual', 'goal_met']
) }}
