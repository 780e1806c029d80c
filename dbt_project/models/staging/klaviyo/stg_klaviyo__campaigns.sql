-- Grain: one row a campaign, the newest version.
-- No time hides a campaign: it only names what its events, which have times, belong to.
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
