-- Grain: one row a shopify product, its newest visible version.
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
