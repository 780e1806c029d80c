-- Grain: one row a zendesk user, its newest visible version.
with visible as (
    {{ newest_visible('zendesk', 'user') }}
)

select
    id as zendesk_id,
    email,
    phone,
    name as full_name,
    role,
    _file,
    _line
from visible
