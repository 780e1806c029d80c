-- Grain: one row a customer of the segment.
-- Left a cart or a checkout behind that a day and a night did not bring them back to.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    carts_abandoned_30d + checkouts_abandoned_30d > 0
    and orders_30d = 0
