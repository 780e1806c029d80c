-- Grain: one row a month of ordered_at and a currency of orders.
-- A sum over orders without amounts is 0, not null: the counts beside it say how many orders it leaves out.
select
    cast(date_trunc('month', ordered_on) as date) as month,
    currency,
    count(*) as orders,
    count(*) - count(exchange_rate) as orders_without_rate,
    count(exchange_rate) - count(net_revenue) as orders_without_amount,
    {{ try_cast_to('coalesce(sum(gross_revenue), 0)', 'decimal(18, 2)') }} as gross_revenue,
    {{ try_cast_to('coalesce(sum(discount), 0)', 'decimal(18, 2)') }} as discount,
    {{ try_cast_to('coalesce(sum(refunded), 0)', 'decimal(18, 2)') }} as refunded,
    {{ try_cast_to('coalesce(sum(net_revenue), 0)', 'decimal(18, 2)') }} as net_revenue
from {{ ref('orders') }}
where status <> 'cancelled'
group by cast(date_trunc('month', ordered_on) as date), currency
