-- Grain: one row an as-of date, primary segment, channel of acquisition and stage.
-- Customers are told by the segment and channel of today, 30 dates before too: only so do those who were in a stage, less
-- those who left, plus those who entered, make those who are. Stages of 30 dates before are of what is known today.
{%- set days = var('lifecycle_days') %}
{%- set customer_days = days_between(reporting_date('described.first_seen_at'), as_of_date()) %}
with purchases as (
    select
        customer_id,
        ordered_on,
        order_number,
        {{ days_between('ordered_on', as_of_date()) }} as days_ago,
        lag(ordered_on) over (partition by customer_id order by order_number) as previous_on
    from {{ ref('orders') }}
    where is_purchase and customer_id is not null
),

bought as (
    select
        customer_id,
        count(*) as purchases,
        min(days_ago) as last_days_ago,
        max(days_ago) as first_days_ago,
        {#- Retention begins with the second purchase, and anew with one after it was lost: a purchase on the very day on
            which it would have been lost keeps it. #}
        min(
            case
                when
                    order_number >= 2
                    and (
                        order_number = 2
                        or {{ days_between('previous_on', 'ordered_on') }} > {{ days['retention'] + 1 }}
                    )
                    then days_ago
            end
        ) as retained_days_ago,
        sum(case when days_ago >= 30 then 1 else 0 end) as purchases_before,
        min(case when days_ago >= 30 then days_ago end) as last_days_ago_before
    from purchases
    group by customer_id
),

-- Only of those whom a purchase had not made a buyer 30 dates before.
signs as (
    select distinct
        interest.customer_id,
        {{ days_between(reporting_date('interest.occurred_at'), as_of_date()) }} as days_ago
    from (
        {{ signs_of_interest() }}
    ) as interest
    left join bought on interest.customer_id = bought.customer_id
    where interest.customer_id is not null and coalesce(bought.purchases_before, 0) = 0
),

interested as (
    select
        customer_id,
        min(days_ago) as last_days_ago,
        min(case when previous_days_ago is null or previous_days_ago - days_ago > {{ days['considering'] }} then days_ago end)
            as began_days_ago,
        max(case when days_ago between 30 and {{ days['considering'] + 29 }} then 1 else 0 end) as was_considering
    from (
        select
            customer_id,
            days_ago,
            lag(days_ago) over (partition by customer_id order by days_ago desc) as previous_days_ago
        from signs
    ) as followed
    group by customer_id
),

staged as (
    select
        described.lifecycle_stage as stage,
        coalesce(membership.segment, 'none') as primary_segment,
        coalesce(described.acquisition_channel, 'none') as channel,
        case
            {#- Whose first time is unknown has always been there. #}
            when described.first_seen_at is null or {{ customer_days }} >= 30
                then {{ lifecycle_stage(
                    'bought.purchases_before', 'bought.last_days_ago_before - 30',
                    'coalesce(interested.was_considering, 0) = 1'
                ) }}
        end as stage_before,
        case described.lifecycle_stage
            when 'purchase' then bought.first_days_ago
            when 'retention' then bought.retained_days_ago
            when 'at_risk'
                then bought.last_days_ago - 1
                - case when bought.purchases = 1 then {{ days['purchase'] }} else {{ days['retention'] }} end
            when 'lapsed' then bought.last_days_ago - 1 - {{ days['at_risk'] }}
            when 'consideration' then interested.began_days_ago
            else coalesce(interested.last_days_ago - {{ days['considering'] }}, {{ customer_days }})
        end as days_in_stage
    from {{ ref('int_customers_described') }} as described
    left join {{ ref('segment_membership') }} as membership
        on described.customer_id = membership.customer_id and membership.is_primary
    left join bought on described.customer_id = bought.customer_id
    left join interested on described.customer_id = interested.customer_id
),

moved as (
    select
        primary_segment,
        channel,
        stage,
        1 as customers,
        case when stage_before = stage then 0 else 1 end as entered,
        0 as gone,
        days_in_stage
    from staged
    union all
    select
        primary_segment,
        channel,
        stage_before as stage,
        0 as customers,
        0 as entered,
        1 as gone,
        null as days_in_stage
    from staged
    where stage_before <> stage
),

today as (
    select
        {{ as_of_date() }} as as_of_date,
        primary_segment,
        channel,
        stage,
        cast(sum(customers) as bigint) as customers,
        cast(sum(entered) as bigint) as entered_30d,
        cast(sum(gone) as bigint) as left_30d,
        cast(median(days_in_stage) as double) as median_days_in_stage
    from moved
    group by primary_segment, channel, stage
)

{{ with_history(
    'today',
    ['as_of_date', 'primary_segment', 'channel', 'stage', 'customers', 'entered_30d', 'left_30d', 'median_days_in_stage']
) }}
