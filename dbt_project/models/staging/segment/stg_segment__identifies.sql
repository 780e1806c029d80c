-- Grain: one row an identify call.
with visible as (
    {{ newest_visible('segment', 'identifies', happened_at='timestamp') }}
)

select
    id as event_id,
    anonymous_id,
    user_id,
    email,
    phone,
    timestamp as occurred_at,
    received_at,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
