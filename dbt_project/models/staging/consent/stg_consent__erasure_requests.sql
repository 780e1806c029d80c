-- Grain: one row a consent erasure request, its newest visible version.
with visible as (
    {{ newest_visible('consent', 'erasure_request', any_export_date=true) }}
)

select
    id as erasure_request_id,
    email,
    phone,
    user_id,
    requested_at,
    _file,
    _line
from visible
