-- Grain: one row a customer of the segment.
-- Engagement without purchases is no core: both are asked for.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    orders_365d >= 2
    and engaged_sessions_90d >= 3
    and lifecycle_stage = 'retention'
