-- Grain: one row a day, platform, account and campaign.
-- Amounts are summed in their own currency first and converted once: rounding each part would drift from the invoice.
with google_campaigns as (
    select
        campaign_id,
        max(case when name_position = 1 then campaign_name end) as campaign_name,
        max(case when type_position = 1 then campaign_type end) as campaign_type
    from (
        select
            campaign_id,
            campaign_name,
            campaign_type,
            row_number() over (
                partition by campaign_id
                order by case when campaign_name is null then 1 else 0 end, updated_at desc
            ) as name_position,
            row_number() over (
                partition by campaign_id
                order by case when campaign_type is null then 1 else 0 end, updated_at desc
            ) as type_position
        from {{ ref('stg_google_ads__campaign_versions') }}
    ) as ranked
    group by campaign_id
),

facebook_campaigns as (
    select
        campaign_id,
        campaign_name
    from (
        select
            campaign_id,
            campaign_name,
            row_number() over (partition by campaign_id order by updated_at desc) as position
        from {{ ref('stg_facebook_ads__campaign_versions') }}
        where campaign_name is not null
    ) as ranked
    where position = 1
),

send_campaigns as (
    select
        campaign_id,
        campaign_name
    from (
        select
            campaign_id,
            campaign_name,
            row_number() over (partition by campaign_id order by sent_at desc, send_id desc) as position
        from {{ ref('stg_campaigns__sends') }}
        where campaign_name is not null
    ) as ranked
    where position = 1
),

-- An amount of zero is zero in any currency, so a day of free impressions needs no rate.
spent as (
    select
        spend_date,
        'google_ads' as platform,
        account_id,
        campaign_id,
        impressions,
        clicks,
        spend as amount,
        currency,
        cast(null as string) as send_channel
    from {{ ref('stg_google_ads__campaign_days') }}
    union all
    select
        spend_date,
        'facebook_ads' as platform,
        account_id,
        campaign_id,
        impressions,
        clicks,
        spend as amount,
        currency,
        cast(null as string) as send_channel
    from {{ ref('stg_facebook_ads__campaign_days') }}
    union all
    select
        {{ reporting_date('occurred_at') }} as spend_date,
        'partner' as platform,
        partner as account_id,
        {{ mask_identifiers('campaign') }} as campaign_id,
        case when lower(trim(event_name)) = 'impression' then 1 else 0 end as impressions,
        case when lower(trim(event_name)) = 'click' then 1 else 0 end as clicks,
        coalesce(cost, 0) as amount,
        currency,
        cast(null as string) as send_channel
    from {{ ref('stg_partner__placement_events') }}
    union all
    select
        {{ reporting_date('sent_at') }} as spend_date,
        'campaigns' as platform,
        {{ send_channel('channel') }} as account_id,
        campaign_id,
        cast(null as bigint) as impressions,
        cast(null as bigint) as clicks,
        cost as amount,
        currency,
        {{ send_channel('channel') }} as send_channel
    from {{ ref('stg_campaigns__sends') }}
    where cost is not null
),

summed as (
    select
        spend_date,
        platform,
        account_id,
        campaign_id,
        max(send_channel) as send_channel,
        case when amount = 0 then {{ reporting_currency() }} else currency end as currency,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        {{ sum_if_all_known('amount') }} as amount
    from spent
    group by
        spend_date,
        platform,
        account_id,
        campaign_id,
        case when amount = 0 then {{ reporting_currency() }} else currency end
),

converted as (
    select
        summed.spend_date,
        summed.platform,
        summed.account_id,
        summed.campaign_id,
        max(summed.send_channel) as send_channel,
        sum(summed.impressions) as impressions,
        sum(summed.clicks) as clicks,
        count(*) as amounts,
        count({{ reporting_amount('summed.amount', 'rates.rate') }}) as converted_amounts,
        sum({{ reporting_amount('summed.amount', 'rates.rate') }}) as spend
    from summed
    left join {{ ref('int_fx_rates_dated') }} as rates
        on {{ rate_applies('rates', 'summed.currency', 'summed.spend_date') }}
    group by summed.spend_date, summed.platform, summed.account_id, summed.campaign_id
),

named as (
    select
        converted.spend_date,
        converted.platform,
        converted.account_id,
        converted.campaign_id,
        case converted.platform
            when 'google_ads' then google_campaigns.campaign_name
            when 'facebook_ads' then facebook_campaigns.campaign_name
            when 'campaigns' then send_campaigns.campaign_name
            else converted.campaign_id
        end as campaign,
        case converted.platform
            when 'google_ads' then upper(trim(google_campaigns.campaign_type))
            when 'campaigns' then {{ mask_identifiers('converted.send_channel') }}
        end as campaign_type,
        {{ try_cast_to('converted.impressions', 'bigint') }} as impressions,
        {{ try_cast_to('converted.clicks', 'bigint') }} as clicks,
        -- A day with an amount that has no rate is unknown: the rest of it alone would pass for the whole.
        {{ try_cast_to(
            'case when converted.amounts = converted.converted_amounts then converted.spend end', 'decimal(18, 2)'
        ) }} as spend
    from converted
    left join google_campaigns
        on converted.platform = 'google_ads' and converted.campaign_id = google_campaigns.campaign_id
    left join facebook_campaigns
        on converted.platform = 'facebook_ads' and converted.campaign_id = facebook_campaigns.campaign_id
    left join send_campaigns
        on converted.platform = 'campaigns' and converted.campaign_id = send_campaigns.campaign_id
),

aliases as (
    {{ campaign_alias_lines() }}
),

-- Visits are published with masked campaigns, so spend meets them by the masked name.
published as (
    select
        *,
        {{ mask_identifiers('campaign') }} as published_campaign
    from named
),

owned as (
    select
        *,
        lower(trim(coalesce(published_campaign, campaign_id))) as own_campaign
    from published
),

-- Campaigns as they call themselves, before an alias: by these an alias finds the campaign that it means.
own_campaigns as (
    select distinct
        platform,
        campaign_id,
        own_campaign,
        own_campaign as reported_campaign
    from owned
),

known_aliases as (
    select
        aliases.alias,
        spellings.reported_campaign as campaign
    from aliases
    inner join ({{ campaign_spellings('own_campaigns', 'aliases') }}) as spellings
        on aliases.alias = spellings.campaign
),

-- What an alias means by its id may bear a name that is an alias itself.
reported as (
    select
        owned.*,
        coalesce(further.campaign, known_aliases.campaign, owned.own_campaign) as reported_campaign
    from owned
    left join known_aliases
        on owned.own_campaign = known_aliases.alias
    left join known_aliases as further
        on known_aliases.campaign = further.alias
),

spent_campaigns as (
    select distinct
        platform,
        campaign_id,
        own_campaign,
        reported_campaign
    from reported
),

override_lines as (
    {{ channel_override_lines() }}
),

-- A line that asks for a source or a medium speaks of visits alone: spend has neither. A line moves all spend that is
-- reported as the campaign it means, as it moves all visits; what it names by id or name outranks that, as for visits.
campaign_lines as (
    select
        lines.campaign,
        lines.channel,
        coalesce(spellings.reported_campaign, lines.campaign) as reported_campaign
    from override_lines as lines
    left join ({{ campaign_spellings('spent_campaigns', 'aliases') }}) as spellings
        on lines.campaign = spellings.campaign
    where lines.source = '' and lines.medium = ''
),

reported_lines as (
    select
        reported_campaign,
        {{ value_of_least('channel', ["case when campaign = reported_campaign then 1 else 2 end", 'channel']) }} as channel
    from campaign_lines
    group by reported_campaign
),

-- What people call a channel of their own is that channel when a send calls itself so.
own_channels as (
    select
        lower(channel) as name,
        min(channel) as channel
    from override_lines
    group by lower(channel)
),

channelled as (
    select
        reported.*,
        coalesce(by_id.channel, by_name.channel, by_report.channel) as told_channel,
        case reported.platform
            when 'google_ads' then
                case reported.campaign_type
                    when 'SEARCH' then 'Paid Search'
                    when 'SHOPPING' then 'Paid Shopping'
                    when 'DISPLAY' then 'Display'
                    when 'VIDEO' then 'Paid Video'
                    when 'PERFORMANCE_MAX' then 'Cross-network'
                end
            when 'facebook_ads' then 'Paid Social'
            when 'partner' then 'Affiliates'
            else coalesce(
                own_channels.channel,
                case when {{ is_group_channel('reported.campaign_type') }} then reported.campaign_type end
            )
        end as known_channel
    from reported
    left join campaign_lines as by_id
        on
            lower(trim(reported.campaign_id)) = by_id.campaign
            and reported.reported_campaign = by_id.reported_campaign
    left join campaign_lines as by_name
        on reported.own_campaign = by_name.campaign and reported.reported_campaign = by_name.reported_campaign
    left join reported_lines as by_report
        on reported.reported_campaign = by_report.reported_campaign
    left join own_channels
        on reported.platform = 'campaigns' and lower(reported.campaign_type) = own_channels.name
)

select
    spend_date,
    platform,
    case when platform in ('partner', 'campaigns') then {{ mask_identifiers('account_id') }} else account_id end as account_id,
    campaign_id,
    published_campaign as campaign,
    coalesce(
        told_channel,
        known_channel,
        case platform when 'google_ads' then 'Paid Other' else campaign_type end
    ) as channel,
    impressions,
    clicks,
    spend,
    reported_campaign,
    campaign_type,
    coalesce(told_channel, known_channel) is not null as has_known_channel
from channelled
