-- Grain: one row a conversion: a purchase, a lead or a sign-up.
-- A purchase without a customer is nobody's second one, so it counts as a first.
select
    'order:' || order_id as conversion_id,
    case when customer_id is not null and order_number > 1 then 'repeat_purchase' else 'first_purchase' end
        as conversion_type,
    customer_id,
    ordered_at as converted_at,
    net_revenue as revenue,
    order_id
from {{ ref('orders') }}
where is_purchase
union all
select
    'deal:' || deal_id as conversion_id,
    'lead' as conversion_type,
    customer_id,
    created_at as converted_at,
    cast(0 as decimal(18, 2)) as revenue,
    cast(null as string) as order_id
from {{ ref('int_leads_resolved') }}
union all
select
    'signup:' || event_id as conversion_id,
    'sign_up' as conversion_type,
    customer_id,
    occurred_at as converted_at,
    cast(0 as decimal(18, 2)) as revenue,
    cast(null as string) as order_id
from {{ ref('int_events_owned') }}
where event_kind = 'track' and event_name = 'signed_up'
