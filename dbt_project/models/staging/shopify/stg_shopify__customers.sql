-- Grain: one row a shop customer, the newest visible version.
with visible as (
    {{ newest_visible('shopify', 'customer', happened_at='created_at') }}
)

select
    id as shopify_customer_id,
    email,
    phone,
    first_name,
    last_name,
    created_at,
    updated_at,
    accepts_marketing,
    state,
    verified_email as is_email_verified,
    default_address_address_1 as street,
    default_address_city as city,
    default_address_province as region,
    default_address_country_code as country,
    default_address_zip as postcode,
    tags,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
