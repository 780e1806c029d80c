-- Grain: one row an order line, its amounts in the order's currency.
-- A refund line counts only for a line of the refund's own order: a refund reduces its order.
with refunded as (
    select
        source,
        order_id,
        order_line_id,
        {{ sum_if_all_known('amount') }} as refunded_amount,
        coalesce(sum(quantity), 0) as refunded_quantity
    from {{ ref('int_refund_lines_unioned') }}
    where order_line_id is not null
    group by source, order_id, order_line_id
),

lines as (
    select
        lines.source,
        lines.order_line_id,
        lines.order_id,
        lines.product_id,
        products.category,
        products.unit_cost,
        lines.quantity,
        lines.unit_price,
        coalesce(lines.discount, 0) as discount_amount,
        case when refunded.order_line_id is null then 0 else refunded.refunded_amount end as refunded_amount,
        coalesce(refunded.refunded_quantity, 0) as refunded_quantity
    from {{ ref('int_order_lines_unioned') }} as lines
    left join {{ ref('int_products_unioned') }} as products
        on
            lines.source = products.source
            and lines.product_id = products.product_id
    left join refunded
        on
            lines.source = refunded.source
            and lines.order_id = refunded.order_id
            and lines.order_line_id = refunded.order_line_id
)

select
    source,
    order_line_id,
    order_id,
    product_id,
    category,
    quantity,
    {{ units_times_amount('quantity', 'unit_price') }} as gross_amount,
    discount_amount,
    {{ to_money('refunded_amount') }} as refunded_amount,
    {{ units_times_amount(
        try_cast_to('quantity', 'decimal(20, 0)') ~ ' - ' ~ try_cast_to('refunded_quantity', 'decimal(20, 0)'),
        'unit_cost'
    ) }} as cost_amount
from lines
