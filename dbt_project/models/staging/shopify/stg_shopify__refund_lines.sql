-- Grain: one row a shopify order line refund, its newest visible version.
with visible as (
    {{ newest_visible('shopify', 'order_line_refund') }}
)

select
    id as refund_line_id,
    refund_id,
    order_line_id,
    quantity,
    {{ to_money('subtotal') }} as subtotal,
    {{ to_money('total_tax') }} as tax,
    _file,
    _line
from visible
