-- An order's gross and discount equal its lines' to a cent a line, in which the two are rounded apart.
-- Orders without lines have nothing to compare; where gross is zero no discount is shared out. Discounts are shared
-- as doubles, so sums of lines that cancel each other out are held to twelve digits.
with lines as (
    select
        order_id,
        count(*) as line_count,
        case when count(gross_revenue) = count(*) then sum(gross_revenue) end as gross_revenue,
        case when count(discount) = count(*) then sum(discount) end as discount,
        sum(abs(discount)) as absolute_discount
    from {{ ref('order_lines') }}
    group by order_id
)

select
    orders.order_id,
    orders.line_count,
    orders.gross_revenue,
    lines.gross_revenue as lines_gross_revenue,
    orders.discount,
    lines.discount as lines_discount
from {{ ref('orders') }} as orders
left join lines on orders.order_id = lines.order_id
where
    orders.status <> 'cancelled'
    and (
        coalesce(lines.line_count, 0) <> orders.line_count
        or abs(orders.gross_revenue - lines.gross_revenue) > 0.01 * orders.line_count
        or (
            orders.gross_revenue <> 0
            and abs(orders.discount - lines.discount)
            > 0.01 * orders.line_count + cast(lines.absolute_discount as double) / 1e12
        )
    )
