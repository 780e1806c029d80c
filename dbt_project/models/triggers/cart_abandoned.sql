-- Grain: one row a product put into the cart that no order followed in time.
-- Orders count as they stood when the time was up: one that was cancelled by then counts for none, one that was cancelled
-- later does. So an order stands for the products added after `starts_at` and up to `stands_until`, and of all orders that
-- start before a product was added the one that stands longest decides.
{%- set hours = whole_number_var('trigger_cart_abandoned_hours') %}
with added as (
    select
        customer_id,
        occurred_at,
        count(*) over (
            partition by customer_id order by occurred_at
            range between current row and interval {{ hours * 3600000000 - 1 }} microseconds following
        ) as products
    from {{ ref('int_events_owned') }}
    where event_name = 'product_added' and customer_id is not null
),

orders as (
    select
        customer_id,
        ordered_at - interval {{ hours }} hours as starts_at,
        least(ordered_at, cancelled_at - interval {{ hours }} hours) as stands_until
    from {{ ref('int_orders_lasted') }}
),

covered as (
    select
        *,
        max(stands_until) over (
            partition by customer_id order by starts_at, is_order
            rows between unbounded preceding and current row
        ) as ordered_until
    from (
        select customer_id, occurred_at as starts_at, products, cast(null as timestamp) as stands_until, 0 as is_order
        from added
        union all
        select customer_id, starts_at, null as products, stands_until, 1 as is_order
        from orders
    ) as in_time
)

select
    customer_id,
    starts_at + interval {{ hours }} hours as fired_at,
    {{ counted('products', 'product', 'products') }}
    || ' put into the cart from ' || cast({{ reporting_date('starts_at') }} as string)
    || ', no order in the {{ hours }} hours after' as evidence
from covered
where is_order = 0 and coalesce(ordered_until < starts_at, true)
