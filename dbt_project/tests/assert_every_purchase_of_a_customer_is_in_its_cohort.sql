-- Over its months a cohort's net revenue is that of all purchases of its customers, and each customer is in one cohort.
with purchases as (
    select
        count(distinct customer_id) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('orders') }}
    where order_number is not null
),

cohorts as (
    select
        coalesce(sum(case when month_number = 0 then customers end), 0) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('cohort_retention') }}
)

select
    purchases.customers,
    cohorts.customers as cohort_customers,
    purchases.net_revenue,
    cohorts.net_revenue as cohort_net_revenue
from purchases
cross join cohorts
where
    purchases.customers <> cohorts.customers
    or purchases.net_revenue <> cohorts.net_revenue
