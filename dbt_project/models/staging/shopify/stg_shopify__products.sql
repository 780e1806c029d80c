-- Grain: one row a product, the newest version.
-- No time hides a product: an order may be older than the record of what it sold.
with visible as (
    {{ newest_visible('shopify', 'product') }}
)

select
    id as product_id,
    title,
    product_type as category,
    vendor,
    {{ to_money('unit_cost') }} as unit_cost,
    created_at,
    updated_at,
    _file,
    _line
from visible
