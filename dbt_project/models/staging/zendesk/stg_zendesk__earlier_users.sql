-- Grain: one row a person in the support tool and visible version of it that a newer one replaced.
-- What it said then may have named a customer; see customer_redirects. Of an erased person nothing is left to say.
with replaced as (
    {{ older_visible('zendesk', 'user') }}
)

select
    id as zendesk_id,
    email,
    phone,
    role
from replaced
where not coalesce(_erased, false)
