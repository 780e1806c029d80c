-- Grain: one row an order line of any source whose order counts.
-- A line follows its order: the join drops lines of test, voided and not yet visible orders.
with order_lines as (
    select
        'shopify' as source,
        order_line_id,
        order_id,
        product_id,
        product_name,
        quantity,
        unit_price,
        discount
    from {{ ref('stg_shopify__order_lines') }}
    {%- for own_source, entities in var('own_sources').items() if 'order_lines' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        cast(order_line_id as string) as order_line_id,
        cast(order_id as string) as order_id,
        cast(product_id as string) as product_id,
        cast(product_name as string) as product_name,
        {{ try_cast_to('quantity', 'bigint') }} as quantity,
        {{ to_money('unit_price') }} as unit_price,
        {{ to_money('discount') }} as discount
    from {{ ref('stg_' ~ own_source ~ '__order_lines') }}
    {%- endfor %}
)

select order_lines.*
from order_lines
inner join {{ ref('int_orders_unioned') }} as orders
    on
        order_lines.source = orders.source
        and order_lines.order_id = orders.order_id
