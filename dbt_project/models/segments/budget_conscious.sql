-- Grain: one row a customer of the segment.
-- Somebody's single discounted order may be chance: two purchases are asked for.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    orders_lifetime >= 2
    and price_sensitivity >= 0.5
