-- Grain: one row a spelling that is known to stand for a campaign: an alias, a name or an id of a campaign with spend.
-- A campaign without a name is reported by its id, and such an id is a name here: what spend is reported as always stands
-- for itself, so that it is joined once.
with aliases as (
    {{ campaign_alias_lines() }}
),

spent as (
    select distinct
        platform,
        campaign_id,
        lower(trim(coalesce(campaign, campaign_id))) as own_campaign,
        reported_campaign
    from {{ ref('ad_spend_daily') }}
)

{{ campaign_spellings('spent', 'aliases') }}
