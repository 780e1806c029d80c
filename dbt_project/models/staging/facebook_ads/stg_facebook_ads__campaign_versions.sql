-- Grain: one row a facebook_ads campaign history, its newest visible version.
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
