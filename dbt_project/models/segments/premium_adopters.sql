-- Grain: one row a customer of the segment.
-- The band is relative within each category: an expensive sock counts as much as an expensive coat.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    orders_365d >= 1
    and price_band = 'high'
    and discount_share <= 0.25
