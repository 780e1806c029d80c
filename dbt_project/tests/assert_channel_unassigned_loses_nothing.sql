-- Every session without a channel and every cent of a campaign without one is listed, once.
with listed as (
    select
        coalesce(sum(case when kind = 'session' then sessions end), 0) as sessions,
        coalesce(sum(case when kind = 'session' then touchpoints end), 0) as touchpoints,
        coalesce(sum(spend), 0) as spend
    from {{ ref('channel_unassigned') }}
),

there as (
    select
        (select count(*) from {{ ref('sessions') }} where channel = 'Unassigned') as sessions,
        (
            select count(*)
            from {{ ref('touchpoints') }}
            where channel = 'Unassigned' and kind = 'session'
        ) as touchpoints,
        (
            select coalesce(sum(campaigns.spend), 0)
            from (
                select case when count(spend) = count(*) then sum(spend) end as spend
                from {{ ref('ad_spend_daily') }}
                where not has_known_channel
                group by platform, campaign_type, coalesce(campaign, campaign_id)
            ) as campaigns
        ) as spend
)

select
    listed.sessions,
    there.sessions as sessions_there,
    listed.touchpoints,
    there.touchpoints as touchpoints_there,
    listed.spend,
    there.spend as spend_there
from listed
cross join there
where listed.sessions <> there.sessions or listed.touchpoints <> there.touchpoints or listed.spend <> there.spend
