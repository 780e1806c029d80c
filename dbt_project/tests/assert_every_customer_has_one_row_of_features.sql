-- Features are there for every customer, once, and count the purchases that customers count.
select
    coalesce(customers.customer_id, features.customer_id) as customer_id,
    customers.lifetime_orders,
    features.orders_lifetime,
    customers.lifetime_net_revenue,
    features.net_revenue_lifetime
from {{ ref('int_customers_described') }} as customers
full outer join {{ ref('customer_features') }} as features on customers.customer_id = features.customer_id
where
    customers.customer_id is null
    or features.customer_id is null
    or customers.lifetime_orders <> features.orders_lifetime
    or customers.lifetime_net_revenue is distinct from features.net_revenue_lifetime
