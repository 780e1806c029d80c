-- Grain: one row a refund line, the newest version.
-- A line has no time of its own: it is seen with its refund, to which later models join it.
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
