-- Grain: one row a segment table, anonymous_id, user_id, completed order, locale and whether erased: its page and track
-- events.
-- Identity needs of an event only who it names and when, so millions of events are counted here once.
-- Only an Order Completed names its order's customer; the order_id of any other track is left aside.
with named as (
    select
        'pages' as record_type,
        anonymous_id,
        user_id,
        cast(null as string) as completed_order_id,
        locale,
        is_erased,
        occurred_at
    from {{ ref('stg_segment__pages') }}
    union all
    select
        'tracks' as record_type,
        anonymous_id,
        user_id,
        case when {{ event_name('event_name') }} = 'order_completed' then order_id end as completed_order_id,
        locale,
        is_erased,
        occurred_at
    from {{ ref('stg_segment__tracks') }}
)

select
    record_type,
    anonymous_id,
    user_id,
    completed_order_id,
    locale,
    is_erased,
    count(*) as event_count,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at
from named
group by record_type, anonymous_id, user_id, completed_order_id, locale, is_erased
