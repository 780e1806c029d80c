-- Grain: one row an identifier that nobody is merged on.
select
    identifier_type,
    {{ keyed_hash('identifier_value') }} as identifier_hash,
    reason,
    linked_count
from {{ ref('int_identifiers_suppressed') }}
