-- Grain: one row a named event.
-- A table, because identity and sessions both read it.
{{ config(materialized='table') }}
with visible as (
    {{ newest_visible('segment', 'tracks', happened_at='timestamp') }}
)

select
    id as event_id,
    anonymous_id,
    user_id,
    timestamp as occurred_at,
    received_at,
    url,
    path,
    title,
    referrer,
    search,
    context_campaign_source as campaign_source,
    context_campaign_medium as campaign_medium,
    context_campaign_name as campaign_name,
    context_campaign_term as campaign_term,
    context_campaign_content as campaign_content,
    context_ip as ip_address,
    context_user_agent as user_agent,
    context_device_type as device_type,
    context_locale as locale,
    context_timezone as timezone,
    event as event_name,
    product_id,
    order_id,
    query,
    {{ to_money('value') }} as value,
    {{ currency_code('currency') }} as currency,
    experiment_id,
    variation_id,
    properties,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
