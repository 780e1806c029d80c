-- Grain: one row a touchpoint of a customer: a session, or a click outside the site that no session tells of.
-- A click that opens the site is followed by a session, which says more: the click is dropped where a session of the
-- customer starts in the 30 minutes from it (30:00 itself is later).
with clicks as (
    select
        case events.metric_name when 'clicked email' then 'email:' else 'sms:' end || events.event_id as touchpoint_id,
        records.customer_id,
        events.occurred_at as touched_at,
        case events.metric_name when 'clicked email' then 'email_click' else 'sms_click' end as kind,
        case events.metric_name when 'clicked email' then 'Email' else 'SMS' end as channel,
        'klaviyo' as source,
        case events.metric_name when 'clicked email' then 'email' else 'sms' end as medium,
        {#- Ids are no free text, however long their digits. #}
        coalesce({{ mask_identifiers('campaigns.campaign_name') }}, events.campaign_id, events.flow_id) as campaign
    from (
        select
            klaviyo_events.*,
            lower({{ trim_white_space('metrics.metric_name') }}) as metric_name
        from {{ ref('stg_klaviyo__events') }} as klaviyo_events
        inner join {{ ref('stg_klaviyo__metrics') }} as metrics on klaviyo_events.metric_id = metrics.metric_id
    ) as events
    inner join {{ ref('int_records_resolved') }} as records
        on records.source = 'klaviyo' and records.record_type = 'people' and events.klaviyo_id = records.record_id
    left join {{ ref('stg_klaviyo__campaigns') }} as campaigns on events.campaign_id = campaigns.campaign_id
    where events.metric_name in ('clicked email', 'clicked sms')
    union all
    select
        'partner:' || events.placement_event_id as touchpoint_id,
        records.customer_id,
        events.occurred_at as touched_at,
        'partner_click' as kind,
        'Affiliates' as channel,
        {{ mask_identifiers("lower(" ~ trim_white_space('events.partner') ~ ")") }} as source,
        'affiliate' as medium,
        {{ mask_identifiers('events.campaign') }} as campaign
    from {{ ref('stg_partner__placement_events') }} as events
    inner join {{ ref('int_records_resolved') }} as records
        on
            records.source = 'partner'
            and records.record_type = 'placement_events'
            and events.placement_event_id = records.record_id
    where lower({{ trim_white_space('events.event_name') }}) = 'click'
),

override_lines as (
    {{ spelled_override_lines() }}
),

touches as (
    select
        'session:' || session_id as touchpoint_id,
        customer_id,
        started_at as touched_at,
        'session' as kind,
        channel,
        source,
        medium,
        campaign
    from {{ ref('sessions') }}
    where customer_id is not null
    union all
    select
        clicks.touchpoint_id,
        clicks.customer_id,
        clicks.touched_at,
        clicks.kind,
        {{ overridden_channel('clicks.channel') }} as channel,
        clicks.source,
        clicks.medium,
        clicks.campaign
    from clicks
    {{ join_overrides('clicks', 'override_lines') }}
),

followed as (
    select
        *,
        {#- From the latest back: the session that starts next, at the very instant too. #}
        {{ last_known(
            "case when kind = 'session' then touched_at end",
            "partition by customer_id order by touched_at desc, case when kind = 'session' then 1 else 2 end asc,"
            ~ " touchpoint_id asc rows between unbounded preceding and current row"
        ) }} as next_session_at
    from touches
)

select
    touchpoint_id,
    customer_id,
    touched_at,
    kind,
    channel,
    source,
    medium,
    campaign
from followed
where
    kind = 'session'
    or next_session_at is null
    or {{ microseconds_between('touched_at', 'next_session_at') }} >= 1800000000
