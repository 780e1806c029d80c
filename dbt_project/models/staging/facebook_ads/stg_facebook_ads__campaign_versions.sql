-- Grain: one row a campaign and change.
-- All changes stay: the newest one that is seen names the campaign.
with visible as (
    {{ newest_visible('facebook_ads', 'campaign_history', happened_at='updated_time') }}
)

select
    id as campaign_id,
    updated_time as updated_at,
    account_id,
    name as campaign_name,
    _file,
    _line
from visible
