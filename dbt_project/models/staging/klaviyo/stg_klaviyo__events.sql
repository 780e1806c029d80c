-- Grain: one row an e-mail or SMS event.
-- A table, because consent, touchpoints and features all read it.
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
