-- Grain: one row a klaviyo campaign, its newest visible version.
with visible as (
    {{ newest_visible('klaviyo', 'campaign') }}
)

select
    id as campaign_id,
    name as campaign_name,
    subject,
    sent_at,
    campaign_type,
    _file,
    _line
from visible
