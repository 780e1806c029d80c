-- Grain: one row a refund line of any source whose refund counts.
-- The order is the refund's: a refund line names its order line only where the shop knows it.
with refund_lines as (
    select
        'shopify' as source,
        refund_line_id,
        refund_id,
        order_line_id,
        quantity,
        subtotal as amount,
        tax
    from {{ ref('stg_shopify__refund_lines') }}
    {%- for own_source, entities in var('own_sources').items() if 'refund_lines' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        cast(refund_line_id as string) as refund_line_id,
        cast(refund_id as string) as refund_id,
        cast(order_line_id as string) as order_line_id,
        {{ try_cast_to('quantity', 'bigint') }} as quantity,
        {{ to_money('amount') }} as amount,
        {{ to_money('tax') }} as tax
    from {{ ref('stg_' ~ own_source ~ '__refund_lines') }}
    {%- endfor %}
)

select
    refund_lines.*,
    refunds.order_id
from refund_lines
inner join {{ ref('int_refunds_unioned') }} as refunds
    on
        refund_lines.source = refunds.source
        and refund_lines.refund_id = refunds.refund_id
