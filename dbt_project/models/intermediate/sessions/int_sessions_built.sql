-- Grain: one row a session, by anonymous_id and started_at.
-- The first event is kept as a key alone: only its row is looked up for links, so that no other link is ever parsed.
-- A session that began before its customer was erased is nobody's, though it may end as a new customer's: whose the first
-- event is, decides.
with events as (
    select
        *,
        case
            when occurred_at = session_started_at then concat(case when event_kind = 'page' then '1' else '2' end, event_id)
        end as first_event
    from {{ ref('int_events_owned') }}
    where session_started_at is not null
),

sessions as (
    select
        anonymous_id,
        session_started_at as started_at,
        max(occurred_at) as ended_at,
        nullif(min_by(coalesce(customer_id, ''), first_event) filter (where first_event is not null), '') as customer_id,
        min(first_event) as first_event,
        sum(case when event_kind = 'page' then 1 else 0 end) as page_views,
        sum(case when event_name = 'product_viewed' then 1 else 0 end) as product_views,
        sum(case when event_name = 'products_searched' then 1 else 0 end) as searches,
        sum(case when event_name = 'product_compared' then 1 else 0 end) as comparisons,
        sum(case when event_name = 'product_added' then 1 else 0 end) as cart_adds,
        sum(case when event_name = 'checkout_started' then 1 else 0 end) as checkouts,
        sum(case when event_name = 'price_page_viewed' then 1 else 0 end) as price_page_views,
        sum(case when event_name = 'content_downloaded' then 1 else 0 end) as content_downloads,
        sum(case when event_name = 'video_playback_completed' then 1 else 0 end) as video_completions,
        sum(case when event_name = 'order_completed' then 1 else 0 end) as purchases,
        sum(case when {{ is_intent_event('event_name') }} then 1 else 0 end) as intent_events
    from events
    group by anonymous_id, session_started_at
)

select
    {{ session_id('anonymous_id', 'started_at') }} as session_id,
    anonymous_id,
    started_at,
    ended_at,
    customer_id,
    case when substr(first_event, 1, 1) = '1' then 'page' else 'track' end as first_event_kind,
    substr(first_event, 2) as first_event_id,
    page_views,
    product_views,
    searches,
    comparisons,
    cart_adds,
    checkouts,
    price_page_views,
    content_downloads,
    video_completions,
    purchases,
    (
        page_views >= 2
        or {{ microseconds_between('started_at', 'ended_at') }} >= 10000000
        or intent_events > 0
    ) as is_engaged
from sessions
