-- Every order that is not cancelled is in one month and currency, and every cent of it in one sum.
with booked as (
    select
        count(*) as orders,
        count(*) - count(exchange_rate) as orders_without_rate,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discount), 0) as discount,
        coalesce(sum(refunded), 0) as refunded,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('orders') }}
    where status <> 'cancelled'
),

reconciled as (
    select
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(orders_without_rate), 0) as orders_without_rate,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(discount), 0) as discount,
        coalesce(sum(refunded), 0) as refunded,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('money_reconciliation') }}
)

select
    booked.orders,
    reconciled.orders as reconciled_orders,
    booked.net_revenue,
    reconciled.net_revenue as reconciled_net_revenue
from booked
cross join reconciled
where
    booked.orders <> reconciled.orders
    or booked.orders_without_rate <> reconciled.orders_without_rate
    or booked.gross_revenue <> reconciled.gross_revenue
    or booked.discount <> reconciled.discount
    or booked.refunded <> reconciled.refunded
    or booked.net_revenue <> reconciled.net_revenue
