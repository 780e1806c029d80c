-- Grain: one row a device that never signed in and is linked to a customer.
select
    {{ keyed_hash('anonymous_id') }} as anonymous_id_hash,
    customer_id,
    match_probability,
    evidence
from {{ ref('int_devices_linked') }}
