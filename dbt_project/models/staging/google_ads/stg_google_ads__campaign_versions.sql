-- Grain: one row a campaign and change.
-- All changes stay: the newest one that is seen names the campaign.
with visible as (
    {{ newest_visible('google_ads', 'campaign_history', happened_at='updated_at') }}
)

select
    id as campaign_id,
    updated_at,
    customer_id as account_id,
    name as campaign_name,
    advertising_channel_type as campaign_type,
    _file,
    _line
from visible
