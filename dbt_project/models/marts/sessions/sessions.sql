-- Grain: one row a session.
-- The default channel group reads texts before they are masked; overrides are written by people who see them masked. A
-- campaign that is the id of a known campaign is no phone number, however long its digits: spend and sessions meet by it.
with known_campaigns as (
    select distinct lower(campaign_id) as campaign_id
    from {{ ref('ad_spend_daily') }}
    where platform <> 'partner' and campaign_id is not null
),

published as (
    select
        sourced.session_id,
        {{ channel_group('sourced.source', 'sourced.medium', 'sourced.campaign', 'categories.category') }} as group_channel,
        {{ mask_identifiers('sourced.source') }} as source,
        {{ mask_identifiers('sourced.medium') }} as medium,
        case
            when known_campaigns.campaign_id is not null then sourced.campaign
            else {{ mask_identifiers('sourced.campaign') }}
        end as campaign,
        {{ mask_identifiers('sourced.landing_path') }} as landing_path,
        sourced.device_type,
        sourced.country_code
    from {{ ref('int_sessions_sourced') }} as sourced
    left join {{ ref('channel_source_categories') }} as categories
        on sourced.source = lower(trim(categories.source))
    left join known_campaigns
        on lower(trim(sourced.campaign)) = known_campaigns.campaign_id
),

override_lines as (
    {{ spelled_override_lines() }}
)

select
    sessions.session_id,
    sessions.customer_id,
    {{ keyed_hash('sessions.anonymous_id') }} as anonymous_id_hash,
    sessions.started_at,
    sessions.ended_at,
    {{ overridden_channel('published.group_channel') }} as channel,
    published.source,
    published.medium,
    published.campaign,
    published.landing_path,
    published.device_type,
    published.country_code,
    cast(sessions.page_views as bigint) as page_views,
    cast(sessions.product_views as bigint) as product_views,
    cast(sessions.searches as bigint) as searches,
    cast(sessions.comparisons as bigint) as comparisons,
    cast(sessions.cart_adds as bigint) as cart_adds,
    cast(sessions.checkouts as bigint) as checkouts,
    cast(sessions.price_page_views as bigint) as price_page_views,
    cast(sessions.content_downloads as bigint) as content_downloads,
    cast(sessions.video_completions as bigint) as video_completions,
    cast(sessions.purchases as bigint) as purchases,
    sessions.is_engaged
from {{ ref('int_sessions_built') }} as sessions
inner join published
    on sessions.session_id = published.session_id
{{ join_overrides('published', 'override_lines') }}
