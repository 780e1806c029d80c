-- Grain: one row a product.
-- Lines without a price carry notes of the stock room, so the newest line with a price names the product.
with lines as (
    select
        'online_retail_ii:' || stock_code as product_id,
        case when unit_price > 0 then description end as product_name,
        invoiced_at,
        order_id,
        line_number
    from {{ ref('stg_online_retail_ii__invoice_lines') }}
    where is_product
),

ranked as (
    select
        product_id,
        product_name,
        row_number() over (
            partition by product_id
            order by
                case when product_name is null then 1 else 0 end,
                invoiced_at desc,
                order_id desc,
                line_number desc
        ) as name_rank
    from lines
)

select
    product_id,
    product_name,
    cast(null as string) as category,
    cast(null as decimal(18, 6)) as unit_cost
from ranked
where name_rank = 1
