-- Grain: one row a customer with a purchase in the window.
-- Ranks are minimum ranks over the whole table: customers who tie share a score, and the order of rows never matters.
with purchases as (
    select
        customer_id,
        ordered_on,
        net_revenue
    from {{ ref('orders') }}
    where
        order_number is not null
        and {{ days_between('ordered_on', as_of_date()) }} between 0 and {{ var('rfm_window_days') }} - 1
),

measured as (
    select
        customer_id,
        {{ days_between('max(ordered_on)', as_of_date()) }} as recency_days,
        count(*) as frequency,
        sum(net_revenue) as monetary
    from purchases
    group by customer_id
),

ranked as (
    select
        *,
        rank() over (order by recency_days desc) as recency_rank,
        rank() over (order by frequency) as frequency_rank,
        rank() over (order by monetary) as monetary_rank,
        count(*) over () as customers
    from measured
),

scored as (
    select
        customer_id,
        recency_days,
        frequency,
        monetary,
        {{ rfm_fifth('recency_rank', 'customers') }} as r_score,
        {{ rfm_fifth('frequency_rank', 'customers') }} as f_score,
        {{ rfm_fifth('monetary_rank', 'customers') }} as m_score
    from ranked
)

select
    scored.customer_id,
    {{ as_of_date() }} as as_of_date,
    cast(scored.recency_days as integer) as recency_days,
    scored.frequency,
    {{ try_cast_to('scored.monetary', 'decimal(18, 2)') }} as monetary,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    cast(scored.r_score as string) || cast(scored.f_score as string) || cast(scored.m_score as string) as rfm_cell,
    {{ weighted_mean(var('rfm_weights'), 'rfm_weights', {
        'recency': 'scored.r_score', 'frequency': 'scored.f_score', 'monetary': 'scored.m_score'
    }) }} as rfm_score,
    cells.rfm_segment
from scored
left join {{ ref('rfm_segments') }} as cells
    on
        scored.r_score = cells.r_score
        and scored.f_score = cells.f_score
        and scored.m_score = cells.m_score
