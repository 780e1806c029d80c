-- Grain: one row an identifier that may join people and source that has seen it.
-- Erased records alone may make an identifier a shared one, and of theirs only the hash is known.
with seen as (
    select
        identifier_type,
        identifier_value,
        identifier_hash,
        source,
        min(first_at) as first_seen_at,
        max(last_at) as last_seen_at
    from {{ ref('int_identifiers_normalised') }}
    where validity = 'ok'
    group by identifier_type, identifier_value, identifier_hash, source
)

select
    seen.identifier_type,
    seen.identifier_value,
    seen.source,
    seen.first_seen_at,
    seen.last_seen_at
from seen
left join {{ ref('int_identifiers_suppressed') }} as suppressed
    on seen.identifier_type = suppressed.identifier_type and seen.identifier_hash = suppressed.identifier_hash
where suppressed.identifier_type is null
