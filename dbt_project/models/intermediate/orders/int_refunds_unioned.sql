-- Grain: one row a refund of any source whose order counts.
with refunds as (
    select
        'shopify' as source,
        refund_id,
        order_id,
        refunded_at
    from {{ ref('stg_shopify__refunds') }}
    {%- for own_source, entities in var('own_sources').items() if 'refunds' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        cast(refund_id as string) as refund_id,
        cast(order_id as string) as order_id,
        cast(refunded_at as timestamp) as refunded_at
    from {{ ref('stg_' ~ own_source ~ '__refunds') }}
    {%- endfor %}
)

select refunds.*
from refunds
inner join {{ ref('int_orders_unioned') }} as orders
    on
        refunds.source = orders.source
        and refunds.order_id = orders.order_id
