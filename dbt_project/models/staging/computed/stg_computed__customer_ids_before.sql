-- Grain: one row a baseline release and customer_id that was current in it, or retired after it had been given out.
select
    release,
    former_customer_id,
    customer_id
from {{ source('computed', 'customer_ids_before') }}
