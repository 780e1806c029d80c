-- A history table whose customers of D are not the customers of D.
with customers as (
    select count(*) as customers
    from {{ ref('int_customers_described') }}
),

counted as (
    select 'segment_transitions' as counted_in, coalesce(sum(customers), 0) as customers
    from {{ ref('segment_transitions') }}
    where as_of_date = {{ as_of_date() }}
    union all
    select 'funnel_stages' as counted_in, coalesce(sum(customers), 0) as customers
    from {{ ref('funnel_stages') }}
    where as_of_date = {{ as_of_date() }}
)

select counted.*
from counted
cross join customers
where counted.customers <> customers.customers
