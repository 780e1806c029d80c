-- Grain: one row a baseline release and customer_id that was known in it, current or retired.
select
    release,
    former_customer_id,
    customer_id
from {{ source('computed', 'customer_ids_before') }}
