-- Grain: one row a spelling that is known to stand for a campaign: an alias, a name or an id of a campaign with spend.
-- A campaign without a name is reported by its id, and such an id is a name here: what spend is reported as always stands
-- for itself, so that it is joined once.
with aliases as (
    {{ campaign_alias_lines() }}
),

spent as (
    select distinct
        platform,
        lower(trim(campaign_id)) as campaign_id,
        reported_campaign
    from {{ ref('ad_spend_daily') }}
    where reported_campaign is not null
),

names as (
    select distinct reported_campaign
    from spent
),

-- Platforms may use one id for different campaigns.
ids as (
    select
        campaign_id,
        {{ value_of_least('reported_campaign', ['platform', 'reported_campaign']) }} as reported_campaign
    from spent
    where campaign_id is not null
    group by campaign_id
),

spellings as (
    select reported_campaign as campaign
    from names
    union distinct
    select campaign_id as campaign
    from ids
    union distinct
    select alias as campaign
    from aliases
),

meant as (
    select
        spellings.campaign,
        coalesce(aliases.campaign, spellings.campaign) as meant_campaign
    from spellings
    left join aliases
        on spellings.campaign = aliases.alias
)

select
    meant.campaign,
    coalesce(names.reported_campaign, ids.reported_campaign, meant.meant_campaign) as reported_campaign
from meant
left join names
    on meant.meant_campaign = names.reported_campaign
left join ids
    on meant.meant_campaign = ids.campaign_id
