-- Grain: one row a campaign, day, device and network, the newest version.
with visible as (
    {{ newest_visible('google_ads', 'campaign_stats', happened_on='date') }}
)

select
    id as campaign_id,
    date as spend_date,
    customer_id as account_id,
    device,
    ad_network_type,
    impressions,
    clicks,
    {{ to_money('cost_micros / 1000000.0') }} as spend,
    conversions,
    {{ to_money('conversions_value') }} as conversion_value,
    {{ currency_code('currency_code') }} as currency,
    _file,
    _line
from visible
