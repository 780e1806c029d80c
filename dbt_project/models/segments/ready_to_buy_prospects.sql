-- Grain: one row a customer of the segment.
-- Nobody who bought: those are spoken to as customers.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    orders_lifetime = 0
    and intent_class = 'ready_to_buy'
