-- Grain: one row a shopify order line, its newest visible version.
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
