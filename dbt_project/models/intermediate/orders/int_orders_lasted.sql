-- Grain: one row an order of a customer, cancelled ones too.
-- Says when an order ceased to be a purchase, where `orders` says whether it is one at D: what was due at its time
-- stays so when the goods come back later. Refunds of one instant count together.
with refund_amounts as (
    select
        refunds.source,
        refunds.order_id,
        coalesce(refunds.refunded_at, orders.ordered_at) as refunded_at,
        sum(lines.amount) as amount,
        sum(case when lines.amount is null then 1 else 0 end) as unknown_amounts
    from {{ ref('int_refund_lines_unioned') }} as lines
    inner join {{ ref('int_refunds_unioned') }} as refunds
        on
            lines.source = refunds.source
            and lines.refund_id = refunds.refund_id
    inner join {{ ref('int_orders_unioned') }} as orders
        on
            refunds.source = orders.source
            and refunds.order_id = orders.order_id
    group by refunds.source, refunds.order_id, coalesce(refunds.refunded_at, orders.ordered_at)
),

refunded_by_then as (
    select
        source,
        order_id,
        refunded_at,
        sum(amount) over (
            partition by source, order_id order by refunded_at
            rows between unbounded preceding and current row
        ) as amount,
        sum(unknown_amounts) over (
            partition by source, order_id order by refunded_at
            rows between unbounded preceding and current row
        ) as unknown_amounts
    from refund_amounts
),

-- The first refund that leaves nothing, or nobody knows what.
refunded_out as (
    select
        refunded.source,
        refunded.order_id,
        min(refunded.refunded_at) as refunded_at
    from refunded_by_then as refunded
    inner join {{ ref('orders') }} as orders
        on
            refunded.source = orders.source
            and refunded.order_id = orders.order_id
    where
        refunded.unknown_amounts > 0
        or not coalesce(
            orders.gross_revenue - orders.discount
            - {{ reporting_amount('refunded.amount', 'orders.exchange_rate') }} > 0,
            false
        )
    group by refunded.source, refunded.order_id
),

dated as (
    select
        orders.order_id,
        orders.source,
        orders.customer_id,
        orders.ordered_at,
        unioned.cancelled_at,
        coalesce(orders.gross_revenue - orders.discount > 0, false) as has_revenue,
        {{ try_cast_to('orders.gross_revenue - orders.discount', 'decimal(18, 2)') }} as booked_revenue,
        least(unioned.cancelled_at, refunded_out.refunded_at) as ceased_at
    from {{ ref('orders') }} as orders
    inner join {{ ref('int_orders_unioned') }} as unioned
        on
            orders.source = unioned.source
            and orders.order_id = unioned.order_id
    left join refunded_out
        on
            orders.source = refunded_out.source
            and orders.order_id = refunded_out.order_id
    where orders.customer_id is not null
)

select
    order_id,
    source,
    customer_id,
    ordered_at,
    cancelled_at,
    booked_revenue,
    has_revenue and coalesce(ceased_at > ordered_at, true) as was_purchase,
    ceased_at
from dated
