-- Grain: one row a shop customer and visible version of it that a newer one replaced.
-- What it said then may have named a customer; see customer_redirects. Of an erased person nothing is left to say.
with replaced as (
    {{ older_visible('shopify', 'customer', happened_at='created_at') }}
)

select
    id as shopify_customer_id,
    email,
    phone,
    default_address_country_code as country,
    created_at
from replaced
where not coalesce(_erased, false)
