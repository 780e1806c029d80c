-- Grain: one row a line of an invoice, credit note or adjustment.
-- A fee is a line without a product: it is money charged, but nothing that a customer has a taste for.
with lines as (
    select * from {{ ref('stg_online_retail_ii__invoice_lines') }}
)

select
    order_line_id,
    order_id,
    case when is_product then 'online_retail_ii:' || stock_code end as product_id,
    description as product_name,
    quantity,
    unit_price,
    cast(0 as decimal(18, 6)) as discount
from lines
