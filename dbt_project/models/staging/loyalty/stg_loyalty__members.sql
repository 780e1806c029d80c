-- Grain: one row a member, the newest visible version.
-- A member without a joining time is always seen.
with visible as (
    {{ newest_visible('loyalty', 'member', happened_at='joined_at') }}
)

select
    member_id as loyalty_id,
    email,
    phone,
    first_name,
    last_name,
    postcode,
    date_of_birth,
    tier,
    joined_at,
    updated_at,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
