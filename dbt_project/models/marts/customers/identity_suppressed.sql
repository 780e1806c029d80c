-- Grain: one row an identifier that nobody is merged on.
select
    identifier_type,
    identifier_hash,
    reason,
    linked_count
from {{ ref('int_identifiers_suppressed') }}
