-- Grain: one row a refund, the newest visible version.
with visible as (
    {{ newest_visible('shopify', 'refund', happened_at='created_at') }}
)

select
    id as refund_id,
    order_id,
    created_at as refunded_at,
    _file,
    _line
from visible
