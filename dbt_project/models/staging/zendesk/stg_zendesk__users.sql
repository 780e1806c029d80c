-- Grain: one row a person in the support tool, the newest version.
-- They carry no time, so all are seen; agents stay, and later models pick the end-users.
with visible as (
    {{ newest_visible('zendesk', 'user') }}
)

select
    id as zendesk_id,
    email,
    phone,
    name as full_name,
    role,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
