-- Grain: one row a consent event.
with visible as (
    {{ newest_visible('consent', 'event', happened_at='occurred_at') }}
)

select
    id as event_id,
    email,
    phone,
    user_id,
    anonymous_id,
    purpose,
    status,
    lawful_basis,
    occurred_at,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
