-- Grain: one row a purchase after which the customer's usual interval passed without another.
-- The interval is the customer's own: whole days from the first purchase to this one, over the number of steps between them.
-- A purchase that was taken back before the customer's next one is no step: it is often ordered anew at once.
{%- set purchases = whole_number_var('trigger_replenishment_purchases') %}
with steps as (
    select
        *,
        lead(ordered_at) over (partition by customer_id order by ordered_at, order_id) as next_ordered_at
    from {{ ref('int_orders_lasted') }}
    where was_purchase
),

counted as (
    select
        customer_id,
        ordered_at,
        ceased_at,
        next_ordered_at,
        1 + coalesce(sum(case when coalesce(ceased_at >= next_ordered_at, true) then 1 end) over earlier, 0) as purchases,
        least(
            ordered_at,
            min(case when coalesce(ceased_at >= next_ordered_at, true) then ordered_at end) over earlier
        ) as first_ordered_at
    from steps
    window earlier as (
        partition by customer_id order by ordered_at, order_id rows between unbounded preceding and 1 preceding
    )
),

measured as (
    select
        *,
        floor(
            {{ microseconds_between('first_ordered_at', 'ordered_at') }}
            / (cast(86400000000 as double) * (purchases - 1))
        ) as usual_days
    from counted
    where purchases >= {{ [purchases, 2] | max }}
),

due as (
    select
        *,
        {{ seconds_after('ordered_at', '86400 * usual_days') }} as due_at
    from measured
    where usual_days >= 1
)

select
    customer_id,
    due_at as fired_at,
    'buys every ' || {{ counted('cast(usual_days as bigint)', 'day', 'days') }}
    || ' (' || cast(purchases as string) || ' purchases from '
    || cast({{ reporting_date('first_ordered_at') }} as string) || ' to '
    || cast({{ reporting_date('ordered_at') }} as string) || '), not since' as evidence
from due
where
    coalesce(next_ordered_at > due_at, true)
    and coalesce(ceased_at >= due_at, true)
