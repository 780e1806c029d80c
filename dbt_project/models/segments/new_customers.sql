-- Grain: one row a customer of the segment.
-- The stage ends at the second purchase, or after vars.lifecycle_days.purchase days.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    lifecycle_stage = 'purchase'
