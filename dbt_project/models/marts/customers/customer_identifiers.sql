-- Grain: one row an identifier of a customer.
select
    customer_id,
    identifier_type,
    identifier_hash,
    source,
    first_seen_at,
    last_seen_at,
    match_type,
    match_probability
from {{ ref('int_identifiers_resolved') }}
