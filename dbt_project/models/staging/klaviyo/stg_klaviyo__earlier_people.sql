-- Grain: one row a person in Klaviyo and visible version of it that a newer one replaced.
-- What it said then may have named a customer; see customer_redirects. Of an erased person nothing is left to say.
with replaced as (
    {{ older_visible('klaviyo', 'person', happened_at='created') }}
)

select
    id as klaviyo_id,
    email,
    phone_number as phone,
    country,
    created as created_at
from replaced
where not coalesce(_erased, false)
