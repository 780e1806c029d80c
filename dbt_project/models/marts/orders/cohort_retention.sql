-- Grain: one row a cohort month and a month number, up to D's month, also where nobody bought.
-- Month numbers come from digits joined to each other: SQL that every engine reads, and enough for 8,000 years.
with monthly as (
    select
        customer_id,
        cast(date_trunc('month', ordered_on) as date) as month,
        sum(net_revenue) as net_revenue
    from {{ ref('orders') }}
    where order_number is not null
    group by customer_id, cast(date_trunc('month', ordered_on) as date)
),

-- A customer's first purchase has the smallest time, hence the smallest month.
since_first as (
    select
        month,
        min(month) over (partition by customer_id) as cohort_month,
        net_revenue
    from monthly
),

active as (
    select
        cohort_month,
        {{ month_index('month') }} - {{ month_index('cohort_month') }} as month_number,
        count(*) as active_customers,
        sum(net_revenue) as net_revenue
    from since_first
    group by cohort_month, month
),

cohorts as (
    select
        cohort_month,
        active_customers as customers
    from active
    where month_number = 0
),

digits as (
    select cast(listed.digit as bigint) as digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)
),

month_numbers as (
    select
        ones.digit
        + 10 * tens.digit
        + 100 * hundreds.digit
        + 1000 * thousands.digit
        + 10000 * ten_thousands.digit as month_number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
)

select
    cohorts.cohort_month,
    month_numbers.month_number,
    cohorts.customers,
    coalesce(active.active_customers, 0) as active_customers,
    cast(coalesce(active.active_customers, 0) as double) / cohorts.customers as retention,
    {{ try_cast_to('coalesce(active.net_revenue, 0)', 'decimal(18, 2)') }} as net_revenue
from cohorts
inner join month_numbers
    on month_numbers.month_number <= {{ month_index(as_of_date()) }} - {{ month_index('cohorts.cohort_month') }}
left join active
    on
        cohorts.cohort_month = active.cohort_month
        and month_numbers.month_number = active.month_number
