-- A day, platform, account and campaign have one row; an account or campaign that is not known is one of its own.
select
    spend_date,
    platform,
    account_id,
    campaign_id,
    count(*) as row_count
from {{ ref('ad_spend_daily') }}
group by spend_date, platform, account_id, campaign_id
having count(*) > 1
