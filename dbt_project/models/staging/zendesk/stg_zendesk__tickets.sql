-- Grain: one row a ticket, the newest visible version.
with visible as (
    {{ newest_visible('zendesk', 'ticket', happened_at='created_at') }}
)

select
    id as ticket_id,
    requester_id as zendesk_id,
    created_at,
    updated_at,
    status,
    priority,
    type as ticket_type,
    satisfaction_score,
    _file,
    _line
from visible
