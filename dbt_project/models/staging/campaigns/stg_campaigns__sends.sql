-- Grain: one row a send to one customer.
with visible as (
    {{ newest_visible('campaigns', 'send', happened_at='sent_at') }}
)

select
    id as send_id,
    campaign_id,
    campaign_name,
    channel,
    segment,
    variation_id,
    email,
    customer_id as sent_customer_id,
    sent_at,
    {{ to_money('cost') }} as cost,
    {{ currency_code('currency') }} as currency,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
