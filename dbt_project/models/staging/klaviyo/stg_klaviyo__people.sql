-- Grain: one row a person in Klaviyo, the newest visible version.
-- A person without a creation time is always seen.
with visible as (
    {{ newest_visible('klaviyo', 'person', happened_at='created') }}
)

select
    id as klaviyo_id,
    email,
    phone_number as phone,
    first_name,
    last_name,
    city,
    country,
    created as created_at,
    updated as updated_at,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
