-- Grain: one row a member and visible version of it that a newer one replaced.
-- What it said then may have named a customer; see customer_redirects. Of an erased person nothing is left to say.
with replaced as (
    {{ older_visible('loyalty', 'member', happened_at='joined_at') }}
)

select
    member_id as loyalty_id,
    email,
    phone,
    joined_at
from replaced
where not coalesce(_erased, false)
