-- Grain: one row an anonymous_id that any record carries.
with devices as (
    select
        identifier_value as anonymous_id,
        validity
    from {{ ref('int_identifiers_carried') }}
    where identifier_type = 'anonymous_id'
    group by identifier_value, validity
)

select
    devices.anonymous_id,
    case
        when devices.validity = 'placeholder' then 'placeholder'
        when suppressed.identifier_value is not null then 'shared'
        when resolved.customer_id is not null then 'resolved'
        else 'anonymous'
    end as status,
    resolved.customer_id
from devices
left join {{ ref('int_identifiers_suppressed') }} as suppressed
    on
        devices.validity = 'ok'
        and suppressed.identifier_type = 'anonymous_id'
        and devices.anonymous_id = suppressed.identifier_value
left join {{ ref('int_identifiers_resolved') }} as resolved
    on
        devices.validity = 'ok'
        and resolved.identifier_type = 'anonymous_id'
        and devices.anonymous_id = resolved.identifier_value
