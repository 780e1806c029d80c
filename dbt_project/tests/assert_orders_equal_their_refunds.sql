-- What an order gave back equals its refunds to a cent a refund, in which the two are rounded apart.
with refunds as (
    select
        order_id,
        count(*) as refund_count,
        sum(amount) as amount
    from {{ ref('refunds') }}
    group by order_id
)

select
    orders.order_id,
    orders.refunded,
    refunds.amount
from {{ ref('orders') }} as orders
left join refunds on orders.order_id = refunds.order_id
where
    orders.status <> 'cancelled'
    and abs(orders.refunded - coalesce(refunds.amount, 0)) > 0.01 * coalesce(refunds.refund_count, 0)
