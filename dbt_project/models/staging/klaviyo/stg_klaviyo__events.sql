-- Grain: one row a klaviyo event, its newest visible version.
{{ config(materialized='table') }}
with visible as (
    {{ newest_visible('klaviyo', 'event', happened_at='datetime') }}
)

select
    id as event_id,
    person_id as klaviyo_id,
    metric_id,
    campaign_id,
    flow_id,
    datetime as occurred_at,
    property_url as url,
    _file,
    _line
from visible
