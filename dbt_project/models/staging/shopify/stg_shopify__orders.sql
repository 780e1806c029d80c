-- Grain: one row a shop order, the newest visible version.
-- An imported order is created in the shop later than it was placed, so processed_at dates it.
with visible as (
    {{ newest_visible('shopify', 'order', happened_at='coalesce(processed_at, created_at)') }}
)

select
    id as order_id,
    name as order_name,
    customer_id as source_customer_id,
    email,
    phone,
    created_at,
    coalesce(processed_at, created_at) as ordered_at,
    processed_at,
    updated_at,
    {{ if_happened('cancelled_at') }} as cancelled_at,
    financial_status,
    fulfillment_status,
    {{ currency_code('currency') }} as currency,
    {{ to_money('subtotal_price') }} as subtotal,
    {{ to_money('total_price') }} as total,
    {{ to_money('total_discounts') }} as discount,
    {{ to_money('total_tax') }} as tax,
    {{ to_money('total_shipping') }} as shipping,
    source_name as sales_channel,
    referring_site as referrer,
    landing_site_base_url as landing_url,
    browser_ip as ip_address,
    discount_code as coupon,
    test as is_test,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
