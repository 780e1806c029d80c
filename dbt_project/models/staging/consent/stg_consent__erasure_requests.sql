-- Grain: one row a request to be erased.
-- No date hides a request: past as-of dates forget the person too.
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
