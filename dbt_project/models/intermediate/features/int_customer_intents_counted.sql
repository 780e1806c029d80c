-- Grain: one row a customer who put something into a cart or started a checkout, or became a lead, on the last days.
-- One pass over a customer's moments from the last to the first knows the order that comes next; a join of events with
-- all orders of their customer would grow with both.
with moments as (
    select
        customer_id,
        occurred_at as happened_at,
        event_name as kind
    from {{ ref('int_events_owned') }}
    where
        customer_id is not null
        and event_name in ('product_added', 'checkout_started')
        and {{ is_on_last_days(reporting_date('occurred_at'), 30) }}
        and {{ microseconds_between('occurred_at', cutoff_at()) }} >= cast(86400000000 as bigint)
    union all
    -- No earlier order can follow such an event.
    select
        customer_id,
        ordered_at as happened_at,
        'order' as kind
    from {{ ref('orders') }}
    where
        customer_id is not null
        and status <> 'cancelled'
        and {{ is_on_last_days('ordered_on', 30) }}
),

followed as (
    select
        *,
        {#- From the latest back: the order that comes next, at the very instant too. #}
        {{ last_known(
            "case when kind = 'order' then happened_at end",
            "partition by customer_id order by happened_at desc, case when kind = 'order' then 1 else 2 end asc"
            ~ " rows between unbounded preceding and current row"
        ) }} as next_order_at
    from moments
),

signals as (
    select
        customer_id,
        case when kind = 'product_added' then 1 else 0 end as cart,
        case when kind = 'checkout_started' then 1 else 0 end as checkout,
        0 as lead
    from followed
    where
        kind <> 'order'
        and (
            next_order_at is null
            or {{ microseconds_between('happened_at', 'next_order_at') }} >= cast(86400000000 as bigint)
        )
    union all
    select
        customer_id,
        0 as cart,
        0 as checkout,
        1 as lead
    from {{ ref('int_leads_resolved') }}
    where customer_id is not null and {{ is_on_last_days(reporting_date('created_at'), 90) }}
)

select
    customer_id,
    cast(sum(cart) as bigint) as carts_abandoned_30d,
    cast(sum(checkout) as bigint) as checkouts_abandoned_30d,
    cast(sum(lead) as bigint) as leads_90d
from signals
group by customer_id
