-- Grain: one row a customer id.
-- The retailer exports no customers: what an invoice says of its customer is all that is known.
with invoices as (
    select distinct
        order_id,
        customer_id,
        country,
        invoiced_at
    from {{ ref('stg_online_retail_ii__invoice_lines') }}
    where customer_id is not null
),

ranked as (
    select
        customer_id,
        country,
        min(invoiced_at) over (partition by customer_id) as first_invoiced_at,
        max(invoiced_at) over (partition by customer_id) as last_invoiced_at,
        row_number() over (
            partition by customer_id
            order by case when country is null then 1 else 0 end, invoiced_at desc, order_id desc
        ) as country_rank
    from invoices
)

select
    customer_id as source_customer_id,
    cast(null as string) as email,
    cast(null as string) as phone,
    cast(null as string) as first_name,
    cast(null as string) as last_name,
    country,
    cast(null as string) as region,
    cast(null as string) as city,
    cast(null as string) as street,
    cast(null as string) as postcode,
    cast(null as date) as date_of_birth,
    first_invoiced_at as created_at,
    last_invoiced_at as updated_at
from ranked
where country_rank = 1
