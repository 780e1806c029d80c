-- Grain: one row a campaign and day, the newest version.
with visible as (
    {{ newest_visible('facebook_ads', 'basic_campaign', happened_on='date') }}
)

select
    campaign_id,
    date as spend_date,
    account_id,
    impressions,
    inline_link_clicks as clicks,
    {{ to_money('spend') }} as spend,
    {{ currency_code('account_currency') }} as currency,
    _file,
    _line
from visible
