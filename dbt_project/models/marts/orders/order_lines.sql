-- Grain: one row an order line of an order that is not cancelled.
-- The order's discount beyond its lines' is shared out in proportion to gross, as a double snapped to ten places: a
-- quotient has no exact decimal, and ten places give half cents back before they are rounded. Where the order's
-- gross is zero there is no proportion, and a line keeps its own discount.
with lines as (
    select
        lines.order_line_id,
        lines.order_id,
        orders.customer_id,
        lines.product_id,
        lines.category,
        lines.quantity,
        lines.gross_amount,
        lines.discount_amount,
        lines.refunded_amount,
        priced.rate,
        priced.discount_amount - priced.lines_discount_amount as order_discount_amount,
        priced.gross_amount as order_gross_amount
    from {{ ref('int_order_lines_priced') }} as lines
    inner join {{ ref('int_orders_priced') }} as priced
        on
            lines.source = priced.source
            and lines.order_id = priced.order_id
    inner join {{ ref('orders') }} as orders
        on lines.order_id = orders.order_id
    where not priced.is_cancelled
),

converted as (
    select
        *,
        {{ reporting_amount('gross_amount', 'rate') }} as gross_revenue,
        case
            when order_discount_amount = 0 or order_gross_amount = 0
                then {{ reporting_amount('discount_amount', 'rate') }}
            else {{ reporting_amount(
                try_cast_to(
                    '(cast(discount_amount as double)'
                    ~ ' + cast(order_discount_amount as double) * cast(gross_amount as double)'
                    ~ ' / nullif(cast(order_gross_amount as double), 0)) * cast(rate as double)',
                    'decimal(28, 10)'
                ),
                '1'
            ) }}
        end as discount,
        {{ reporting_amount('refunded_amount', 'rate') }} as refunded
    from lines
)

select
    order_line_id,
    order_id,
    customer_id,
    product_id,
    category,
    quantity,
    gross_revenue,
    discount,
    refunded,
    {{ try_cast_to('gross_revenue - discount - refunded', 'decimal(18, 2)') }} as net_revenue
from converted
