-- Grain: one row a product of a source.
-- Products of two sources with equal ids are two products: join on source and product_id. The category is free text that
-- every table takes from here, so identifiers in it are masked here.
select
    'shopify' as source,
    product_id,
    title as product_name,
    {{ mask_identifiers('category') }} as category,
    unit_cost
from {{ ref('stg_shopify__products') }}
{%- for own_source, entities in var('own_sources').items() if 'products' in entities %}
union all
select
    '{{ own_source }}' as source,
    cast(product_id as string) as product_id,
    cast(product_name as string) as product_name,
    {{ mask_identifiers('cast(category as string)') }} as category,
    {{ to_money('unit_cost') }} as unit_cost
from {{ ref('stg_' ~ own_source ~ '__products') }}
{%- endfor %}
