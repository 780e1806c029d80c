-- Grain: one row a kind (session, ad_campaign), source, medium and campaign that nobody gave a channel.
-- An ad campaign counts the touches that are reported as it, whatever their channel: a line that names it moves them too.
with unassigned_sessions as (
    select
        source,
        medium,
        campaign,
        count(*) as sessions,
        count(distinct customer_id) as customers,
        -- A session of a known customer is a touchpoint.
        count(customer_id) as touchpoints,
        {{ reporting_date('min(started_at)') }} as first_seen_on,
        {{ reporting_date('max(started_at)') }} as last_seen_on
    from {{ ref('sessions') }}
    where channel = 'Unassigned'
    group by source, medium, campaign
),

unassigned_conversions as (
    select
        source,
        medium,
        campaign,
        count(distinct conversion_id) as conversions
    from {{ ref('int_touches_pathed') }}
    where channel = 'Unassigned' and touchpoint_id like 'session:%'
    group by source, medium, campaign
),

unknown_campaigns as (
    select
        platform,
        campaign_type,
        coalesce(campaign, campaign_id) as campaign,
        -- One campaign's rows are reported alike.
        min(reported_campaign) as reported_campaign,
        {{ sum_if_all_known('spend') }} as spend,
        min(spend_date) as first_seen_on,
        max(spend_date) as last_seen_on
    from {{ ref('ad_spend_daily') }}
    where not has_known_channel
    group by platform, campaign_type, coalesce(campaign, campaign_id)
),

spellings as (
    select
        reported.reported_campaign,
        aliased.campaign
    from (
        select distinct reported_campaign
        from unknown_campaigns
    ) as reported
    inner join {{ ref('int_campaigns_aliased') }} as aliased
        on reported.reported_campaign = aliased.reported_campaign
),

campaign_sessions as (
    select
        spellings.reported_campaign,
        count(*) as sessions
    from {{ ref('sessions') }} as sessions
    inner join spellings
        on lower(trim(sessions.campaign)) = spellings.campaign
    group by spellings.reported_campaign
),

campaign_touches as (
    select
        spellings.reported_campaign,
        count(*) as touchpoints,
        count(distinct touchpoints.customer_id) as customers
    from {{ ref('touchpoints') }} as touchpoints
    inner join spellings
        on lower(trim(touchpoints.campaign)) = spellings.campaign
    group by spellings.reported_campaign
),

campaign_conversions as (
    select
        spellings.reported_campaign,
        count(distinct touches.conversion_id) as conversions
    from {{ ref('int_touches_pathed') }} as touches
    inner join spellings
        on lower(trim(touches.campaign)) = spellings.campaign
    group by spellings.reported_campaign
)

select
    'session' as kind,
    unassigned_sessions.source,
    unassigned_sessions.medium,
    unassigned_sessions.campaign,
    unassigned_sessions.sessions,
    unassigned_sessions.customers,
    unassigned_sessions.touchpoints,
    coalesce(unassigned_conversions.conversions, 0) as conversions,
    cast(null as decimal(18, 2)) as spend,
    unassigned_sessions.first_seen_on,
    unassigned_sessions.last_seen_on
from unassigned_sessions
left join unassigned_conversions
    on
        unassigned_sessions.source is not distinct from unassigned_conversions.source
        and unassigned_sessions.medium is not distinct from unassigned_conversions.medium
        and unassigned_sessions.campaign is not distinct from unassigned_conversions.campaign
union all
select
    'ad_campaign' as kind,
    unknown_campaigns.platform as source,
    unknown_campaigns.campaign_type as medium,
    unknown_campaigns.campaign,
    coalesce(campaign_sessions.sessions, 0) as sessions,
    coalesce(campaign_touches.customers, 0) as customers,
    coalesce(campaign_touches.touchpoints, 0) as touchpoints,
    coalesce(campaign_conversions.conversions, 0) as conversions,
    {{ try_cast_to('unknown_campaigns.spend', 'decimal(18, 2)') }} as spend,
    unknown_campaigns.first_seen_on,
    unknown_campaigns.last_seen_on
from unknown_campaigns
left join campaign_sessions
    on unknown_campaigns.reported_campaign = campaign_sessions.reported_campaign
left join campaign_touches
    on unknown_campaigns.reported_campaign = campaign_touches.reported_campaign
left join campaign_conversions
    on unknown_campaigns.reported_campaign = campaign_conversions.reported_campaign
