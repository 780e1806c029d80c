-- Grain: one row a customer who received an e-mail on the last 90 dates.
-- What was opened counts where it was received in the same days: a rate of sends that came before could exceed 1.
with campaigns as (
    select
        records.customer_id,
        case when events.campaign_id is not null then 'campaign' else 'flow' end as kind,
        coalesce(events.campaign_id, events.flow_id) as campaign_or_flow_id,
        max(case when metrics.metric = 'received email' then 1 else 0 end) as received,
        max(case when metrics.metric = 'opened email' then 1 else 0 end) as opened,
        max(case when metrics.metric = 'clicked email' then 1 else 0 end) as clicked
    from {{ ref('stg_klaviyo__events') }} as events
    inner join (
        select
            metric_id,
            lower({{ trim_white_space('metric_name') }}) as metric
        from {{ ref('stg_klaviyo__metrics') }}
    ) as metrics on events.metric_id = metrics.metric_id
    inner join {{ ref('int_records_resolved') }} as records
        on records.source = 'klaviyo' and records.record_type = 'people' and events.klaviyo_id = records.record_id
    where
        metrics.metric in ('received email', 'opened email', 'clicked email')
        and coalesce(events.campaign_id, events.flow_id) is not null
        and {{ is_on_last_days(reporting_date('events.occurred_at'), 90) }}
    group by
        records.customer_id,
        case when events.campaign_id is not null then 'campaign' else 'flow' end,
        coalesce(events.campaign_id, events.flow_id)
)

select
    customer_id,
    cast(sum(opened) as double) / count(*) as email_open_rate_90d,
    cast(sum(clicked) as double) / count(*) as email_click_rate_90d
from campaigns
where received = 1
group by customer_id
