-- Grain: one row an order, its amounts in its own currency beside the rate of its day.
-- Rates join to the distinct currencies and days first: a range join of every order with every rate would be quadratic.
with lines as (
    select
        source,
        order_id,
        count(*) as line_count,
        {{ sum_if_all_known('gross_amount') }} as gross_amount,
        {{ to_money('sum(discount_amount)') }} as discount_amount,
        {{ sum_if_all_known('cost_amount') }} as cost_amount
    from {{ ref('int_order_lines_priced') }}
    group by source, order_id
),

refunded as (
    select
        source,
        order_id,
        {{ sum_if_all_known('amount') }} as refunded_amount
    from {{ ref('int_refund_lines_unioned') }}
    group by source, order_id
),

orders as (
    select
        orders.*,
        {{ reporting_date('orders.ordered_at') }} as ordered_on
    from {{ ref('int_orders_unioned') }} as orders
),

days as (
    select distinct
        currency,
        ordered_on
    from orders
),

rates as (
    select
        days.currency,
        days.ordered_on,
        rates.rate
    from days
    inner join {{ ref('int_fx_rates_dated') }} as rates
        on {{ rate_applies('rates', 'days.currency', 'days.ordered_on') }}
)

select
    orders.source,
    orders.order_id,
    orders.sales_channel,
    orders.ordered_at,
    orders.ordered_on,
    orders.cancelled_at is not null as is_cancelled,
    orders.payment_status,
    orders.coupon,
    orders.currency,
    rates.rate,
    coalesce(lines.line_count, 0) as line_count,
    case
        when lines.order_id is not null then lines.gross_amount
        else {{ to_money(
            'orders.total - coalesce(orders.tax, 0) - coalesce(orders.shipping, 0) + coalesce(orders.discount, 0)'
        ) }}
    end as gross_amount,
    case
        when orders.discount is not null then orders.discount
        when lines.order_id is not null then lines.discount_amount
        else 0
    end as discount_amount,
    coalesce(lines.discount_amount, 0) as lines_discount_amount,
    orders.tax as tax_amount,
    orders.shipping as shipping_amount,
    case when refunded.order_id is null then 0 else refunded.refunded_amount end as refunded_amount,
    lines.cost_amount
from orders
left join lines
    on
        orders.source = lines.source
        and orders.order_id = lines.order_id
left join refunded
    on
        orders.source = refunded.source
        and orders.order_id = refunded.order_id
left join rates
    on
        orders.currency = rates.currency
        and orders.ordered_on = rates.ordered_on
