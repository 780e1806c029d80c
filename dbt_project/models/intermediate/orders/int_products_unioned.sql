-- Grain: one row a product of a source.
-- Products of two sources with equal ids are two products: join on source and product_id.
select
    'shopify' as source,
    product_id,
    title as product_name,
    category,
    unit_cost
from {{ ref('stg_shopify__products') }}
{%- for own_source, entities in var('own_sources').items() if 'products' in entities %}
union all
select
    '{{ own_source }}' as source,
    cast(product_id as string) as product_id,
    cast(product_name as string) as product_name,
    cast(category as string) as category,
    {{ to_money('unit_cost') }} as unit_cost
from {{ ref('stg_' ~ own_source ~ '__products') }}
{%- endfor %}
