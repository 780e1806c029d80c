-- Grain: one row an order of any source, without test and voided orders.
-- An order's country stays null for shopify: its export has none, and identity takes the customer's.
with orders as (
    select
        'shopify' as source,
        order_id,
        source_customer_id,
        email,
        phone,
        cast(null as string) as country,
        ordered_at,
        updated_at,
        cancelled_at,
        coalesce(is_test, false) as is_test,
        coalesce(lower(trim(financial_status)) = 'voided', false) as is_voided,
        lower(trim(financial_status)) as payment_status,
        currency,
        total,
        discount,
        tax,
        shipping,
        coupon,
        sales_channel,
        is_erased
    from {{ ref('stg_shopify__orders') }}
    {%- for own_source, entities in var('own_sources').items() if 'orders' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        cast(order_id as string) as order_id,
        cast(source_customer_id as string) as source_customer_id,
        cast(email as string) as email,
        cast(phone as string) as phone,
        cast(country as string) as country,
        cast(ordered_at as timestamp) as ordered_at,
        cast(updated_at as timestamp) as updated_at,
        cast(cancelled_at as timestamp) as cancelled_at,
        coalesce(is_test, false) as is_test,
        coalesce(is_voided, false) as is_voided,
        cast(null as string) as payment_status,
        {{ currency_code('cast(currency as string)') }} as currency,
        {{ to_money('total') }} as total,
        {{ to_money('discount') }} as discount,
        {{ to_money('tax') }} as tax,
        {{ to_money('shipping') }} as shipping,
        cast(coupon as string) as coupon,
        cast(sales_channel as string) as sales_channel,
        erased.record_id is not null as is_erased
    from {{ ref('stg_' ~ own_source ~ '__orders') }} as own_orders
    left join {{ ref('stg_computed__erased_records') }} as erased
        on
            erased.source = '{{ own_source }}' and erased.record_type = 'orders'
            and cast(own_orders.order_id as string) = erased.record_id
    {%- endfor %}
)

select *
from orders
where not is_test and not is_voided
