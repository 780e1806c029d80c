-- Grain: one row a placement event.
with visible as (
    {{ newest_visible('partner', 'placement_event', happened_at='occurred_at') }}
)

select
    id as placement_event_id,
    partner,
    event as event_name,
    email,
    phone,
    anonymous_id,
    campaign,
    order_id,
    {{ to_money('cost') }} as cost,
    {{ currency_code('currency') }} as currency,
    occurred_at,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
