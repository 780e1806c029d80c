-- Grain: one row a baseline release and identifier of a customer in it.
select
    release,
    identifier_type,
    identifier_hash,
    customer_id,
    match_type
from {{ source('computed', 'identity_before') }}
