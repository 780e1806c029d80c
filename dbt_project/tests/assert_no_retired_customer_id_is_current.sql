-- A redirect leads to a current customer and never starts at one: following it once is enough.
select redirects.retired_customer_id
from {{ ref('customer_redirects') }} as redirects
left join {{ ref('customers') }} as retired on redirects.retired_customer_id = retired.customer_id
left join {{ ref('customers') }} as current_customers on redirects.customer_id = current_customers.customer_id
where retired.customer_id is not null or current_customers.customer_id is null
