-- Grain: one row a customer of the segment.
-- Nobody is called back twice a month: the plan ends, and with it the cost.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    lifecycle_stage = 'lapsed'
