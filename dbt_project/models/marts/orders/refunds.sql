-- Grain: one row a refund of an order that is not cancelled.
-- A refund is converted at its order's rate, not at that of its own day: it takes back what the order booked.
with refund_lines as (
    select
        source,
        refund_id,
        {{ sum_if_all_known('amount') }} as amount,
        {{ try_cast_to('sum(quantity)', 'bigint') }} as quantity
    from {{ ref('int_refund_lines_unioned') }}
    group by source, refund_id
),

refunds as (
    select
        refunds.refund_id,
        refunds.order_id,
        refunds.refunded_at,
        orders.customer_id,
        orders.exchange_rate,
        case when refund_lines.refund_id is null then 0 else refund_lines.amount end as amount,
        coalesce(refund_lines.quantity, 0) as quantity
    from {{ ref('int_refunds_unioned') }} as refunds
    inner join {{ ref('orders') }} as orders
        on refunds.order_id = orders.order_id
    left join refund_lines
        on
            refunds.source = refund_lines.source
            and refunds.refund_id = refund_lines.refund_id
    where orders.status <> 'cancelled'
)

select
    refund_id,
    order_id,
    customer_id,
    refunded_at,
    {{ reporting_amount('amount', 'exchange_rate') }} as amount,
    quantity
from refunds
