-- Grain: one row a record that was not erased and identifier that it carries, whatever the identifier is worth.
-- Everything but the limits reads this one, so that nothing can count an erased record by oversight.
{{ config(materialized='view') }}
select
    record_key,
    source,
    record_type,
    record_id,
    identifier_type,
    identifier_value,
    identifier_hash,
    validity,
    is_email_verified,
    record_count,
    first_at,
    updated_at,
    last_at
from {{ ref('int_identifiers_carried') }}
where not is_erased
