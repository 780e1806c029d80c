-- Grain: one row an order line, the newest version.
-- A line has no time of its own: it is seen with its order, to which later models join it.
with visible as (
    {{ newest_visible('shopify', 'order_line') }}
)

select
    id as order_line_id,
    order_id,
    product_id,
    variant_id,
    sku,
    name as product_name,
    quantity,
    {{ to_money('price') }} as unit_price,
    {{ to_money('total_discount') }} as discount,
    _file,
    _line
from visible
