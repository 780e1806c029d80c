-- Grain: one row a shop order and visible version of it that a newer one replaced.
-- What it said then may have named a customer; see customer_redirects. Of an erased person nothing is left to say.
with replaced as (
    {{ older_visible('shopify', 'order', happened_at='coalesce(processed_at, created_at)') }}
)

select
    id as order_id,
    customer_id as source_customer_id,
    email,
    phone,
    coalesce(processed_at, created_at) as ordered_at,
    test as is_test,
    financial_status
from replaced
where not coalesce(_erased, false)
