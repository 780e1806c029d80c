-- Grain: one row a spelling of a campaign that occurs in touchpoints, in ad spend or among aliases.
-- Spend and touches meet by reported_campaign alone: spend carries it already, so that no spelling joins it twice.
with touched as (
    select distinct lower(trim(campaign)) as campaign
    from {{ ref('touchpoints') }}
    where campaign is not null
),

spent as (
    select distinct lower(trim(campaign)) as campaign
    from {{ ref('ad_spend_daily') }}
    where campaign is not null
),

spellings as (
    select campaign
    from touched
    union distinct
    select campaign
    from spent
    union distinct
    select campaign
    from {{ ref('int_campaigns_aliased') }}
)

select
    spellings.campaign,
    coalesce(aliased.reported_campaign, spellings.campaign) as reported_campaign
from spellings
left join {{ ref('int_campaigns_aliased') }} as aliased
    on spellings.campaign = aliased.campaign
