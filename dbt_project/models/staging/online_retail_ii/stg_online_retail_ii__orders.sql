-- Grain: one row an invoice, credit note or adjustment.
-- A credit note names no invoice, so it is an order of its own, of negative amount: no purchase, and sums stay exact.
with lines as (
    select * from {{ ref('stg_online_retail_ii__invoice_lines') }}
)

select
    order_id,
    customer_id as source_customer_id,
    cast(null as string) as email,
    cast(null as string) as phone,
    country,
    invoiced_at as ordered_at,
    cast(null as timestamp) as updated_at,
    cast(null as timestamp) as cancelled_at,
    false as is_test,
    false as is_voided,
    'GBP' as currency,
    {{ to_money('sum(quantity * unit_price)') }} as total,
    cast(0 as decimal(18, 6)) as discount,
    cast(null as decimal(18, 6)) as tax,
    cast(null as decimal(18, 6)) as shipping,
    cast(null as string) as coupon,
    cast(null as string) as sales_channel
from lines
group by order_id, customer_id, country, invoiced_at
